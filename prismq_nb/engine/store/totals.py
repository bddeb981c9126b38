"""Totals over all runs of an index, kept up to date: asking for them costs nothing."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prismq_nb.engine.store.index_entry import IndexEntry


class IndexTotals(NamedTuple):
    """Numbers of the runs that are known, as of the last look at them.

    Attributes:
        statuses: number of runs by status; runs that have not been read yet are left out.
        lines: lines stored; `bytes`: bytes of output stored.
        lag_seconds: longest time since the supervisor of a running run wrote its state.
        runs: number of runs in the index; `row_bytes`: memory of the rows of lists.
    """

    statuses: Mapping[str, int]
    lines: int
    bytes: int
    lag_seconds: float
    runs: int
    row_bytes: int


class EndedTotals:
    """Totals of the ended runs."""

    def __init__(self) -> None:
        """Begin with no runs."""
        self._statuses: Counter[str] = Counter()
        self._lines = self._bytes = 0

    def add(self, entry: IndexEntry, sign: int = 1) -> None:
        """Count an ended run; with ``sign=-1``: no longer."""
        self._statuses[entry.status] += sign
        self._lines += sign * entry.lines
        self._bytes += sign * entry.bytes

    def with_active(
        self, active: Iterable[IndexEntry], *, runs: int, row_bytes: int
    ) -> IndexTotals:
        """Return the totals of the ended runs and of some others."""
        statuses, lines, size, lag_seconds = Counter(self._statuses), self._lines, self._bytes, 0.0
        for entry in active:
            statuses[entry.status] += 1
            lines += entry.lines
            size += entry.bytes
            lag_seconds = max(lag_seconds, entry.lag_seconds)
        return IndexTotals(statuses, lines, size, lag_seconds, runs, row_bytes)
