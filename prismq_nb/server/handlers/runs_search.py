"""``GET /api/runs/search``: all runs whose logs have a text, as server-sent events.

The work is done in the steps and threads of the search of one log (`search`): it takes turns with
other searches, and none is done for a client that has left or reads slowly.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final, cast

from jupyter_server.auth.decorator import authorized
from tornado import web

from prismq_nb.engine.read.runs_search import (
    DEFAULT_HITS,
    DEFAULT_LINES,
    MAX_HITS,
    MAX_LINES,
    HitsQuery,
)
from prismq_nb.engine.store.run_filter import run_filter
from prismq_nb.errors import InvalidRequest
from prismq_nb.server.handlers.runs import MAX_RUNS
from prismq_nb.server.handlers.search import PROGRESS_SECONDS
from prismq_nb.server.http import sse
from prismq_nb.server.http.contents import kernel_path
from prismq_nb.server.http.params import MAX_LINE, Params, integer
from prismq_nb.server.http.streaming import EVENT_HEADERS, FAILURE, StreamingHandler

if TYPE_CHECKING:
    from prismq_nb.common.run_query import RunQuery
    from prismq_nb.engine.read.runs_search import RunsSearch

_LANES: Final = 2
"""Logs searched at once, because so many steps are taken at once."""

_FILTERS: Final = ("module_id", "module_key", "notebook", "status", "since", "before")
"""Parameters that say in which runs; the engine checks them."""


class RunsSearchHandler(StreamingHandler):
    """One search of the logs of all runs."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Search the logs as they are now.

        Send ``snapshot``, ``run`` for each run with hits, newest first, ``progress`` in between,
        and ``complete``.
        """
        last_id = self.request.headers.get("Last-Event-ID", "").strip()
        query = _query(self.params)
        filters = cast("RunQuery", {name: self.params.text(name) for name in _FILTERS})
        if notebook := filters["notebook"]:
            filters["notebook"] = kernel_path(notebook, self.settings.get("contents_manager"))
        if last_id:
            integer("Last-Event-ID", last_id, 0, MAX_LINE)
            run_filter(filters)  # a bad request stays one
            self.set_status(204)  # as for the search of one log
            self.finish()
            return
        with self.services.admission.admitted():
            begin = time.perf_counter()
            search = await self.call(self.engine.search, query, filters, _LANES)
            try:
                await self.stream(
                    self._search(search, begin), sse.event("error", {"error": FAILURE})
                )
            finally:
                search.close()

    async def _search(self, search: RunsSearch, begin: float) -> None:
        await self.begin(EVENT_HEADERS)
        await self.send(sse.event("snapshot", {"runs": search.runs, "bytes": search.bytes}))
        reported = self._now()
        async with self.services.pools.searching:
            while not search.done and not self.is_over():
                steps = (self.compute(step) for step in search.ready())
                for failed in await asyncio.gather(*steps, return_exceptions=True):
                    if failed is not None:
                        raise failed
                for found in search.take():
                    await self.send(sse.event("run", found))
                if not search.done and self._now() - reported >= PROGRESS_SECONDS:
                    reported = self._now()
                    await self.send(sse.event("progress", _progress(search)))
        if not self.is_over():
            total = {
                **_progress(search),
                "more": search.is_cut,
                "seconds": round(time.perf_counter() - begin, 6),
            }
            await self.send(sse.event("complete", total, search.runs_done))


def _query(params: Params) -> HitsQuery:
    """Check the parameters that say what to find.

    Raises:
        InvalidRequest: one of them is invalid, or there is nothing to search for.
    """
    levels, records = params.level_filter()
    if params.matcher() is None and levels is None:
        raise InvalidRequest(
            "q and level are missing; use q for a text or, with regex=true, a pattern, or level"
            " for levels",
            parameter="q",
        )
    max_hits = params.integer("max_hits", 1, MAX_HITS)
    with_lines = params.integer("with_lines", 0, MAX_LINES)
    return HitsQuery(
        params.matcher,
        levels,
        records,
        DEFAULT_HITS if max_hits is None else max_hits,
        DEFAULT_LINES if with_lines is None else with_lines,
        params.integer("limit", 1, MAX_RUNS),
    )


def _progress(search: RunsSearch) -> dict[str, int]:
    return {
        "runs": search.runs,
        "runs_done": search.runs_done,
        "bytes": search.bytes,
        "bytes_done": search.bytes_done,
        "found": search.found,
        "hits": search.hits,
        "unreadable": search.unreadable,
    }
