"""The public functions besides `launch`: `get`, `runs` and `connection`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from prismq_nb.client.base.arguments import string_option
from prismq_nb.client.base.integers import checked_integer
from prismq_nb.client.base.moments import moment_text
from prismq_nb.client.discovery import current
from prismq_nb.client.http.connection import Connection
from prismq_nb.client.run.find import find
from prismq_nb.client.run.run import Run
from prismq_nb.client.runs_table import Runs
from prismq_nb.common.spelling import did_you_mean
from prismq_nb.errors import InvalidRequest, ServerUnreachable

if TYPE_CHECKING:
    from prismq_nb.common.run_query import RunQuery

MAX_RUNS = 1000
STATUSES = ("queued", "running", "completed", "failed", "cancelled")


def get(run_id: str | Run) -> Run:
    """Return an existing run by its id or name, whoever started it.

    Args:
        run_id: the id of a run, or a name, which means the newest run of that name.

    Raises:
        RunNotFound: there is no such run; the message suggests a similar name.
        InvalidRequest: `run_id` is not a string, or empty.
        ServerUnreachable: the Jupyter server does not respond.

    Example:
        >>> prismq_nb.get("train").logs(tail=20)
    """
    if isinstance(run_id, Run):
        return run_id.refresh()
    client = current()
    return Run(client, find(client, run_id))


def runs(
    q: str | None = None,
    *,
    module_id: str | None = None,
    module_key: str | None = None,
    notebook: str | os.PathLike[str] | None = None,
    status: str | Sequence[str] | None = None,
    since: str | datetime | None = None,
    before: str | datetime | None = None,
    changed_since: str | datetime | None = None,
    sort: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> Runs:
    """Return the runs that meet all conditions, newest first.

    Args:
        q: text that must be in the id, name or arguments of a run.
        module_id: id of the script, module or command.
        module_key: what they are runs of, see `Run.module_key`.
        notebook: path of the notebook that started them, or whose cell they are: absolute, or
            relative to the root of the Jupyter server.
        status: ``queued``, ``running``, ``completed``, ``failed`` or ``cancelled``, or several.
        since: created later than this time: a datetime, or ISO 8601.
        before: created earlier than this time.
        changed_since: changed later than this time; runs that go on always count.
        sort: ``created_at``, ``duration``, ``name`` or ``errors``; with ``-`` before it, the
            newest, longest or highest first. Default: ``-created_at``.
        limit: the largest number of runs to return, 1 to 1,000.
        offset: number of runs to skip, 0 or more.

    Returns:
        A list of `Run` that prints as a table; its `total` counts all runs that match, and its
        `counts` those of each status. A notebook shows a live table in which runs can be filtered,
        sorted, opened, stopped and restarted; with other conditions than `q`, `module_id` and one
        status, it shows a table as of now.

    Raises:
        InvalidRequest: a status, a time or the order is unknown, or a number is out of bounds.
        ServerUnreachable: the Jupyter server does not respond.

    Example:
        >>> for run in prismq_nb.runs("train", status="failed"):
        ...     print(run.created_at, run.error_message)
        >>> prismq_nb.runs(sort="-errors", status=["failed", "cancelled"], limit=10)
    """
    client = current()
    times = {"since": since, "before": before, "changed_since": changed_since}
    query: RunQuery = {
        "q": q,
        "module_id": module_id,
        "module_key": module_key,
        "notebook": None if notebook is None else string_option("notebook", notebook),
        "status": None if status is None else status_names(status),
        **cast("RunQuery", {name: optional_moment(name, value) for name, value in times.items()}),
        "sort": None if sort is None else string_option("sort", sort),
        "limit": checked_integer("limit", limit, 1, MAX_RUNS),
        "offset": checked_integer("offset", offset, 0),
    }
    page = client.list(**query)
    return Runs((Run(client, info) for info in page.runs), page.total, query, page.counts)


def optional_moment(name: str, value: object) -> str | None:
    """Return a time as the server takes it; None: there is none. Raises `InvalidRequest`."""
    return None if value is None else moment_text(name, value)


def status_names(status: object) -> str:
    """Return statuses as the server takes them. Raises `InvalidRequest` for an unknown one."""
    several = isinstance(status, (list, tuple, set, frozenset))
    given = cast("Sequence[object]", status) if several else str(status).split(",")
    return ",".join(_status(one) for one in given)


def _status(status: object) -> str:
    word = str(status).strip().lower()
    if word in STATUSES:
        return word
    hint = did_you_mean(word, STATUSES) or f"; use one of {', '.join(STATUSES)}"
    raise InvalidRequest(f"status={status!r} is not a valid status{hint}", parameter="status")


def connection() -> Connection:
    """Return the address and credentials of the Jupyter server, for use with any HTTP library.

    Raises:
        ServerUnreachable: this process has no Jupyter server with prismq_nb, or the server listens
            on a Unix socket.

    Example:
        >>> server = prismq_nb.connection()
        >>> url = f"{server.url}/api/runs/{run.run_id}/logs"
        >>> requests.get(url, params={"tail": 50}, headers=server.headers).json()
    """
    client: Any = current()
    if not hasattr(client, "connection"):
        raise ServerUnreachable(
            "there is no Jupyter server with prismq_nb that this process can reach over HTTP (Unix "
            "sockets do not count), so runs start without one; set PRISMQ_URL and PRISMQ_TOKEN "
            "to use a server"
        )
    client.reload_connection()  # the server may have restarted
    assert isinstance(client.connection, Connection)
    return client.connection
