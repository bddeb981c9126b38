"""Spans: whole lines of one record, as the reader returns them, and cutting them. Pure.

Standard library only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from prismq_nb.journal.layout.format import PROMPT, STDOUT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prismq_nb.journal.layout.format import IndexRecord


class Span(NamedTuple):
    r"""Consecutive whole lines of one stream.

    Attributes:
        first: number of the first line; `line_count`: number of lines.
        stamp: of the first line, µs since the epoch; line ``first + i`` has ``stamp + i``.
        stream: 0 stdout, 1 stderr; `flags`: those of the record.
        data: the bytes; ``data.split(b"\n")[:line_count]`` are the lines.
    """

    first: int
    line_count: int
    stamp: int
    stream: int
    flags: int
    data: bytes

    @property
    def is_prompt(self) -> bool:
        """Whether it is a question that was answered where it ends."""
        return bool(self.flags & PROMPT)

    @property
    def level_stream(self) -> int:
        """The stream whose default level its lines have: a prompt is not an error."""
        return STDOUT if self.is_prompt else self.stream


def newlines(data: bytes) -> int:
    """Count newlines in a quarter of the time that ``data.count`` takes in Python 3.11."""
    return len(data) - len(data.replace(b"\n", b""))


def stored(record: IndexRecord, data: bytes, size: int) -> Span:
    """Return the lines of a record of which `data` was read.

    There are always as many lines as the index says, so every line keeps its number. Lines that a
    truncated log lacks are empty; what is written behind them leaves a hole. If somebody changed
    the log, excess lines are left out.

    Args:
        record: the record.
        data: its bytes, as far as the log has them.
        size: how many bytes there should be.
    """
    count = record.line_count
    lines = _lines_in(data)
    if len(data) < size or lines < count:
        data = data.rstrip(b"\0") if lines < count else data
        data += b"\n" * (count - newlines(data))
        lines = max(lines, count)
    span = Span(record.first, lines, record.stamp, record.stream, record.flags, data)
    return without_tail(span, count)


def _lines_in(data: bytes) -> int:
    """Count lines as `format.count_lines` does, but faster."""
    return newlines(data) + (not data.endswith(b"\n") if data else 0)


def without_head(span: Span, lines: int) -> Span:
    """Return a span without its first `lines` lines."""
    if lines <= 0:
        return span
    return span._replace(
        first=span.first + lines,
        line_count=span.line_count - lines,
        stamp=span.stamp + lines,
        data=span.data[_end_of(span, lines) :],
    )


def without_tail(span: Span, lines: int) -> Span:
    """Return the first `lines` lines of a span."""
    if lines >= span.line_count:
        return span
    return span._replace(line_count=lines, data=span.data[: _end_of(span, lines)])


def first_lines(spans: Sequence[Span], lines: int) -> list[Span]:
    """Return the first `lines` lines of consecutive spans, or all if there are fewer."""
    kept: list[Span] = []
    for span in spans:
        if lines <= 0:
            break
        kept.append(without_tail(span, lines))
        lines -= span.line_count
    return kept


def _end_of(span: Span, lines: int) -> int:
    """Return where the first `lines` lines of a longer span end.

    The place is estimated from the mean length of lines, then corrected by searching for newlines.
    """
    data = span.data
    at = data.rfind(b"\n", 0, len(data) * lines // span.line_count) + 1
    seen = newlines(data[:at])
    for _ in range(seen, lines):
        at = data.find(b"\n", at) + 1 or len(data)
    for _ in range(lines, seen):
        at = data.rfind(b"\n", 0, at - 1) + 1
    return at
