"""Poll a run's log.

The journal is read by cursor in slices of about 1 ms, between which others run.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec
from jupyter_server.auth.decorator import authorized
from tornado import web
from tornado.iostream import StreamClosedError

from prismq_nb.common.base.terminal.frames import drawn_lines, frames
from prismq_nb.common.base.terminal.text import message
from prismq_nb.common.log_models import Frames
from prismq_nb.engine.read.context import log_query
from prismq_nb.engine.read.line_block import HEAVY_BYTES, MAX_BLOCK_BYTES, MAX_BLOCK_LINES
from prismq_nb.engine.read.line_lookup import MAX_NUMBERS, LineLookup
from prismq_nb.engine.read.poll import MAX_LINES
from prismq_nb.errors import InvalidRequest
from prismq_nb.server.http.base import BaseHandler
from prismq_nb.server.http.params import MATCHING, MAX_LINE

if TYPE_CHECKING:
    from prismq_nb.common.log_models import LogPage
    from prismq_nb.engine.read.context import ContextQuery
    from prismq_nb.engine.read.poll import LogQuery

_FILTERS = ("tail", "limit", "since", "after", "before", "level", *MATCHING, "records")


class LogsHandler(BaseHandler):
    """``/api/runs/{id}/logs``."""

    @web.authenticated
    @authorized
    async def get(self, run_id: str) -> None:
        """Send the newest lines that pass filters, the oldest after a position, or by number."""
        params = self.params
        numbers = params.integers("lines", 0, MAX_LINE, MAX_NUMBERS)
        await self.await_repair(run_id)
        if numbers is not None:
            await self._look_up(run_id, numbers)
            return
        matcher, context = params.matcher(), params.context()
        levels, records = params.level_filter()
        with self.engine.reader(run_id) as reader:
            reader.records_only = records
            query = log_query(
                reader,
                run_id,
                context,
                tail=params.integer("tail", 1, MAX_LINES),
                limit=params.integer("limit", 1, MAX_LINES),
                since=params.moment("since"),
                after=params.integer("after", -1, MAX_LINE),
                before=params.integer("before", 0, MAX_LINE),
                levels=levels,
                matcher=matcher,
            )
            while not await self._step(query, in_thread=matcher is not None or any(context)):
                await self.turn()
            with suppress(StreamClosedError):  # a client that has left needs no answer
                await self._answer_in_pieces(query.page())

    async def _look_up(self, run_id: str, numbers: list[int]) -> None:
        """Send lines by number, in a thread: lines of unknown level take some ms each."""
        if others := self.params.given(*_FILTERS):
            raise InvalidRequest(
                f"lines and {others[0]} cannot be combined: lines selects lines by number; use one"
                " of them",
                parameter="lines",
            )
        with self.engine.reader(run_id) as reader:
            lookup = LineLookup(reader, run_id, numbers)
            while not await self.compute(lookup.step):
                pass
            page = await self.compute(lookup.page)
        with suppress(StreamClosedError):
            await self._answer_in_pieces(page)

    async def _step(self, query: LogQuery | ContextQuery, *, in_thread: bool) -> bool:
        """Do about 2 ms of work.

        A search goes to a thread, because a hostile pattern over long lines takes longer.
        """
        return await self.compute(query.step) if in_thread else query.step()

    async def _answer_in_pieces(self, page: LogPage) -> None:
        """Encode some hundred lines at a time, or a long one: all at once would block the loop."""
        self.set_header("Content-Type", "application/json")
        lines, page.logs = page.logs, []
        head, tail = msgspec.json.encode(page).split(b"[]", 1)
        self.write(head + b"[")
        start = 0
        while start < len(lines):
            stop, size = start + 1, len(lines[start].message)
            while (
                stop < min(len(lines), start + MAX_BLOCK_LINES)
                and (size := size + len(lines[stop].message)) < MAX_BLOCK_BYTES
            ):
                stop += 1
            data = lines[start:stop]
            piece = (
                msgspec.json.encode(data)
                if size < HEAVY_BYTES
                else await self.compute(msgspec.json.encode, data)
            )
            self.write((b"," if start else b"") + piece[1:-1])
            start = stop
            if len(piece) > HEAVY_BYTES:  # several of these take too long to copy and write
                await self.flush()
            await self.turn()
        self.finish(b"]" + tail)


class FramesHandler(BaseHandler):
    """``/api/runs/{id}/logs/frames``."""

    @web.authenticated
    @authorized
    async def get(self, run_id: str) -> None:
        """Send what a line showed before it was drawn over; nothing for a line yet to come."""
        number = self.params.integer("line", 0, MAX_LINE)
        if number is None:
            raise InvalidRequest(
                "line is missing; use the number of a line, such as line=0", parameter="line"
            )
        await self.await_repair(run_id)
        with self.engine.reader(run_id) as reader:
            found: list[str] = []
            updates = 0
            for span in reader.spans(number, 1) if number < reader.refresh() else ():
                raw = span.data.removesuffix(b"\n")
                last = await self.compute(message, raw)
                found = await self.compute(frames, raw, last)
                updates = drawn_lines(span.data, number).get(number, (0,))[0]
        self.answer(Frames(number, found, max(len(found), updates + bool(found))))
