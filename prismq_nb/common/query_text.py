r"""Parse a search query into the texts that lines must have and those that they must not have.

Words are separated by blanks. ``-word`` excludes. ``"two words"`` are one text, in which a
backslash precedes a quote or another backslash. ``\-word`` and ``"-word"`` begin with a dash, as do
``--word`` and a dash alone. The front end has the same rules (`search-terms.ts`). Pure.
"""

from __future__ import annotations

import re
from typing import Final

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
    """Return the texts that a line must all have, and the texts that it must not have."""
    include: list[str] = []
    exclude: list[str] = []
    for match in _TERM.finditer(text):
        minus, quoted, dash, word = match.group("minus", "quoted", "dash", "word")
        term = _ESCAPED.sub(r"\1", quoted) if quoted is not None else dash or word or ""
        if term:
            (exclude if minus else include).append(term)
    return include, exclude
