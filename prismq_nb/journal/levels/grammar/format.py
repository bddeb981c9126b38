"""What one entry of the table of log formats says, and how a line is looked up in many of them.

A pattern is tried only on lines that can begin with its first byte, so that a line is held against
a few of some hundred. Imports the standard library only.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from prismq_nb.journal.levels.grammar.patterns import first_bytes, leaves_line
from prismq_nb.journal.levels.grammar.pieces import SHARED
from prismq_nb.journal.levels.grammar.words import CRITICAL, DEBUG, ERROR, INFO, NAMES, WARNING

# What follows a record, where it is more than lines that are indented or drawn. States of the
# automaton (see `transitions`).
RECORD: Final = 1
STACK: Final = 6
"""Blank lines, functions and registers at the margin."""
LINE: Final = 9
"""One more line, at the margin."""
PARAGRAPHS: Final = 10
"""Paragraphs that are indented, with blank lines between them."""

LETTERS: Final = {
    **dict.fromkeys(("t", "v", "d", "db"), DEBUG),
    **dict.fromkeys(("i", "ii", "n"), INFO),
    **dict.fromkeys(("w", "ww"), WARNING),
    **dict.fromkeys(("e", "ee"), ERROR),
    **dict.fromkeys(("c", "f", "a"), CRITICAL),
}
"""Levels of the formats that name a level by a letter, or two."""
Levels = int | Mapping[str, int] | Callable[[bytes], int]
"""A level, or what gives it for the text of a pattern's group."""
_NAMES: Final = {name.decode(): level for name, level in NAMES.items()}


