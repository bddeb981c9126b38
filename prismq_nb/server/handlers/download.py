"""A run's log as a file: all of it, or what filters let through. Reads the journal in slices of about 1 ms and lets others run between."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from jupyter_server.auth.decorator import authorized
from tornado import web
from tornado.iostream import StreamClosedError

from prismq_nb.common.base.regular_files import open_regular
from prismq_nb.engine.read.block import Block, read_block
from prismq_nb.engine.read.context import log_query
from prismq_nb.engine.read.export import json_lines, picked_json_lines, picked_text_lines, text_lines
from prismq_nb.errors import InvalidRequest
from prismq_nb.server.http import ranges
from prismq_nb.server.http.params import MATCHING, MAX_LINE
from prismq_nb.server.http.streaming import StreamingHandler

if TYPE_CHECKING:
    from prismq_nb.common.log_models import LogLine
    from prismq_nb.engine.read.context import Around
    from prismq_nb.journal.reader import JournalReader
    from prismq_nb.journal.search.terms import LineFilter

RAW_SLICE_BYTES = 1 << 20
"""Read in a thread, because a log that is not in the page cache takes its time."""
DOWNLOAD_LINES = 1000
"""Lines sent at once: about 1 ms of work on the event loop."""
_FORMATS: dict[str, Callable[[Block], bytes]] = {"text": text_lines, "jsonl": json_lines}
_LINE_FORMATS: dict[str, Callable[[list[LogLine]], bytes]] = {"text": picked_text_lines, "jsonl": picked_json_lines}
_FILTERS = ("after", "before", "level", *MATCHING)
FORMATS = ("text", "raw", "jsonl")


class Matching(NamedTuple):
    """Which lines of a run are wanted: numbers `first` to `end - 1`, of these levels, that match.

    None: any; `around`: and so many lines around each.
    """

    run_id: str
    first: int
    end: int
    levels: frozenset[int] | None
    matcher: LineFilter | None
    around: Around


class DownloadHandler(StreamingHandler):
    """``/api/runs/{id}/logs/download``."""

    _track_activity = True  # a person asked for it

    @web.authenticated
    @authorized
    async def get(self, run_id: str) -> None:
        """Sends the log as it is now, or what filters let through of it; lines that come meanwhile are not in it."""
        params = self.params
        form = params.choice("format", FORMATS) or "text"
        given = params.given(*_FILTERS)
        if form == "raw" and given:
            raise InvalidRequest(f"format=raw and {given[0]} contradict each other: raw is the file as it is; send format=text or format=jsonl")
        levels, matcher, around = params.levels(), params.matcher(), params.around()
        after, before = params.integer("after", -1, MAX_LINE), params.integer("before", 0, MAX_LINE)
        await self.settle(run_id)
        reading = self.services.readers.closing(self.engine.reader(run_id))
        with reading as reader, suppress(StreamClosedError):
            total = reader.refresh()
            self.set_header("Content-Type", "text/plain; charset=utf-8")
            self.set_header("Content-Disposition", f"attachment; filename={run_id}.log")
            self.set_header("Cache-Control", "no-cache")
            first, end = 0 if after is None else after + 1, total if before is None else min(before, total)
            if form == "raw":
                await self._send_raw(run_id, reader)
            elif levels is None and matcher is None:
                await self._send_lines(reader, _FORMATS[form], first, end)
            else:
                await self._send_matching(reader, form, Matching(run_id, first, end, levels, matcher, around))
            if not self.gone:
                self.finish(set_content_type="text/plain; charset=utf-8")

    async def _send_lines(self, reader: JournalReader, encoder: Callable[[Block], bytes], line: int, end: int) -> None:
        await self.begin({})
        while line < end and not self.is_over():
            await self.turn(bulk=True)
            with self.services.readers.using(reader):
                block = read_block(reader, line, min(DOWNLOAD_LINES, end - line))
            if block is None:
                return
            if len(block):
                await self.send(await self.compute(encoder, block) if block.is_heavy else encoder(block))
            line = block.end

    async def _send_matching(self, reader: JournalReader, form: str, wanted: Matching) -> None:
        """Asks as a poll does, again and again, in threads: what is looked at between two lines that match can be long."""
        await self.begin({})
        cursor = wanted.first - 1
        while cursor < wanted.end - 1 and not self.is_over():
            query = log_query(
                reader,
                wanted.run_id,
                wanted.around,
                limit=DOWNLOAD_LINES,
                after=cursor,
                before=wanted.end,
                levels=wanted.levels,
                matcher=wanted.matcher,
            )
            while not self.is_over() and not await self.compute(query.step, reader=reader):
                pass
            page = query.page()
            if page.logs:
                await self.send(await self.compute(_LINE_FORMATS[form], page.logs))
            if page.next_after <= cursor:  # cannot be read: end the connection, or the client takes it for the end
                self.hang_up()
                return
            cursor = page.next_after

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
        file = open_regular(path)
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
