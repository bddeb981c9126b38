"""The lines of a block as bytes: JSON fields that streams and downloads share, the ``text`` and the ``jsonl`` form. Pure.

Apart from the server because the local client writes the same downloads. All texts of a block go through one call of the encoder.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from prismq_nb.engine.block import LEVEL_NAMES, Block
from prismq_nb.journal.format import STREAMS
from prismq_nb.journal.state import MICROSECONDS, iso
from prismq_nb.journal.text import plain
from prismq_nb.models import Gap

if TYPE_CHECKING:
    from prismq_nb.journal.reader import GapInfo
    from prismq_nb.models import LogLine

_encoder = msgspec.json.Encoder()
LEVELS = tuple(f'"{name}"'.encode() for name in LEVEL_NAMES)
STREAM_NAMES = tuple(f'"{name}"'.encode() for name in STREAMS)
_STRAY_LINE_ENDS = ((b"\xc2\x85", b"\\u0085"), (b"\xe2\x80\xa8", b"\\u2028"), (b"\xe2\x80\xa9", b"\\u2029"))


def one_line_json(value: Any) -> bytes:
    """A value as JSON of one line, for whatever a client takes for a line end."""
    return _without_stray_ends(_encoder.encode(value))


def json_lines(block: Block) -> bytes:
    """A line of JSON per line, its escape sequences removed: the ``jsonl`` download."""
    texts = _without_stray_ends(_encoder.encode_lines(_plain(block.messages))).decode().split("\n")
    lines: list[str] = []
    for start, count, stream, head, first_micro in _seconds(block):
        heads = [f'Z","level":"{name}","message":' for name in LEVEL_NAMES]
        tail = f',"stream":"{STREAMS[stream]}"}}\n'
        first, end = block.first + start, start + count
        lines += [
            f'{{"line":{number},"timestamp":"{head}{micro:06d}{heads[level]}{text}{tail}'
            for number, micro, level, text in zip(
                range(first, first + count), range(first_micro, first_micro + count), block.levels[start:end], texts[start:end], strict=True
            )
        ]
    return "".join(lines).encode()


def text_lines(block: Block) -> bytes:
    """``[timestamp] [LEVEL] [stream] message`` per line, its escape sequences removed: the ``text`` download."""
    texts = _plain(block.messages)
    lines: list[str] = []
    for start, count, stream, head, first_micro in _seconds(block):
        heads = [f"Z] [{name}] [{STREAMS[stream]}] " for name in LEVEL_NAMES]
        end = start + count
        lines += [
            f"[{head}{micro:06d}{heads[level]}{text}\n"
            for micro, level, text in zip(range(first_micro, first_micro + count), block.levels[start:end], texts[start:end], strict=True)
        ]
    return "".join(lines).encode()


def picked_json_lines(lines: list[LogLine]) -> bytes:
    """The same as `json_lines`, of lines that were picked from anywhere in a log."""
    return _without_stray_ends(_encoder.encode_lines([msgspec.structs.replace(line, message=plain(line.message)) for line in lines]))


def picked_text_lines(lines: list[LogLine]) -> bytes:
    """The same as `text_lines`, of lines that were picked from anywhere in a log."""
    return "".join([f"[{line.timestamp}] [{line.level}] [{line.stream}] {plain(line.message)}\n" for line in lines]).encode()


def gap(info: GapInfo) -> Gap:
    """A gap of the journal as the API shows it."""
    return Gap(info.before, info.lines, info.bytes, iso(info.begin), iso(info.end), info.reason)


def json_texts(texts: list[str]) -> list[bytes]:
    """Each text as a JSON string; all in one call of the encoder, split where no JSON string has a line end."""
    return _without_stray_ends(_encoder.encode_lines(texts)).split(b"\n")


def places(first: int, start: int, count: int, stamp: int) -> list[tuple[int, int, bytes, int]]:
    """For each line of a stretch: its place in the block, its number, its time up to the second, and the µs after that."""
    second, micro = divmod(stamp, MICROSECONDS)
    fitting = min(count, MICROSECONDS - micro)
    head = iso(second * MICROSECONDS)[:20].encode()
    found = [(start + i, first + start + i, head, micro + i) for i in range(fitting)]
    return found if fitting == count else found + places(first, start + fitting, count - fitting, stamp + fitting)


class _Second(NamedTuple):
    """Lines of one stretch whose stamps share a second: the first one's place, how many, their stream, and their time up to the second and after."""

    start: int
    size: int
    stream: int
    head: str
    micro: int


def _seconds(block: Block) -> Iterator[_Second]:
    for start, count, stamp, stream in block.stretches:
        at, left, now = start, count, stamp
        while left > 0:
            second, micro = divmod(now, MICROSECONDS)
            fitting = min(left, MICROSECONDS - micro)
            yield _Second(at, fitting, stream, iso(second * MICROSECONDS)[:20], micro)
            at, left, now = at + fitting, left - fitting, now + fitting


def _plain(texts: list[str]) -> list[str]:
    return [plain(text) for text in texts] if any("\x1b" in text for text in texts) else texts


def _without_stray_ends(data: bytes) -> bytes:
    for raw, escaped in _STRAY_LINE_ENDS:
        if raw in data:
            data = data.replace(raw, escaped)
    return data
