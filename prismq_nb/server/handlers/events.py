"""``GET /api/runs/events``: what changes in the list of runs, from any position that is known.

The position is an id of an event. Nothing is remembered of a client: one that is slow, or comes
back, gets what has changed since its position, each run once.
"""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from prismq_nb.engine.live.change_log import ChangeLog
from prismq_nb.server.handlers.stream import RETRY_MILLISECONDS
from prismq_nb.server.http import sse
from prismq_nb.server.http.change_cursor import ChangeCursor
from prismq_nb.server.http.streaming import EVENT_HEADERS, FAILURE, StreamingHandler


class RunEventsHandler(StreamingHandler):
    """One subscriber of the list of runs."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Stream until the client leaves or the server stops."""
        after = self.params.text("after")
        position = self.request.headers.get("Last-Event-ID", "").strip() or after
        with self.services.admission.admitted():
            async with self.services.changes.follow(self.wake) as log:
                await self.stream(
                    self._follow(log, position), sse.event("error", {"error": FAILURE})
                )

    async def _follow(self, log: ChangeLog, position: str | None) -> None:
        """Send what is new, then wait."""
        cursor = ChangeCursor(log, position)
        await self.begin(EVENT_HEADERS)
        await self.send(sse.retry(RETRY_MILLISECONDS))
        while not self.is_over():
            await self.turn()
            if piece := cursor.piece():
                await self.send(piece)
            else:
                await self.wait_for_changes()
