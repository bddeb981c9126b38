"""The query of a log, from what people write: level names in a list, a `datetime`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prismq_nb.client.interface import LogQuery

__all__ = ["log_query"]


def log_query(
    *,
    regex: bool,
    level: str | Iterable[str] | None,
    since: str | datetime | None,
    **rest: Any,
) -> LogQuery:
    """Return the arguments of a request, without those that are None.

    Args:
        regex: `q` is a regular expression.
        level: names with commas between them, or several names.
        since: ISO 8601 text as it is, or a datetime; one without a time zone is local time.
        rest: further fields of a `LogQuery`.
    """
    query: Any = {name: value for name, value in rest.items() if value is not None}
    if level:
        query["level"] = level if isinstance(level, str) else ",".join(level)
    if isinstance(since, datetime):
        utc = since.astimezone(UTC).isoformat(timespec="microseconds")
        query["since"] = utc.replace("+00:00", "Z")
    elif since is not None:
        query["since"] = since
    if regex:
        query["regex"] = True
    return cast("LogQuery", query)
