"""``GET /api/runs/{id}/logs/stream``: one run's log as server-sent events, every line once, from any position.

The position is a line number and nothing else is remembered, so a client that resumes gets exactly what it lacks, whatever happened between.
"""

from __future__ import annotations

from contextlib import ExitStack
from time import perf_counter
from typing import TYPE_CHECKING

from jupyter_server.auth.decorator import authorized
from tornado import web

from prismq_nb.engine.live.wake import Wake
from prismq_nb.engine.read.export import gap as shown_gap
from prismq_nb.engine.read.poll import MAX_LINES, LogQuery
from prismq_nb.server.http import sse
from prismq_nb.server.http.columns import log_batch, whole_batch
from prismq_nb.server.http.params import MAX_LINE, integer
from prismq_nb.server.http.streaming import EVENT_HEADERS, FAILURE, StreamingHandler

if TYPE_CHECKING:
    from collections.abc import Callable

    from prismq_nb.engine.live.feed import Feed
    from prismq_nb.engine.read.block import Block
    from prismq_nb.journal.gaps import GapInfo
    from prismq_nb.journal.reader import JournalReader

    Form = Callable[[Feed, Block, int, int, list[int] | None], bytes]

RETRY_MILLISECONDS = 1000
"""How long an `EventSource` waits before it comes back."""
PIECE_BYTES = 64 << 10
"""Small blocks are sent together up to this size, or while they take no longer than `PIECE_SECONDS`."""
PIECE_SECONDS = 0.002


