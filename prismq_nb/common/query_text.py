r"""What a person types to find lines -> the texts that they have, and those that they have not.

Words are apart at blanks. ``-word`` excludes; ``"two words"`` are one text, in which a backslash
stands before a quote or another backslash; ``\-word`` and ``"-word"`` begin with a dash themselves,
as do ``--word`` and a dash alone. The front end reads the same (`search-terms.ts`). Pure.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["terms"]

_TERM: Final = re.compile(
    r"""
    (?P<minus>-(?=[^\s-]))?
    (?: "(?P<quoted>(?>(?:[^"\\]|\\.?)*))(?:"(?!\S)|\Z)
      | \\?(?P<dash>-\S*)
      | (?P<word>\S+)
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED: Final = re.compile(r'\\(["\\])')


def terms(text: str) -> tuple[list[str], list[str]]:
    """Return the texts that a line must have all of, and those that it must have none of."""
    include: list[str] = []
    exclude: list[str] = []
    for match in _TERM.finditer(text):
        minus, quoted, dash, word = match.group("minus", "quoted", "dash", "word")
        term = _ESCAPED.sub(r"\1", quoted) if quoted is not None else dash or word or ""
        if term:
            (exclude if minus else include).append(term)
    return include, exclude
