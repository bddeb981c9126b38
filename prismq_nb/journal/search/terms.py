"""Several searches at once: lines that have all of some texts, and none of others.

The rarest text is searched for first, at the speed of one search; the others only in the lines that
it found. A sample of the log tells which one is the rarest. All matching is linear (see `matcher`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Protocol

from prismq_nb.common.base.terminal.text import searchable
from prismq_nb.journal.search.matcher import Matcher

if TYPE_CHECKING:
    import re2

MAX_TERMS: Final = 20
"""Maximum number of texts in one search, excluded ones included: each may cost a scan."""
_SAMPLE_BYTES: Final = 32 << 10
_SAMPLE_CALLS: Final = 64
"""The rarest text is determined again after this many calls: logs change."""
_DENSE_BYTES: Final = 1_024
"""If more than one line per this many bytes was found, a scan for each text is faster than testing
line by line."""


class LineFilter(Protocol):
    """A filter of lines: what `Matcher` and `Terms` have in common."""

    @property
    def literals(self) -> Sequence[re2._Regexp]:
        """As `Matcher.literals`."""

    @property
    def piece_bytes(self) -> int:
        """How many bytes take 50 ms at most, whatever they are; usually some µs."""

    def matches(self, line: str) -> bool:
        """Whether a message without escape sequences passes."""

    def position(self, line: str) -> int:
        """Return where in a line that passes a match begins, in characters; 0 if nowhere."""

    def find(self, data: bytes) -> list[int]:
        """Return the places of the lines that pass, of whole lines as stored."""

    def places(self, lines: bytes, start: int = 0, end: int | None = None) -> list[int]:
        """Return the places as `find` does, of lines as `text.searchable` returns them.

        Args:
            lines: each with its newline.
            start: the byte to begin at.
            end: the byte to end at; None: the end of `lines`.
        """


class Terms:
    """Lines that each of `include` matches, and none of `exclude`."""

    def __init__(self, include: Sequence[Matcher], exclude: Sequence[Matcher]) -> None:
        """Take at least one matcher; the first of `include` is expected to be the rarest."""
        self._include = list(include)
        self._exclude = list(exclude)
        self._calls = 0

    @property
    def literals(self) -> Sequence[re2._Regexp]:
        """As `Matcher.literals`: those of one of the texts that a line must have."""
        return next((each.literals for each in self._include if each.literals), ())

    @property
    def piece_bytes(self) -> int:
        """How many bytes take 50 ms at most for the most expensive matcher; usually some µs."""
        return min(each.piece_bytes for each in (*self._include, *self._exclude))

    def matches(self, line: str) -> bool:
        """Whether a message without escape sequences passes."""
        if not all(each.matches(line) for each in self._include):
            return False
        return not any(each.matches(line) for each in self._exclude)

    def position(self, line: str) -> int:
        """Return where the first match of any text begins, in characters; 0 if nothing is wanted.

        Args:
            line: one that passes.
        """
        return min((each.position(line) for each in self._include), default=0)

    def find(self, data: bytes) -> list[int]:
        """Return the places of the lines that pass (0.

        The first), of whole lines as stored, in order.
        """
        return self.places(searchable(data))

    def places(self, lines: bytes, start: int = 0, end: int | None = None) -> list[int]:
        """Return the places as `find` does, of lines as `text.searchable` returns them."""
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
        return [
            place
            for place in found
            if all(each.has(rows[place]) for each in others)
            and not any(each.has(rows[place]) for each in exclude)
        ]

    def _scanned(self, found: Sequence[int], lines: bytes, start: int, end: int) -> list[int]:
        for each in self._include[1:]:
            wanted = set(each.places(lines, start, end))
            found = [place for place in found if place in wanted]
        for each in self._exclude:
            unwanted = set(each.places(lines, start, end))
            found = [place for place in found if place not in unwanted]
        return list(found)

    def _rank(self, lines: bytes, start: int, end: int) -> None:
        """Move the text that is in the fewest lines of a sample to the front."""
        self._calls += 1
        if len(self._include) == 1 or self._calls % _SAMPLE_CALLS != 1:
            return
        if end - start > _SAMPLE_BYTES:
            end = lines.rfind(b"\n", start, start + _SAMPLE_BYTES) + 1 or end
        self._include.sort(key=lambda each: len(each.places(lines, start, end)))


def all_of(include: Sequence[Matcher], exclude: Sequence[Matcher]) -> LineFilter:
    """Return a filter for lines that each of `include` matches, and none of `exclude`."""
    return include[0] if len(include) == 1 and not exclude else Terms(include, exclude)
