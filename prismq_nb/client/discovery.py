"""Which engine this process talks to, found without anybody typing a token.

In this order, the first that there is:

1. ``PRISMQ_URL``, with ``PRISMQ_TOKEN`` (a token of that Jupyter server): said by a person, so it wins.
2. ``PRISMQ_CONNECTION_FILE``: a kernel that was started by a Jupyter server with prismq_nb. The file is read again when the server has restarted.
   Where that server listens on a Unix socket, the engine itself, on the data directory that the file names.
3. The Jupyter server that started this kernel (``JPY_PARENT_PID``), by the file that every Jupyter server leaves in Jupyter's runtime directory, if
   it has a token and prismq_nb. For kernels whose kernelspec starts them with an environment of its own.
4. No server: the engine itself, on the data directory.

Apart from http.py and local.py so that only the one that is needed gets loaded.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from prismq_nb.client.http.connection import Connection, Headers, NoAddress, from_file
from prismq_nb.errors import PrismqError

if TYPE_CHECKING:
    from collections.abc import Callable

    from prismq_nb.client.base.interface import Client

__all__ = ["current", "discover"]

# What discovery looks at. When one of them changes (`%env`, a test), it looks again.
_VARIABLES = ("PRISMQ_URL", "PRISMQ_TOKEN", "PRISMQ_CONNECTION_FILE", "JPY_PARENT_PID", "PRISMQ_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR")

_found: tuple[tuple[object, ...], Client] | None = None


def current() -> Client:
    """The client of this process; found at the first call, kept while the environment stays as it is.

    Raises:
        ServerUnreachable: the environment names a connection file that is none.
    """
    global _found  # noqa: PLW0603 - a process has one; a fork looks for its own
    key = (os.getpid(), *(os.environ.get(name) for name in _VARIABLES))
    if _found is None or _found[0] != key:
        _found = (key, discover())
    return _found[1]


def discover() -> Client:
    """Look for a server, in the order that stands at the top of this file."""
    return _by_url() or _by_connection_file() or _by_parent() or _without_server()


def _by_url() -> Client | None:
    url = os.environ.get("PRISMQ_URL")
    if not url:
        return None
    token = os.environ.get("PRISMQ_TOKEN")
    found = Connection(url, Headers(Authorization=f"token {token}") if token else Headers())
    return _http(lambda: found)


def _by_connection_file() -> Client | None:
    name = os.environ.get("PRISMQ_CONNECTION_FILE")
    if not name or not Path(name).exists():  # a server that stopped in order removes its file
        return None
    try:
        return _http(lambda: from_file(Path(name)))
    except NoAddress as error:
        return _without_server(error.data_dir)


def _by_parent() -> Client | None:
    parent = os.environ.get("JPY_PARENT_PID", "")
    if not parent.isdecimal():
        return None
    try:
        from jupyter_core.paths import jupyter_runtime_dir  # noqa: PLC0415 - every kernel has it, other processes may not
    except ImportError:
        return None
    info_file = Path(jupyter_runtime_dir(), f"jpserver-{parent}.json")

    def connect() -> Connection:
        info = json.loads(info_file.read_bytes())
        return Connection(info["url"], Headers(Authorization=f"token {info['token']}"))

    try:
        client = _http(connect)
        client.list(limit=1)
    except (OSError, ValueError, LookupError, TypeError, PrismqError):  # no such server, or one without prismq_nb or with another kind of login
        return None
    return client


def _without_server(data_dir: str | None = None) -> Client:
    from prismq_nb.client.local import LocalClient  # noqa: PLC0415 - only one of the two is needed

    return LocalClient(None if data_dir is None else Path(data_dir))


def _http(connect: Callable[[], Connection]) -> Client:
    from prismq_nb.client.http.client import HttpClient  # noqa: PLC0415 - only one of the two is needed

    return HttpClient(connect)
