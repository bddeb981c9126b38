"""A run's log by poll. It reads the journal by cursor in slices of about 1 ms and lets others run between."""

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
from prismq_nb.engine.read.block import BLOCK_BYTES, BLOCK_LINES, HEAVY_BYTES
from prismq_nb.engine.read.context import log_query
from prismq_nb.engine.read.lines_by_number import MAX_PICKED, LogPick
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
        """Gives the lines that pass the filters: the newest of them, or the oldest after a position; or those with some numbers."""
        params = self.params
        numbers = params.integers("lines", 0, MAX_LINE, MAX_PICKED)
        await self.settle(run_id)
        if numbers is not None:
            await self._pick(run_id, numbers)
            return
        matcher, around = params.matcher(), params.around()
        levels, records = params.level_filter()
        with self.engine.reader(run_id) as reader:
            reader.records_only = records
            query = log_query(
                reader,
                run_id,
                around,
                tail=params.integer("tail", 1, MAX_LINES),
                limit=params.integer("limit", 1, MAX_LINES),
                since=params.moment("since"),
                after=params.integer("after", -1, MAX_LINE),
                before=params.integer("before", 0, MAX_LINE),
                levels=levels,
                matcher=matcher,
            )
            while not await self._step(query, in_thread=matcher is not None or any(around)):
                await self.turn()
            with suppress(StreamClosedError):  # who has left needs no answer
                await self._answer_in_pieces(query.page())

    async def _pick(self, run_id: str, numbers: list[int]) -> None:
        """In a thread, because lines whose level is not known yet take some ms each."""
        if others := self.params.given(*_FILTERS):
            raise InvalidRequest(f"lines and {others[0]} contradict each other: lines says which lines; send one of them")
        with self.engine.reader(run_id) as reader:
            pick = LogPick(reader, run_id, numbers)
            while not await self.compute(pick.step):
                pass
            page = await self.compute(pick.page)
        with suppress(StreamClosedError):
            await self._answer_in_pieces(page)

    async def _step(self, query: LogQuery | ContextQuery, *, in_thread: bool) -> bool:
        """About 2 ms of work; a search goes to a thread, since a hostile pattern over long lines takes longer, and leaves the loop free."""
        return await self.compute(query.step) if in_thread else query.step()

    async def _answer_in_pieces(self, page: LogPage) -> None:
        """Encodes some hundred lines at a time, or one that is long: all at once would hold up the loop."""
        self.set_header("Content-Type", "application/json")
        lines, page.logs = page.logs, []
        head, tail = msgspec.json.encode(page).split(b"[]", 1)
        self.write(head + b"[")
        start = 0
        while start < len(lines):
            stop, size = start + 1, len(lines[start].message)
            while stop < min(len(lines), start + BLOCK_LINES) and (size := size + len(lines[stop].message)) < BLOCK_BYTES:
                stop += 1
            data = lines[start:stop]
            piece = msgspec.json.encode(data) if size < HEAVY_BYTES else await self.compute(msgspec.json.encode, data)
            self.write((b"," if start else b"") + piece[1:-1])
            start = stop
            if len(piece) > HEAVY_BYTES:  # some such at once are copied, and written, for too long
                await self.flush()
            await self.turn()
        self.finish(b"]" + tail)


class FramesHandler(BaseHandler):
    """``/api/runs/{id}/logs/frames``."""

    @web.authenticated
    @authorized
    async def get(self, run_id: str) -> None:
        """Gives what one line showed before it was drawn over; nothing for one that is to come."""
        number = self.params.integer("line", 0, MAX_LINE)
        if number is None:
            raise InvalidRequest("line is missing: send the number of a line, as line=0")
        await self.settle(run_id)
        with self.engine.reader(run_id) as reader:
            found: list[str] = []
            updates = 0
            for span in reader.spans(number, 1) if number < reader.refresh() else ():
                raw = span.data.removesuffix(b"\n")
                last = await self.compute(message, raw)
                found = await self.compute(frames, raw, last)
                updates = drawn_lines(span.data, number).get(number, (0,))[0]
        self.answer(Frames(number, found, max(len(found), updates + bool(found))))
