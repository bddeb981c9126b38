"""Colours that continue from line to line: the SGR state at the beginning of a batch or a page.

A line's message depends on the line alone, so the state that earlier lines left travels beside it.
It is found by a bounded look back, so a page in the middle of a log has its colours, too. SGR:
ECMA-48, section 8.3.117.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from prismq_nb.common.base.terminal.sequences import PRINTED_SGR
from prismq_nb.common.base.terminal.sgr import apply_sgrs
from prismq_nb.journal.layout.format import STREAMS

if TYPE_CHECKING:
    from prismq_nb.journal.layout.format import IndexRecord
    from prismq_nb.journal.reader import JournalReader

LOOK_BACK_LINES: Final = 500
"""How far back a colour is searched: one that is never reset ends after this many lines."""
LOOK_BACK_BYTES: Final = 64 << 10
_MAX_SEQUENCES: Final = 4_000
"""If there are more sequences, only this many bytes are searched: each sequence takes 0.1 µs."""
_DENSE_BYTES: Final = 16 << 10
_ESCAPE, _BEFORE_C1 = 0x1B, 0xC2
_CSI = "\x9b".encode()  # ESC [ as one character; looking for it alone costs many times as much
_RESETS: Final = (b"\x1b[m", b"\x1b[0m", b"\x1bc")


def sgr_state_at(reader: JournalReader, line: int) -> dict[str, str]:
    r"""Return the colours in force at the beginning of a line, as one SGR sequence per stream.

    Args:
        reader: reader of the journal, as of its last refresh.
        line: the line's number.

    Returns:
        For example ``{"stdout": "\x1b[31m"}``; no entry for a stream without colours. A sequence
            has at most 64 characters of parameters.
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
        if may_change_sgr(span.data):
            texts[span.stream] += span.data
    pens = dict(zip(STREAMS, map(sgr_after, texts), strict=True))
    return {name: f"\x1b[{pen}m" for name, pen in pens.items() if pen}


def _may_have_colours(reader: JournalReader, here: IndexRecord) -> bool:
    """Return whether the last bytes have an escape sequence; a quick check for most logs."""
    if reader.to_utf8 is not None:
        return True
    start = max(0, min(here.start, here.log_end - LOOK_BACK_BYTES))
    return may_change_sgr(reader.read_log(start, here.log_end))


def may_change_sgr(data: bytes) -> bool:
    """Return whether printed bytes may change the colours in force."""
    return _ESCAPE in data or (_BEFORE_C1 in data and _CSI in data)


def sgr_after(text: bytes) -> str:
    """Return the SGR parameters in force after printed bytes; empty: none.

    Only the end of the bytes counts.
    """
    text = text[-LOOK_BACK_BYTES:]
    start = max(text.rfind(reset) for reset in _RESETS)
    pen = "0" if start >= 0 else ""
    if text.count(_ESCAPE) + text.count(_CSI) > _MAX_SEQUENCES:
        start = max(start, len(text) - _DENSE_BYTES)
    changes = PRINTED_SGR.findall(text, max(0, start))
    pen = apply_sgrs(pen, [parameters.decode() for parameters in changes])
    return "" if pen == "0" else pen.removeprefix("0;")
