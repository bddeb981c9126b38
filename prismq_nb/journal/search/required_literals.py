"""Find literals in a pattern, one of which is in every match: a prefilter for lines.

RE2 scans for the beginning of a pattern at gigabytes per second if that is a plain text, and at a
fifth of that if not (`[0-9]+ lost`, `a|b`). Searching for required literals first, as grep does,
makes up for it. This knows less about patterns than RE2 and returns None whenever it is not sure.
Pure, except for what `LiteralScanner` caches of the last bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re2

MIN_CHARS = 3
"""Shorter literals are in too many lines to be useful."""
MAX_LITERALS = 5
"""Each costs a scan of its own; RE2 searches for all alternatives at once in the time of six."""

_PART = re.compile(
    r"""
    (?P<class>\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\])
  | (?P<escape>\\(?:[pP](?:\{[^}]*\}|.)|x(?:\{[^}]*\}|..)|[0-7]{1,3}|.))
  | (?P<repeat>(?:[*+?]|\{\d+(?:,\d*)?\})\??)
  | (?P<open>\((?:\?(?::|P?<\w+>))?)
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_METACHARACTERS = frozenset(".^$")
_MAX_DEPTH = 20  # groups in groups
_COMMON = b"0123456789 etaoinsr"
_USUAL = b"lhdcumpfgwyb-:./_"


class _Unsupported(Exception):
    """The pattern has something that is not understood here."""


def required_literals(pattern: str) -> Sequence[str] | None:
    """Return required literals of a pattern that RE2 accepts; rare ones are preferred.

    Returns:
        1 to `MAX_LITERALS` texts of at least `MIN_CHARS` characters; None if there are none, or the
        pattern changes case in its middle.
    """
    parts = _PART.finditer(pattern)
    try:
        found = _alternatives(parts)
    except _Unsupported:
        return None
    return None if next(parts, None) else found


def _alternatives(parts: Iterator[re.Match[str]], depth: int = 0) -> Sequence[str] | None:
    """Return the literals of all branches of one group together, up to its end."""
    if depth > _MAX_DEPTH:
        raise _Unsupported
    texts: list[str] = []
    sure = True
    while True:
        branch, more = _branch(parts, depth)
        texts += branch or ()
        sure = sure and branch is not None
        if not more:
            return texts if sure and len(texts) <= MAX_LITERALS else None


def _branch(parts: Iterator[re.Match[str]], depth: int) -> tuple[Sequence[str] | None, bool]:
    """Return the best literals of one branch, and whether another branch follows."""
    best: Sequence[str] | None = None
    run = ""  # the text that the part before ends
    group: Sequence[str] | None = None  # or what it has, where it is a group
    for match in parts:
        kind, part = match.lastgroup, match.group()
        if kind == "repeat" and part[0] != "+":
            run, group = run[:-1], None  # what is repeated may be absent, or its number is not one
        elif kind not in {"repeat", "open"} and (char := _plain(kind, part)):
            best, group = _more_selective(best, group), None
            run += char
            continue
        best = _more_selective(_more_selective(best, group), (run,))
        run, group = "", None
        if kind == "open":
            if part == "(" and match.string.startswith("?", match.end()):
                raise _Unsupported
            group = _alternatives(parts, depth + 1)
        elif part in {"|", ")"} and kind == "other":
            return best, part == "|"
    return _more_selective(_more_selective(best, group), (run,)), False


def _more_selective(one: Sequence[str] | None, other: Sequence[str] | None) -> Sequence[str] | None:
    """Return the rarer literals: those whose shortest is longer, or fewer of them."""
    if other is None or min(map(len, other)) < MIN_CHARS:
        return one
    if one is None:
        return other
    return max(one, other, key=lambda texts: (min(map(len, texts)), -len(texts)))


def _plain(kind: str | None, part: str) -> str:
    """Return the character that a part stands for; empty if it stands for several, or for none."""
    if kind == "escape":
        is_quoted = len(part) == 2 and not part[1].isalnum() and part[1].isascii()  # noqa: PLR2004
        return part[1] if is_quoted else ""
    return (
        part if kind == "other" and part not in _METACHARACTERS and part not in "()|[]{}\n" else ""
    )


def from_rarest(text: str) -> str:
    """Return the text from the rarest of its first characters on; spaces cost four times as much.

    RE2 leaps from one occurrence of the first character to the next. The result is not much
    shorter: it must still be rare as a whole.
    """
    places = range(max(1, min(len(text) // 3, len(text) - MIN_CHARS) + 1))
    return text[min(places, key=lambda at: (_frequency(text[at]), at)) :]


def _frequency(char: str) -> int:
    byte = char.encode("utf-8", "replace")[:1]
    return 2 if byte in _COMMON else 1 if byte in _USUAL else 0


class LiteralScanner:
    """Search for the next of several literals."""

    def __init__(self, texts: list[re2._Regexp]) -> None:
        """Search for `texts`, each a compiled literal."""
        self._texts = texts
        self._lines = b""
        self._position = self._end = 0
        self._ahead: list[int] = []

    def next(self, lines: bytes, position: int, end: int) -> int:
        """Return where the first literal begins in ``lines[position:end]``; `end` if there is none.

        Cheap if called with rising positions.
        """
        if lines is not self._lines or end != self._end or position < self._position:
            self._lines, self._end, self._ahead = lines, end, [-1] * len(self._texts)
        self._position = position
        for i, at in enumerate(self._ahead):
            if at < position:
                match = self._texts[i].search(lines, position, end)
                self._ahead[i] = end if match is None else int(match.start())
        return min(self._ahead)
