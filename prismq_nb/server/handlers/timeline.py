"""The data of a timeline: lines by time and level, and CPU and memory over time."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from prismq_nb.engine.read.timeline import DEFAULT_BUCKETS, MAX_BUCKETS
from prismq_nb.errors import InvalidRequest
from prismq_nb.server.http.base import BaseHandler


class TimelineHandler(BaseHandler):
    """``/api/runs/{id}/logs/timeline``."""

    @web.authenticated
    @authorized
    async def get(self, run_id: str) -> None:
        """Count the lines of the log, as it is now, by time and level."""
        params = self.params
        begin, end = params.moment("begin"), params.moment("end")
        if begin is not None and end is not None and begin >= end:
            raise InvalidRequest(
                "begin is not before end; use an earlier begin, or omit one of them",
                parameter="begin",
            )
        buckets = params.integer("buckets", 1, MAX_BUCKETS) or DEFAULT_BUCKETS
        await self.await_repair(run_id)
        with self.engine.timeline(run_id, buckets, begin, end) as query:
            while not query.done:
                await self.compute(query.step)
            self.answer(await self.compute(query.timeline))


class UsageHandler(BaseHandler):
    """``/api/runs/{id}/usage``."""

    @web.authenticated
    @authorized
    async def get(self, run_id: str) -> None:
        """Send the run's CPU and memory over time."""
        await self.await_repair(run_id)
        self.answer(await self.call(self.engine.usage, run_id))
