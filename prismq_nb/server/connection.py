"""The connection file: how kernels find this server and prove that they may use it, with no token typed.

The file is written anew at each start of the server, under a path that stays the same, so a kernel that outlives its server (or a viewer in it) reads
the new address and secret there. The secret is the extension's own: it opens our routes and no others, and it maps to a named user who passes through
the server's authorizer like everybody else.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import psutil

from prismq_nb.common.base.state import read_json, write_atomically
from prismq_nb.common.environment import is_secret

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

_SECRET_BYTES = 32
_SAME_PROCESS_SECONDS = 1.0
"""Two start times of one process, read at two moments, differ by less than this."""


class ConnectionFile:
    """The file of one running server.

    Attributes:
        path: where it is; `secret`: what it holds.
    """

    def __init__(self, data_dir: Path, serverapp: ServerApp) -> None:
        """Writes it, mode 0600, by rename.

        Raises:
            OSError: the data directory cannot be written.
        """
        folder = data_dir / "connections"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path = _free_path(folder, f"{serverapp.root_dir}\n{serverapp.base_url}")
        self.secret = secrets.token_urlsafe(_SECRET_BYTES)
        content = {
            "version": 1,
            "url": server_url(serverapp),
            "secret": self.secret,
            "data_dir": str(data_dir),
            "pid": os.getpid(),
            "process_started": psutil.Process().create_time(),
            "env_names": sorted(name for name in os.environ if not is_secret(name)),
        }
        write_atomically(self.path, json.dumps(content, indent=1).encode() + b"\n")

    def remove(self) -> None:
        """Deletes it, if no other server has written it since."""
        if (read_json(self.path) or {}).get("secret") == self.secret:
            with suppress(OSError):
                self.path.unlink()


def server_url(serverapp: ServerApp) -> str:
    """The address at which a process on this machine reaches the server, with its base path and a slash at the end."""
    parts = urlsplit(serverapp.connection_url)
    if not serverapp.sock:
        host = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(serverapp.ip)  # noqa: S104 - looked up, not bound
        if host:
            parts = parts._replace(netloc=f"{host}:{serverapp.port}")
    return parts._replace(path=serverapp.base_url, query="", fragment="").geturl()


def _free_path(folder: Path, identity: str) -> Path:
    """The path for a server that serves `identity`: the same after each restart, another one if a live server has it."""
    stem = hashlib.sha256(identity.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    number = 1
    while True:
        path = folder / (f"{stem}.json" if number == 1 else f"{stem}-{number}.json")
        if not _is_owned(read_json(path)):
            return path
        number += 1


def _is_owned(content: dict[str, Any] | None) -> bool:
    """Whether the server that wrote a connection file still runs."""
    try:
        pid, started = int((content or {})["pid"]), float((content or {})["process_started"])
        return pid != os.getpid() and abs(psutil.Process(pid).create_time() - started) < _SAME_PROCESS_SECONDS
    except (KeyError, TypeError, ValueError, psutil.Error):
        return False
