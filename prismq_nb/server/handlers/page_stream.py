"""``GET /api/runs/stream``: one connection for all viewers of a page, in conflated batches.

A batch has at most the newest 500 lines of a run, and each run has at most 20 batches a second, so
the cost of a flood is bounded. Skipped lines are counted, and the page fetches them by number when
it needs them. Positions are in the URL (``run=ID@LINE``): another set of runs is a new request.

With ``runs=POSITION``, the changes of the list of runs travel in the same connection, as in
``/api/runs/events``.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from time import perf_counter
from typing import Any

import msgspec
from jupyter_server.auth.decorator import authorized
from tornado import web

from prismq_nb.common.base.terminal.frames import Drawn
from prismq_nb.common.models import RunInfo
from prismq_nb.engine.live.feed import Feed
from prismq_nb.engine.read.export import gap as shown_gap
from prismq_nb.engine.read.line_block import LineBlock
from prismq_nb.engine.read.sgr_state import may_change_sgr
from prismq_nb.errors import InvalidRequest, PrismqError
from prismq_nb.journal.layout.format import STREAMS
from prismq_nb.server.handlers.stream import RETRY_MILLISECONDS
from prismq_nb.server.http import sse
from prismq_nb.server.http.change_cursor import ChangeCursor
from prismq_nb.server.http.params import MAX_LINE, integer
from prismq_nb.server.http.streaming import EVENT_HEADERS, FAILURE, StreamingHandler

MAX_RUNS = 50
BATCH_LINES = 500
BATCH_TEXT_BYTES = 256 << 10
BATCH_SECONDS = 0.05
"""Minimum time between two batches of one run."""
BATCH_SHARE = 0.2
"""Share of the event loop's time that one run may take; costly batches are sent less often."""
MAX_OLD_GAPS = 1_000
"""Maximum number of gaps before a connection's first line that are sent with it; the newest."""
COUNTS_SECONDS = 1.0
"""Minimum time between two batches that only change counts (bytes, levels) of a run."""


class _Row:
    """One run on one connection: its position, and what the page knows about it."""

    def __init__(self, run_id: str, feed: Feed, first: int | None) -> None:
        """Begin with line `first`; None: with the newest lines."""
        self.run_id = run_id
        self.feed = feed
        self.cursor = max(0, feed.total - BATCH_LINES) if first is None else first
        # a page that requests the newest lines may scroll to all others
        self._gaps_from = 0 if first is None else first
        self.done = False
        self._version = -1
        self._not_before = 0.0
        self._counts_due = 0.0
        self._counts_wait = False
        self._known: dict[str, object] = {"pending": ("", ""), "progress": None, "usage": None}
        self._sent_gaps: set[object] = set()
        self._sgr: dict[str, str] = {}
        self._sgr_line = -1

    @property
    def due(self) -> float | None:
        """When the next batch may be made; None: nothing is new."""
        if self._version != self.feed.version:
            return self._not_before
        return self._counts_due if self._counts_wait else None

    async def batch(self, now: float) -> bytes:
        """Return the next batch; empty if nothing is new."""
        feed, begin = self.feed, perf_counter()
        self._version = feed.version
        if feed.error is not None:
            self.done = True
            return error_batch(self.run_id, feed.error)
        fields: dict[str, Any] = {}
        first = await self._lines(fields)
        self.done = feed.ended and self.cursor >= feed.total
        self._state(fields, now)
        if self.done:
            fields["complete"] = {
                "status": feed.run.status,
                "exit_code": feed.run.exit_code,
                "total_lines": feed.total,
            }
        if not fields:
            return b""
        self._not_before = now + max(BATCH_SECONDS, (perf_counter() - begin) / BATCH_SHARE)
        return sse.event(
            "batch",
            {"run": self.run_id, "first": first, "total": min(self.cursor, feed.total), **fields},
        )

    async def _lines(self, fields: dict[str, Any]) -> int:
        """Add the newest unsent lines and all gaps up to them. Return the first line's number."""
        feed, first = self.feed, self.cursor
        old = (
            feed.gaps(self._gaps_from, first - 1)[-MAX_OLD_GAPS:] if self._gaps_from < first else []
        )
        self._gaps_from = MAX_LINE
        gaps = [gap for gap in feed.trailing_gaps if gap.before == first]
        if first < feed.total:
            end = feed.total
            blocks = await feed.newest(first, BATCH_LINES, BATCH_TEXT_BYTES)
            end = max(end, blocks[-1].end) if blocks else end
            first = max(first, end - BATCH_LINES, blocks[0].first if blocks else end)
            rows: list[bytes] = []
            every: dict[int, Drawn] = {}
            for block in blocks:
                start = min(max(0, first - block.first), len(block))
                rows.append(feed.encoded(block, sse.batch_rows).cut(start, len(block)))
                await asyncio.sleep(0)  # each takes some ms if its lines are drawn over
                every |= block.drawn
                await asyncio.sleep(0)
            fields["lines"] = msgspec.Raw(b"[" + b"".join(rows)[:-1] + b"]")
            if drawn := {n: how for n, how in every.items() if n >= first}:
                fields["drawn"] = drawn
            self._carry(fields, first, blocks)
            if prompts := [n for block in blocks for n in block.prompts if n >= first]:
                fields["prompts"] = prompts
            if first > self.cursor:
                fields["skipped"] = first - self.cursor
            gaps = feed.gaps(self.cursor, end)
            self.cursor = end
        if news := [shown_gap(gap) for gap in (*old, *gaps) if gap not in self._sent_gaps]:
            fields["gaps"] = news
        self._sent_gaps = {gap for gap in gaps if gap.before == self.cursor}
        return first

    def _carry(self, fields: dict[str, Any], first: int, blocks: list[LineBlock]) -> None:
        """Add the colours in force at line `first`, computed only if they may have changed."""
        if first != self._sgr_line:
            self._sgr = self.feed.sgr_state_at(first)
        if self._sgr:
            fields["sgr"] = self._sgr
        is_plain = not any(may_change_sgr(block.data) for block in blocks)
        self._sgr_line = blocks[-1].end if blocks and is_plain else -1

    def _state(self, fields: dict[str, Any], now: float) -> None:
        """Add what is new in the run's state."""
        run = self.feed.run
        counts = (run.bytes, run.levels, run.records)
        shown = sse.status_of(self.feed)
        status = self._is_news("status", shown | {"duration_seconds": None})
        self._counts_wait = self._known.get("counts") != counts
        if status or (self._counts_wait and (self.done or now >= self._counts_due)):
            self._known["counts"], self._counts_wait = counts, False
            self._counts_due = now + COUNTS_SECONDS
            counted = {"bytes": run.bytes, "levels": run.levels, "records": run.records}
            fields["status"] = shown | counted | {"module_name": run.module_name}
        progress, usage, pending = sse.progress_of(run), _usage(run), self.feed.pending
        if self._is_news("progress", progress):
            fields["progress"] = progress
        if self._is_news("usage", usage):
            fields["usage"] = usage
        if self._is_news("pending", pending):
            fields["pending"] = {
                name: text[-sse.MAX_BATCH_MESSAGE :]
                for name, text in zip(STREAMS, pending, strict=True)
            }

    def _is_news(self, name: str, value: object) -> bool:
        known = self._known.get(name)
        self._known[name] = value
        return known != value


