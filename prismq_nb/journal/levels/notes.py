"""What well-known tools print to stderr that is no error, by the tables of `note_tables`.

Pure functions of one line. Imports the standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from prismq_nb.journal.levels.note_tables import INDENTED, NOTES, SHAPES, WARNINGS
from prismq_nb.journal.levels.words import INFO, WARNING, lazily

__all__ = ["FIRST", "PARAGRAPH", "SYMBOLS", "note_level"]


def _exactly(literal: str) -> str:
    """A pattern of a literal in which digits are equal to each other: `heads` remembers lines so."""
    return re.sub(r"\d", r"\\d", re.escape(literal))


def _table(notes: dict[str, str], name: str) -> str:
    """One alternative for a table: entries that begin alike stand together, so that few are tried."""
    initials: dict[str, list[str]] = {}
    for literal, rest in notes.items():
        initials.setdefault(literal[0], []).append(f"{_exactly(literal[1:])}(?:{rest})")
    branches = (f"{_exactly(first)}(?:{'|'.join(each)})" for first, each in initials.items())
    return f"(?P<{name}>{'|'.join(branches)})"


def _any_of(literals: Iterable[str]) -> str:
    """A pattern of these beginnings in which each letter is compared once."""
    rests: dict[str, list[str]] = {}
    for literal in sorted(literals):
        rests.setdefault(literal[:1], []).append(literal[1:])
    if "" in rests:
        return ""  # one of them ends here: what follows does not matter
    branches = [_exactly(first) + _any_of(rest) for first, rest in rests.items()]
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"


def _part(first: str, last: str) -> str:
    """The pattern of all entries that begin with one of these letters."""
    tables = ((WARNINGS, "warning"), (NOTES, "note"))
    chosen = (({text: rest for text, rest in table.items() if first <= text[0] <= last}, name) for table, name in tables)
    return "|".join(_table(notes, name) for notes, name in chosen if notes)


# In parts, for one pattern takes long to compile.
_SIGNS = lazily(_part("\0", "@").encode())
_CAPITALS = lazily(_part("A", "H").encode())
_LATE_CAPITALS = lazily(_part("I", "[").encode())
_LETTERS = lazily(_part("\\", "\U0010ffff").encode())
_SHAPES = lazily(SHAPES.encode())
_ALL_INDENTED = lazily(INDENTED.encode())
#: How those begin that are like prose, and those without letters: `prefilter` must not pass over
#: them on stderr.
FIRST: Final = _any_of(literal[:8] for literal in (*NOTES, *WARNINGS) if literal[0].isascii() and literal[0].isalpha()).encode()
SYMBOLS: Final = rb"[>=\-#\[<]"
#: R sets these off by blank lines from what belongs to them.
PARAGRAPH: Final = rb"Attaching package: |The following object|The downloaded (?:source|binary) pack|\xe2\x94\x80\xe2\x94\x80 "


def note_level(text: bytes, *, indented: bool = False) -> int:
    """The level of a note that a tool prints to stderr; -1 for other text.

    Args:
        text: without leading white space; no more than the head of the line counts.
        indented: there was white space.
    """
    if indented:
        return INFO if _ALL_INDENTED().match(text) else -1
    first = text[:1]
    part = _LETTERS if first > b"[" else _LATE_CAPITALS if first > b"H" else _CAPITALS if first > b"@" else _SIGNS
    found = part().match(text) or _SHAPES().match(text)
    if found is None:
        return -1
    return WARNING if found.lastgroup == "warning" else INFO
