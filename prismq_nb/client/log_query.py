"""The query of a log, from what people write: level names in a list, a `datetime`."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from prismq_nb.client.level_names import is_level, level_names
from prismq_nb.client.whole_numbers import whole
from prismq_nb.errors import InvalidRequest

if TYPE_CHECKING:
    from prismq_nb.client.interface import LogQuery

__all__ = ["log_query"]

_BOUNDS = {"tail": (1, 10_000), "limit": (1, 10_000), "after": (-1, None), "before": (0, None)}


def log_query(*, regex: bool, level: object = None, since: object = None, q: object = None, **numbers: object) -> LogQuery:
    """Return the arguments of a request, without those that are None.

    Args:
        regex: `q` is a regular expression.
        level: as `level_names` takes it; empty: any.
        since: ISO 8601 text as it is, or a datetime; one without a time zone is local time.
        q: text to look for, or a pattern.
        numbers: `tail`, `limit`, `after` and `before`.

    Raises:
        InvalidRequest: a value has a wrong type or is out of bounds.
    """
    given = {name: _number(name, value) for name, value in numbers.items() if value is not None}
    if "tail" in given and "limit" in given:
        raise InvalidRequest("tail and limit contradict each other: tail gives the newest lines, limit the oldest")
    query: Any = given
    if names := level_names(level) if level not in (None, "") else "":
        query["level"] = names
    if since is not None:
        query["since"] = _moment(since)
    if q is not None:
        query["q"] = _text(q)
    if regex:
        query["regex"] = True
    return cast("LogQuery", query)


def _number(name: str, value: object) -> int:
    low, high = _BOUNDS[name]
    if name != "tail" or not isinstance(value, str) or value.strip().isdigit():
        return whole(name, value, low, high)
    meant = "level" if is_level(value) else "q"
    return whole(name, value, low, high, f"; did you mean {meant}={value!r}?")


def _moment(since: object) -> str:
    if isinstance(since, datetime):
        utc = since.astimezone(UTC).isoformat(timespec="microseconds")
        return utc.replace("+00:00", "Z")
    if isinstance(since, str):
        return since
    raise InvalidRequest(f"since={since!r} is not a time: give a datetime, or a text as '2025-10-31T12:00:01Z'")


def _text(q: object) -> str:
    if isinstance(q, str):
        return q
    if isinstance(q, re.Pattern):
        hint = f"did you mean q={q.pattern!r}, regex=True?"
        raise InvalidRequest(f"q={q!r} is a compiled pattern; {hint}")
    raise InvalidRequest(f"q={q!r} is not a text: give the text to look for")
