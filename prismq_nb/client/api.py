"""The small public functions beside `launch`: finding runs that exist, and the server that they are on.

Apart from run.py and launch.py because it is what the package root gives out under its own names.
"""

from __future__ import annotations

from typing import Any

from prismq_nb.client.connection import Connection
from prismq_nb.client.discovery import current
from prismq_nb.client.lines import Runs
from prismq_nb.client.run import Run
from prismq_nb.errors import ServerUnreachable

__all__ = ["connection", "get", "runs"]


def get(run_id: str) -> Run:
    """The handle of a run that was started before, here or anywhere else.

    Raises:
        RunNotFound: there is no such run.
    """
    client = current()
    return Run(client, client.get(run_id))


def runs(*, module_id: str | None = None, status: str | None = None, q: str | None = None, limit: int = 50, offset: int = 0) -> Runs:
    """Runs, newest first; all conditions must hold.

    Args:
        module_id: only runs of this module.
        status: only runs with this status: ``queued``, ``running``, ``completed``, ``failed`` or ``cancelled``.
        q: only runs with this text in their id or name.
        limit: at most so many.
        offset: leave out the newest so many.

    Returns:
        A list of `Run` that prints as a table, with `total`.
    """
    client = current()
    page = client.list(module_id=module_id, status=status, q=q, limit=limit, offset=offset)
    return Runs((Run(client, record) for record in page.runs), page.total)


def connection() -> Connection:
    """Address and credentials of the Jupyter server, to use its REST and SSE endpoints from any HTTP library; no token need be typed.

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
            "There is no Jupyter server with prismq_nb that HTTP clients can reach around this "
            "process (one on a Unix socket is none): runs are started directly here, without HTTP."
        )
    client.look_again()  # what is handed out cannot find a server that has restarted by itself
    assert isinstance(client.connection, Connection)
    return client.connection
