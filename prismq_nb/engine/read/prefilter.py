"""Prefilter: skip lines of a log that cannot pass a filter, many at a time.

Separate from the poll, which checks every remaining line closely. If one line in a million matches,
nearly all the time of a poll is spent here. Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismq_nb.common.base.terminal.text import searchable
from prismq_nb.journal.slices import SliceReader

if TYPE_CHECKING:
    from prismq_nb.journal.reader import JournalReader
    from prismq_nb.journal.search.terms import LineFilter

_SLICE_BYTES = 256 << 10
"""Bytes searched at once: about 0.2 ms."""
_LEVELS = 65_536
"""Number of lines whose levels are checked at once: about 0.03 ms."""


class Prefilter:
    """Finds lines that may pass a matcher and a set of levels.

    Attributes:
        is_useful: there is a filter that can be checked for many lines at once.
    """

    def __init__(
        self, reader: JournalReader, matcher: LineFilter | None, levels: frozenset[int] | None
    ) -> None:
        """Search nothing yet.

        Args:
            reader: reader of the journal, as of its last refresh.
            matcher: only messages that match; None: any. Ignored if it cannot search many lines at
                once.
            levels: only these `Level` values; None: any.
        """
        self._reader = reader
        self._slices = SliceReader(reader)
        is_cheap = matcher is not None and matcher.piece_bytes >= _SLICE_BYTES // 8
        self._matcher = matcher if is_cheap else None
        self._levels = levels
        self._window = max(1, _SLICE_BYTES * reader.total_lines // max(1, reader.log_bytes))
        self.is_useful = self._matcher is not None or levels is not None

    def forward(self, cursor: int, high: int) -> tuple[int, bool]:
        """Go forward from line `cursor`, by one step.

        Returns:
            Where to go on, at most `high`: no line before it passes. And whether that line may
                pass; False: call again.
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
        return (
            (min(cursor + found[0], high), True)
            if found
            else (min(cursor + piece.line_count, high), False)
        )

    def backward(self, end: int, low: int) -> tuple[int, bool]:
        """Go back from the line before `end`, at most to `low`, by one step.

        Returns:
            Where to go on: no line from it on passes. And whether the line before it may pass.
        """
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
        return b"" if self._levels is None else self._reader.stored_levels(first, count)
