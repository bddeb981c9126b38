"""Find lines by arrival time, with a binary search in the index. Standard library only.

Separate from `JournalReader.line_after`, which goes by stamps: in a flood those run ahead of the
clock, so a timeline drawn from them would be wrong.
"""

from __future__ import annotations

import sys
from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prismq_nb.journal.layout.format import IndexRecord
    from prismq_nb.journal.reader import JournalReader


class ArrivalSearch:
    """Search one journal by arrival time, as of the reader's last `refresh`.

    Fastest when asked for rising times.
    """

    def __init__(self, reader: JournalReader) -> None:
        """Search the journal of `reader`, which the caller keeps and closes."""
        self._reader = reader
        self._low = 0  # every record before this one arrived before `_low_moment`
        self._low_moment = 0

    def first_line(self, moment: int) -> int | None:
        """Return the number of the first line that arrived at `moment` or later.

        None if none has yet.

        Where the index is damaged, lines count as arrived when the lines before them did, as in
        `JournalReader.iter_records`.

        Args:
            moment: µs since the epoch.

        Raises:
            OSError: the index cannot be read.
        """
        count = self._reader.record_count
        found: IndexRecord | None = None

        def arrival(number: int) -> int:
            """Return when the next lines arrived; the largest number if there are none."""
            nonlocal found
            record = self._with_lines(number) or self._next_with_lines(number + 1)
            if record is None:
                return sys.maxsize
            if record.arrival >= moment:
                found = record
            return record.arrival

        low = self._low if moment >= self._low_moment else 0
        low = bisect_left(range(count), moment, low, count, key=arrival)
        self._low, self._low_moment = low, moment
        if found is None:
            return None
        return found.first if low else 0

    def _next_with_lines(self, number: int) -> IndexRecord | None:
        count = self._reader.record_count
        record = self._with_lines(number)
        while record is None and number + 1 < count:
            number += 1
            record = self._with_lines(number)
        return record

    def time_range(self) -> tuple[int, int] | None:
        """Return when the first and the last line arrived, in µs since the epoch.

        None if there is none.
        """
        reader = self._reader
        first = next((record for record in reader.iter_records(0) if record.lines), None)
        last = next(
            (
                record
                for number in range(reader.record_count - 1, -1, -1)
                if (record := self._with_lines(number))
            ),
            None,
        )
        return (first.arrival, last.arrival) if first and last else None

    def _with_lines(self, number: int) -> IndexRecord | None:
        """Return a record that has lines; None for a damaged one, a gap or a synced mark.

        The `arrival` of a gap or a mark is not the arrival time of lines.
        """
        record = self._reader.record(number)
        return record if record is not None and record.lines else None
