"""Read the index and the log of a run: find records, iterate over them, read the bytes between.

It uses `os.pread` in bounded slices only: never mmap, because truncating a mapped file raises
SIGBUS, which would kill the Jupyter server. Standard library only.
"""

from __future__ import annotations

import errno
import os
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import Self

from prismq_nb.common.base.regular_files import open_regular
from prismq_nb.journal.damage import good_end, next_good
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.layout.format import IndexRecord

_READ_RECORDS = 256
"""Index records fetched by one read when iterating (14 KiB)."""


class IndexReader:
    """The index and the log of one run directory. Cheap to open; not thread-safe.

    Attributes:
        total_lines: lines stored, as of the last `refresh`.
        log_bytes: bytes of the log that records account for, as of the last `refresh`.
        record_count: records of the index, as of the last `refresh`.
    """

    def __init__(self, run_dir: str | os.PathLike[str]) -> None:
        """Open nothing yet: a new run may have no files, which is an empty journal."""
        self._dir = os.fspath(run_dir)  # joining str costs a third of joining a `Path`
        self._index: int | None = None
        self._index_id = (0, 0)
        self._log: int | None = None
        self._last_located = 0
        self._suspended: tuple[int, int] | None = None
        self.record_count = 0
        self.total_lines = 0
        self.log_bytes = 0

    def __enter__(self) -> Self:
        self.refresh()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def suspend(self) -> None:
        """Close the files but keep the counts; the next read opens them again."""
        if self._index is None:
            return
        identity, known = self._index_id, self._sizes()
        self.close()
        self._suspended = identity
        self.record_count, self.total_lines, self.log_bytes = known

    def _sizes(self) -> tuple[int, int, int]:
        return self.record_count, self.total_lines, self.log_bytes

    def close(self) -> None:
        """Close the files. The reader may be used again; it reopens them."""
        for fd in (self._index, self._log):
            if fd is not None:
                os.close(fd)
        self._index = self._log = None
        self._index_id = (0, 0)
        self._suspended = None
        self.record_count = 0

    def refresh(self) -> int:
        """Look for new records: one `stat` if there are none.

        Returns:
            `total_lines`.

        Raises:
            format.BadIndex: the index has a form that this version cannot read.
            OSError: the index or the log cannot be opened, or is not a regular file.
        """
        try:
            stat = os.lstat(os.path.join(self._dir, fmt.INDEX))
        except FileNotFoundError:
            return self.total_lines
        identity = (stat.st_dev, stat.st_ino)
        records = max(0, stat.st_size // fmt.RECORD_BYTES - 1)
        if identity == self._suspended and records == self.record_count:
            return self.total_lines
        if identity != self._index_id and not self._open(identity):
            return self.total_lines
        if records == self.record_count:
            return self.total_lines
        # A bad tail is left out: the supervisor is writing it, or recovery will repair it.
        self.record_count = good_end(self.record, records)
        last = self.record(self.record_count - 1) if self.record_count else None
        self.total_lines, self.log_bytes = (
            (last.first + last.lines, last.log_end) if last else (0, 0)
        )
        return self.total_lines

    def _opened(self) -> tuple[int, int]:
        """Return the descriptors of index and log. Raises FileNotFoundError if they are gone."""
        if self._index is None or self._log is None:
            known = self._sizes()
            path = os.path.join(self._dir, fmt.INDEX)
            stat = os.lstat(path)
            if not self._open((stat.st_dev, stat.st_ino)):
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
            self.record_count, self.total_lines, self.log_bytes = known
        assert self._index is not None
        assert self._log is not None
        return self._index, self._log

    def _open(self, identity: tuple[int, int]) -> bool:
        """Open the files, or open them again after recovery replaced them.

        Whether they are there.
        """
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

    def line_after(self, stamp: int) -> int:
        """Return the number of the first line whose stamp is greater.

        `total_lines` if there is none.

        Args:
            stamp: µs since the epoch.
        """
        number = self._bisect(stamp, lambda record: record.stamp)
        if number < 0:
            return 0
        record = self.record(number)
        if record is None:
            return self.total_lines
        return record.first + min(record.lines, stamp - record.stamp + 1)

    def record(self, number: int) -> IndexRecord | None:
        """Return record `number` of the index; None if there is none or its checksum is wrong.

        Raises:
            OSError: the index cannot be opened or read.
        """
        index = self._index if self._index is not None else self._opened()[0]
        return fmt.unpack(os.pread(index, fmt.RECORD_BYTES, (number + 1) * fmt.RECORD_BYTES))

    def iter_records(self, number: int) -> Iterator[IndexRecord]:
        """Iterate over the records from `number` on.

        Where checksums are wrong, one record that the neighbours imply stands for all bad ones in a
        row.

        Raises:
            OSError: the index cannot be opened or read.
        """
        if self.record_count == 0:
            return  # there may be no index yet, or not any more
        index, _ = self._opened()
        before, bad = None, False
        while number < self.record_count:
            count = min(_READ_RECORDS, self.record_count - number)
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

    def _good_before(self, number: int) -> IndexRecord | None:
        end = good_end(self.record, number)
        return self.record(end - 1) if end else None

    def _bisect(self, value: int, key: Callable[[IndexRecord], int]) -> int:
        """Return the number of the last good record whose key is at most `value`; -1 if none is.

        Keys never fall along the index. A bad record counts as the next good one.
        """

        def key_at(number: int) -> int:
            record = self.record(number)
            if record is None:
                at = next_good(self.record, number, self.record_count)
                record = None if at is None else self.record(at)
            return sys.maxsize if record is None else key(record)

        return bisect_right(range(self.record_count), value, key=key_at) - 1

    def locate(self, line: int) -> int:
        """Return the number of the last record whose first line is not above `line`."""
        # Sequential reads need no search
        for number in (self._last_located, self._last_located + 1):
            record = self.record(number) if number < self.record_count else None
            if record is not None and record.first <= line < record.first + record.lines:
                self._last_located = number
                return number
        self._last_located = max(0, self._bisect(line, lambda record: record.first))
        return self._last_located

    def locate_end(self, offset: int) -> int:
        """Return the number of the last record that ends at or before byte `offset` of the log."""
        return max(0, self._bisect(offset, lambda record: record.log_end))

    def read_log(self, start: int, end: int) -> bytes:
        """Return bytes `start` to `end` of the log as stored; fewer if it was truncated.

        Raises:
            OSError: the log cannot be opened or read.
        """
        _, log = self._opened()
        data = os.pread(log, end - start, start)
        while len(data) < end - start:
            more = os.pread(log, end - start - len(data), start + len(data))
            if not more:
                break
            data += more
        return data
