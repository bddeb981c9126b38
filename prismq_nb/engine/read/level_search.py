"""Search a log for levels, by the level sidecar alone: one byte per line is read, no text.

Separate from the search for texts because it works on other data, some hundred million lines a
second. Both have the same interface (`LogSearch`). Pure: no threads, no asyncio, no HTTP, only a
journal reader.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import compress, count, islice
from typing import TYPE_CHECKING, Final

from prismq_nb.engine.read.search import MAX_HITS, STEP_SECONDS, sample

if TYPE_CHECKING:
    from prismq_nb.journal.reader import JournalReader

_PIECE_LINES: Final = 65_536
"""Lines checked at once, as the sidecar stores them: 0.1 to 1 ms."""
_UNKNOWN_LINES: Final = 1_000
"""The same where the sidecar lags: as many as are classified in some milliseconds."""
_FEW: Final = 2_000
"""Up to this many hits in a piece are found one by one, at 0.1 µs each."""
_FAR: Final = 16
"""From this sampling distance on, counting in windows is faster than visiting each hit."""


class LevelSearch:
    """A search in progress, through the lines that were there at the reader's last refresh.

    Call `step` until `done`.

    Attributes:
        total_lines: number of lines to search.
        total_bytes: their bytes.
        lines_done: number of lines searched.
        bytes_done: their bytes, estimated until all are searched.
        hits: number of lines found so far.
    """

    def __init__(
        self,
        reader: JournalReader,
        levels: frozenset[int],
        *,
        first: int = 0,
        every: int = 1,
        exact: int = 0,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Search the lines from number `first` on for `levels`.

        `every` and `exact` as for `LogSearch`.
        """
        self.total_lines, self.total_bytes = reader.total_lines, reader.log_bytes
        self.lines_done, self.hits = min(first, self.total_lines), 0
        self._reader = reader
        self._flags = bytes(level in levels for level in range(256))
        self._every, self._exact = every, exact
        self._clock = clock

    @property
    def done(self) -> bool:
        """Whether everything was searched."""
        return self.lines_done >= self.total_lines

    @property
    def bytes_done(self) -> int:
        """Approximate bytes of the lines searched."""
        return self.total_bytes * self.lines_done // self.total_lines if self.total_lines else 0

    def step(self) -> list[int]:
        """Work for about 10 ms.

        Returns:
            Numbers of the lines found, in order; often none.
        """
        found: list[int] = []
        end = self._clock() + STEP_SECONDS
        while not self.done and len(found) < MAX_HITS and self._clock() < end:
            flags = self._next()
            total = flags.count(1)
            first = self.lines_done
            found += [first + place for place in self._wanted(flags, total)]
            self.hits += total
            self.lines_done += len(flags)
        return found

    def _wanted(self, flags: bytes, total: int) -> list[int]:
        """The places of those hits of a piece whose numbers are given."""
        if self.hits < self._exact:
            places = sampled(flags, total, 0, 1)
            return sample(places, self.hits, self._every, self._exact)
        return sampled(flags, total, -self.hits % self._every, self._every)

    def _next(self) -> bytes:
        """Return a byte for each of the next lines, 1 for a wanted level; none if it takes long."""
        wanted = min(
            _PIECE_LINES - self.lines_done % _PIECE_LINES, self.total_lines - self.lines_done
        )
        levels = self._reader.stored_levels(self.lines_done, wanted)
        if not levels:
            wanted = min(wanted, _UNKNOWN_LINES)
            spans = self._reader.spans(self.lines_done, wanted)
            # a damaged index: these lines have no level
            levels = self._reader.some_levels(spans) if spans else b"\xff" * wanted
        return levels[:wanted].translate(self._flags)


def sampled(flags: bytes, total: int, offset: int, every: int) -> list[int]:
    """Return the places of every `every`-th byte that is 1, from the one with index `offset` on.

    Args:
        flags: bytes 0 and 1.
        total: how many are 1.
        offset: 0 or more.
        every: the distance, 1 or more.
    """
    if offset >= total:
        return []
    if total == len(flags):
        return list(range(offset, total, every))
    if total <= _FEW:
        return _one_by_one(flags, total)[offset::every]
    if every < _FAR:
        return list(islice(compress(count(), flags), offset, None, every))
    places: list[int] = []
    position, missing = 0, offset
    for _ in range(offset, total, every):
        while missing:  # the next one is at least this far away
            position, missing = (
                position + missing,
                missing - flags.count(1, position, position + missing),
            )
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
