"""Steps over the lines of a log that certainly do not pass a filter, many at a time, to where one may.

Apart from the poll, which looks at every line that is left closely: where one line in a million passes, nearly all its time is spent here. Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismq_nb.common.base.terminal.text import searchable
from prismq_nb.journal.slices import Slices

if TYPE_CHECKING:
    from prismq_nb.journal.reader import JournalReader
    from prismq_nb.journal.search.terms import LineFilter

_SLICE_BYTES = 256 << 10
"""Searched at once: about 0.2 ms."""
_LEVELS = 65_536
"""Lines whose levels are looked at together: about 0.03 ms."""


class Skip:
    """A pair of filters (None: no such filter), and how to find lines that may pass both."""

    def __init__(self, reader: JournalReader, matcher: LineFilter | None, levels: frozenset[int] | None) -> None:
        """Search nothing yet.

        Args:
            reader: of the journal, as of its last refresh.
            matcher: only messages that match; not used where it cannot search many lines at once.
            levels: only these `Level` values.
        """
        self._reader = reader
        self._slices = Slices(reader)
        is_cheap = matcher is not None and matcher.piece_bytes >= _SLICE_BYTES // 8
        self._matcher = matcher if is_cheap else None
        self._levels = levels
        self._window = max(1, _SLICE_BYTES * reader.total_lines // max(1, reader.log_bytes))
        self.useful = self._matcher is not None or levels is not None

    def forward(self, cursor: int, high: int) -> tuple[int, bool]:
        """Steps on from line `cursor`, by one look.

        Returns:
            Where to go on, `high` at most: no line before it passes. And whether that one may; False: call again.
        """
        known = self._known(cursor, min(_LEVELS, high - cursor))
        if known:
            places = [place for level in self._levels or () if (place := known.find(level)) >= 0]
            if not places:
                return cursor + len(known), False
            if min(places) > 0:
                return cursor + min(places), self._matcher is None
        if self._matcher is None:
            return cursor, True
        piece = self._slices.read(cursor, _SLICE_BYTES)
        if piece is None:
            return cursor, True
        found = self._matcher.places(searchable(piece.data))
        return (min(cursor + found[0], high), True) if found else (min(cursor + piece.line_count, high), False)

    def backward(self, end: int, low: int) -> tuple[int, bool]:
        """As `forward`, from the line before `end` back to `low` at least: no line from the one returned on passes, the one before it may."""
        start = max(low, end - _LEVELS)
        known = self._known(start, end - start)
        if len(known) == end - start > 0:
            place = max(known.rfind(level) for level in self._levels or ())
            if place < 0:
                return start, False
            if start + place + 1 < end:
                return start + place + 1, self._matcher is None
        if self._matcher is None:
            return end, True
        cursor = start = max(low, end - self._window)
        last = -1
        while cursor < end:
            piece = self._slices.read(cursor, _SLICE_BYTES)
            if piece is None:
                return end, True
            places = self._matcher.places(searchable(piece.data))
            last = max((cursor + place for place in places if cursor + place < end), default=last)
            cursor += piece.line_count
        return (start, False) if last < 0 else (last + 1, True)

    def _known(self, first: int, count: int) -> bytes:
        return b"" if self._levels is None else self._reader.known_levels(first, count)
