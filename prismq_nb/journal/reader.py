"""Reads a journal by cursor: a line number in, whole spans of bytes out. All other readers are built on it.

Only `os.pread` in bounded slices: never mmap (a truncated file would be a SIGBUS that takes the Jupyter server along), and never more memory than
was asked for, whatever the size of the log. Finding a line or a time is a binary search in the index. A log that is shorter than its index says
gives empty lines in place of what is missing, not an exception. Standard library only.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Self

from prismq_nb.common.base.encodings import to_utf8
from prismq_nb.common.base.regular_files import open_regular
from prismq_nb.journal import gaps
from prismq_nb.journal.damage import good_end, next_good
from prismq_nb.journal.gaps import GapInfo
from prismq_nb.journal.late_levels import LateLevels
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.layout.format import Record
from prismq_nb.journal.layout.span import Span, stored, without_head, without_tail
from prismq_nb.journal.levels.sidecar import SidecarReader, first_of
from prismq_nb.journal.part_reader import PartReader

_BLOCK_RECORDS = 256
"""Index records fetched by one read when walking forward (14 KiB)."""
SLICE_BYTES = 8 << 20


class JournalReader:
    """A cursor reader of one run directory. Cheap to open; not thread-safe; close it, or use it in a ``with``.

    Attributes:
        total_lines: lines stored, as of the last `refresh`.
        log_bytes: bytes of the log that records account for, as of the last `refresh`.
        record_count: records of the index, as of the last `refresh`.
        to_utf8: what makes bytes of the log UTF-8; None where they are that already.
        records_only: of the lines of a record only the first has a level, the others `NO_RECORD`;
            to be set before anything is read.
    """

    def __init__(self, run_dir: str | os.PathLike[str], encoding: str = "utf-8") -> None:
        """Open nothing yet: files of a young run may not be there, which is an empty journal.

        Args:
            run_dir: of the run.
            encoding: of its output; lines are handed out in UTF-8.
        """
        self.to_utf8 = to_utf8(encoding)
        self._dir = os.fspath(run_dir)  # to join a text costs a third of what a `Path` costs
        self._index: int | None = None
        self._index_id = (0, 0)
        self._log: int | None = None
        self._near = 0
        self._resting: tuple[int, int] | None = None
        self.record_count = 0
        self._levels = SidecarReader(run_dir)
        self._late = LateLevels(self, run_dir)
        self._part = PartReader(run_dir)
        self.records_only = False
        self.total_lines = 0
        self.log_bytes = 0

    def __enter__(self) -> Self:
        self.refresh()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def rest(self) -> None:
        """Close the files but keep what is known of them; whatever reads opens them again."""
        if self._index is None:
            return
        identity, known = self._index_id, self._known()
        self.close()
        self._resting = identity
        self.record_count, self.total_lines, self.log_bytes = known

    def _known(self) -> tuple[int, int, int]:
        return self.record_count, self.total_lines, self.log_bytes

    def close(self) -> None:
        """Closes the files. The reader may be used again; it opens them anew."""
        for fd in (self._index, self._log):
            if fd is not None:
                os.close(fd)
        self._index = self._log = None
        self._index_id = (0, 0)
        self._resting = None
        self.record_count = 0
        self._levels.close()

    def refresh(self) -> int:
        """Looks for new records: one `stat` when there are none.

        Returns:
            `total_lines`.

        Raises:
            format.BadIndex: the index has a form that this version cannot read.
            OSError: the index or the log cannot be opened, or is something other than a file.
        """
        try:
            stat = os.lstat(os.path.join(self._dir, fmt.INDEX))
        except FileNotFoundError:
            return self.total_lines
        identity = (stat.st_dev, stat.st_ino)
        records = max(0, stat.st_size // fmt.RECORD_BYTES - 1)
        if identity == self._resting and records == self.record_count:
            return self.total_lines
        if identity != self._index_id and not self._open(identity):
            return self.total_lines
        if records == self.record_count:
            return self.total_lines
        # A bad tail is left out: the supervisor is writing it, or recovery will see to it.
        self.record_count = good_end(self.record, records)
        last = self.record(self.record_count - 1) if self.record_count else None
        self.total_lines, self.log_bytes = (last.first + last.lines, last.log_end) if last else (0, 0)
        return self.total_lines

    def spans(self, first: int, limit: int, max_bytes: int = SLICE_BYTES) -> list[Span]:
        """Lines from number `first` on, as of the last `refresh`.

        Args:
            first: number of the first line wanted, 0 or more.
            limit: at most so many lines; the last span is cut to fit.
            max_bytes: stop after the span that reaches so many bytes. One span is at most 1 MiB or a pipe's worth, whichever is more.

        Returns:
            Spans in order, without holes; [] when `first` is at or past the end.
        """
        spans: list[Span] = []
        if first >= self.total_lines or limit <= 0:
            return spans
        wanted: list[Record] = []
        lines, size = -first, 0
        for record in self.walk(self.locate(first)):
            if record.lines and record.first + record.lines > first:
                lines += record.lines if wanted else record.first + record.lines
                size += record.log_end - record.start
                wanted.append(record)
            if lines >= limit or size >= max_bytes:
                break
        if not wanted:
            return spans
        base = wanted[0].start
        data = self.read_log(base, wanted[-1].log_end)
        for record in wanted:
            piece = data[record.start - base : record.log_end - base]
            spans.append(stored(record, piece, record.log_end - record.start))
        spans[0] = without_head(spans[0], first - spans[0].first)
        spans[-1] = without_tail(spans[-1], first + limit - spans[-1].first)
        if self.to_utf8 is not None:
            spans = [span._replace(data=self.to_utf8(span.data)) for span in spans]
        return spans

    def levels(self, span: Span) -> bytes:
        """One `Level` value per line of `span`: from the sidecar, or classified here where it lags.

        Not on an event loop: it takes as long as it takes. See `some_levels`.
        """
        found = self.some_levels([span])
        while len(found) < span.line_count:
            found += self.some_levels([without_head(span, len(found))])
        return found

    def some_levels(self, spans: Sequence[Span]) -> bytes:
        """The levels of the first of some lines: as many as are found in some milliseconds.

        Args:
            spans: as `spans` gives them, one at least.

        Returns:
            One `Level` value per line; fewer where the sidecar lags. None at all while lines before
            them are looked at: then call again, as often as it takes.
        """
        count = sum(span.line_count for span in spans)
        return self.known_levels(spans[0].first, count) or self._late.some(spans)

    def known_levels(self, first: int, count: int) -> bytes:
        """One `Level` value per line from number `first` on, `count` or as many as the sidecar has."""
        read = self._levels.read_records if self.records_only else self._levels.read
        return read(first, count)

    def levels_of(self, first: int, count: int) -> bytes:
        """One `Level` value per line, as `levels` gives them, for lines that the caller knows by number only."""
        known = self.known_levels(first, count)
        while len(known) < count and (spans := self.spans(first + len(known), count - len(known))):
            known += b"".join(self.levels(span) for span in spans)
        return known

    def line_after(self, stamp: int) -> int:
        """Number of the first line whose stamp is greater than `stamp` (µs since the epoch); `total_lines` if there is none."""
        number = self._bisect(stamp, lambda record: record.stamp)
        if number < 0:
            return 0
        record = self.record(number)
        if record is None:
            return self.total_lines
        return record.first + min(record.lines, stamp - record.stamp + 1)

    def level_counts(self) -> tuple[list[int], int]:
        """Lines per level, and how many lines that is (it may lag behind `total_lines`)."""
        return self._levels.counts(), self._levels.lines()

    def next_level(self, after: int, levels: Collection[int]) -> int | None:
        """Number of the first line after line `after` that has one of these levels, as of the last `refresh`; None if there is none.

        Milliseconds where the sidecar is complete. What it lacks is classified here, some microseconds a line: if that is much, not on an event loop.

        Args:
            after: number of a line; -1 for the first line of all.
            levels: values of `Level`.
        """
        found = self._levels.next_level(after + 1, levels)
        first = max(after + 1, self._levels.lines())
        while found is None and (spans := self.spans(first, self.total_lines)):
            for span in spans:
                at = first_of(self.levels(span), levels)
                if at >= 0:
                    return span.first + at
            first = spans[-1].first + spans[-1].line_count
        return found

    def gaps(self, first: int, last: int) -> list[GapInfo]:
        """Gaps that stand before the lines `first` to `last`, both inclusive: one for each place."""
        return gaps.read(os.path.join(self._dir, fmt.GAPS), first, last)

    def pending(self) -> tuple[bytes, bytes]:
        """Return what can be seen of stdout's and stderr's unfinished lines, a few kB at most.

        As of the last `refresh`: what became a line since it was written is left out. Costs one
        `stat` when neither it nor the journal has changed since the last call.
        """
        texts = self._part.texts(self, self._resting or self._index_id)
        if self.to_utf8 is not None:
            return self.to_utf8(texts[0]), self.to_utf8(texts[1])
        return texts

    def _opened(self) -> tuple[int, int]:
        """Index and log. Raises FileNotFoundError where they are gone."""
        if self._index is None or self._log is None:
            known = self._known()
            path = os.path.join(self._dir, fmt.INDEX)
            stat = os.lstat(path)
            if not self._open((stat.st_dev, stat.st_ino)):
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
            self.record_count, self.total_lines, self.log_bytes = known
        assert self._index is not None
        assert self._log is not None
        return self._index, self._log

    def _open(self, identity: tuple[int, int]) -> bool:
        """Opens the files, or opens them again after recovery put new ones in place."""
        self.close()
        try:
            self._index = open_regular(os.path.join(self._dir, fmt.INDEX))
            self._log = open_regular(os.path.join(self._dir, fmt.LOG))
        except FileNotFoundError:
            return False
        data = os.pread(self._index, fmt.RECORD_BYTES, 0)
        if len(data) < fmt.RECORD_BYTES:
            return False  # so young that not even its header is written
        fmt.check_header(data)
        self._index_id = identity
        return True

    def record(self, number: int) -> Record | None:
        """Record `number` of the index; None if there is none, or its checksum is wrong."""
        index = self._index if self._index is not None else self._opened()[0]
        return fmt.unpack(os.pread(index, fmt.RECORD_BYTES, (number + 1) * fmt.RECORD_BYTES))

    def walk(self, number: int) -> Iterator[Record]:
        """Records from `number` on; where checksums are wrong, one that the neighbours imply stands for all between them."""
        if self.record_count == 0:
            return  # there may be no index yet, or not any more
        index, _ = self._opened()
        before, bad = None, False
        while number < self.record_count:
            count = min(_BLOCK_RECORDS, self.record_count - number)
            data = os.pread(index, count * fmt.RECORD_BYTES, (number + 1) * fmt.RECORD_BYTES)
            good = 0
            for at in range(0, len(data), fmt.RECORD_BYTES):
                record = fmt.unpack(data, at)
                if record is None:
                    bad = True
                    continue
                good += 1
                if bad:
                    between = fmt.between(before or self._good_before(number), record)
                    bad = False
                    if between is not None:
                        yield between
                yield record
                before = record
            if not data:
                return
            number += count
            if not good:
                number = next_good(self.record, number, self.record_count) or self.record_count

    def _good_before(self, number: int) -> Record | None:
        end = good_end(self.record, number)
        return self.record(end - 1) if end else None

    def _bisect(self, value: int, key: Callable[[Record], int]) -> int:
        """Number of the last good record whose key is not above `value`; -1 if there is none. Keys never fall along the index."""
        low, high = 0, self.record_count
        while low < high:
            middle = (low + high) // 2
            at = next_good(self.record, middle, high)
            record = None if at is None else self.record(at)
            if at is not None and record is not None and key(record) <= value:
                low = at + 1
            else:
                high = middle
        return low - 1

    def locate(self, line: int) -> int:
        """Number of the last record whose first line is not above `line`."""
        for number in (self._near, self._near + 1):  # whoever reads on is spared the search
            record = self.record(number) if number < self.record_count else None
            if record is not None and record.first <= line < record.first + record.lines:
                self._near = number
                return number
        self._near = max(0, self._bisect(line, lambda record: record.first))
        return self._near

    def locate_end(self, offset: int) -> int:
        """Number of the last record that ends at or before byte `offset` of the log."""
        return max(0, self._bisect(offset, lambda record: record.log_end))

    def read_log(self, start: int, end: int) -> bytes:
        """Bytes of the log as they are stored; fewer where it was truncated."""
        _, log = self._opened()
        data = os.pread(log, end - start, start)
        while len(data) < end - start:
            more = os.pread(log, end - start - len(data), start + len(data))
            if not more:
                break
            data += more
        return data
