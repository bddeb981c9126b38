"""Records one below the other: try the format that matched last first, on many lines at once.

Which format is tried first makes no difference to the levels: formats that match the same line give
it the same level. Imports the standard library only.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Final

from prismq_nb.journal.levels.formats.table import RECORDS
from prismq_nb.journal.levels.grammar.format import Format, LevelNames
from prismq_nb.journal.levels.grammar.patterns import narrowed

_WARNS: Final = b"Warning:"
"""Below a line that ends so stands what is warned of: it begins more than a record."""
_FEW: Final = 8
"""After this many lines of one format, more are expected. Fewer: tried in vain where formats take
turns. More: the lines of short runs are matched one by one."""
_MANY_BYTES: Final = 4096
"""Smaller texts are matched line by line."""
_NARROWED: Final = 64
"""Patterns for one level and one layout of the time that are remembered: each takes some 10 kB, and
half a millisecond to compile."""
_ENDS: Final = _WARNS[-1:] + b" \t\r"
_REST: Final = rb"[^\n]*+(?<!Warning:)(?<!Warning:[ \t\r])(?=\n)"


class RecordFormat:
    """A pattern of the table, for many lines.

    Attributes:
        level_of: gives the level for what the pattern's group matched; -1 is none.
    """

    def __init__(self, each: Format, pattern: bytes) -> None:
        """Compile nothing yet."""
        group = b"()" if isinstance(each.levels, int) else b""
        self._pattern = pattern
        # The level of all lines of the text before, and what finds the next line that is not like
        # them. One value that is read once, for threads share this.
        self._only: tuple[int, re.Pattern[bytes]] | None = None
        self._head = rb"\n(?:" + pattern + group + rb")"
        self.level_of: Callable[[bytes], int] = LevelNames(each.levels).__getitem__

    @functools.cached_property
    def head(self) -> re.Pattern[bytes]:
        r"""Matches the beginning of a line, from the ``\n`` before it."""
        return re.compile(self._head)

    @functools.cached_property
    def lines(self) -> re.Pattern[bytes]:
        """Matches as many whole lines as there are."""
        return re.compile(rb"(?>(?:" + self._head + _REST + rb")+)")

    def classify(self, text: bytes, newline: int, levels: bytearray) -> int:
        r"""Append the levels of the lines of this format from here on.

        Args:
            text: whole lines.
            newline: before the first of these lines.
            levels: of the lines before.

        Returns:
            The ``\n`` before the next other line.
        """
        found = self.lines.match(text, newline)
        if found is None or not self._append(text, newline, found.end(), levels):
            return newline
        return found.end()

    def classify_all(self, text: bytes, newline: int, levels: bytearray) -> bool:
        """Append the levels of all lines from here on, if all are of this format; else none."""
        last = len(text) - 1
        before_last = text.rfind(b"\n", newline, last)
        found = self.head.match(text, before_last)
        if found is None or (_WARNS[:1] in text and _WARNS in text):
            return False
        count = text.count(b"\n", newline, last)
        only = self._only
        if only is not None:
            level, next_other = only
            if next_other.search(text, newline, last) is None:
                levels += bytes((level,)) * count
                return True
            self._only = None
        if not self._append(text, newline, last, levels, count):
            return False
        if levels.count(levels[-1], -count) == count:  # more of the same are expected
            pattern = narrowed(self._pattern, text[before_last + 1 :], found[1])
            self._only = (levels[-1], _next_other(pattern)) if pattern is not None else None
        return True

    def _append(
        self, text: bytes, newline: int, stop: int, levels: bytearray, count: int = -1
    ) -> bool:
        words = self.head.findall(text, newline, stop)
        if count >= 0 and len(words) != count:
            return False
        try:
            levels += bytes(map(self.level_of, words))
        except ValueError:  # one of them names no level
            return False
        return True


@functools.lru_cache(_NARROWED)
def _next_other(pattern: bytes) -> re.Pattern[bytes]:
    r"""Finds the ``\n`` before the next line whose beginning this pattern does not match."""
    return re.compile(rb"\n(?!" + pattern + rb")")


_RECORD_FORMATS: Final = {
    pattern: RecordFormat(each, pattern) for each, pattern in RECORDS.entries()
}
_Match = Callable[[bytes, int], re.Match[bytes] | None]
_Candidates = tuple[_Match, tuple[RecordFormat, ...]]


class _CandidatesByFirstByte(dict[int, _Candidates | None]):
    """What is tried on a line with this first byte: a match, and the format of each of its groups.

    None where no record begins so. Each is compiled when it is first needed.
    """

    def __missing__(self, byte: int) -> _Candidates | None:
        """Compile the patterns of one more byte."""
        group = RECORDS.groups.get(byte)
        found: _Candidates | None = None
        if group is not None:
            match = group.pattern.match  # puts the entries in the order of its groups
            found = match, tuple(_RECORD_FORMATS[pattern] for _, pattern in group.entries)
        self[byte] = found
        return found


_CANDIDATES: Final = _CandidatesByFirstByte()


def pass_over_records(
    text: bytes, newline: int, levels: bytearray, last: RecordFormat | None
) -> tuple[int, RecordFormat | None]:
    r"""Append the levels of the records that stand one below the other from here on.

    Args:
        text: whole lines, each behind a ``\n``, and one more ``\n``.
        newline: before the first of these lines.
        levels: of the lines before.
        last: the last format of the same stream that many records in a row had.

    Returns:
        The ``\n`` before the next line that is no such record, and the format for `last`.
    """
    size = len(text) - 1
    # Once for a text: all lines are looked at.
    may_be_all = newline == 0 and size > _MANY_BYTES
    if may_be_all and last is not None:
        if last.classify_all(text, newline, levels):
            return size, last
        may_be_all = False
    find, candidates, before, in_a_row = text.find, _CANDIDATES, None, 0
    while newline < size:
        tried = candidates[text[newline + 1]]
        if tried is None or (found := tried[0](text, newline + 1)) is None:
            break
        number = found.lastindex or 1
        record_format = tried[1][number - 1]
        if record_format is not before:
            before, in_a_row = record_format, 0
        elif in_a_row < _FEW:
            in_a_row += 1
        else:
            last, in_a_row = record_format, 0
            if may_be_all and record_format.classify_all(text, newline, levels):
                return size, last
            may_be_all = False
            stop = record_format.classify(text, newline, levels)
            if stop > newline:
                newline = stop
                continue
        level = record_format.level_of(found[number])
        stop = find(b"\n", found.end())
        if level < 0 or (text[stop - 1] in _ENDS and _warns(text, stop)):
            break
        levels.append(level)
        newline = stop
    return newline, last


def _warns(text: bytes, stop: int) -> bool:
    """Whether a line that ends at `stop` says that what is warned of stands below it."""
    return text[stop - len(_WARNS) - 1 : stop].rstrip().endswith(_WARNS)
