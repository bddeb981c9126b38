"""The query of a log, from what people write: level names in a list, a `datetime`."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from prismq_nb.client.base.level_names import is_level, level_names
from prismq_nb.client.base.whole_numbers import whole
from prismq_nb.errors import InvalidRequest

if TYPE_CHECKING:
    from prismq_nb.client.base.interface import Client, LogQuery
    from prismq_nb.common.log_models import LogPage

__all__ = ["log_query", "look"]

SHORT_LINES = 100_000
"""Lines that one look passes over in a fifth of its time."""
PATIENCE_SECONDS = 5.0

_BOUNDS = {
    "tail": (1, 10_000),
    "limit": (1, 10_000),
    "after": (-1, None),
    "before": (0, None),
    "lines_before": (0, 100),
    "lines_after": (0, 100),
}


def log_query(
    *,
    regex: bool = False,
    word: bool = False,
    case: bool | None = None,
    level: object = None,
    since: object = None,
    q: object = None,
    exclude: object = None,
    **numbers: object,
) -> LogQuery:
    """Return the arguments of a request, without those that are None.

    Args:
        regex: `q` and `exclude` are regular expressions.
        word: only whole words.
        case: whether case counts; None: in regular expressions, not in texts.
        level: as `level_names` takes it; empty: any.
        since: ISO 8601 text as it is, or a datetime; one without a time zone is local time.
        q: text to look for, or a pattern; or several, of which a line has all.
        exclude: the same, of which a line has none.
        numbers: `tail`, `limit`, `after` and `before`; `lines_before` and `lines_after`, of which 0
            is left out.

    Raises:
        InvalidRequest: a value has a wrong type or is out of bounds.
    """
    given = {name: _number(name, value) for name, value in numbers.items() if value is not None}
    given = {name: value for name, value in given.items() if value or not name.startswith("lines_")}
    if "tail" in given and "limit" in given:
        both = "tail gives the newest lines, limit the oldest"
        raise InvalidRequest(f"tail and limit contradict each other: {both}")
    query: Any = given
    if names := level_names(level) if level not in (None, "") else "":
        query["level"] = names
    if since is not None:
        query["since"] = _moment(since)
    for name, texts in (("q", _texts("q", q)), ("exclude", _texts("exclude", exclude))):
        if texts:
            query[name] = texts
    for name, on in (("regex", regex), ("word", word)):
        if on:
            query[name] = True
    if case is not None:
        query["case"] = case
    return cast("LogQuery", query)


def look(client: Client, run_id: str, query: LogQuery) -> LogPage:
    """Return the page that a query asks for, with lines if a short log has any.

    A look ends after 0.2 s, found or not. The first one of a process compiles patterns meanwhile,
    and on a busy machine it finds nothing; so it is repeated, for 5 s at most. In a long log a look
    without a hit says what it can: another one would begin at the same place.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    page = client.logs(run_id, query)
    while page.truncated and not page.logs and page.total_lines <= SHORT_LINES:
        if time.monotonic() > deadline:
            break
        page = client.logs(run_id, query)
    return page


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
    how = "give a datetime, or a string such as '2025-10-31T12:00:01Z'"
    raise InvalidRequest(f"since={since!r} is not a time: {how}")


def _texts(name: str, value: object) -> list[str]:
    """One text or several; empty ones, which are in every line, are left out."""
    several = isinstance(value, Iterable) and not isinstance(value, str | bytes)
    texts = [*cast("Iterable[object]", value)] if several else [] if value is None else [value]
    return [_text(name, text) for text in texts if text != ""]


def _text(name: str, text: object) -> str:
    if isinstance(text, str):
        return text
    if isinstance(text, re.Pattern):
        hint = f"did you mean {name}={text.pattern!r}, regex=True?"
        raise InvalidRequest(f"{name}={text!r} is a compiled pattern; {hint}")
    raise InvalidRequest(f"{name}={text!r} is not a string: give the text to look for")
