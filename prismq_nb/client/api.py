"""The small public functions beside `launch`: finding runs that exist, and the server that they are on.

Apart from run.py and launch.py because it is what the package root gives out under its own names.
"""

from __future__ import annotations

from typing import Any

from prismq_nb.client.base.whole_numbers import whole
from prismq_nb.client.discovery import current
from prismq_nb.client.http.connection import Connection
from prismq_nb.client.run.find import find
from prismq_nb.client.run.run import Run
from prismq_nb.client.runs_table import Runs
from prismq_nb.common.spelling import did_you_mean
from prismq_nb.errors import InvalidRequest, ServerUnreachable

__all__ = ["connection", "get", "runs"]

MAX_RUNS = 1000
STATUSES = ("queued", "running", "completed", "failed", "cancelled")


def get(run_id: str | Run) -> Run:
    """Return a run that was started before, here or elsewhere, by its id or name.

    Args:
        run_id: its id, or a name, which stands for the newest run of that name.

    Raises:
        RunNotFound: there is no such run; the message suggests one with a similar name.

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
    status: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> Runs:
    """List runs, newest first; with several conditions, those that meet all of them.

    Args:
        q: only runs with this text in their id, name or arguments.
        module_id: only runs of this module.
        status: only runs with this status: ``queued``, ``running``, ``completed``, ``failed`` or ``cancelled``.
        limit: number of runs at most, 1 to 1,000.
        offset: number of the newest runs to skip.

    Returns:
        A list of `Run` that prints as a table, with `total`. A notebook shows the table live: it
        can be filtered and sorted there, and runs be opened, stopped and started again.

    Raises:
        InvalidRequest: the status is unknown, or a number is out of bounds.
    """
    client = current()
    status = None if status is None else _status(status)
    limit, offset = whole("limit", limit, 1, MAX_RUNS), whole("offset", offset, 0)
    query: dict[str, Any] = {"q": q, "module_id": module_id, "status": status, "limit": limit, "offset": offset}
    page = client.list(**query)
    return Runs((Run(client, record) for record in page.runs), page.total, query)


def _status(status: object) -> str:
    word = str(status).strip().lower()
    if word in STATUSES:
        return word
    hint = did_you_mean(word, STATUSES) or f"; give one of {', '.join(STATUSES)}"
    raise InvalidRequest(f"status={status!r} is not a status{hint}")


def connection() -> Connection:
    """Return the address and credentials of the Jupyter server, for any HTTP library.

    Raises:
        ServerUnreachable: there is no Jupyter server with prismq_nb around this process, or it listens
            on a Unix socket.

    Example:
        >>> server = prismq_nb.connection()
        >>> requests.get(f"{server.url}/api/runs/{run.run_id}/logs", params={"tail": 50}, headers=server.headers).json()
    """
    client: Any = current()
    if not hasattr(client, "connection"):
        raise ServerUnreachable(
            "No Jupyter server with prismq_nb can be reached over HTTP from this process (one on a "
            "Unix socket cannot): runs are started directly here, without HTTP."
        )
    client.look_again()  # what is handed out cannot find a server that has restarted by itself
    assert isinstance(client.connection, Connection)
    return client.connection
