"""``GET /api/runs/{id}/logs/search``: all matching lines, as server-sent events.

The work is done in steps of about 10 ms by threads that all searches share. Searches take turns,
two run at once however many there are, and one whose client has left or reads slowly gets no
further step. The event loop only passes on what was found.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import msgspec
from jupyter_server.auth.decorator import authorized
from tornado import web

from prismq_nb.engine.read.context import Context, ContextSearch, log_query
from prismq_nb.engine.read.level_search import LevelSearch
from prismq_nb.engine.read.search import LogSearch, Unreadable
from prismq_nb.errors import InvalidRequest
from prismq_nb.server.handlers.hit_lines import MAX_WITH_LINES, HitLines
from prismq_nb.server.http import sse
from prismq_nb.server.http.params import MAX_LINE, integer
from prismq_nb.server.http.streaming import EVENT_HEADERS, FAILURE, StreamingHandler

if TYPE_CHECKING:
    from typing import Self

    from prismq_nb.engine.read.context import ContextQuery
    from prismq_nb.engine.read.poll import LogQuery
    from prismq_nb.journal.reader import JournalReader
    from prismq_nb.journal.search.terms import LineFilter
    from prismq_nb.server.http.params import Params

Search: TypeAlias = LogSearch | LevelSearch | ContextSearch

MAX_EXACT = 1_000_000
"""Maximum number of hits whose numbers are all sent, whatever `every` says."""
MAX_EVERY = 65_536
"""At least one of this many hits is sent: a page that shows a hundred million hits needs some of
their numbers, not all."""
PROGRESS_SECONDS = 0.1
"""Time between two reports of progress while nothing is found."""


@dataclass(frozen=True)
class _Wanted:
    """The parameters of a search."""

    matcher: LineFilter | None
    levels: frozenset[int] | None
    records: bool
    context: Context
    first: int
    every: int
    exact: int

    @classmethod
    def of(cls, params: Params) -> Self:
        """Check the parameters.

        Raises:
            InvalidRequest: one of them is invalid, or there is nothing to search for.
        """
        matcher, (levels, records) = params.matcher(), params.level_filter()
        after = params.integer("after", -1, MAX_LINE)
        wanted = cls(
            matcher,
            levels,
            records,
            params.context(),
            0 if after is None else after + 1,
            params.integer("every", 1, MAX_EVERY) or 1,
            params.integer("exact", 0, MAX_EXACT) or 0,
        )
        if matcher is None and levels is None:
            raise InvalidRequest(
                "q and level are missing; use q for a text or, with regex=true, a pattern, or level"
                " for levels",
                parameter="q",
            )
        return wanted

    def search(self, reader: JournalReader) -> Search:
        """Begin the search."""
        reader.records_only = self.records
        first, every, exact = self.first, self.every, self.exact
        if not any(self.context):
            return self._search(reader, first, every, exact)
        return ContextSearch(
            lambda start: self._search(reader, start),
            self.context,
            first=first,
            every=every,
            exact=exact,
        )

    def newest(self, reader: JournalReader, run_id: str, count: int) -> LogQuery | ContextQuery:
        """Begin a poll for the newest hits."""
        reader.records_only = self.records
        return log_query(
            reader,
            run_id,
            self.context,
            tail=count,
            after=self.first - 1,
            levels=self.levels,
            matcher=self.matcher,
        )

    def _search(
        self, reader: JournalReader, first: int, every: int = 1, exact: int = 0
    ) -> LogSearch | LevelSearch:
        if self.matcher is None:
            levels = self.levels or frozenset()
            return LevelSearch(reader, levels, first=first, every=every, exact=exact)
        return LogSearch(reader, self.matcher, self.levels, first=first, every=every, exact=exact)


class LogSearchHandler(StreamingHandler):
    """One search of one run's log."""

    @web.authenticated
    @authorized
    async def get(self, run_id: str) -> None:
        """Search the log as it is now: ``snapshot``, ``hits`` as they are found, ``complete``."""
        last_id = self.request.headers.get("Last-Event-ID", "").strip()
        wanted = _Wanted.of(self.params)
        count = self.params.integer("with_lines", 0, MAX_WITH_LINES) or 0
        await self.await_repair(run_id)
        with ExitStack() as readers:
            reader, line_reader, end_reader = (
                readers.enter_context(self.services.readers.closing(self.engine.reader(run_id)))
                for _ in range(3)
            )
            if last_id:
                integer("Last-Event-ID", last_id, 0, MAX_LINE)
                # Only `complete` has an id, so the client has everything; without this answer an
                # EventSource would reconnect (WHATWG HTML, section 9.2.3).
                self.set_status(204)
                self.finish()
                return
            reader.refresh()

            def newest(reader: JournalReader) -> LogQuery | ContextQuery:
                # another matcher, since the search uses its own in another thread
                return _Wanted.of(self.params).newest(reader, run_id, count)

            lines = HitLines(count, (line_reader, end_reader), newest, run_id, self.compute)
            failure = sse.event("error", {"error": FAILURE})
            await self.stream(self._search(wanted.search(reader), reader, lines), failure)

    async def _search(self, search: Search, reader: JournalReader, lines: HitLines) -> None:
        await self.begin(EVENT_HEADERS)
        await self.send(
            sse.event("snapshot", {"lines": search.total_lines, "bytes": search.total_bytes})
        )
        begin = time.perf_counter()
        try:
            while not search.done and not self.is_over():
                silence = self._now() - self._last_sent
                numbers, event = await self.compute(_step, search, silence, reader=reader)
                await self.send(event + await lines.first(numbers))
                if not search.done:
                    await self.send(lines.newest())
            await self.send(await lines.last(search.hits))
        except Unreadable as error:
            await self.send(sse.event("error", {"error": str(error)}))
            return
        finally:
            await lines.stop()
        if not self.is_over():
            total = {
                "hits": search.hits,
                "lines": search.total_lines,
                "bytes": search.total_bytes,
                "seconds": round(time.perf_counter() - begin, 6),
            }
            await self.send(sse.event("complete", total, search.total_lines))


def _step(search: Search, silence: float) -> tuple[list[int], bytes]:
    """Search for about 10 ms; return the numbers of hits, and the event that says so."""
    lines = search.step()
    if not lines and (silence < PROGRESS_SECONDS or search.done):
        return lines, b""
    data = {
        "lines": lines,
        "hits": search.hits,
        "lines_done": search.lines_done,
        "bytes_done": search.bytes_done,
    }
    return lines, b"event: hits\ndata: %b\n\n" % msgspec.json.encode(data)
