"""Find the engine that this process talks to, without a token to type.

The first of these that exists is used:

1. ``PRISMQ_URL``, with ``PRISMQ_TOKEN`` (a token of that Jupyter server): set by a person, so it
   takes precedence.
2. ``PRISMQ_CONNECTION_FILE``: set in kernels that a Jupyter server with prismq_nb started. The file
   is read again after the server has restarted. If the server listens on a Unix socket, the engine
   is used directly, on the data directory that the file names.
3. The Jupyter server that started this kernel (``JPY_PARENT_PID``), found by its file in Jupyter's
   runtime directory, if it has a token and prismq_nb. This covers kernels whose kernelspec replaces
   the environment.
4. No server: the engine is used directly, on the default data directory.

Clients are imported lazily, because only one of the two is needed.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from prismq_nb.client.http.connection import Connection, Headers, NoHttpAddress, from_file
from prismq_nb.errors import PrismqError

if TYPE_CHECKING:
    from collections.abc import Callable

    from prismq_nb.client.base.interface import Client

# Discovery is repeated when one of these changes (`%env`, a test).
_VARIABLES = (
    "PRISMQ_URL",
    "PRISMQ_TOKEN",
    "PRISMQ_CONNECTION_FILE",
    "JPY_PARENT_PID",
    "PRISMQ_DATA_DIR",
    "JUPYTER_RUNTIME_DIR",
    "JUPYTER_DATA_DIR",
)

_cached: tuple[tuple[object, ...], Client] | None = None


def current() -> Client:
    """Return the client of this process, cached until the environment changes.

    Raises:
        ServerUnreachable: the connection file is invalid.
    """
    global _cached  # noqa: PLW0603 - one per process; a fork repeats the discovery
    key = (os.getpid(), *(os.environ.get(name) for name in _VARIABLES))
    if _cached is None or _cached[0] != key:
        _cached = (key, discover())
    return _cached[1]


def discover() -> Client:
    """Find a client in the order that the module docstring gives."""
    return _by_url() or _by_connection_file() or _by_parent() or _without_server()


def _by_url() -> Client | None:
    url = os.environ.get("PRISMQ_URL")
    if not url:
        return None
    token = os.environ.get("PRISMQ_TOKEN")
    connection = Connection(url, Headers(Authorization=f"token {token}") if token else Headers())
    return _http(lambda: connection)


def _by_connection_file() -> Client | None:
    name = os.environ.get("PRISMQ_CONNECTION_FILE")
    if not name or not Path(name).exists():  # a server removes its file when it stops
        return None
    try:
        return _http(lambda: from_file(Path(name)))
    except NoHttpAddress as error:
        return _without_server(error.data_dir)


def _by_parent() -> Client | None:
    parent = os.environ.get("JPY_PARENT_PID", "")
    if not parent.isdecimal():
        return None
    try:
        # kernels have jupyter_core, other processes may not
        from jupyter_core.paths import jupyter_runtime_dir  # noqa: PLC0415
    except ImportError:
        return None
    info_file = Path(jupyter_runtime_dir(), f"jpserver-{parent}.json")

    def connect() -> Connection:
        info = json.loads(info_file.read_bytes())
        return Connection(info["url"], Headers(Authorization=f"token {info['token']}"))

    try:
        client = _http(connect)
        client.list(limit=1)
    # there is no such server, or it has no prismq_nb or another kind of login
    except (OSError, ValueError, LookupError, TypeError, PrismqError):
        return None
    return client


def _without_server(data_dir: str | None = None) -> Client:
    # Only one of the two clients is needed, and this one loads the engine.
    from prismq_nb.client.local import LocalClient  # noqa: PLC0415

    return LocalClient(None if data_dir is None else Path(data_dir))


def _http(connect: Callable[[], Connection]) -> Client:
    # Only one of the two clients is needed, and this one loads requests.
    from prismq_nb.client.http.client import HttpClient  # noqa: PLC0415

    return HttpClient(connect)
