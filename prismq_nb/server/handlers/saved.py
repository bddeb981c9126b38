"""The run as a saved notebook shows it, for kernels and front ends that write notebooks."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from prismq_nb.engine.read.context import log_query
from prismq_nb.engine.read.saved import SAVED_LINES, saved_text
from prismq_nb.server.http.base import BaseHandler


class SavedHandler(BaseHandler):
    """``/api/runs/{id}/saved``."""

    _track_activity = False  # requested by pages, not by people

    @web.authenticated
    @authorized
    async def get(self, run_id: str) -> None:
        """Send its text and HTML, with the newest lines that pass the filters."""
        params = self.params
        matcher, levels, context = params.matcher(typed="query"), params.levels(), params.context()
        await self.await_repair(run_id)
        run = self.engine.get(run_id)
        with self.engine.reader(run_id) as reader:
            query = log_query(
                reader,
                run_id,
                context,
                tail=SAVED_LINES,
                levels=levels,
                matcher=matcher,
            )
            while not await self.compute(query.step):
                await self.turn()
            page = query.page()
        command = self.engine.command_line(run_id)
        self.answer(await self.compute(saved_text, run, command, page))
