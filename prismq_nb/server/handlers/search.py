"""``GET /api/runs/{id}/logs/search``: the numbers of all lines that match, as server-sent events while they are found.

The work is done a step of about 10 ms at a time, by threads that all searches share: they take turns, two run at once however many were begun, and
one whose client has left or reads slowly asks for no further step. The event loop only passes on what was found.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import msgspec
from jupyter_server.auth.decorator import authorized
from tornado import web

from prismq_nb.engine.read.context import ContextSearch
from prismq_nb.engine.read.level_search import LevelSearch
from prismq_nb.engine.read.search import LogSearch, Unreadable
from prismq_nb.errors import InvalidRequest
from prismq_nb.server.http import sse
from prismq_nb.server.http.params import MAX_LINE, integer
from prismq_nb.server.http.streaming import EVENT_HEADERS, FAILURE, StreamingHandler

if TYPE_CHECKING:
    from prismq_nb.journal.reader import JournalReader

Search: TypeAlias = LogSearch | LevelSearch | ContextSearch

MAX_EVERY = 65_536
"""Of so many hits, one number is sent at least: a page that shows a hundred million hits needs some of their numbers, not all."""
PROGRESS_SECONDS = 0.1
"""Where nothing is found, progress is told so often."""


class LogSearchHandler(StreamingHandler):
    """One search of one run's log."""

    @web.authenticated
    @authorized
    async def get(self, run_id: str) -> None:
        """Searches the log as it is now: ``snapshot``, then ``hits`` as they are found, then ``complete``."""
        last_id = self.request.headers.get("Last-Event-ID", "").strip()
        begin = self._asked()
        await self.settle(run_id)
        with self.services.readers.closing(self.engine.reader(run_id)) as reader:
            if last_id:
                integer("Last-Event-ID", last_id, 0, MAX_LINE)
                self.set_status(204)  # only `complete` has an id: that client has everything, and an EventSource comes back unless it hears this
                self.finish()
                return
            reader.refresh()
            failure = sse.event("error", {"error": FAILURE})
            await self.stream(self._search(begin(reader), reader), failure)

    def _asked(self) -> Callable[[JournalReader], Search]:
        """The search that the parameters ask for, yet without a log."""
        params = self.params
        matcher, (levels, records) = params.matcher(), params.level_filter()
        around = params.around()
        every, after = params.integer("every", 1, MAX_EVERY) or 1, params.integer("after", -1, MAX_LINE)
        first = 0 if after is None else after + 1
        if matcher is None and levels is None:
            raise InvalidRequest("q and level are missing: send the text to look for, or a pattern and regex=true, or levels")

        def begin(reader: JournalReader, first: int, every: int) -> LogSearch | LevelSearch:
            reader.records_only = records
            if matcher is not None:
                return LogSearch(reader, matcher, levels, first=first, every=every)
            return LevelSearch(reader, levels or frozenset(), first=first, every=every)

        def begin_around(reader: JournalReader) -> ContextSearch:
            return ContextSearch(lambda start: begin(reader, start, 1), around, first=first, every=every)

        return begin_around if any(around) else lambda reader: begin(reader, first, every)

    async def _search(self, search: Search, reader: JournalReader) -> None:
        await self.begin(EVENT_HEADERS)
        await self.send(sse.event("snapshot", {"lines": search.total_lines, "bytes": search.total_bytes}))
        begin = time.perf_counter()
        try:
            while not search.done and not self.is_over():
                silence = self._now() - self._last_sent
                await self.send(await self.compute(_events, search, silence, reader=reader))
        except Unreadable as error:
            await self.send(sse.event("error", {"error": str(error)}))
            return
        if not self.is_over():
            total = {"hits": search.hits, "lines": search.total_lines, "bytes": search.total_bytes, "seconds": round(time.perf_counter() - begin, 6)}
            await self.send(sse.event("complete", total, search.total_lines))


def _events(search: Search, silence: float) -> bytes:
    """One step, and what to tell of it; in a thread."""
    lines = search.step()
    if not lines and (silence < PROGRESS_SECONDS or search.done):
        return b""
    data = {"lines": lines, "hits": search.hits, "lines_done": search.lines_done, "bytes_done": search.bytes_done}
    return b"event: hits\ndata: %b\n\n" % msgspec.json.encode(data)
