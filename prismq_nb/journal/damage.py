"""Find the good records of a damaged index in a bounded number of reads, however much is bad.

A machine that goes down, a restored backup or a careless tool may leave gigabytes of zeros in an
index. Event loops read it, so nothing looks at bad records one by one: `NEAR` of them are, and the
end of a longer stretch is searched by doubling and halving. That is exact for one stretch; among
several, good records between them may be passed over, until recovery has read all. Standard
library only.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable

from prismq_nb.journal.layout.format import Record

NEAR = 16
"""Bad records in a row that are looked at one by one."""
_BLOCK_BYTES = 65_536
"""No file system's holes begin at finer places."""
_PROBES = 4
"""Records tried at each place beyond those."""

Look = Callable[[int], Record | None]
"""Gives the record of a number, or None where it is bad."""


def good_end(look: Look, count: int) -> int:
    """Return the number after the last good record below `count`; 0 if there is none."""
    for number in range(count - 1, max(-1, count - 1 - NEAR), -1):
        if look(number) is not None:
            return number + 1
    low, high = 0, max(0, count - NEAR)
    while low < high:
        middle = (low + high) // 2
        good = _probe(look, middle, high)
        if good is None:
            high = middle
        else:
            low = good + 1
    return low


def next_good(look: Look, number: int, stop: int) -> int | None:
    """Return the number of the first good record from `number` on; None if none is below `stop`."""
    for at in range(number, min(number + NEAR, stop)):
        if look(at) is not None:
            return at
    bad, step = number + NEAR, NEAR
    good = None
    while good is None and bad < stop:
        place = min(bad + step, max(bad, stop - _PROBES))
        good = _probe(look, place, stop)
        if good is None:
            bad, step = place + _PROBES, 2 * step
    while good is not None and bad < good:
        middle = (bad + good) // 2
        found = _probe(look, middle, good)
        if found is None:
            bad = middle + 1
        else:
            good = found
    return good


def _probe(look: Look, number: int, stop: int) -> int | None:
    candidates = range(number, min(number + _PROBES, stop))
    return next((at for at in candidates if look(at) is not None), None)


def data_from(fd: int, at: int) -> int | None:
    """Return where a file has data at or after byte `at`; None if only a hole follows.

    `at` itself where the file system cannot tell.
    """
    if not hasattr(os, "SEEK_DATA"):
        return at
    try:
        return os.lseek(fd, at, os.SEEK_DATA)
    except OSError as error:
        return None if error.errno == errno.ENXIO else at


def data_end(fd: int, start: int, size: int) -> int:
    """Return where a file's data from byte `start` on ends: before the hole at its end, if any.

    Args:
        fd: the file, open for reading; its offset is moved.
        start: where to begin; returned where nothing but a hole follows.
        size: the file's size; returned where it has no hole at its end.
    """
    end = start
    while end < size and (there := data_from(fd, end)) is not None:
        try:
            end = os.lseek(fd, there, os.SEEK_HOLE)
        except (AttributeError, OSError):
            return size
    if end >= size:
        return size
    last = os.pread(fd, min(_BLOCK_BYTES, end - start), max(start, end - _BLOCK_BYTES))
    return end - len(last) + len(last.rstrip(b"\0"))
