"""Pairs: ``time=2024-01-02T10:00:00Z level=warn msg="disk almost full"``.

Pure functions of one line. Imports the standard library only.

A line is read from left to right once, pair by pair: each pattern is possessive, so nothing is
looked at again for another way to read it.
"""

from __future__ import annotations

import re
from typing import Final

from prismq_nb.journal.levels.grammar.header import HEAD_BYTES, TIME
from prismq_nb.journal.levels.grammar.words import DAY, NAMES

PAIRS: Final = 64
"""A level behind about so many pairs does not count."""

_KEY = rb"(?:l(?=[eov])(?:og[._]?level|evel(?:name)?|vl)|severity)=[\"']?"
_LEVEL = re.compile(_KEY + rb"([A-Za-z]++)")
_AT = re.compile(rb"at=[\"']?([A-Za-z]++)")  # Heroku, at the start of a line only
_PAIR = (
    rb"""[\w.@/\-]++=(?:"[^"\\]*+(?>(?:\\.[^"\\]*+)*)"|'[^'\\]*+(?>(?:\\.[^'\\]*+)*)'"""
    rb"""|[^\s"]*+)(?:[ \t]++|$)"""
)
# Pairs before the one with the level; a quoted value that touches what follows is none.
_PAIRS = re.compile(rb"[ \t]*+(?>(?:(?!" + _KEY + rb"[A-Za-z])" + _PAIR + rb"){0,%d})" % PAIRS)
_ANY_PAIR = re.compile(_PAIR)
_ANY_PAIRS = re.compile(rb"(?>(?:" + _PAIR + rb"){1,%d})" % PAIRS)
_WORD = re.compile(rb"[^\s\"]++\s++")
_PAIR_LEAD = re.compile(rb"[ \t]*+(?:[\[(<]?\d|" + DAY + rb"|[\w.\-]++[ \t]++\|)")
_MORE = re.compile(rb"[\"']?[ \t]++\S")  # `log_level=DEBUG` alone is a setting
_HEADER_WORDS: Final = 6


PAIRS_AND_LEVEL: Final = (
    r"""(?!at=)(?>(?:(?!KEY[A-Za-z])[\w.@/\-]++=(?:"[^"\\\n]*+(?>(?:\\.[^"\\\n]*+)*)"|'[^'\\\n]*+"""
    r"""(?>(?:\\.[^'\\\n]*+)*)'|[^\s"]*+)[ \t]++){1,64})KEY([A-Za-z]++)"""
).replace("KEY", _KEY.decode())
"""Pairs, of which one names the level; its group is the name."""


def pair_level(text: bytes) -> int:
    """The level of a logfmt line (``time=...

    level=warn msg="..."``), perhaps behind a time and names; -1 if it is not one.
    """
    found = _AT.match(text)
    if found is not None and _MORE.match(text, found.end()):
        return NAMES.get(found[1].lower(), -1)
    rest, words, at = b"", 0, 0
    while words <= _HEADER_WORDS:
        at = _end(_PAIRS, text, at)
        found = _LEVEL.match(text, at)
        if found is not None:
            if _counts(text, found, rest):
                return NAMES.get(found[1].lower(), -1)
            end = _end(_ANY_PAIRS if at else _ANY_PAIR, text, at)
            if end > at:  # none of them counts: there is the same before each
                at = end
                continue
        word = _WORD.match(text, at)
        if word is None:
            return -1
        rest, words, at = rest + word[0][:HEAD_BYTES], words + 1, word.end()
    return -1


def _end(pattern: re.Pattern[bytes], text: bytes, at: int) -> int:
    """Where what stands at `at` ends; `at` if it is something else."""
    found = pattern.match(text, at)
    return at if found is None else found.end()


def _counts(text: bytes, found: re.Match[bytes], rest: bytes) -> bool:
    """Whether a level counts behind `rest`, which is what of the line before it is no pair."""
    if not rest:
        return found.start() > 0 or _MORE.match(text, found.end()) is not None
    return _PAIR_LEAD.match(rest) is not None and TIME.search(rest, 0, HEAD_BYTES) is not None
