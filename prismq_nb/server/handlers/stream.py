"""``GET /api/runs/{id}/logs/stream``: one run's log as server-sent events, from any position.

Every line is sent once. The position is a line number and nothing else is remembered, so a client
that resumes gets exactly the lines that it lacks.
"""

from __future__ import annotations

from contextlib import ExitStack
from time import perf_counter
from typing import TYPE_CHECKING

from jupyter_server.auth.decorator import authorized
from tornado import web

from prismq_nb.engine.live.wake_event import WakeEvent
from prismq_nb.engine.read.export import gap as shown_gap
from prismq_nb.engine.read.poll import MAX_LINES, LogQuery
from prismq_nb.server.http import sse
from prismq_nb.server.http.columns import block_columns_event, columns_event
from prismq_nb.server.http.params import MAX_LINE, integer
from prismq_nb.server.http.streaming import EVENT_HEADERS, FAILURE, StreamingHandler

if TYPE_CHECKING:
    from collections.abc import Callable

    from prismq_nb.engine.live.feed import Feed
    from prismq_nb.engine.read.line_block import LineBlock
    from prismq_nb.journal.gaps import GapInfo
    from prismq_nb.journal.reader import JournalReader

    BlockFormat = Callable[[Feed, LineBlock, int, int, list[int] | None], bytes]

RETRY_MILLISECONDS = 1000
"""Time after which an `EventSource` reconnects."""
PIECE_BYTES = 64 << 10
"""Small blocks are sent together up to this size, as long as that takes at most `PIECE_SECONDS`."""
PIECE_SECONDS = 0.002


