"""Several searches at once: lines that have all of some texts, and none of others.

The rarest text is looked for first, at the speed of one search; the others are looked for only in
the lines that it found. Which one is the rarest is found out in a sample of the log itself. All
matching is linear (see `search`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from prismq_nb.common.base.terminal.text import searchable
from prismq_nb.journal.search.matcher import Matcher

__all__ = ["MAX_TERMS", "LineFilter", "Terms", "all_of"]

MAX_TERMS: Final = 20
"""Most texts of one search, those that are excluded included: each may cost a scan of its own."""
_SAMPLE_BYTES: Final = 32 << 10
_SAMPLE_CALLS: Final = 64
"""So often the rarest text is determined anew: logs change."""
_DENSE_BYTES: Final = 1_024
"""With more than one line found in so many bytes, a scan for each text is quicker than a look at each."""


class LineFilter(Protocol):
    """Which lines pass; what `Matcher` and `Terms` have in common."""

    @property
    def piece_bytes(self) -> int:
        """So many bytes at a time take 50 ms at most, whatever they are; usually some µs."""

    def matches(self, line: str) -> bool:
        """Whether a message passes, without escape sequences."""

    def find(self, data: bytes) -> list[int]:
        """The places of lines that pass, of whole lines as stored."""

    def places(self, lines: bytes, start: int = 0, end: int | None = None) -> list[int]:
        """As `find`, of lines as `common.base.terminal.text.searchable` gives them, from `start` to `end`."""


class Terms:
    """Lines that each of `include` matches, and none of `exclude`."""

    def __init__(self, include: Sequence[Matcher], exclude: Sequence[Matcher]) -> None:
        """One of them at least; the first of `include` is the one that promises to be rarest."""
        self._include = list(include)
        self._exclude = list(exclude)
        self._calls = 0

    @property
    def piece_bytes(self) -> int:
        """So many bytes at a time take 50 ms at most for the most expensive one; usually some µs."""
        return min(each.piece_bytes for each in (*self._include, *self._exclude))

    def matches(self, line: str) -> bool:
        """Whether a message passes, without escape sequences."""
        if not all(each.matches(line) for each in self._include):
            return False
        return not any(each.matches(line) for each in self._exclude)

    def find(self, data: bytes) -> list[int]:
        """The places of lines that pass, of whole lines as stored (0: the first), in order."""
        return self.places(searchable(data))

    def places(self, lines: bytes, start: int = 0, end: int | None = None) -> list[int]:
        """As `find`, of lines as `common.base.terminal.text.searchable` gives them, from `start` to `end`."""
        end = len(lines) if end is None else end
        if not self._include:
            found: Sequence[int] = range(lines.count(b"\n", start, end))
        else:
            self._rank(lines, start, end)
            found = self._include[0].places(lines, start, end)
        if len(found) * _DENSE_BYTES > end - start:
            return self._scanned(found, lines, start, end)
        others, exclude = self._include[1:], self._exclude
        if not found or not (others or exclude):
            return list(found)
        rows = lines[start:end].split(b"\n")
        return [place for place in found if all(each.has(rows[place]) for each in others) and not any(each.has(rows[place]) for each in exclude)]

    def _scanned(self, found: Sequence[int], lines: bytes, start: int, end: int) -> list[int]:
        for each in self._include[1:]:
            wanted = set(each.places(lines, start, end))
            found = [place for place in found if place in wanted]
        for each in self._exclude:
            unwanted = set(each.places(lines, start, end))
            found = [place for place in found if place not in unwanted]
        return list(found)

    def _rank(self, lines: bytes, start: int, end: int) -> None:
        """Bring the text to the front that is in the fewest lines of a sample."""
        self._calls += 1
        if len(self._include) == 1 or self._calls % _SAMPLE_CALLS != 1:
            return
        if end - start > _SAMPLE_BYTES:
            end = lines.rfind(b"\n", start, start + _SAMPLE_BYTES) + 1 or end
        self._include.sort(key=lambda each: len(each.places(lines, start, end)))


def all_of(include: Sequence[Matcher], exclude: Sequence[Matcher]) -> LineFilter:
    """Return what lets through the lines that each of `include` matches, and none of `exclude`."""
    return include[0] if len(include) == 1 and not exclude else Terms(include, exclude)
