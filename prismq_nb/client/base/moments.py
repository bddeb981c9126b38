"""Times that people pass as arguments."""

from __future__ import annotations

from datetime import UTC, datetime

from prismq_nb.errors import InvalidRequest


def moment_text(name: str, value: object) -> str:
    """Return a time as the server takes it.

    Args:
        name: of the argument.
        value: ISO 8601, passed on as it is, or a datetime (local time if it has no time zone).

    Raises:
        InvalidRequest: it is neither.
    """
    if isinstance(value, datetime):
        utc = value.astimezone(UTC).isoformat(timespec="microseconds")
        return utc.replace("+00:00", "Z")
    if isinstance(value, str):
        return value
    how = "use a datetime, or ISO 8601 such as '2025-10-31T12:00:01Z'"
    raise InvalidRequest(f"{name}={value!r} is not a valid time; {how}", parameter=name)
