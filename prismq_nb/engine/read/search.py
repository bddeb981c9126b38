"""A search through a whole log: the numbers of all lines that match, found in bounded steps.

Works on large pieces of bytes and without the GIL nearly all the time, so that a thread may do it while an event loop runs. It finds exactly the
lines that a poll with the same filters gives. Pure: no threads, no asyncio, no HTTP, only a journal reader.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from prismq_nb.common.base.terminal.text import searchable
from prismq_nb.errors import PrismqError
from prismq_nb.journal.slices import Slice, Slices

if TYPE_CHECKING:
    from prismq_nb.journal.reader import JournalReader
    from prismq_nb.journal.search.terms import LineFilter

STEP_SECONDS = 0.01
"""A step lasts about so long, whatever the pattern: a piece of lines is made smaller where they take their time."""
MAX_HITS = 10_000
"""A step ends with so many, and those of its last piece."""
SLICE_BYTES = 1 << 20
_FIRST_SLICE_BYTES = 64 << 10
_LEAST_SLICE_BYTES = 4 << 10
"""Slices are smaller where their lines take long to draw: a mebibyte of short ones, each with a
backspace, is more than a second."""
_LEAST_BYTES = 256
_PIECE_SECONDS = 0.002


class Unreadable(PrismqError):
    """The log is shorter than its index says, or the index is broken: what lies behind `LogSearch.lines_done` cannot be searched."""


class LogSearch:
    """A search in progress, through the lines that were there at the reader's last refresh. Call `step` until `done`.

    Attributes:
        total_lines, total_bytes: what is searched.
        lines_done, bytes_done: how much of it was, by whole slices.
        hits: lines found so far.
    """

    def __init__(
        self,
        reader: JournalReader,
        matcher: LineFilter,
        levels: frozenset[int] | None = None,
        *,
        first: int = 0,
        every: int = 1,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """A search for the lines that `matcher` lets through and whose level is one of `levels`.

        Args:
            reader: of the journal.
            matcher: what is looked for.
            levels: None: any.
            first: number of the first line that is searched.
            every: only the numbers of hit 0, of hit `every`, twice `every`... are given; all are counted.
            clock: seconds, for tests.
        """
        self.total_lines, self.total_bytes = reader.total_lines, reader.log_bytes
        self.lines_done = min(first, self.total_lines)
        self.bytes_done = self.hits = 0
        self._every = every
        self._reader = reader
        self._slices = Slices(reader)
        self._matcher = matcher
        self._levels = levels
        self._clock = clock
        self._slice: Slice | None = None
        self._slice_bytes = _FIRST_SLICE_BYTES
        self._text = b""  # of the slice, as a search sees it
        self._offset = 0  # in it
        self._counted = (0, 0)  # an offset in it, and the number of the line that begins there
        self._piece_bytes = self._most_bytes = max(_LEAST_BYTES, min(SLICE_BYTES, matcher.piece_bytes))

    @property
    def done(self) -> bool:
        """Whether all was searched."""
        return self.lines_done >= self.total_lines

    def step(self) -> list[int]:
        """Works for about 10 ms.

        Returns:
            Numbers of the lines found, in order, as far as they are wanted; often none.

        Raises:
            Unreadable: the rest cannot be searched.
        """
        found: list[int] = []
        now = self._clock()
        end = now + STEP_SECONDS
        hits = 0
        while now < end and hits < MAX_HITS and not self.done:
            before = now
            lines = self._piece()
            found += lines[-self.hits % self._every :: self._every]
            self.hits += len(lines)
            hits += len(lines)
            now = self._clock()
            self._adapt(now - before)
        return found

    def _piece(self) -> list[int]:
        """The next lines, of one slice."""
        if self._slice is None:
            self._slice = self._slices.read(self.lines_done, min(SLICE_BYTES, self._slice_bytes))
            if self._slice is None:
                raise Unreadable(f"lines from number {self.lines_done} on cannot be read; download the log for what is left of it")
            begin = time.perf_counter()
            self._text = searchable(self._slice.data)
            self._slice_bytes = _next_slice(len(self._slice.data), time.perf_counter() - begin)
            self._offset, self._counted = 0, (0, self._slice.first)
        text, start = self._text, self._offset
        end = start + self._piece_bytes
        self._offset = end = len(text) if end >= len(text) else text.rfind(b"\n", start, end) + 1 or text.find(b"\n", end) + 1
        found = self._found(start, self._matcher.places(text, start, end))
        if end == len(text):
            self.lines_done, self.bytes_done = self._slice.first + self._slice.line_count, self._slice.end
            self._slice = None
        return found

    def _found(self, start: int, places: list[int]) -> list[int]:
        """Numbers of the lines at some places behind byte `start` of the slice's text. Lines are counted only where something was found."""
        if not places:
            return []
        offset, first = self._counted
        first += self._text.count(b"\n", offset, start)
        self._counted = start, first
        if self._levels is None:
            return [first + place for place in places]
        known, wanted = self._reader.levels_of(first, places[-1] + 1), self._levels
        return [first + place for place in places if known[place] in wanted]

    def _adapt(self, seconds: float) -> None:
        if seconds > 2 * _PIECE_SECONDS:
            self._piece_bytes = max(_LEAST_BYTES, self._piece_bytes // 2)
        elif seconds < _PIECE_SECONDS:
            self._piece_bytes = min(self._most_bytes, self._piece_bytes * 2)


def _next_slice(size: int, seconds: float) -> int:
    """How many bytes the next slice has, if drawing so many took so long."""
    if seconds > STEP_SECONDS:
        return max(_LEAST_SLICE_BYTES, int(size * STEP_SECONDS / seconds))
    size = max(size, _LEAST_SLICE_BYTES)
    return min(SLICE_BYTES, 2 * size) if seconds < STEP_SECONDS / 2 else size
