"""The lines of a block as bytes: JSON fields that streams and downloads share, the ``text`` and the ``jsonl`` form. Pure.

Apart from the server because the local client writes the same downloads. All texts of a block go through one call of the encoder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from prismq_nb.engine.block import LEVEL_NAMES, Block, Encoded
from prismq_nb.journal.format import STREAMS
from prismq_nb.journal.state import MICROSECONDS, iso
from prismq_nb.journal.text import plain
from prismq_nb.models import Gap

if TYPE_CHECKING:
    from prismq_nb.journal.reader import GapInfo

_encoder = msgspec.json.Encoder()
LEVELS = tuple(f'"{name}"'.encode() for name in LEVEL_NAMES)
STREAM_NAMES = tuple(f'"{name}"'.encode() for name in STREAMS)
_STRAY_LINE_ENDS = ((b"\xc2\x85", b"\\u0085"), (b"\xe2\x80\xa8", b"\\u2028"), (b"\xe2\x80\xa9", b"\\u2029"))


def one_line_json(value: Any) -> bytes:
    """A value as JSON of one line, for whatever a client takes for a line end."""
    return _without_stray_ends(_encoder.encode(value))


def json_lines(block: Block) -> Encoded:
    """A line of JSON per line, its escape sequences removed: the ``jsonl`` download."""
    texts = json_texts([plain(text) for text in block.messages])
    frames: list[bytes] = []
    for start, count, stamp, stream in block.stretches:
        tail = b',"stream":%b}\n' % STREAM_NAMES[stream]
        for i, number, head, micro in places(block.first, start, count, stamp):
            level = LEVELS[block.levels[i]]
            frames.append(b'{"line":%d,"timestamp":"%b%06dZ","level":%b,"message":%b%b' % (number, head, micro, level, texts[i], tail))
    return Encoded.of(frames)


def text_lines(block: Block) -> Encoded:
    """``[timestamp] [LEVEL] [stream] message`` per line, its escape sequences removed: the ``text`` download."""
    frames: list[bytes] = []
    for start, count, stamp, stream in block.stretches:
        name = STREAMS[stream]
        for i in range(start, start + count):
            line = f"[{iso(stamp + i - start)}] [{LEVEL_NAMES[block.levels[i]]}] [{name}] {plain(block.messages[i])}\n"
            frames.append(line.encode())
    return Encoded.of(frames)


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


def _without_stray_ends(data: bytes) -> bytes:
    for raw, escaped in _STRAY_LINE_ENDS:
        if raw in data:
            data = data.replace(raw, escaped)
    return data
