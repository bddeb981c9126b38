"""``GET /api/runs/{id}/launch``: how a run was started, and where its files are in Jupyter."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec
from jupyter_server.auth.decorator import authorized
from tornado import web

from prismq_nb.server.http.base import BaseHandler
from prismq_nb.server.http.contents import root_of


class LaunchHandler(BaseHandler):
    """``/api/runs/{id}/launch``."""

    _track_activity = False  # requested by pages, not by people

    @web.authenticated
    @authorized
    async def get(self, run_id: str) -> None:
        """Send command, folder, interpreter, machine and user; secrets are masked."""
        await self.await_repair(run_id)
        launch = await self.call(self.engine.launch_of, run_id)
        places = await self.call(_places, self.settings.get("contents_manager"))
        self.answer(msgspec.structs.replace(launch, **places))


def _places(contents: object) -> dict[str, Any]:
    """Return the folder that editors open files in, by all its names, and the home directory."""
    home = str(Path.home())
    root = root_of(contents)
    if root is None:
        return {"roots": [], "home": home}
    return {"roots": list(dict.fromkeys([root, os.path.realpath(root)])), "home": home}
