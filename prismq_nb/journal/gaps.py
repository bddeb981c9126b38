"""Gaps as readers see them: records of lost output, merged where they stand at the same line.

Storage that comes and goes (a disk at its limit) leaves many records between two lines. People want
to know how much is missing, not how often storing failed. Standard library only.
"""

from __future__ import annotations

import os
import sys
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from prismq_nb.common.base.regular_files import NotRegular, open_regular
from prismq_nb.journal.layout import format as fmt

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prismq_nb.journal.layout.format import IndexRecord

_MAX_RECORDS = 4096
"""Gap records read by one call, the newest: 4 ms of work."""
_LOOK_AHEAD = 16
"""Records tried for a good one where the file is damaged."""


class GapInfo(NamedTuple):
    """Output that was lost.

    Attributes:
        before: number of the line that follows it.
        lines: lines lost; `bytes`: bytes lost.
        begin: when the loss began; `end`: when storing resumed, both in µs since the epoch.
        reason: one of `format.GAP_REASONS`; of several, the one that cost the most bytes.
    """

    before: int
    lines: int
    bytes: int
    begin: int
    end: int
    reason: str


def read(path: str, first: int, last: int) -> list[GapInfo]:
    """Return the gaps before the lines `first` to `last`, both inclusive, from ``output.gap``.

    Costs one failed `lstat` if there is no such file, otherwise a binary search.

    Raises:
        OSError: the file cannot be opened or read.
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
    """Return the number of the first record that stands before line `line` or a later one."""
    count = os.fstat(fd).st_size // fmt.RECORD_BYTES
    return bisect_left(range(count), line, key=lambda number: _place(fd, number))


def _place(fd: int, number: int) -> int:
    """Return the line before which a record stands; of a damaged one, that of the next good one.

    The largest number where none of the next records is good.
    """
    for at in range(number, number + _LOOK_AHEAD):
        record = fmt.unpack(os.pread(fd, fmt.RECORD_BYTES, at * fmt.RECORD_BYTES))
        if record is not None:
            return record.first
    return sys.maxsize


def gaps_of(records: Iterable[IndexRecord]) -> list[GapInfo]:
    """Merge gap records into gaps, one for each line before which they stand, in order."""
    gaps: list[GapInfo] = []
    most = 0
    for record in records:
        gap = _gap(record)
        if gaps and gaps[-1].before == gap.before:
            if gap.bytes <= most:
                gap = gap._replace(reason=gaps[-1].reason)
            most = max(most, gap.bytes)
            gaps[-1] = _merged(gaps[-1], gap)
        else:
            gaps.append(gap)
            most = gap.bytes
    return gaps


def _gap(record: IndexRecord) -> GapInfo:
    reason = fmt.GAP_REASONS[min(record.aux, len(fmt.GAP_REASONS) - 1)]
    size = max(0, record.end - record.start)
    return GapInfo(record.first, record.line_count, size, record.arrival, record.stamp, reason)


def _merged(one: GapInfo, two: GapInfo) -> GapInfo:
    begin, end = min(one.begin, two.begin), max(one.end, two.end)
    lines, size = one.lines + two.lines, one.bytes + two.bytes
    return GapInfo(one.before, lines, size, begin, end, two.reason)
