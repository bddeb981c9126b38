"""The public addresses of the pages, for messages that leave the server. They have no token."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

HUB_VARIABLE = "JUPYTERHUB_PUBLIC_URL"
"""JupyterHub 5 gives each server its public address, if the hub knows its own."""


def public_page(serverapp: ServerApp, run_id: str | None) -> str | None:
    """Return the address of the page of a run, or of all runs (None).

    Only what somebody has configured is public: `ServerApp.custom_display_url`, or the hub's
    `public_url`. The address that the server itself listens at is of no use elsewhere.

    Returns:
        None: it is not known.
    """
    known = serverapp.custom_display_url or os.environ.get(HUB_VARIABLE, "")
    parts = urlsplit(known)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    host = parts.netloc.rpartition("@")[2]
    path = parts.path if parts.path.strip("/") else serverapp.base_url
    page = "prismq" if run_id is None else f"prismq/runs/{run_id}"
    return f"{parts.scheme}://{host}{path.rstrip('/')}/{page}"
