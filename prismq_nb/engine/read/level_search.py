"""The lines of some levels, through a whole log, without a look at its text: a byte per line is all that is read.

Apart from the search for texts because it works on other things, some hundred million lines a second. Both have the same face (`LogSearch`), so that
whoever sends hits need not know which one it is. Pure: no threads, no asyncio, no HTTP, only a journal reader.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import compress, count, islice
from typing import TYPE_CHECKING, Final

from prismq_nb.engine.read.search import MAX_HITS, STEP_SECONDS

if TYPE_CHECKING:
    from prismq_nb.journal.reader import JournalReader

_PIECE_LINES: Final = 65_536
"""Looked at together, as they lie in the sidecar: 0.1 to 1 ms."""
_UNKNOWN_LINES: Final = 1_000
"""As many, where the sidecar lags: as many of them as can be classified in some milliseconds."""
_FEW: Final = 2_000
"""So many hits of a piece are found one by one, at 0.1 µs each."""
_FAR: Final = 16
"""From so many hits between two that are wanted on, counting in windows is quicker than passing over each."""


class LevelSearch:
    """A search in progress, through the lines that were there at the reader's last refresh. Call `step` until `done`.

    Attributes:
        total_lines, total_bytes: what is searched.
        lines_done, bytes_done: how much of it was; the bytes are an estimate until all are.
        hits: lines found so far.
    """

    def __init__(
        self, reader: JournalReader, levels: frozenset[int], *, first: int = 0, every: int = 1, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        """A search for the lines from number `first` on whose level is one of `levels`; `every` as for `LogSearch`."""
        self.total_lines, self.total_bytes = reader.total_lines, reader.log_bytes
        self.lines_done, self.hits = min(first, self.total_lines), 0
        self._reader = reader
        self._flags = bytes(level in levels for level in range(256))
        self._every = every
        self._clock = clock

    @property
    def done(self) -> bool:
        """Whether all was searched."""
        return self.lines_done >= self.total_lines

    @property
    def bytes_done(self) -> int:
        """Bytes of the lines searched, about."""
        return self.total_bytes * self.lines_done // self.total_lines if self.total_lines else 0

    def step(self) -> list[int]:
        """Works for about 10 ms.

        Returns:
            Numbers of the lines found, in order; often none.
        """
        found: list[int] = []
        end = self._clock() + STEP_SECONDS
        while not self.done and len(found) < MAX_HITS and self._clock() < end:
            flags = self._next()
            total = flags.count(1)
            first = self.lines_done
            found += [first + place for place in sampled(flags, total, -self.hits % self._every, self._every)]
            self.hits += total
            self.lines_done += len(flags)
        return found

    def _next(self) -> bytes:
        """A byte for each of the next lines: 1 if its level is wanted; perhaps none, where it takes longer."""
        wanted = min(_PIECE_LINES - self.lines_done % _PIECE_LINES, self.total_lines - self.lines_done)
        levels = self._reader.known_levels(self.lines_done, wanted)
        if not levels:
            wanted = min(wanted, _UNKNOWN_LINES)
            spans = self._reader.spans(self.lines_done, wanted)
            levels = self._reader.some_levels(spans) if spans else b"\xff" * wanted  # a broken index: they have no level
        return levels[:wanted].translate(self._flags)


def sampled(flags: bytes, total: int, skip: int, every: int) -> list[int]:
    """The places of some of the bytes that are 1: of number `skip` among them, and of each one that is `every` later.

    Args:
        flags: bytes 0 and 1.
        total: how many are 1.
        skip: 0 or more.
        every: 1 or more.
    """
    if skip >= total:
        return []
    if total == len(flags):
        return list(range(skip, total, every))
    if total <= _FEW:
        return _one_by_one(flags, total)[skip::every]
    if every < _FAR:
        return list(islice(compress(count(), flags), skip, None, every))
    places: list[int] = []
    position, missing = 0, skip
    for _ in range(skip, total, every):
        while missing:  # the one that is looked for is at least so far away
            position, missing = position + missing, missing - flags.count(1, position, position + missing)
        position = flags.find(1, position)
        places.append(position)
        position, missing = position + 1, every - 1
    return places


def _one_by_one(flags: bytes, total: int) -> list[int]:
    places: list[int] = []
    position = -1
    for _ in range(total):
        position = flags.find(1, position + 1)
        places.append(position)
    return places