class Format(NamedTuple):
    """One log format: an entry of the table.

    Attributes:
        name: of the program or library.
        source: its documentation.
        patterns: regular expressions that are matched at the start of a line, each with samples: a
            line, or several, behind the first letter of its level and a space. They are tests.
            A pattern takes linear time whatever it is matched with: bound its repetitions, or make
            those of single characters possessive, and those of groups atomic: ``(?>(...)*)``.
        levels: of every line that matches; or by what the only group of each pattern matched, in
            lower case; or a function of that, which gives -1 where it names no level.
        needs: finds what each line of this format holds. Only for patterns that may begin with
            any byte: they are tried on no other lines.
        ends: the same, of text with one of which each line ends.
        follows: what belongs to the record beside lines that are indented or drawn.
        continues: the line continues the record above it, if that one has the same level.
        late: counts only where the general header gives the line no level.
        indented: counts for lines that are indented, and only for these.
        stderr: counts only on stderr, and only where nothing else gives the line a level.
    """

    name: str
    source: str
    patterns: Mapping[str, str | tuple[str, ...]]
    levels: Levels = _NAMES
    needs: str = ""
    ends: tuple[str, ...] = ()
    follows: int = RECORD
    continues: bool = False
    late: bool = False
    indented: bool = False
    stderr: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether a line of this format begins a record, and its beginning alone says so."""
        return (
            self.follows == RECORD
            and not self.continues
            and not any(map(leaves_line, self.patterns))
        )


def notice(
    name: str,
    source: str,
    patterns: Mapping[str, str | tuple[str, ...]],
    levels: Levels = INFO,
    **others: bool | int | str,
) -> Format:
    """A format of what a tool prints to stderr that is no error: a trace, a banner, progress."""
    return Format(name, source, patterns, levels, stderr=True, **others)  # type: ignore[arg-type]


class Recognised(NamedTuple):
    """What a line is by its own text."""

    level: int
    format: Format
    pattern: bytes = b""


_Entry = tuple[Format, bytes]
_MAX_TEXTS: Final = 512
"""Texts of one group whose levels are remembered."""
_CLASSES: Final = (
    {byte: 256 + byte for byte in range(256)}
    | {
        byte: number
        for number, some in enumerate(
            (b"0123456789", b"ABCDEFGHIJKLM", b"NOPQRSTUVWXYZ", b"abcdefghijklm", b"nopqrstuvwxyz")
        )
        for byte in some
    }
    | dict.fromkeys(range(128, 256), 5)
)
"""The class of each byte: of one class are those whose lines are held against the same patterns."""
_SHARED: Final = tuple(lead.encode() for lead in SHARED)


class LevelNames(dict[bytes, int]):
    """The levels of the texts that a group matched, each worked out once; -1 is none."""

    def __init__(self, levels: Levels) -> None:
        """Know none yet."""
        super().__init__()
        self._levels = levels

    def __missing__(self, text: bytes) -> int:
        """Work out one more. Few are remembered, for a program may print any number of them."""
        levels = self._levels
        if isinstance(levels, int):
            level = levels
        elif callable(levels):
            level = levels(text)
        else:
            level = levels.get(text.lower().decode("utf-8", "replace"), -1)
        if len(self) < _MAX_TEXTS:
            self[text] = level
        return level


def _one_group(entry: _Entry, start: int) -> bytes:
    """The pattern of an entry from some byte on, with one group."""
    return entry[1][start:] + (b"()" if isinstance(entry[0].levels, int) else b"")


def _joined(entries: Sequence[_Entry]) -> tuple[bytes, list[int]]:
    """One pattern for all of these, and the number of the entry of each of its groups.

    What several begin with is matched once for all of them.
    """
    shared: dict[tuple[bytes, int], list[int]] = {}
    for number, (_, pattern) in enumerate(entries):
        lead = next((lead for lead in _SHARED if pattern.startswith(lead)), b"")
        shared.setdefault((lead, -1 if lead else number), []).append(number)
    branches = (
        lead + b"(?:" + b"|".join(_one_group(entries[each], len(lead)) for each in some) + b")"
        for (lead, _), some in shared.items()
    )
    return b"|".join(branches), [number for some in shared.values() for number in some]


class _Alternatives:
    """Patterns that are tried one after the other, as one that is compiled when first used."""

    def __init__(self, entries: Iterable[_Entry]) -> None:
        self.entries = tuple(entries)

    @functools.cached_property
    def pattern(self) -> re.Pattern[bytes]:
        """Each alternative has one group, which tells it from the others."""
        pattern, order = _joined(self.entries)
        self.entries = tuple(self.entries[number] for number in order)
        return re.compile(pattern)

    @functools.cached_property
    def levels(self) -> tuple[LevelNames, ...]:
        """In the order of the groups of `pattern`."""
        return tuple(LevelNames(each.levels) for each, _ in self.entries)

    def match(self, text: bytes, start: int, stop: int) -> Recognised | None:
        found = self.pattern.match(text, start, stop)
        if found is None:
            return None
        number = (found.lastindex or 1) - 1
        level = self.levels[number][found[number + 1]]
        return Recognised(level, *self.entries[number]) if level >= 0 else None


class FormatTable:
    """The formats that are asked about lines of one kind. The first that matches counts.

    Those that begin with certain bytes come first, then those that need certain text, then those
    that end with it.
    """

    def __init__(self, formats: Iterable[Format]) -> None:
        """Compile nothing yet.

        Args:
            formats: in this order.
        """
        self.formats = tuple(formats)
        by_class: dict[int, list[_Entry]] = {}
        needing: list[_Entry] = []
        ending: list[_Entry] = []
        for entry in self.entries():
            if entry[0].ends:
                ending.append(entry)
            elif entry[0].needs:
                needing.append(entry)
            else:
                for each in {_CLASSES[byte] for byte in first_bytes(entry[1]) or range(256)}:
                    by_class.setdefault(each, []).append(entry)
        groups = {each: _Alternatives(some) for each, some in by_class.items()}
        self.groups = {byte: groups[each] for byte, each in _CLASSES.items() if each in groups}
        self._needing = _Alternatives(needing) if needing else None
        self._ending = _Alternatives(ending) if ending else None
        self._all = [*groups.values(), *filter(None, (self._needing, self._ending))]
        self._needs = "|".join(dict.fromkeys(each.needs for each, _ in needing)).encode()
        self._ends = tuple({text.encode() for each, _ in ending for text in each.ends})

    @functools.cached_property
    def _needed(self) -> re.Pattern[bytes]:
        return re.compile(self._needs)

    def match(self, text: bytes, start: int, stop: int) -> Recognised | None:
        """The format of a line, and the level that it gives; None if it is of none of these.

        Args:
            text: holds the line.
            start: of the line.
            stop: of the line; what is behind it does not count.
        """
        group = self.groups.get(text[start]) if start < stop else None
        found = group.match(text, start, stop) if group is not None else None
        if found is None and self._needing and self._needed.search(text, start, stop):
            found = self._needing.match(text, start, stop)
        if found is None and self._ending is not None:
            stop = start + len(text[start:stop].rstrip())
            if text.endswith(self._ends, start, stop):
                found = self._ending.match(text, start, stop)
        return found

    def entries(self) -> Iterator[tuple[Format, bytes]]:
        """Each pattern, with its format."""
        return ((each, text.encode()) for each in self.formats for text in each.patterns)

    def steps(self) -> Iterator[Callable[[], object]]:
        """What compiles one pattern each."""
        for group in self._all:
            yield functools.partial(getattr, group, "pattern")
        if self._needing is not None:
            yield functools.partial(getattr, self, "_needed")
