"""Check integers that people pass."""

from __future__ import annotations

import operator
from typing import Any, cast

from prismq_nb.errors import InvalidRequest


def checked_integer(
    name: str, value: object, low: int, high: int | None = None, hint: str = ""
) -> int:
    """Return a value as an int; NumPy integers are accepted, strings and booleans are not.

    Args:
        name: name of the option, for messages.
        value: the value to check.
        low: the smallest valid number.
        high: the largest valid number; None: no limit.
        hint: end of the message if the value is not an integer; empty: the bounds.

    Raises:
        InvalidRequest: the value is not an integer or is out of bounds.
    """
    bounds = f"{low} or more" if high is None else f"a number from {low} to {high:,}"
    try:
        number = operator.index(cast("Any", value))
    except TypeError:
        number = None
    if number is None or isinstance(value, bool):
        ending = hint or f"; use {bounds}"
        raise InvalidRequest(f"{name}={value!r} is not an integer{ending}", parameter=name)
    if number < low or number > (MAX_INTEGER if high is None else high):
        raise InvalidRequest(f"{name}={number} is out of bounds; use {bounds}", parameter=name)
    return number


MAX_INTEGER = (1 << 53) - 1
"""The largest integer that the server accepts: JSON numbers are doubles in JavaScript."""