class LogStreamHandler(StreamingHandler):
    """One subscriber of one run."""

    _feed: Feed
    _cursor: int
    """Number of the next line to send."""

    @web.authenticated
    @authorized
    async def get(self, run_id: str) -> None:
        """Streams until the run has ended, the client leaves or the server stops."""
        self._read_parameters()
        with self.services.admission.admitted(), ExitStack() as self._held:
            await self.turn(bulk=True)  # of five hundred that come at once, each takes its turn
            await self.settle(run_id)
            if self._levels is None and self._matcher is None:
                self.wake = Wake(self._push_lines)
            feed = self._held.enter_context(self.feeds.watch(run_id, self.wake))
            if self._last_id is not None and feed.module_ended and self._last_id >= feed.total:
                self.set_status(204)  # only this keeps an EventSource from coming back for what it has
                self.finish()
                return
            self._feed, self._cursor = feed, await self._first_line(feed)
            await self.stream(self._follow(feed), sse.event("error", {"error": FAILURE}))

    def _read_parameters(self) -> None:
        params, last_id = self.params, self.request.headers.get("Last-Event-ID", "").strip()
        self._last_id = integer("Last-Event-ID", last_id, -1, MAX_LINE) if last_id else None
        self._tail = params.integer("tail", 1, MAX_LINES)
        self._after = params.integer("after", -1, MAX_LINE)
        self._since = params.moment("since")
        self._levels = params.levels()
        self._matcher = params.matcher()
        self._form = _in_batches if params.flag("batch") else _line_by_line
        self._older: JournalReader | None = None
        self._told_gaps: set[GapInfo] = set()
        self._told_state: list[object] = [None, None]

    async def _first_line(self, feed: Feed) -> int:
        """Where to begin: after `Last-Event-ID` if there is one, else where the query says, else at the newest buffered lines."""
        if self._last_id is not None:
            return self._last_id + 1
        if self._tail is None and self._after is None and self._since is None:
            return feed.buffered_from
        first = 0 if self._after is None else self._after + 1
        if self._since is not None:
            first = max(first, feed.line_after(self._since))
        if self._tail is not None and self._levels is None and self._matcher is None:
            first = max(first, feed.total - self._tail)
        elif self._tail is not None:
            first = await self._first_match(feed)
        return first

    async def _first_match(self, feed: Feed) -> int:
        """Number of the oldest of the newest `tail` lines that pass the filters."""
        with self.engine.reader(feed.run_id) as reader:
            query = LogQuery(
                reader,
                feed.run_id,
                tail=self._tail,
                since=self._since,
                after=self._after,
                before=feed.total,
                levels=self._levels,
                matcher=self._matcher,
            )
            done = False
            while not done:
                await self.turn(bulk=True)
                in_thread = self._matcher is not None
                done = await self.compute(query.step, reader=reader) if in_thread else query.step()
            lines = query.page().logs
        return lines[0].line if lines else feed.total

    async def _follow(self, feed: Feed) -> None:
        """The whole life of a subscriber: what is new, in order, then sleep; the final state comes after the last line."""
        await self.begin(EVENT_HEADERS)
        await self.send(sse.retry(RETRY_MILLISECONDS))
        end: int | None = None
        while not self.is_over():
            if end is None and feed.module_ended:
                end = feed.total  # what background processes print later is for who comes back
            if feed.error is not None:
                await self.send(sse.event("error", {"error": feed.error}))
                return
            if not feed.module_ended:
                await self.send(self._state(feed))
            while self._cursor < (feed.total if end is None else end) and not self.is_over():
                await self.turn(bulk=self._cursor < feed.buffered_from)
                data, self._cursor = await self._piece(feed, self._cursor)
                if self._cursor < 0:
                    await self.send(sse.event("error", {"error": "the log is shorter than its index says; download it to get what is left"}))
                    return
                await self.send(data)
            if self.is_over():
                return
            await self.send(self._late_gaps(feed))
            if end is not None and self._cursor >= end:
                await self.send(self._state(feed) + self._complete(feed))
                return
            await self.rest()

    def _push_lines(self) -> bool:
        """Sends the newest lines while this subscriber sleeps: the same bytes to all who do, made once."""
        feed, cursor, form = self._feed, self._cursor, self._form
        if not self.can_push():
            return False
        data = feed.shared(form, cursor, lambda: _newest(feed, cursor, form))
        if data is None or not self.push(data):
            return False
        self._cursor = feed.total
        self._told_gaps.clear()
        return True

    async def _piece(self, feed: Feed, cursor: int) -> tuple[bytes, int]:
        """Events of the lines from `cursor` on, one block or several small ones, and where they end (-1: unreadable)."""
        parts: list[bytes] = []
        size = 0
        end = perf_counter() + PIECE_SECONDS
        while cursor < feed.total and size < PIECE_BYTES and perf_counter() < end:
            block = self._block(feed, cursor)
            if block is None:
                return b"", -1
            if block.is_heavy and self._form is _line_by_line and sse.log_events not in block.encoders:
                feed.keep(block, sse.log_events, await self.compute(sse.log_events, block))
            parts.append(self._events(feed, block, cursor - block.first, await self._select(block)))
            size += max(len(parts[-1]), len(block.data))
            cursor = block.end
        return b"".join(parts), cursor

    def _block(self, feed: Feed, cursor: int) -> Block | None:
        """The block that holds a line; what is older than the buffer is read by our own reader."""
        if cursor >= feed.buffered_from:
            if self._older is not None:
                self.services.readers.close(self._older)  # it opens again if we fall behind
            return feed.block(cursor)
        if self._older is None:
            reader = self.engine.reader(feed.run_id)
            self._older = self._held.enter_context(self.services.readers.closing(reader))
        with self.services.readers.using(self._older):
            return feed.block(cursor, self._older)

    async def _select(self, block: Block) -> list[int] | None:
        """Which lines pass; a hostile pattern over long lines takes seconds, which are not spent on the event loop."""
        if self._matcher is None:
            return block.select(self._levels, None)
        return await self.compute(block.select, self._levels, self._matcher)

    def _events(self, feed: Feed, block: Block, start: int, keep: list[int] | None) -> bytes:
        """Events of a block's lines from the one at `start` that are to be kept (None: all), each gap before its line."""
        if keep == [] and not block.gaps:
            return b""
        parts: list[bytes] = []
        for gap in block.gaps:
            place = gap.before - block.first
            if place >= start and gap not in self._told_gaps:
                parts += (self._form(feed, block, start, place, keep), sse.event("gap", shown_gap(gap)))
                start = place
        self._told_gaps.clear()
        return b"".join((*parts, self._form(feed, block, start, len(block), keep)))

    def _late_gaps(self, feed: Feed) -> bytes:
        """Gaps after the last line; they are told once, also when a line follows later."""
        new = [gap for gap in feed.late_gaps if gap not in self._told_gaps]
        self._told_gaps.update(new)
        return b"".join(sse.event("gap", shown_gap(gap)) for gap in new)

    def _state(self, feed: Feed) -> bytes:
        """Events of the run's state and progress, if they changed."""
        run = feed.run
        asks = run.waiting_for_input, run.hides_input
        status = (run.status, run.stopping, run.unreachable, *asks, run.output_open)
        progress = sse.progress_of(run)
        told, self._told_state = self._told_state, [status, progress]
        data = sse.event("status", sse.status_of(feed)) if status != told[0] else b""
        if progress != told[1]:
            data += sse.event("progress", progress or sse.NO_PROGRESS)
        return data

    def _complete(self, feed: Feed) -> bytes:
        """The last event; its total is of what was sent: background processes may print on."""
        run = feed.run
        total = min(self._cursor, feed.total) if feed.run.output_open else feed.total
        end = {"status": run.status, "exit_code": run.exit_code, "total_lines": total}
        return sse.event("complete", end, total)


def _line_by_line(feed: Feed, block: Block, start: int, stop: int, keep: list[int] | None) -> bytes:
    """An event per line of lines `start` to `stop` (not included) of a block, of which `keep` are to be kept (None: all)."""
    encoded = feed.encoded(block, sse.log_events)
    return encoded.cut(start, stop) if keep is None else encoded.pick(i for i in keep if start <= i < stop)


def _in_batches(feed: Feed, block: Block, start: int, stop: int, keep: list[int] | None) -> bytes:
    """The same in one event; that of a whole block is made once for all who ask."""
    if keep is None and stop - start == len(block):
        return feed.encoded(block, whole_batch).data
    return log_batch(block, start, stop, keep)


def _newest(feed: Feed, cursor: int, form: Form) -> bytes | None:
    """Events of all lines from `cursor` on; None if they are too many for one piece, or there is more to say than lines."""
    block = feed.block(cursor)
    if block is None or block.end != feed.total or block.gaps or block.is_heavy:
        return None
    return form(feed, block, cursor - block.first, len(block), None)
