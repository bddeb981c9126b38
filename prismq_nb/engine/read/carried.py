"""Colours that go on from line to line: those in force where a batch or a page begins.

A line's message depends on the line alone, so what the lines before it left behind travels beside
it. It is found by a bounded look back, so a window in the middle of a log has its colours, too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from prismq_nb.common.base.terminal.sgr import dressed_by
from prismq_nb.journal.layout.format import STREAMS

if TYPE_CHECKING:
    from prismq_nb.journal.layout.format import Record
    from prismq_nb.journal.reader import JournalReader

__all__ = ["LOOK_BACK_BYTES", "LOOK_BACK_LINES", "carried", "may_change", "pen_behind"]

#: How far back a colour is looked for: a colour that nobody resets ends after so many lines.
LOOK_BACK_LINES: Final = 500
LOOK_BACK_BYTES: Final = 64 << 10
#: Where colours change more often, so many bytes of that are looked at: each takes 0.1 µs.
_MAX_SEQUENCES: Final = 4_000
_DENSE_BYTES: Final = 16 << 10
_ESCAPE, _BEFORE_C1 = 0x1B, 0xC2
_CSI = "\x9b".encode()  # ESC [ as one character; looking for it alone costs many times as much
_SGR: Final = re.compile(rb"(?:\x1b\[|\xc2\x9b)([0-9;:]{0,64})m")
_RESETS: Final = (b"\x1b[m", b"\x1b[0m", b"\x1bc")


def carried(reader: JournalReader, line: int) -> dict[str, str]:
    r"""Return the colours in force at the beginning of a line, as one SGR sequence per stream.

    Args:
        reader: as of its last refresh.
        line: its number.

    Returns:
        Such as ``{"stdout": "\x1b[31m"}``; no entry for a stream that has the plain look. A
        sequence has at most 64 characters of parameters, so readers take it.
    """
    first = max(0, line - LOOK_BACK_LINES)
    if not 0 < line <= reader.total_lines:
        return {}
    here = reader.record(reader.locate(line - 1))
    if here is None or not _may_have_colours(reader, here):
        return {}
    if here.log_end > LOOK_BACK_BYTES:
        back = reader.record(reader.locate_end(here.log_end - LOOK_BACK_BYTES))
        first = max(first, min(here.first, back.first + back.lines)) if back is not None else first
    texts = [b"", b""]
    for span in reader.spans(first, line - first):
        if may_change(span.data):
            texts[span.stream] += span.data
    pens = dict(zip(STREAMS, map(pen_behind, texts), strict=True))
    return {name: f"\x1b[{pen}m" for name, pen in pens.items() if pen}


def _may_have_colours(reader: JournalReader, here: Record) -> bool:
    """Whether the log has a sequence where one is looked for: most have none, and that is quick."""
    if reader.to_utf8 is not None:
        return True
    start = max(0, min(here.start, here.log_end - LOOK_BACK_BYTES))
    return may_change(reader.read_log(start, here.log_end))


def may_change(data: bytes) -> bool:
    """Whether printed bytes may change the colours in force."""
    return _ESCAPE in data or (_BEFORE_C1 in data and _CSI in data)


def pen_behind(text: bytes) -> str:
    """SGR parameters in force behind printed bytes, of which the end counts; empty for the plain look."""
    text = text[-LOOK_BACK_BYTES:]
    start = max(text.rfind(reset) for reset in _RESETS)
    pen = "0" if start >= 0 else ""
    if text.count(_ESCAPE) + text.count(_CSI) > _MAX_SEQUENCES:
        start = max(start, len(text) - _DENSE_BYTES)
    pen = dressed_by(pen, [parameters.decode() for parameters in _SGR.findall(text, max(0, start))])
    return "" if pen == "0" else pen.removeprefix("0;")
