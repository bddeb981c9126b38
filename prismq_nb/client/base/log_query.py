"""Build the query of a log from the arguments of `Run.logs`, and fetch its lines."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

from prismq_nb.client.base.integers import checked_integer
from prismq_nb.client.base.level_names import is_level, level_names
from prismq_nb.client.base.moments import moment_text
from prismq_nb.errors import InvalidRequest

if TYPE_CHECKING:
    from prismq_nb.client.base.interface import Client, LogQuery
    from prismq_nb.common.log_models import LogPage

SHORT_LINES = 100_000
"""Logs up to this length are searched in a fifth of the server's time limit for a poll."""
MAX_POLLING_SECONDS = 5.0

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
    """Return the parameters of a request, without those that are None.

    Args:
        regex: treat `q` and `exclude` as regular expressions.
        word: match whole words only.
        case: match case; None: only with `regex`.
        level: see `level_names`; empty: all levels.
        since: ISO 8601, passed on as it is, or a datetime (local time if it has no time zone).
        q: text that a line must contain, or several.
        exclude: text that a line must not contain, or several.
        numbers: `tail`, `limit`, `after` and `before`, and `lines_before` and `lines_after`, which
            are left out if they are 0.

    Raises:
        InvalidRequest: a value has the wrong type or is out of bounds.
    """
    given = {name: _number(name, value) for name, value in numbers.items() if value is not None}
    given = {name: value for name, value in given.items() if value or not name.startswith("lines_")}
    if "tail" in given and "limit" in given:
        why = "tail selects the newest lines, limit the oldest; remove one"
        raise InvalidRequest(f"tail and limit cannot be combined: {why}", parameter="tail")
    query: Any = given
    if names := level_names(level) if level not in (None, "") else "":
        query["level"] = names
    if since is not None:
        query["since"] = moment_text("since", since)
    for name, texts in (("q", _texts("q", q)), ("exclude", _texts("exclude", exclude))):
        if texts:
            query[name] = texts
    for name, on in (("regex", regex), ("word", word)):
        if on:
            query[name] = True
    if case is not None:
        query["case"] = case
    return cast("LogQuery", query)


def fetch_page(client: Client, run_id: str, query: LogQuery) -> LogPage:
    """Return the lines of a query, and repeat a poll that found nothing in a short log.

    The server ends a poll after 0.2 s. The first one of a process spends part of that on compiling
    patterns, so on a busy machine it may find nothing; it is repeated for 5 s at most. In a long
    log, a poll without a match is final, because another one would start at the same line.
    """
    deadline_s = time.monotonic() + MAX_POLLING_SECONDS
    page = client.logs(run_id, query)
    while page.truncated and not page.logs and page.total_lines <= SHORT_LINES:
        if time.monotonic() > deadline_s:
            break
        page = client.logs(run_id, query)
    return page


def _number(name: str, value: object) -> int:
    low, high = _BOUNDS[name]
    if name != "tail" or not isinstance(value, str) or value.strip().isdigit():
        return checked_integer(name, value, low, high)
    meant = "level" if is_level(value) else "q"
    return checked_integer(name, value, low, high, f"; did you mean {meant}={value!r}?")


def _texts(name: str, value: object) -> list[str]:
    """Return one text or several as a list, without empty ones, which match every line."""
    several = isinstance(value, Iterable) and not isinstance(value, str | bytes)
    texts = [*cast("Iterable[object]", value)] if several else [] if value is None else [value]
    return [_text(name, text) for text in texts if text != ""]


def _text(name: str, text: object) -> str:
    if isinstance(text, str):
        return text
    if isinstance(text, re.Pattern):
        hint = f"did you mean {name}={text.pattern!r}, regex=True?"
        raise InvalidRequest(f"{name}={text!r} is a compiled pattern; {hint}", parameter=name)
    raise InvalidRequest(
        f"{name}={text!r} is not a string; pass the text to search for", parameter=name
    )
