"""Parse names of levels: ``"warn"``, ``"Error"``, ``logging.ERROR``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismq_nb.common.spelling import did_you_mean
from prismq_nb.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Iterable

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_ALIASES = {"WARN": "WARNING", "ERR": "ERROR", "CRIT": "CRITICAL", "FATAL": "CRITICAL"}
_NUMBERS = {10 * (place + 1): name for place, name in enumerate(LEVELS)}
"""The numbers of `logging`: 10 is DEBUG, 50 is CRITICAL."""


def level_names(level: object) -> str:
    """Return names of `LEVELS`, separated by commas.

    Args:
        level: a name in any case, a short form such as ``warn`` or ``err``, a number of `logging`,
            or several of them, in a list or separated by commas.

    Raises:
        InvalidRequest: an entry is not a level.
    """
    return ",".join(dict.fromkeys(_name(word, level) for word in _words(level)))


def is_level(text: str) -> bool:
    """Return whether a text consists of names of levels."""
    try:
        return bool(level_names(text))
    except InvalidRequest:
        return False


def _words(level: object) -> Iterable[object]:
    if isinstance(level, str):
        return [word for word in level.split(",") if word.strip()]
    if isinstance(level, (list, tuple, set, frozenset)):
        return level
    return [level]


def _name(word: object, given: object) -> str:
    if isinstance(word, int) and not isinstance(word, bool) and word in _NUMBERS:
        return _NUMBERS[word]
    text = word.strip().upper() if isinstance(word, str) else ""
    name = _ALIASES.get(text, text)
    if name in LEVELS:
        return name
    hint = did_you_mean(text, LEVELS) or f"; use one or more of {', '.join(LEVELS)}"
    where = f"level={given!r}" if word == given else f"level={given!r}: {word!r}"
    raise InvalidRequest(f"{where} is not a level{hint}", parameter="level")
