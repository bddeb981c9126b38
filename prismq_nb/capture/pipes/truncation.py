"""Notice that ``output.log`` was emptied or cut under a live run, and record that as a gap.

That happens by ``> output.log`` or log rotation. Later output continues at the old offset, so line
numbers and the index stay valid; the lost bytes become a hole, which reads as zeros. Each check
reads one byte, the last one that was there before. Only if it is gone, the index is searched for
the lines that were lost. Standard library only.
"""

from __future__ import annotations

import os
from bisect import bisect_left

from prismq_nb.common.base.regular_files import open_regular
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.reader import JournalReader
from prismq_nb.journal.writer import JournalWriter

_TRUNCATED = fmt.GAP_REASONS.index("truncated")


class TruncationWatch:
    """Watches one log."""

    def __init__(self, run_dir: str | os.PathLike[str]) -> None:
        """Watch the log of a run directory, from the first check on. Opens nothing."""
        self._dir = run_dir
        self._end = 0
        self._seen = 0

    def check(self, writer: JournalWriter, now_us: int) -> None:
        """Record a gap if bytes that were there at the last check are gone.

        Otherwise four system calls.

        Args:
            writer: of the journal.
            now_us: µs since the epoch.
        """
        if writer.lost is not None:
            return  # one gap at a time: this one is recorded when that one is closed
        try:
            log = open_regular(os.path.join(self._dir, fmt.LOG))
        except OSError:
            return  # it was removed, or no descriptor is free: nothing is known of its bytes
        try:
            if self._end and _is_lost(log, self._end):
                self._record_gap(log, writer, now_us)
            if not _is_lost(log, writer.end):  # a line of zeros cannot be a mark
                self._end, self._seen = writer.end, now_us
        except OSError:
            return
        finally:
            os.close(log)

    def _record_gap(self, log: int, writer: JournalWriter, now_us: int) -> None:
        with JournalReader(self._dir) as reader:

            def ends_lost(number: int) -> bool:
                record = reader.record(number)
                return record is not None and _is_lost(log, record.log_end)

            marked = reader.locate_end(self._end)
            first = bisect_left(range(marked), True, key=ends_lost)
            records = range(marked, reader.record_count)
            after = bisect_left(records, True, key=lambda number: not ends_lost(number)) + marked
            begin, end = reader.record(first), reader.record(after)
            if begin is None:
                return
            lines = (end.first if end else writer.lines) - begin.first
            size = (end.start if end else writer.end) - begin.start
        self._end = 0
        writer.pause(_TRUNCATED, self._seen)
        if writer.lost is not None:
            writer.lost = writer.lost._replace(lines=lines, bytes=size)
        writer.resume(now_us)


def _is_lost(log: int, end: int) -> bool:
    """Whether the byte before offset `end` is missing or in a hole."""
    return end > 0 and os.pread(log, 1, end - 1) in (b"", b"\0")
