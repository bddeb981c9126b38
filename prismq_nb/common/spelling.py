"""What is wrong with a text that was given. Imports nothing of this project."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["closest", "did_you_mean", "lone_surrogate"]

ALIKE = 0.6
"""Part of the letters that must agree: `difflib` takes words above this for alike."""


def closest(word: str, choices: Iterable[str], alike: float = ALIKE) -> str | None:
    """Return the choice that is most like `word`, whatever the case; None: none is like it."""
    from difflib import get_close_matches  # noqa: PLC0415 - it takes 3 ms, and is for mistakes only

    by_lower = {choice.lower(): choice for choice in choices}
    found = get_close_matches(word.lower(), by_lower, n=1, cutoff=alike)
    return by_lower[found[0]] if found else None


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """Return the end of a sentence that names the choice; empty where none is like `word`."""
    found = closest(word, choices)
    return "" if found is None else f"; did you mean {found!r}?"


def lone_surrogate(name: str, error: UnicodeEncodeError) -> str:
    """Say which character of a text UTF-8 cannot encode. `name`: of the option."""
    bad = error.object[error.start]
    where = f"{name} has {bad!r} at index {error.start}, a lone surrogate"
    return f"{where}: give text that UTF-8 can encode"
