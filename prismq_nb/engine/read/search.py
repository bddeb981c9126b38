"""Search a whole log: the numbers of all matching lines, in bounded steps.

Works on large pieces of bytes, nearly always without the GIL, so a thread may do it while an event
loop runs. It finds exactly the lines that a poll with the same filters gives. Pure: no threads, no
asyncio, no HTTP, only a journal reader.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from prismq_nb.common.base.terminal.text import searchable
from prismq_nb.errors import PrismqError
from prismq_nb.journal.slices import Slice, SliceReader

if TYPE_CHECKING:
    from prismq_nb.journal.reader import JournalReader
    from prismq_nb.journal.search.terms import LineFilter

STEP_SECONDS = 0.01
"""Approximate duration of a step, whatever the pattern: pieces are smaller if they take long."""
MAX_HITS = 10_000
"""A step ends at this number of hits, plus those of its last piece."""
SLICE_BYTES = 1 << 20
_FIRST_SLICE_BYTES = 64 << 10
_LEAST_SLICE_BYTES = 4 << 10
"""Slices are smaller if their lines take long to render: a MiB of short lines with a backspace
each takes more than a second."""
_LEAST_BYTES = 256
_PIECE_SECONDS = 0.002


class Unreadable(PrismqError):
    """The lines from `LogSearch.lines_done` on cannot be searched: log or index is damaged."""


class LogSearch:
    """A search in progress, through the lines that were there at the reader's last refresh.

    Call `step` until `done`.

    Attributes:
        total_lines: number of lines to search.
        total_bytes: their bytes.
        lines_done: number of lines searched, by whole slices.
        bytes_done: their bytes.
        hits: number of lines found so far.
    """

    def __init__(
        self,
        reader: JournalReader,
        matcher: LineFilter,
        levels: frozenset[int] | None = None,
        *,
        first: int = 0,
        every: int = 1,
        exact: int = 0,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Search for the lines that `matcher` matches and whose level is one of `levels`.

        Args:
            reader: reader of the journal.
            matcher: what to find.
            levels: None: any.
            first: number of the first line to search.
            every: give only the numbers of hit 0, of hit `every`, twice `every` and so on; all hits
                are counted.
            exact: give the numbers of the first so many hits, whatever `every` says.
            clock: seconds, for tests.
        """
        self.total_lines, self.total_bytes = reader.total_lines, reader.log_bytes
        self.lines_done = min(first, self.total_lines)
        self.bytes_done = self.hits = 0
        self._every, self._exact = every, exact
        self._reader = reader
        self._slices = SliceReader(reader)
        self._matcher = matcher
        self._levels = levels
        self._clock = clock
        self._slice: Slice | None = None
        self._slice_bytes = _FIRST_SLICE_BYTES
        self._text = b""  # of the slice, as a search sees it
        self._offset = 0  # in it
        self._counted = (0, 0)  # an offset in it, and the number of the line that begins there
        self._piece_bytes = self._most_bytes = max(
            _LEAST_BYTES, min(SLICE_BYTES, matcher.piece_bytes)
        )

    @property
    def done(self) -> bool:
        """Whether everything was searched."""
        return self.lines_done >= self.total_lines

    def step(self) -> list[int]:
        """Work for about 10 ms.

        Returns:
            Numbers of the lines found, in order, sampled by `every`; often none.

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
            found += sample(lines, self.hits, self._every, self._exact)
            self.hits += len(lines)
            hits += len(lines)
            now = self._clock()
            self._adapt(now - before)
        return found

    def _piece(self) -> list[int]:
        """Search the next lines, all of one slice."""
        if self._slice is None:
            self._slice = self._slices.read(self.lines_done, min(SLICE_BYTES, self._slice_bytes))
            if self._slice is None:
                raise Unreadable(
                    f"lines from number {self.lines_done} on cannot be read; download the log for"
                    " what is left of it"
                )
            begin = time.perf_counter()
            self._text = searchable(self._slice.data)
            self._slice_bytes = _next_slice(len(self._slice.data), time.perf_counter() - begin)
            self._offset, self._counted = 0, (0, self._slice.first)
        text, start = self._text, self._offset
        end = start + self._piece_bytes
        self._offset = end = (
            len(text)
            if end >= len(text)
            else text.rfind(b"\n", start, end) + 1 or text.find(b"\n", end) + 1
        )
        found = self._found(start, self._matcher.places(text, start, end))
        if end == len(text):
            self.lines_done, self.bytes_done = (
                self._slice.first + self._slice.line_count,
                self._slice.end,
            )
            self._slice = None
        return found

    def _found(self, start: int, places: list[int]) -> list[int]:
        """Return the numbers of lines at some places after byte `start` of the slice's text.

        Lines are counted only where something was found.
        """
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


def sample(lines: list[int], hits: int, every: int, exact: int) -> list[int]:
    """Return the wanted ones of some hits.

    Args:
        lines: the hits.
        hits: how many hits there were before these.
        every: hit 0, hit `every`, hit twice `every`... are wanted.
        exact: and so are the first so many of all.
    """
    if hits + len(lines) <= exact or every == 1:
        return lines
    rest = max(0, exact - hits)
    return lines[:rest] + lines[rest + -(hits + rest) % every :: every]


def _next_slice(size: int, seconds: float) -> int:
    """Return the size of the next slice in bytes, if rendering one of `size` took `seconds`."""
    if seconds > STEP_SECONDS:
        return max(_LEAST_SLICE_BYTES, int(size * STEP_SECONDS / seconds))
    size = max(size, _LEAST_SLICE_BYTES)
    return min(SLICE_BYTES, 2 * size) if seconds < STEP_SECONDS / 2 else size
