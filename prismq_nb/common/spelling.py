"""Suggestions for misspelt names, and texts that UTF-8 cannot encode.

Imports nothing of this project.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

ALIKE = 0.6
"""Minimum similarity of a suggestion, the default of `difflib.get_close_matches`."""


def closest(word: str, choices: Iterable[str], alike: float = ALIKE) -> str | None:
    """Return the choice that is most similar to `word`, ignoring case; None if none is similar."""
    from difflib import get_close_matches  # noqa: PLC0415 - it takes 3 ms, and is for mistakes only

    by_lower = {choice.lower(): choice for choice in choices}
    found = get_close_matches(word.lower(), by_lower, n=1, cutoff=alike)
    return by_lower[found[0]] if found else None


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """Return the end of a sentence that suggests a choice; empty if none is similar."""
    found = closest(word, choices)
    return "" if found is None else f"; did you mean {found!r}?"


def lone_surrogate(name: str, error: UnicodeEncodeError) -> str:
    """Return a message that names the character of an option which UTF-8 cannot encode.

    Args:
        name: of the option.
        error: from encoding its text.
    """
    bad = error.object[error.start]
    where = f"{name} has {bad!r} at index {error.start}, a lone surrogate"
    return f"{where}; use text that UTF-8 can encode"
