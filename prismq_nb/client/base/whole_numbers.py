"""Whole numbers that people give, checked."""

from __future__ import annotations

import operator
from typing import Any, cast

from prismq_nb.errors import InvalidRequest

__all__ = ["whole"]


def whole(name: str, value: object, low: int, high: int | None = None, hint: str = "") -> int:
    """Return a number as an int; NumPy's numbers are taken, texts and booleans are not.

    Args:
        name: of the option, for messages.
        value: what was given.
        low: the lowest number.
        high: the highest; None: any.
        hint: end of the message for what is no number; empty: its bounds.

    Raises:
        InvalidRequest: it is no number, or out of bounds.
    """
    bounds = f"{low} or more" if high is None else f"a number from {low} to {high:,}"
    try:
        number = operator.index(cast("Any", value))
    except TypeError:
        number = None
    if number is None or isinstance(value, bool):
        ending = hint or f": give {bounds}"
        raise InvalidRequest(f"{name}={value!r} is not a whole number{ending}")
    if number < low or number > (MAX if high is None else high):
        raise InvalidRequest(f"{name}={number} is out of bounds: give {bounds}")
    return number


MAX = (1 << 53) - 1
"""Highest number that the server takes."""
