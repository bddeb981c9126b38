"""Parse durations: ``90``, ``"5m"``, ``"1h30m"``, a `timedelta`."""

from __future__ import annotations

import math
import numbers
import re
from datetime import timedelta

from prismq_nb.errors import InvalidRequest

_UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_NAMES = {
    "d": "d day days",
    "h": "h hr hrs hour hours",
    "m": "m min mins minute minutes",
    "s": "s sec secs second seconds",
}
_LETTERS = {word: unit for unit, words in _NAMES.items() for word in words.split()}
_PART = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([a-z]+)\s*,?")
_NUMBER = re.compile(r"\s*[0-9]+(?:\.[0-9]+)?\s*\Z")
_MAX_CHARS = 64


def to_seconds(name: str, value: object) -> float | None:
    """Return a duration in seconds; None stays None (no limit).

    Args:
        name: name of the option, for messages.
        value: a number of seconds, a `timedelta`, or a string with units (d, h, m, s or their
            names).

    Raises:
        InvalidRequest: the value is not a duration, is negative or is not finite.
    """
    if value is None:
        return None
    found = _seconds(value)
    if found is None:
        how = "use seconds, or a string such as '90s', '5m' or '1h30m'"
        raise InvalidRequest(f"{name}={value!r} is not a valid duration; {how}", parameter=name)
    if not math.isfinite(found):
        raise InvalidRequest(
            f"{name}={value!r} is not finite; omit {name} for no limit", parameter=name
        )
    if found < 0:
        raise InvalidRequest(f"{name}={value!r} is negative; use 0 seconds or more", parameter=name)
    return found


def _seconds(value: object) -> float | None:
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, str):
        return _of_text(value.lower())
    if isinstance(value, bool) or not isinstance(value, numbers.Number):
        return None
    try:
        return float(value)  # type: ignore[arg-type]  # Decimal is a Number, and float takes it
    except (TypeError, ValueError, OverflowError):
        return None


def _of_text(text: str) -> float | None:
    if len(text) > _MAX_CHARS:
        return None
    if _NUMBER.match(text):
        return float(text)
    total, position = 0.0, 0
    while position < len(text):
        part = _PART.match(text, position)
        if part is None or (unit := _LETTERS.get(part[2])) is None:
            return None
        total += float(part[1]) * _UNITS[unit]
        position = part.end()
    return total if position else None
