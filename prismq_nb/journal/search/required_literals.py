r"""Finds in a pattern a few texts of which every match has one in it, so that lines without any of them need no closer look.

RE2 scans for the beginning of a pattern at gigabytes a second if that is a plain text, and at a fifth of that if not (`[0-9]+ lost`, `a|b`).
Searching for the texts inside first, as grep does, makes up for it. Knows less than RE2 does, and says None wherever it is not sure. Pure, but for
what `Needles` remembers of the bytes that it was last asked about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re2

LEAST_CHARS = 3
"""Shorter texts are in too many lines to be of use."""
MOST_TEXTS = 5
"""Each costs a scan of its own; RE2 looks for all alternatives at once in the time of six."""

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
_ENDS = frozenset(".^$")
_DEEPEST = 20  # groups in groups
_COMMON = b"0123456789 etaoinsr"
_USUAL = b"lhdcumpfgwyb-:./_"


class _Unsure(Exception):
    """The pattern has something that is not understood here."""


def needles(pattern: str) -> Sequence[str] | None:
    """Such texts in a pattern that RE2 takes; the more they promise to be rare, the better.

    Returns:
        1 to `MOST_TEXTS` texts of at least `LEAST_CHARS` characters; None if there are no such, or the pattern changes case in its middle.
    """
    parts = _PART.finditer(pattern)
    try:
        found = _alternatives(parts)
    except _Unsure:
        return None
    return None if next(parts, None) else found


def _alternatives(parts: Iterator[re.Match[str]], depth: int = 0) -> Sequence[str] | None:
    """Of one group, up to its end: the texts of all its branches together."""
    if depth > _DEEPEST:
        raise _Unsure
    texts: list[str] = []
    sure = True
    while True:
        branch, more = _branch(parts, depth)
        texts += branch or ()
        sure = sure and branch is not None
        if not more:
            return texts if sure and len(texts) <= MOST_TEXTS else None


def _branch(parts: Iterator[re.Match[str]], depth: int) -> tuple[Sequence[str] | None, bool]:
    """Of one branch, the best that one of its pieces has; and whether another branch follows."""
    best: Sequence[str] | None = None
    run = ""  # the text that the part before ends
    group: Sequence[str] | None = None  # or what it has, where it is a group
    for match in parts:
        kind, part = match.lastgroup, match.group()
        if kind == "repeat" and part[0] != "+":
            run, group = run[:-1], None  # what is repeated may be absent, or its number is not one
        elif kind not in {"repeat", "open"} and (char := _plain(kind, part)):
            best, group = _better(best, group), None
            run += char
            continue
        best = _better(_better(best, group), (run,))
        run, group = "", None
        if kind == "open":
            if part == "(" and match.string.startswith("?", match.end()):
                raise _Unsure
            group = _alternatives(parts, depth + 1)
        elif part in {"|", ")"} and kind == "other":
            return best, part == "|"
    return _better(_better(best, group), (run,)), False


def _better(one: Sequence[str] | None, other: Sequence[str] | None) -> Sequence[str] | None:
    """The texts that are rarer: whose shortest is longer; or fewer of them."""
    if other is None or min(map(len, other)) < LEAST_CHARS:
        return one
    if one is None:
        return other
    return max(one, other, key=lambda texts: (min(map(len, texts)), -len(texts)))


def _plain(kind: str | None, part: str) -> str:
    """The character that a part stands for; nothing if it stands for several, or for none."""
    if kind == "escape":
        return part[1] if len(part) == 2 and not part[1].isalnum() and part[1].isascii() else ""  # noqa: PLR2004 - a backslash and what it quotes
    return part if kind == "other" and part not in _ENDS and part not in "()|[]{}\n" else ""


def from_rare(text: str) -> str:
    """The text from that of its first characters on which is the rarest in logs: RE2 leaps from one to the next; spaces cost four times as much.

    Not much shorter than before: what is left must still be rare as a whole.
    """
    places = range(max(1, min(len(text) // 3, len(text) - LEAST_CHARS) + 1))
    return text[min(places, key=lambda at: (_frequency(text[at]), at)) :]


def _frequency(char: str) -> int:
    byte = char.encode("utf-8", "replace")[:1]
    return 2 if byte in _COMMON else 1 if byte in _USUAL else 0


class Needles:
    """Looks for the next of several texts."""

    def __init__(self, texts: list[re2._Regexp]) -> None:
        """`texts` are compiled, each a literal."""
        self._texts = texts
        self._lines = b""
        self._position = self._end = 0
        self._ahead: list[int] = []

    def next(self, lines: bytes, position: int, end: int) -> int:
        """Where the first of the texts begins in ``lines[position:end]``; `end` if none does. Cheap when asked in order."""
        if lines is not self._lines or end != self._end or position < self._position:
            self._lines, self._end, self._ahead = lines, end, [-1] * len(self._texts)
        self._position = position
        for i, at in enumerate(self._ahead):
            if at < position:
                match = self._texts[i].search(lines, position, end)
                self._ahead[i] = end if match is None else int(match.start())
        return min(self._ahead)
