"""Read a journal as large pieces of bytes, for searches, which need the text but not the times.

Separate from the reader's spans because of the cost per record: a gigabyte with one record per line
has 10 million of them. Here a few index records are read for each piece, and the lines of all its
records are checked at once. Standard library only.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from prismq_nb.journal.layout.format import IndexRecord
    from prismq_nb.journal.reader import JournalReader

_MANY_RECORDS = 64
"""A slice with more records is checked by counting newlines (0.3 ms per MiB), otherwise record by
record (2 µs each)."""
_NEWLINE = 10


class Slice(NamedTuple):
    r"""Consecutive lines of both streams.

    Attributes:
        first: number of the first line; `line_count`: number of lines.
        end: offset in the log behind the last one.
        data: the bytes, in UTF-8; ``data.split(b"\n")[:line_count]`` are the lines, even if a
            record ends without a newline.
    """

    first: int
    line_count: int
    end: int
    data: bytes


class _RecordRange(NamedTuple):
    """The records of one slice.

    The first one and its number, the last one, the number behind it.
    """

    number: int
    begin: IndexRecord
    last: IndexRecord
    after: int


class SliceReader:
    """Read consecutive slices of a journal, forward from any line.

    Not thread-safe; as of the reader's last `refresh`.
    """

    def __init__(self, reader: JournalReader) -> None:
        """Read through `reader`, which the caller keeps and closes."""
        self._reader = reader
        self._stride = 1  # records of the last slice
        self._next = (-1, 0)  # the line behind it, and the record that has it

    def read(self, first: int, max_bytes: int) -> Slice | None:
        """Return the lines from number `first` on.

        Args:
            first: number of the first line, 0 or more.
            max_bytes: maximum size, but at least one record (1 MiB or a pipe's capacity).

        Returns:
            None if `first` is at or past the end, or the index is damaged there.

        Raises:
            OSError: the files cannot be opened or read.
        """
        if first >= self._reader.total_lines:
            return None
        records = self._choose_records(
            self._next[1] if self._next[0] == first else self._reader.locate(first), max_bytes
        )
        if records is None:
            return None
        begin, last = records.begin, records.last
        end, behind = last.log_end, last.first + last.lines
        data = self._reader.read_log(begin.start, end)
        if len(data) < end - begin.start or not self._all_end(data, records, behind - begin.first):
            data = b"".join(
                _ended(data[record.start - begin.start : record.end - begin.start], record)
                for record in self._records(records)
            )
        self._next = (behind, records.after)
        if first > begin.first:
            data = data.split(b"\n", first - begin.first)[-1]
        if self._reader.to_utf8 is not None:
            data = self._reader.to_utf8(data)
        return Slice(first, behind - first, end, data)

    def _choose_records(self, number: int, max_bytes: int) -> _RecordRange | None:
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
                return _RecordRange(number, begin, last, after)

    def _fits(self, begin: IndexRecord, after: int, max_bytes: int) -> bool:
        """Whether a slice may reach up to record `after`, exclusive."""
        if after > self._reader.record_count:
            return False
        last = self._reader.record(after - 1)
        return last is not None and last.log_end - begin.start <= max_bytes

    def _all_end(self, data: bytes, records: _RecordRange, lines: int) -> bool:
        """Whether each record ends in a newline, so that the bytes can be used unchanged."""
        if records.after - records.number > _MANY_RECORDS:
            return data.count(b"\n") == lines
        return all(
            data[record.end - records.begin.start - 1] == _NEWLINE
            for record in self._records(records)
        )

    def _records(self, records: _RecordRange) -> Iterator[IndexRecord]:
        """Iterate over the records that have lines."""
        return (
            record
            for record in islice(
                self._reader.iter_records(records.number), records.after - records.number
            )
            if record.lines
        )


def _ended(data: bytes, record: IndexRecord) -> bytes:
    """Return a record's bytes with all its line ends.

    Adds the one that an unfinished last line lacks, and those of lines lost to truncation.
    """
    return data + b"\n" * max(record.line_count - data.count(b"\n"), 0)
