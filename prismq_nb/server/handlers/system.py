"""``GET /api/health`` and ``GET /api/system/stats``: for monitoring."""

from __future__ import annotations

import msgspec
from jupyter_server.auth.decorator import authorized
from tornado import web

from prismq_nb.server.http.base import BaseHandler
from prismq_nb.server.http.contents import root_of


class HealthHandler(BaseHandler):
    """``/api/health``."""

    _track_activity = False  # requested by monitoring, not by people

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Say that the server works, and how much it does."""
        health = await self.call(self.engine.health)
        is_files = root_of(self.settings.get("contents_manager")) is not None
        self.answer(msgspec.structs.replace(health, contents_files=is_files))


class SystemHandler(BaseHandler):
    """``/api/system/stats``."""

    _track_activity = False  # as above

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Send numbers of runs and modules, and the load of the machine."""
        self.answer(await self.call(self.engine.statistics))
