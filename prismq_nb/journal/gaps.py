"""Gaps as readers see them: records of lost output, put together where they stand at one place.

Storage that comes and goes (a disk at its limit) leaves many records between two lines; nobody
wants to know how often it flapped, but how much is missing. Standard library only.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from prismq_nb.common.base.regular_files import NotRegular, open_regular
from prismq_nb.journal.layout import format as fmt

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prismq_nb.journal.layout.format import Record

_MAX_RECORDS = 4096
"""Gap records read by one question, the newest: 4 ms of work."""
_LOOK_AHEAD = 16
"""Records tried for a good one where the file is damaged."""


class GapInfo(NamedTuple):
    """Output that was lost.

    Attributes:
        before: number of the line that follows it.
        lines: lines lost; `bytes`: bytes lost.
        begin: when it began; `end`: when storing went on, both µs since the epoch.
        reason: one of `format.GAP_REASONS`; of several, why the most bytes were lost.
    """

    before: int
    lines: int
    bytes: int
    begin: int
    end: int
    reason: str


def read(path: str, first: int, last: int) -> list[GapInfo]:
    """Return the gaps before the lines `first` to `last`, both inclusive, from ``output.gap``.

    Costs one failed `lstat` where there is no such file, and a binary search where there is.
    """
    try:
        os.lstat(path)  # a quarter of what a failed `open` costs, and most runs have no gaps
        fd = open_regular(path)
    except (FileNotFoundError, NotRegular):
        return []
    try:
        end = _bisect(fd, last + 1)
        begin = max(_bisect(fd, first), end - _MAX_RECORDS)
        data = os.pread(fd, (end - begin) * fmt.RECORD_BYTES, begin * fmt.RECORD_BYTES)
    finally:
        os.close(fd)
    records = (fmt.unpack(data, at) for at in range(0, len(data), fmt.RECORD_BYTES))
    return gaps_of(r for r in records if r is not None and first <= r.first <= last)


def _bisect(fd: int, line: int) -> int:
    """Number of the first record that stands before line `line` or a later one."""
    low, high = 0, os.fstat(fd).st_size // fmt.RECORD_BYTES
    while low < high:
        middle = (low + high) // 2
        place = _place(fd, middle, high)
        if place is not None and place < line:
            low = middle + 1
        else:
            high = middle
    return low


def _place(fd: int, number: int, stop: int) -> int | None:
    """The line before which record `number` stands; if it is damaged, the next good one."""
    for at in range(number, min(number + _LOOK_AHEAD, stop)):
        record = fmt.unpack(os.pread(fd, fmt.RECORD_BYTES, at * fmt.RECORD_BYTES))
        if record is not None:
            return record.first
    return None


def gaps_of(records: Iterable[Record]) -> list[GapInfo]:
    """Return the gaps that these gap records stand for, in their order: one for each place."""
    gaps: list[GapInfo] = []
    most = 0
    for record in records:
        gap = _gap(record)
        if gaps and gaps[-1].before == gap.before:
            if gap.bytes <= most:
                gap = gap._replace(reason=gaps[-1].reason)
            most = max(most, gap.bytes)
            gaps[-1] = _together(gaps[-1], gap)
        else:
            gaps.append(gap)
            most = gap.bytes
    return gaps


def _gap(record: Record) -> GapInfo:
    reason = fmt.GAP_REASONS[min(record.aux, len(fmt.GAP_REASONS) - 1)]
    size = max(0, record.end - record.start)
    return GapInfo(record.first, record.line_count, size, record.arrival, record.stamp, reason)


def _together(one: GapInfo, two: GapInfo) -> GapInfo:
    begin, end = min(one.begin, two.begin), max(one.end, two.end)
    lines, size = one.lines + two.lines, one.bytes + two.bytes
    return GapInfo(one.before, lines, size, begin, end, two.reason)
