"""Finds lines by the time when they arrived: a binary search in the index. Standard library only.

Apart from `JournalReader.line_after`, which goes by stamps: under a flood those run ahead of the clock, and a time line drawn by them would lie.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prismq_nb.journal.layout.format import Record
    from prismq_nb.journal.reader import JournalReader


class Arrivals:
    """Asks one journal for its lines by time, as of the reader's last `refresh`. Quickest when asked in rising order."""

    def __init__(self, reader: JournalReader) -> None:
        """`reader`: of the journal; it stays the caller's."""
        self._reader = reader
        self._low = 0  # every record before this one arrived before `_low_moment`
        self._low_moment = 0

    def first_line(self, moment: int) -> int | None:
        """Number of the first line that arrived at `moment` (µs since the epoch) or later; None if none has yet.

        Where the index is damaged, lines count as arrived when those before them did, as `JournalReader.walk` has it.
        """
        low, high = self._low if moment >= self._low_moment else 0, self._reader.record_count
        found: Record | None = None
        while low < high:
            at = middle = (low + high) // 2
            record = self._with_lines(at)
            while record is None and at + 1 < high:
                at += 1
                record = self._with_lines(at)
            if record is not None and record.arrival < moment:
                low = at + 1
            else:
                high, found = middle, record or found
        self._low, self._low_moment = low, moment
        if found is None:
            return None
        return found.first if low else 0

    def ends(self) -> tuple[int, int] | None:
        """When the first and the last line arrived, µs since the epoch; None of an empty journal."""
        reader = self._reader
        first = next((record for record in reader.walk(0) if record.lines), None)
        last = next((record for number in range(reader.record_count - 1, -1, -1) if (record := self._with_lines(number))), None)
        return (first.arrival, last.arrival) if first and last else None

    def _with_lines(self, number: int) -> Record | None:
        """A record; None instead of a damaged one, a gap or a synced mark, whose arrival is something else."""
        record = self._reader.record(number)
        return record if record is not None and record.lines else None
