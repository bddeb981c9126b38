"""The connection file: how kernels find this server and authenticate without a typed token.

It is written at each start of the server, under a path that stays the same. So a kernel that
outlives its server, or a viewer in it, finds the new address and secret there. The secret is the
extension's own: it opens our routes and no others, and stands for a named user, who is subject to
the server's authorizer like all others.
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
    from collections.abc import Mapping

    from jupyter_server.serverapp import ServerApp

_SECRET_BYTES = 32
_SAME_PROCESS_SECONDS = 1.0
"""Two readings of a process's start time differ by less than this."""


class ConnectionFile:
    """The connection file of one running server.

    Attributes:
        path: its path.
        secret: the secret in it.
    """

    def __init__(
        self, data_dir: Path, serverapp: ServerApp, limits: Mapping[str, int | None] | None = None
    ) -> None:
        """Write it, mode 0600, and rename it into place.

        Args:
            data_dir: holds the runs.
            serverapp: the server.
            limits: what one run may store, as fields of `Limits`: kernels start the supervisors of
                their cells.

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
            "limits": dict(limits or {}),
            "pid": os.getpid(),
            "process_started": psutil.Process().create_time(),
            "env_names": sorted(name for name in os.environ if not is_secret(name)),
        }
        write_atomically(self.path, json.dumps(content, indent=1).encode() + b"\n")

    def remove(self) -> None:
        """Delete it, unless another server has written it since."""
        if (read_json(self.path) or {}).get("secret") == self.secret:
            with suppress(OSError):
                self.path.unlink()


def server_url(serverapp: ServerApp) -> str:
    """Return the server's URL for local processes, with its base path and a final slash."""
    parts = urlsplit(serverapp.connection_url)
    if not serverapp.sock:
        # a lookup, not a bind
        host = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(serverapp.ip)  # noqa: S104
        if host:
            parts = parts._replace(netloc=f"{host}:{serverapp.port}")
    return parts._replace(path=serverapp.base_url, query="", fragment="").geturl()


def _free_path(folder: Path, identity: str) -> Path:
    """Return the path for a server that serves `identity`: the same after each restart.

    If a live server uses that path, return another one.
    """
    stem = hashlib.sha256(identity.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    number = 1
    while True:
        path = folder / (f"{stem}.json" if number == 1 else f"{stem}-{number}.json")
        if not _is_owned(read_json(path)):
            return path
        number += 1


def _is_owned(content: dict[str, Any] | None) -> bool:
    """Return whether the server that wrote a connection file is still running."""
    try:
        pid, started = int((content or {})["pid"]), float((content or {})["process_started"])
        return (
            pid != os.getpid()
            and abs(psutil.Process(pid).create_time() - started) < _SAME_PROCESS_SECONDS
        )
    except (KeyError, TypeError, ValueError, psutil.Error):
        return False
