"""The event ``logs``: many lines in columns, as `GET /api/runs/{id}/logs/stream?batch=true` sends them, made into lines again.

Apart from follow.py, which knows what to do with lines and not how they travel. It costs a third of what an event per line costs the reader.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec

from prismq_nb.common.log_models import LogLine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["lines_of"]

_LEVELS = {name[0]: name for name in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")}
_SECOND = 1_000_000


class _Logs(msgspec.Struct):
    """As `Logs` in openapi.yaml."""

    first: int
    stretches: list[tuple[int, int, str]]
    levels: str
    texts: list[str]
    lines: list[int] | None = None
    cut: list[tuple[int, int]] = []
    prompts: list[int] = []


_decoder = msgspec.json.Decoder(_Logs)


def lines_of(data: bytes, whole: Callable[[int], str]) -> Iterator[LogLine]:
    """The lines of one event, in order.

    Args:
        data: of the event.
        whole: gives the message of a line, by its number, that is too long for a batch and was cut.
    """
    logs = _decoder.decode(data)
    numbers = range(logs.first, logs.first + len(logs.texts)) if logs.lines is None else logs.lines
    cut, prompts = {number for number, _ in logs.cut}, set(logs.prompts)
    stretches = iter((*logs.stretches, (numbers[-1] + 1, 0, "")))
    begin, end, stamp, stream = 0, -1, 0, ""
    upcoming = next(stretches)
    second, head = -1, ""
    for number, letter, text in zip(numbers, logs.levels, logs.texts, strict=True):
        if number > end:
            begin, stamp, stream = upcoming
            upcoming = next(stretches)
            end = upcoming[0] - 1
        now, micro = divmod(stamp + number - begin, _SECOND)
        if now != second:
            second, head = now, time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now))
        message = whole(number) if number in cut else text
        is_prompt = number in prompts
        yield LogLine(number, f"{head}.{micro:06d}Z", _LEVELS[letter], message, stream, is_prompt)
