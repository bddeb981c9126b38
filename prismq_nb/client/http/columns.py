"""Decode ``logs`` events, which carry many lines in columns.

`GET /api/runs/{id}/logs/stream?batch=true` sends them. They take the client a third of the time of
an event per line.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec

from prismq_nb.common.log_models import LogLine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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


def decode_lines(data: bytes, fetch_message: Callable[[int], str]) -> Iterator[LogLine]:
    """Yield the lines of an event, in order.

    Args:
        data: data of the event.
        fetch_message: returns the full message of a line that was cut because it is too long for a
            batch, by its number.
    """
    logs = _decoder.decode(data)
    numbers = range(logs.first, logs.first + len(logs.texts)) if logs.lines is None else logs.lines
    cut, prompts = {number for number, _ in logs.cut}, set(logs.prompts)
    stretches = iter((*logs.stretches, (numbers[-1] + 1, 0, "")))
    begin, end, stamp, stream = 0, -1, 0, ""
    upcoming = next(stretches)
    head_second, head = -1, ""
    for number, letter, text in zip(numbers, logs.levels, logs.texts, strict=True):
        if number > end:
            begin, stamp, stream = upcoming
            upcoming = next(stretches)
            end = upcoming[0] - 1
        second, micro = divmod(stamp + number - begin, _SECOND)
        if second != head_second:
            head_second, head = second, time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        message = fetch_message(number) if number in cut else text
        is_prompt = number in prompts
        yield LogLine(number, f"{head}.{micro:06d}Z", _LEVELS[letter], message, stream, is_prompt)
