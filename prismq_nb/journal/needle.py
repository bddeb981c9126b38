"""Finds in a pattern a text that every match has in it, so that lines without it need no closer look. Pure.

RE2 scans for the beginning of a pattern at gigabytes a second if that is a plain text, and at a fifth of that if not (`[0-9]+ lost`). Searching for
the text inside first, as grep does, makes up for it. Knows less than RE2 does, and says None wherever it is not sure.
"""

from __future__ import annotations

import re

LEAST_CHARS = 3
"""Shorter ones are in too many lines to be of use."""

_PART = re.compile(
    r"""
    (?P<class>\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\])
  | (?P<escape>\\(?:[pP](?:\{[^}]*\}|.)|x(?:\{[^}]*\}|..)|[0-7]{1,3}|.))
  | (?P<repeat>(?:[*+?]|\{\d+(?:,\d*)?\})\??)
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_ENDS = frozenset(".^$")


def needle(pattern: str) -> str | None:
    """The longest such text in a pattern that RE2 takes.

    Returns:
        None if there is none of at least `LEAST_CHARS` characters outside of groups, or the pattern has alternatives or changes case in its middle.
    """
    texts, run, depth = [""], "", 0
    for match in _PART.finditer(pattern):
        kind, part = match.lastgroup, match.group()
        if kind == "repeat":
            if depth == 0 and part[0] != "+":
                run = run[:-1]  # what is repeated may be absent, or its number is not one
            texts.append(run)
            run = ""
            continue
        if kind == "other" and part == "(":
            if pattern.startswith("(?", match.start()) and not pattern.startswith("(?:", match.start()):
                return None
            depth += 1
        elif kind == "other" and part == ")":
            depth -= 1
        elif kind == "other" and part == "|" and depth == 0:
            return None
        elif depth == 0 and (char := _plain(kind, part)):
            run += char
            continue
        texts.append(run)
        run = ""
    longest = max([*texts, run], key=len)
    return longest if len(longest) >= LEAST_CHARS else None


def _plain(kind: str | None, part: str) -> str:
    """The character that a part stands for; nothing if it stands for several, or for none."""
    if kind == "escape":
        return part[1] if len(part) == 2 and not part[1].isalnum() and part[1].isascii() else ""  # noqa: PLR2004 - a backslash and what it quotes
    return part if kind == "other" and part not in _ENDS and part not in "()|[]{}\n" else ""
