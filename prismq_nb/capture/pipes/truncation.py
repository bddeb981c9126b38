"""Notices that somebody emptied or cut ``output.log`` under a live run (``> output.log``, log rotation), and tells it as a gap.

What is printed after that goes on at the old offset, so line numbers and the index stay true: the lost bytes become a hole, which reads as zeros. One
byte is looked at each time, the last one that was there before; only when it is gone is the index searched for which lines went with it.
Standard library only.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from prismq_nb.common.base.regular_files import open_regular
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.reader import JournalReader
from prismq_nb.journal.writer import JournalWriter

_TRUNCATED = fmt.GAP_REASONS.index("truncated")


class LogWatch:
    """Watches one log."""

    def __init__(self, run_dir: str | os.PathLike[str]) -> None:
        """Watch the log of a run directory, from the first look on. Opens nothing."""
        self._dir = run_dir
        self._end = 0
        self._seen = 0

    def look(self, writer: JournalWriter, now: int) -> None:
        """Writes a gap if bytes that were there at the last look are gone; `now` in µs since the epoch. Costs four system calls if not."""
        if writer.lost is not None:
            return  # one gap at a time: this one is told when that one is closed
        try:
            log = open_regular(os.path.join(self._dir, fmt.LOG))
        except OSError:
            return  # it was removed, or there are no descriptors: nothing can be told of its bytes
        try:
            if self._end and _is_lost(log, self._end):
                self._tell(log, writer, now)
            if not _is_lost(log, writer.end):  # a line of zeros is no mark that could be missed
                self._end, self._seen = writer.end, now
        except OSError:
            return
        finally:
            os.close(log)

    def _tell(self, log: int, writer: JournalWriter, now: int) -> None:
        with JournalReader(self._dir) as reader:

            def ends_lost(number: int) -> bool:
                record = reader.record(number)
                return record is not None and _is_lost(log, record.log_end)

            marked = reader.locate_end(self._end)
            first = _first(0, marked, ends_lost)
            after = _first(marked, reader.record_count, lambda number: not ends_lost(number))
            begin, end = reader.record(first), reader.record(after)
            if begin is None:
                return
            lines = (end.first if end else writer.lines) - begin.first
            size = (end.start if end else writer.end) - begin.start
        self._end = 0
        writer.pause(_TRUNCATED, self._seen)
        if writer.lost is not None:
            writer.lost = writer.lost._replace(lines=lines, bytes=size)
        writer.resume(now)


def _is_lost(log: int, end: int) -> bool:
    """Whether the byte before offset `end` is not there any more, or in a hole."""
    return end > 0 and os.pread(log, 1, end - 1) in (b"", b"\0")


def _first(low: int, high: int, condition: Callable[[int], bool]) -> int:
    """The first number from `low` on for which `condition` holds, and then for all below `high`; `high` if for none."""
    while low < high:
        middle = (low + high) // 2
        if condition(middle):
            high = middle
        else:
            low = middle + 1
    return low
