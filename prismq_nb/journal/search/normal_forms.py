"""Unicode normal forms in a search: NFC finds NFD, and the other way round (UAX #15).

RE2 scans bytes, so the pattern is widened instead of normalising the log: each character that has
two forms becomes an alternation of both. That finds mixed forms as well, and is linear in the
length of the query. Pure; standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final
from unicodedata import combining, normalize

_PART: Final = re.compile(
    r"(?P<class>\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\])"
    r"|(?P<escape>\\.)|(?P<plain>[^\\\[]+)|(?P<rest>.)",
    re.DOTALL,
)


def widened_text(text: str, escape: Callable[[str], str]) -> str | None:
    """Return a pattern for a text in any normal form; None if it has only one.

    Args:
        text: what is searched for.
        escape: turns a text into a pattern that matches it alone.
    """
    if text.isascii():
        return None
    pattern = _widened(text, escape)
    if pattern == escape(text):
        return None
    is_normal = text in {normalize("NFC", text), normalize("NFD", text)}
    return pattern if is_normal else f"(?:{pattern}|{escape(text)})"


def widened_pattern(pattern: str) -> str | None:
    """Return a pattern that matches its own characters in any normal form.

    None if they have one.
    """
    if pattern.isascii() or "\\Q" in pattern:
        return None
    parts: list[str] = []
    for match in _PART.finditer(pattern):
        part = match.group()
        if match.lastgroup == "plain":
            part = _widened(part, str)
        elif match.lastgroup == "class" and not part.startswith("[^"):
            forms = dict.fromkeys(normalize("NFD", char) for char in part if not char.isascii())
            part = _either(part, *(form for form in forms if len(form) > 1))
        parts.append(part)
    widened = "".join(parts)
    return None if widened == pattern else widened


def _widened(text: str, escape: Callable[[str], str]) -> str:
    clusters = _clusters(normalize("NFC", text))
    return "".join([_either(escape(each), escape(normalize("NFD", each))) for each in clusters])


def _either(*forms: str) -> str:
    different = list(dict.fromkeys(forms))
    return different[0] if len(different) == 1 else f"(?:{'|'.join(different)})"


def _clusters(text: str) -> Iterator[str]:
    """Iterate over characters, each with the marks that follow it."""
    start = 0
    for at, char in enumerate(text):
        if at > start and not combining(char):
            yield text[start:at]
            start = at
    if start < len(text):
        yield text[start:]
