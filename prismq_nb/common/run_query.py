"""`RunQuery`: the query parameters of ``GET /api/runs``. Imports nothing of this project."""

from __future__ import annotations

from typing import TypedDict

SORTS = ("created_at", "duration", "name", "errors")
"""What a list can be sorted by; with a ``-`` before it: highest, longest or newest first."""
DEFAULT_SORT = "-created_at"


class RunQuery(TypedDict, total=False):
    """Which runs to list, and in which order. What is missing, empty or None does not filter.

    Attributes:
        q: text that the id, the name or the arguments contain, ignoring case.
        module_id: id of the module.
        module_key: what they are runs of, see `RunInfo.module_key`.
        notebook: path of the notebook that started them, or whose cell they are.
        status: names of statuses, comma-separated.
        since: created later than this time (ISO 8601).
        before: created earlier than this time (ISO 8601).
        changed_since: changed later than this time (ISO 8601); active runs always count.
        sort: one of `SORTS`, with or without ``-``. Among equals the newest is first, and runs
            without a value are last.
        limit: the largest number of runs.
        offset: number of runs to leave out.
    """

    q: str | None
    module_id: str | None
    module_key: str | None
    notebook: str | None
    status: str | None
    since: str | None
    before: str | None
    changed_since: str | None
    sort: str | None
    limit: int
    offset: int
