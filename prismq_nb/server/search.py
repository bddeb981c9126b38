"""``GET /api/runs/{id}/logs/search``: the numbers of all lines that match, as server-sent events while they are found.

The work is done a step of about 10 ms at a time, by threads that all searches share: they take turns, two run at once however many were begun, and
one whose client has left or reads slowly asks for no further step. The event loop only passes on what was found.
"""

from __future__ import annotations

import time

import msgspec
from jupyter_server.auth.decorator import authorized
from tornado import web

from prismq_nb.engine.search import LogSearch, Unreadable
from prismq_nb.errors import InvalidRequest
from prismq_nb.server import sse
from prismq_nb.server.params import MAX_LINE, integer
from prismq_nb.server.streaming import EVENT_HEADERS, FAILURE, StreamingHandler

PROGRESS_SECONDS = 0.1
"""Where nothing is found, progress is told so often."""


class LogSearchHandler(StreamingHandler):
    """One search of one run's log."""

    @web.authenticated
    @authorized
    async def get(self, run_id: str) -> None:
        """Searches the log as it is now: ``snapshot``, then ``hits`` as they are found, then ``complete``."""
        params, last_id = self.params, self.request.headers.get("Last-Event-ID", "").strip()
        matcher, levels = params.matcher(), params.levels()
        if matcher is None:
            raise InvalidRequest("q is missing: send the text to look for, or a pattern and regex=true")
        with self.engine.reader(run_id) as reader:
            if last_id:
                integer("Last-Event-ID", last_id, 0, MAX_LINE)
                self.set_status(204)  # only `complete` has an id: that client has everything, and an EventSource comes back unless it hears this
                self.finish()
                return
            reader.refresh()
            await self.stream(self._search(LogSearch(reader, matcher, levels)), sse.event("error", {"error": FAILURE}))

    async def _search(self, search: LogSearch) -> None:
        await self.begin(EVENT_HEADERS)
        await self.send(sse.event("snapshot", {"lines": search.total_lines, "bytes": search.total_bytes}))
        begin = time.perf_counter()
        try:
            while not search.done and not self.is_over():
                await self.send(await self.compute(_events, search, self._now() - self._last_sent))
        except Unreadable as error:
            await self.send(sse.event("error", {"error": str(error)}))
            return
        if not self.is_over():
            total = {"hits": search.hits, "lines": search.total_lines, "bytes": search.total_bytes, "seconds": round(time.perf_counter() - begin, 6)}
            await self.send(sse.event("complete", total, search.total_lines))


def _events(search: LogSearch, silence: float) -> bytes:
    """One step, and what to tell of it; in a thread."""
    lines = search.step()
    if not lines and (silence < PROGRESS_SECONDS or search.done):
        return b""
    return b'event: hits\ndata: {"lines":%b,"lines_done":%d,"bytes_done":%d}\n\n' % (msgspec.json.encode(lines), search.lines_done, search.bytes_done)
