"""Reads a journal as large pieces of bytes: what a search is made of, which looks at texts and not at times.

Apart from the reader's spans because of the cost per record: a log of one record per line has 10 million of them in a gigabyte. Here the index is
strode along, a few records looked at for each piece, and their lines checked all at once. Standard library only.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from prismq_nb.journal.layout.format import Record
    from prismq_nb.journal.reader import JournalReader

_MANY_RECORDS = 64
"""Lines of a slice with more records than this are checked by counting newlines (0.3 ms a MiB), otherwise by looking at each record (2 µs)."""
_NEWLINE = 10


class Slice(NamedTuple):
    r"""Consecutive lines of both streams.

    Attributes:
        first: number of the first line; `line_count`: lines.
        end: offset in the log behind the last one.
        data: the bytes, in UTF-8; ``data.split(b"\n")[:line_count]`` are the lines, also where a record ends without a newline.
    """

    first: int
    line_count: int
    end: int
    data: bytes


class _Window(NamedTuple):
    """Records of one slice: the first with its number, the last, and the number behind it."""

    number: int
    begin: Record
    last: Record
    after: int


class Slices:
    """A walk along a journal, forward from any line. Not thread-safe; as of the reader's last `refresh`."""

    def __init__(self, reader: JournalReader) -> None:
        """`reader`: of the journal; it stays the caller's."""
        self._reader = reader
        self._stride = 1  # records of the last slice
        self._next = (-1, 0)  # the line behind it, and the record that has it

    def read(self, first: int, max_bytes: int) -> Slice | None:
        """Lines from number `first` on.

        Args:
            first: number of the first line, 0 or more.
            max_bytes: so many at most, but one record (1 MiB or a pipe's worth) at least.

        Returns:
            None when `first` is at or past the end, or the index is broken there.
        """
        if first >= self._reader.total_lines:
            return None
        window = self._window(self._next[1] if self._next[0] == first else self._reader.locate(first), max_bytes)
        if window is None:
            return None
        begin, last = window.begin, window.last
        end, behind = last.log_end, last.first + last.lines
        data = self._reader.read_log(begin.start, end)
        if len(data) < end - begin.start or not self._all_end(data, window, behind - begin.first):
            data = b"".join(_ended(data[record.start - begin.start : record.end - begin.start], record) for record in self._records(window))
        self._next = (behind, window.after)
        if first > begin.first:
            data = data.split(b"\n", first - begin.first)[-1]
        if self._reader.to_utf8 is not None:
            data = self._reader.to_utf8(data)
        return Slice(first, behind - first, end, data)

    def _window(self, number: int, max_bytes: int) -> _Window | None:
        reader = self._reader
        begin = reader.record(number)
        while begin is not None and begin.lines == 0:  # a gap or a mark: it has no bytes of the log
            number += 1
            begin = reader.record(number)
        if begin is None:
            return None
        while True:
            after = min(number + self._stride, reader.record_count)
            last = reader.record(after - 1)
            if last is None:
                if self._stride == 1:
                    return None
                self._stride //= 2
            elif last.log_end - begin.start > max_bytes and self._stride > 1:
                self._stride //= 2
            elif self._fits(begin, number + 2 * self._stride, max_bytes):
                self._stride *= 2
            else:
                return _Window(number, begin, last, after)

    def _fits(self, begin: Record, after: int, max_bytes: int) -> bool:
        """Whether a slice may reach up to record `after` (not included)."""
        if after > self._reader.record_count:
            return False
        last = self._reader.record(after - 1)
        return last is not None and last.log_end - begin.start <= max_bytes

    def _all_end(self, data: bytes, window: _Window, lines: int) -> bool:
        """Whether each record ends in a newline, so that the bytes can be taken as they are."""
        if window.after - window.number > _MANY_RECORDS:
            return data.count(b"\n") == lines
        return all(data[record.end - window.begin.start - 1] == _NEWLINE for record in self._records(window))

    def _records(self, window: _Window) -> Iterator[Record]:
        """Those that have lines."""
        return (record for record in islice(self._reader.walk(window.number), window.after - window.number) if record.lines)


def _ended(data: bytes, record: Record) -> bytes:
    """A record's bytes with all its line ends: the one that an unfinished last line lacks, and those that went when the log was truncated."""
    return data + b"\n" * max(record.line_count - data.count(b"\n"), 0)
