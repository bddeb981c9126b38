"""The lines of a block as bytes: JSON fields for streams and downloads, ``text`` and ``jsonl``.

Separate from the server because the local client writes the same downloads. As much as possible is
done for all lines at once; what is left per line is one f-string of existing texts: even the digits
of numbers are shared by a thousand lines. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from prismq_nb.common.base.state import iso
from prismq_nb.common.base.terminal.text import plain
from prismq_nb.common.log_models import Gap
from prismq_nb.engine.read.line_block import LEVEL_NAMES, LineBlock
from prismq_nb.journal.layout.format import STREAMS

if TYPE_CHECKING:
    from prismq_nb.common.log_models import LogLine
    from prismq_nb.journal.gaps import GapInfo

_encoder = msgspec.json.Encoder()
_STRAY_LINE_ENDS = {end: f"\\u{ord(end):04x}".encode() for end in ("\x85", "\u2028", "\u2029")}
_PLAIN = [str(i) for i in range(1000)]
_PADDED = [f"{i:03d}" for i in range(1000)]
_PROMPT = ',"prompt":true'
_PIECE_CHARS = 64 << 10
"""Characters encoded at once, in 1 ms at most; meanwhile no other Python code runs."""
_MARK = "\x7f"
"""Replaces line ends while many lines are encoded as one text: a control character that JSON
does not escape."""


def one_line_json(value: Any) -> bytes:
    """Return a value as JSON on one line, whatever a client takes for a line end."""
    return _without_stray_ends(_encoder.encode(value))


def json_lines(block: LineBlock) -> bytes:
    """Return a line of JSON per line without escape sequences: the ``jsonl`` download."""
    texts = json_texts(plain(block.text)).decode().split("\n")
    heads = [f'Z","level":"{name}","message":"' for name in LEVEL_NAMES]
    lines: list[str] = []
    for part in thousands(block):
        head, time = f'{{"line":{part.number}', f',"timestamp":"{part.time}'
        tail = f'","stream":"{STREAMS[part.stream]}"{part.marks}}}\n'
        lines += [
            f"{head}{number}{time}{micro}{heads[level]}{text}{tail}"
            for number, micro, level, text in zip(
                part.numbers, part.micros, block.levels[part.lines], texts[part.lines], strict=True
            )
        ]
    return "".join(lines).encode()


def text_lines(block: LineBlock) -> bytes:
    """Return ``[timestamp] [LEVEL] [stream] message`` per line, without escape sequences.

    This is the ``text`` download.
    """
    texts = plain(block.text).split("\n")
    lines: list[str] = []
    for part in thousands(block):
        heads = [f"Z] [{name}] [{STREAMS[part.stream]}] " for name in LEVEL_NAMES]
        time = f"[{part.time}"
        lines += [
            f"{time}{micro}{heads[level]}{text}\n"
            for micro, level, text in zip(
                part.micros, block.levels[part.lines], texts[part.lines], strict=True
            )
        ]
    return "".join(lines).encode()


def json_log_lines(lines: list[LogLine]) -> bytes:
    """Return the same as `json_lines`, for lines from anywhere in a log."""
    return _without_stray_ends(
        _encoder.encode_lines(
            [msgspec.structs.replace(line, message=plain(line.message)) for line in lines]
        )
    )


def text_log_lines(lines: list[LogLine]) -> bytes:
    """Return the same as `text_lines`, for lines from anywhere in a log."""
    return "".join(
        [
            f"[{line.timestamp}] [{line.level}] [{line.stream}] {plain(line.message)}\n"
            for line in lines
        ]
    ).encode()


def gap(info: GapInfo) -> Gap:
    """Return a gap of the journal as the API shows it."""
    return Gap(info.before, info.lines, info.bytes, iso(info.begin), iso(info.end), info.reason)


def json_texts(text: str) -> bytes:
    r"""Return lines as the inside of JSON strings, without quotes, separated by newlines.

    JSON strings contain no newline (RFC 8259, section 7), so the result can be split.

    Args:
        text: lines that each end in ``\n``.
    """
    if _MARK not in text:
        data = _json_inside(text[:-1].replace("\n", _MARK)).replace(_MARK.encode(), b"\n")
    elif len(text) <= _PIECE_CHARS:
        data = _encoder.encode_lines(text.split("\n")[:-1])[1:-2].replace(b'"\n"', b"\n")
    else:
        data = b"\n".join([_json_inside(line) for line in text.split("\n")[:-1]])
    return _without_stray_ends(data, text)


def _json_inside(text: str) -> bytes:
    """Return a text as JSON, without its quotes."""
    pieces = range(0, len(text), _PIECE_CHARS)
    return b"".join([_encoder.encode(text[at : at + _PIECE_CHARS])[1:-1] for at in pieces])


class Thousand(NamedTuple):
    """Lines of one stretch whose numbers, and whose times, differ in the last three digits only.

    Attributes:
        lines: their places in the block.
        stream: index into `STREAMS`.
        marks: further fields of their JSON, each after a comma: ``prompt`` if it is true.
        number: common beginning of their numbers.
        numbers: the rest of each number.
        time: common beginning of their times, to the millisecond.
        micros: the rest of each time.
    """

    lines: slice
    stream: int
    marks: str
    number: str
    numbers: list[str]
    time: str
    micros: list[str]


def thousands(block: LineBlock) -> Iterator[Thousand]:
    """Yield all lines of a block in order."""
    last_milli, head = -1, ""
    for start, count, stamp, stream, is_prompt in block.stretches:
        done, marks = 0, _PROMPT if is_prompt else ""
        while done < count:
            thousand, number = divmod(block.first + start + done, 1000)
            milli, micro = divmod(stamp + done, 1000)
            size = min(count - done, 1000 - number, 1000 - micro)
            if milli != last_milli:
                last_milli, head = milli, iso(milli * 1000)[:23]
            place = start + done
            numbers = (_PADDED if thousand else _PLAIN)[number : number + size]
            prefix, micros = str(thousand) if thousand else "", _PADDED[micro : micro + size]
            yield Thousand(slice(place, place + size), stream, marks, prefix, numbers, head, micros)
            done += size


def _without_stray_ends(data: bytes, text: str | None = None) -> bytes:
    """Escape line ends of Unicode in `data`, which encodes `text` (default: itself).

    A text is searched for them ten times as fast as bytes.
    """
    if text is None:
        text = "" if data.isascii() else data.decode()
    if not text.isascii():
        for end, escaped in _STRAY_LINE_ENDS.items():
            if end in text:
                data = data.replace(end.encode(), escaped)
    return data