class LogStreamHandler(StreamingHandler):
    """One subscriber of one run."""

    _feed: Feed
    _cursor: int
    """Number of the next line to send."""

    @web.authenticated
    @authorized
    async def get(self, run_id: str) -> None:
        """Stream until the run has ended, the client leaves or the server stops."""
        self._read_parameters()
        with self.services.admission.admitted(), ExitStack() as self._held:
            await self.turn(bulk=True)  # if five hundred come at once, each takes its turn
            await self.await_repair(run_id)
            if self._levels is None and self._matcher is None:
                self.wake = WakeEvent(self._push_lines)
            feed = self._held.enter_context(self.feeds.watch(run_id, self.wake))
            if self._last_id is not None and feed.module_ended and self._last_id >= feed.total:
                # only this stops an EventSource from reconnecting (WHATWG HTML, section 9.2.3)
                self.set_status(204)
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
        self._format = _as_columns if params.flag("batch") else _as_lines
        self._older: JournalReader | None = None
        self._sent_gaps: set[GapInfo] = set()
        self._sent_state: list[object] = [None, None]

    async def _first_line(self, feed: Feed) -> int:
        """Return the first line: by `Last-Event-ID`, else by the query, else the newest lines."""
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
        """Return the number of the oldest of the newest `tail` lines that pass the filters."""
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
        """Send what is new, in order, then wait; the final state comes after the last line."""
        await self.begin(EVENT_HEADERS)
        await self.send(sse.retry(RETRY_MILLISECONDS))
        end: int | None = None
        while not self.is_over():
            if end is None and feed.module_ended:
                end = (
                    feed.total
                )  # later output of background processes is for clients that reconnect
            if feed.error is not None:
                await self.send(sse.event("error", {"error": feed.error}))
                return
            if not feed.module_ended:
                await self.send(self._state(feed))
            while self._cursor < (feed.total if end is None else end) and not self.is_over():
                await self.turn(bulk=self._cursor < feed.buffered_from)
                data, self._cursor = await self._next_events(feed, self._cursor)
                if self._cursor < 0:
                    await self.send(
                        sse.event(
                            "error",
                            {
                                "error": (
                                    "the log is shorter than its index says; download it to get"
                                    " what is left"
                                )
                            },
                        )
                    )
                    return
                await self.send(data)
            if self.is_over():
                return
            await self.send(self._trailing_gaps(feed))
            if end is not None and self._cursor >= end:
                await self.send(self._state(feed) + self._complete(feed))
                return
            await self.wait_for_changes()

    def _push_lines(self) -> bool:
        """Send the newest lines while this subscriber waits; the bytes are made once for all."""
        feed, cursor, form = self._feed, self._cursor, self._format
        if not self.can_push():
            return False
        data = feed.shared_encoding(form, cursor, lambda: _newest(feed, cursor, form))
        if data is None or not self.push(data):
            return False
        self._cursor = feed.total
        self._sent_gaps.clear()
        return True

    async def _next_events(self, feed: Feed, cursor: int) -> tuple[bytes, int]:
        """Return events of the lines from `cursor` on, and the number of the next line.

        They are of one block, or of several small ones; -1: the log cannot be read.
        """
        parts: list[bytes] = []
        size = 0
        end = perf_counter() + PIECE_SECONDS
        while cursor < feed.total and size < PIECE_BYTES and perf_counter() < end:
            block = self._block(feed, cursor)
            if block is None:
                return b"", -1
            if (
                block.is_heavy
                and self._format is _as_lines
                and sse.log_events not in block.encoders
            ):
                feed.cache_encoding(
                    block, sse.log_events, await self.compute(sse.log_events, block)
                )
            parts.append(self._events(feed, block, cursor - block.first, await self._select(block)))
            size += max(len(parts[-1]), len(block.data))
            cursor = block.end
        return b"".join(parts), cursor

    def _block(self, feed: Feed, cursor: int) -> LineBlock | None:
        """Return the block that holds a line; our own reader reads lines older than the buffer."""
        if cursor >= feed.buffered_from:
            if self._older is not None:
                self.services.readers.close(self._older)  # it is reopened if we fall behind
            return feed.block(cursor)
        if self._older is None:
            reader = self.engine.reader(feed.run_id)
            self._older = self._held.enter_context(self.services.readers.closing(reader))
        with self.services.readers.using(self._older):
            return feed.block(cursor, self._older)

    async def _select(self, block: LineBlock) -> list[int] | None:
        """Return the lines that pass the filters.

        In a thread, because a hostile pattern over long lines takes seconds.
        """
        if self._matcher is None:
            return block.select(self._levels, None)
        return await self.compute(block.select, self._levels, self._matcher)

    def _events(self, feed: Feed, block: LineBlock, start: int, keep: list[int] | None) -> bytes:
        """Return events of a block's lines from `start` on, each gap before its line.

        `keep` has the indexes of the lines to send; None: all.
        """
        if keep == [] and not block.gaps:
            return b""
        parts: list[bytes] = []
        for gap in block.gaps:
            place = gap.before - block.first
            if place >= start and gap not in self._sent_gaps:
                parts += (
                    self._format(feed, block, start, place, keep),
                    sse.event("gap", shown_gap(gap)),
                )
                start = place
        self._sent_gaps.clear()
        return b"".join((*parts, self._format(feed, block, start, len(block), keep)))

    def _trailing_gaps(self, feed: Feed) -> bytes:
        """Return gaps after the last line, once each, even if a line follows later."""
        new = [gap for gap in feed.trailing_gaps if gap not in self._sent_gaps]
        self._sent_gaps.update(new)
        return b"".join(sse.event("gap", shown_gap(gap)) for gap in new)

    def _state(self, feed: Feed) -> bytes:
        """Return events of the run's state and progress, if they changed."""
        run = feed.run
        asks = run.waiting_for_input, run.hides_input
        status = (run.status, run.stopping, run.unreachable, *asks, run.output_open)
        progress = sse.progress_of(run)
        sent, self._sent_state = self._sent_state, [status, progress]
        data = sse.event("status", sse.status_of(feed)) if status != sent[0] else b""
        if progress != sent[1]:
            data += sse.event("progress", progress or sse.NO_PROGRESS)
        return data

    def _complete(self, feed: Feed) -> bytes:
        """Return the last event. Its total counts what was sent: background processes may go on."""
        run = feed.run
        total = min(self._cursor, feed.total) if feed.run.output_open else feed.total
        end = {"status": run.status, "exit_code": run.exit_code, "total_lines": total}
        return sse.event("complete", end, total)


def _as_lines(feed: Feed, block: LineBlock, start: int, stop: int, keep: list[int] | None) -> bytes:
    """Return an event for each of the lines `start` to `stop` (exclusive) of a block.

    `keep` has the indexes of the lines to send; None: all.
    """
    encoded = feed.encoded(block, sse.log_events)
    return (
        encoded.cut(start, stop)
        if keep is None
        else encoded.gather(i for i in keep if start <= i < stop)
    )


def _as_columns(
    feed: Feed, block: LineBlock, start: int, stop: int, keep: list[int] | None
) -> bytes:
    """Return the same as one event; that of a whole block is shared by all subscribers."""
    if keep is None and stop - start == len(block):
        return feed.encoded(block, block_columns_event).data
    return columns_event(block, start, stop, keep)


def _newest(feed: Feed, cursor: int, form: BlockFormat) -> bytes | None:
    """Return events of all lines from `cursor` on.

    None if they are too many for one piece, or there is more to send than lines.
    """
    block = feed.block(cursor)
    if block is None or block.end != feed.total or block.gaps or block.is_heavy:
        return None
    return form(feed, block, cursor - block.first, len(block), None)
