"""Find the good records of a damaged index in a bounded number of reads, however many are bad.

A power cut, a restored backup or a careless tool may leave gigabytes of zeros in an index. Event
loops read it, so bad records are not all read one by one: `MAX_LINEAR_RECORDS` of them are; the end
of a longer stretch is found by doubling and halving. That is exact for one stretch. Between several
stretches, good records may be missed until recovery has read everything. Standard library only.
"""

from __future__ import annotations

import errno
import os
from bisect import bisect_left
from collections.abc import Callable

from prismq_nb.journal.layout.format import IndexRecord

MAX_LINEAR_RECORDS = 16
"""Bad records in a row that are read one by one."""
_PAGE_BYTES = 65_536
"""Holes of a file system start at multiples of its block size, which is at most this."""
_PROBES = 4
"""Records tried at each place beyond those."""

ReadRecord = Callable[[int], IndexRecord | None]
"""Returns the record of a number, or None if it is bad."""


def good_end(read_record: ReadRecord, count: int) -> int:
    """Return the number after the last good record below `count`; 0 if there is none."""
    for number in range(count - 1, max(-1, count - 1 - MAX_LINEAR_RECORDS), -1):
        if read_record(number) is not None:
            return number + 1
    stop = max(0, count - MAX_LINEAR_RECORDS)
    return bisect_left(range(stop), True, key=lambda at: _probe(read_record, at, stop) is None)


def next_good(read_record: ReadRecord, number: int, stop: int) -> int | None:
    """Return the number of the first good record in ``[number, stop)``; None if there is none."""
    for at in range(number, min(number + MAX_LINEAR_RECORDS, stop)):
        if read_record(at) is not None:
            return at
    bad, step = number + MAX_LINEAR_RECORDS, MAX_LINEAR_RECORDS
    good = None
    while good is None and bad < stop:
        place = min(bad + step, max(bad, stop - _PROBES))
        good = _probe(read_record, place, stop)
        if good is None:
            bad, step = place + _PROBES, 2 * step
    if good is None:
        return None
    end = good
    near = bisect_left(
        range(bad, end), True, key=lambda at: _probe(read_record, at, end) is not None
    )
    return _probe(read_record, min(bad, end) + near, end + 1)


def _probe(read_record: ReadRecord, number: int, stop: int) -> int | None:
    candidates = range(number, min(number + _PROBES, stop))
    return next((at for at in candidates if read_record(at) is not None), None)


def data_from(fd: int, at: int) -> int | None:
    """Return where a file has data at or after byte `at`; None if only a hole follows.

    Returns `at` itself where the file system cannot tell (lseek(2), SEEK_DATA).
    """
    if not hasattr(os, "SEEK_DATA"):
        return at
    try:
        return os.lseek(fd, at, os.SEEK_DATA)
    except OSError as error:
        return None if error.errno == errno.ENXIO else at


def data_end(fd: int, start: int, size: int) -> int:
    """Return where a file's data from byte `start` on ends.

    At the hole at its end, if there is one.

    Args:
        fd: the file, open for reading; its offset is moved.
        start: where to begin; returned if only a hole follows.
        size: the file's size; returned if it has no hole at its end.
    """
    end = start
    while end < size and (there := data_from(fd, end)) is not None:
        try:
            end = os.lseek(fd, there, os.SEEK_HOLE)
        except (AttributeError, OSError):
            return size
    if end >= size:
        return size
    last = os.pread(fd, min(_PAGE_BYTES, end - start), max(start, end - _PAGE_BYTES))
    return end - len(last) + len(last.rstrip(b"\0"))
