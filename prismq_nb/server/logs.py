"""A run's log by poll and as a download. Both read the journal by cursor in slices of about 1 ms and let others run between."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from time import perf_counter
from typing import TYPE_CHECKING

import msgspec
from jupyter_server.auth.decorator import authorized
from tornado import web
from tornado.iostream import StreamClosedError

from prismq_nb.engine.block import BLOCK_LINES, Block, read_block
from prismq_nb.engine.export import json_lines, text_lines
from prismq_nb.engine.pick import MAX_PICKED, picked
from prismq_nb.engine.query import MAX_LINES, LogQuery
from prismq_nb.errors import InvalidRequest
from prismq_nb.models import LogPage
from prismq_nb.server import ranges
from prismq_nb.server.base import BaseHandler
from prismq_nb.server.params import MAX_LINE
from prismq_nb.server.streaming import StreamingHandler

if TYPE_CHECKING:
    from prismq_nb.journal.reader import JournalReader
    from prismq_nb.models import LogLine

RAW_SLICE_BYTES = 1 << 20
"""Read in a thread, because a log that is not in the page cache takes its time."""
DOWNLOAD_LINES = 1000
"""Lines sent at once: about 1 ms of work on the event loop."""
PICK_SECONDS = 0.005
"""Lines are picked for so long at a time, then others have their turn."""
_FILTERS = ("tail", "limit", "since", "after", "before", "level", "q", "regex", "case")
_FORMATS: dict[str, Callable[[Block], bytes]] = {"text": text_lines, "jsonl": json_lines}
FORMATS = ("text", "raw", "jsonl")


class LogsHandler(BaseHandler):
    """``/api/runs/{id}/logs``."""

    @web.authenticated
    @authorized
    async def get(self, run_id: str) -> None:
        """Gives the lines that pass the filters: the newest of them, or the oldest after a position; or those with some numbers."""
        params = self.params
        numbers = params.integers("lines", 0, MAX_LINE, MAX_PICKED)
        if numbers is not None:
            await self._pick(run_id, numbers)
            return
        matcher = params.matcher()
        with self.engine.reader(run_id) as reader:
            query = LogQuery(
                reader,
                run_id,
                tail=params.integer("tail", 1, MAX_LINES),
                limit=params.integer("limit", 1, MAX_LINES),
                since=params.moment("since"),
                after=params.integer("after", -1, MAX_LINE),
                before=params.integer("before", 0, MAX_LINE),
                levels=params.levels(),
                matcher=matcher,
            )
            while not await self._step(query, in_thread=matcher is not None):  # noqa: ASYNC110 - a step is work, not a look
                await asyncio.sleep(0)
            await self._answer_in_pieces(query.page())

    async def _pick(self, run_id: str, numbers: list[int]) -> None:
        """In a thread, because lines whose level is not known yet take some ms each."""
        if others := self.params.given(*_FILTERS):
            raise InvalidRequest(f"lines and {others[0]} contradict each other: lines says which lines; send one of them")
        with self.engine.reader(run_id) as reader:
            total = reader.refresh()
            wanted = picked(reader, [number for number in numbers if number < total])
            logs: list[LogLine] = []
            while more := await self.compute(_next_lines, wanted):
                logs += more
            known = sum(number < total for number in numbers)
            await self._answer_in_pieces(LogPage(run_id, logs, total, len(logs) < known, logs[-1].line if logs else -1))

    async def _step(self, query: LogQuery, *, in_thread: bool) -> bool:
        """About 2 ms of work; a search goes to a thread, since a hostile pattern over long lines takes longer, and leaves the loop free."""
        return await self.compute(query.step) if in_thread else query.step()

    async def _answer_in_pieces(self, page: LogPage) -> None:
        """Encodes some hundred lines at a time: all at once would hold up the loop for 10 ms."""
        self.set_header("Content-Type", "application/json")
        lines, page.logs = page.logs, []
        head, tail = msgspec.json.encode(page).split(b"[]", 1)
        self.write(head + b"[")
        for start in range(0, len(lines), BLOCK_LINES):
            piece = msgspec.json.encode(lines[start : start + BLOCK_LINES])[1:-1]
            self.write(b"," + piece if start else piece)
            await asyncio.sleep(0)
        self.finish(b"]" + tail)


def _next_lines(lines: Iterator[LogLine]) -> list[LogLine]:
    """What is found in some ms, one at least; none at the end."""
    end = perf_counter() + PICK_SECONDS
    found = list(islice(lines, 1))
    while found and perf_counter() < end and (line := next(lines, None)) is not None:
        found.append(line)
    return found


class DownloadHandler(StreamingHandler):
    """``/api/runs/{id}/logs/download``."""

    _track_activity = True  # a person asked for it

    @web.authenticated
    @authorized
    async def get(self, run_id: str) -> None:
        """Sends the log as it is now; lines that come meanwhile are not in it."""
        form = self.params.choice("format", FORMATS) or "text"
        with self.engine.reader(run_id) as reader, suppress(StreamClosedError):
            reader.refresh()
            self.set_header("Content-Type", "text/plain; charset=utf-8")
            self.set_header("Content-Disposition", f"attachment; filename={run_id}.log")
            self.set_header("Cache-Control", "no-cache")
            if form == "raw":
                await self._send_raw(run_id, reader)
            else:
                await self._send_lines(reader, _FORMATS[form])
            if not self.gone:
                self.finish(set_content_type="text/plain; charset=utf-8")

    async def _send_lines(self, reader: JournalReader, encoder: Callable[[Block], bytes]) -> None:
        await self.begin({})
        line, total = 0, reader.total_lines
        while line < total and not self.is_over():
            block = read_block(reader, line, min(DOWNLOAD_LINES, total - line))
            if block is None:
                return
            await self.send(encoder(block))
            await asyncio.sleep(0)
            line = block.end

    async def _send_raw(self, run_id: str, reader: JournalReader) -> None:
        """Sends bytes of the log file, which only grows, so its length is a strong ETag and an interrupted download goes on with a range."""
        size = reader.log_bytes
        etag = f'"{size:x}"'
        self.set_header("ETag", etag)
        self.set_header("Accept-Ranges", "bytes")
        if etag in (tag.strip() for tag in self.request.headers.get("If-None-Match", "").split(",")):
            self.set_status(304)
            return
        start, end = 0, size
        condition = self.request.headers.get("If-Range", etag)
        try:
            part = ranges.parse(self.request.headers.get("Range"), size) if condition == etag else None
        except ranges.Unsatisfiable:
            self.set_status(416)
            self.set_header("Content-Range", f"bytes */{size}")
            return
        if part is not None:
            start, end = part
            self.set_status(206)
            self.set_header("Content-Range", f"bytes {start}-{end - 1}/{size}")
        self.set_header("Content-Length", str(end - start))
        await self._send_file(self.engine.log_path(run_id), start, end)

    async def _send_file(self, path: os.PathLike[str], start: int, end: int) -> None:
        if start == end:
            return
        file = os.open(path, os.O_RDONLY)
        ahead = self._read(file, start, end)
        try:
            await self.begin({})
            while start < end and not self.is_over():
                data = await ahead
                if not data:  # shorter than the index says: end the connection, or the client waits for the rest
                    self.hang_up()
                    return
                start += len(data)
                ahead = self._read(file, start, end)  # while this one goes out
                await self.send(data)
        finally:
            await ahead
            os.close(file)

    def _read(self, file: int, start: int, end: int) -> asyncio.Future[bytes]:
        return asyncio.ensure_future(self.call(os.pread, file, min(RAW_SLICE_BYTES, end - start), start))