class PageStreamHandler(StreamingHandler):
    """One page."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Stream until all runs and their output end, the page leaves or the server stops.

        A page that follows the list of runs has a stream without an end.
        """
        wants_list = bool(self.params.given("runs"))
        wanted, position = self._wanted(wants_list=wants_list), self.params.text("runs")
        async with AsyncExitStack() as watches:
            changes = None
            if wants_list:
                log = await watches.enter_async_context(self.services.changes.follow(self.wake))
                changes = ChangeCursor(log, position)
            await self.stream(
                self._watch_all(wanted, changes, watches), sse.event("error", {"error": FAILURE})
            )

    def _wanted(self, *, wants_list: bool) -> dict[str, int | None]:
        """Return run ids and their first lines, from the query."""
        values = self.params.all("run")
        if not (0 if wants_list else 1) <= len(values) <= MAX_RUNS:
            raise InvalidRequest(
                f"run is given {len(values)} times; use it 1 to {MAX_RUNS} times, as run=ID or"
                " run=ID@LINE, or use runs= for the changes of the list",
                parameter="run",
            )
        wanted: dict[str, int | None] = {}
        for value in values:
            run_id, at, line = value.partition("@")
            if run_id in wanted:
                raise InvalidRequest(
                    f"run={run_id[:80]!r} is given twice; use each run once", parameter="run"
                )
            wanted[run_id] = integer("run=ID@LINE", line, 0, MAX_LINE) if at else None
        return wanted

    async def _watch_all(
        self,
        wanted: dict[str, int | None],
        changes: ChangeCursor | None,
        watches: AsyncExitStack,
    ) -> None:
        await self.begin(EVENT_HEADERS)
        await self.send(sse.retry(RETRY_MILLISECONDS))
        # concurrently: 16 repairs take time
        await asyncio.gather(*map(self.await_repair, wanted), return_exceptions=True)
        rows = [await self._row(run_id, first, watches) for run_id, first in wanted.items()]
        await self._follow([row for row in rows if row is not None], changes)

    async def _row(self, run_id: str, first: int | None, watches: AsyncExitStack) -> _Row | None:
        """Subscribe to a run. If it cannot be shown, send its last batch; the others go on."""
        try:
            feed = watches.enter_context(self.feeds.watch(run_id, self.wake, details=True))
        except PrismqError as error:
            await self.send(error_batch(run_id, str(error)))
            return None
        return _Row(run_id, feed, first)

    async def _follow(self, rows: list[_Row], changes: ChangeCursor | None) -> None:
        """Serve the list and the runs in turn, so that a flood in one does not delay another."""
        clock = asyncio.get_running_loop().time
        while (rows or changes is not None) and not self.is_over():
            piece = b"" if changes is None else changes.piece()
            if piece:
                await self.turn()
                await self.send(piece)
            for row in rows:
                if row.due is not None and row.due <= clock():
                    await self.turn()
                    await self.send(await row.batch(clock()))
                    if self.is_over():
                        return
            rows = [row for row in rows if not row.done]
            due = [row.due for row in rows if row.due is not None]
            if piece:
                continue  # there may be more of them
            if due:
                await self.wake.wait(max(0.0, min(due) - clock()))
            elif rows or changes is not None:
                await self.wait_for_changes()


def error_batch(run_id: str, reason: str) -> bytes:
    """Return the last batch of a run that cannot be shown."""
    return sse.event("batch", {"run": run_id, "first": 0, "total": 0, "error": reason})


def _usage(run: RunInfo) -> dict[str, Any] | None:
    if run.cpu_percent is None and run.memory_bytes is None:
        return None
    return {"cpu_percent": run.cpu_percent, "memory_bytes": run.memory_bytes}
