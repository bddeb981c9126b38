"""Download a run's log: all of it, or the lines that pass filters.

The journal is read in slices of about 1 ms, between which others run.
"""

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
from prismq_nb.engine.read.context import log_query
from prismq_nb.engine.read.export import (
    json_lines,
    json_log_lines,
    text_lines,
    text_log_lines,
)
from prismq_nb.engine.read.line_block import LineBlock, read_block
from prismq_nb.errors import InvalidRequest
from prismq_nb.server.http import ranges
from prismq_nb.server.http.etags import is_unchanged
from prismq_nb.server.http.params import MATCHING, MAX_LINE
from prismq_nb.server.http.streaming import StreamingHandler

if TYPE_CHECKING:
    from prismq_nb.common.log_models import LogLine
    from prismq_nb.engine.read.context import Context
    from prismq_nb.journal.reader import JournalReader
    from prismq_nb.journal.search.terms import LineFilter

RAW_SLICE_BYTES = 1 << 20
"""Bytes read at once, in a thread, because a log that is not in the page cache takes time."""
DOWNLOAD_LINES = 1000
"""Lines sent at once: about 1 ms of work on the event loop."""
_FORMATS: dict[str, Callable[[LineBlock], bytes]] = {"text": text_lines, "jsonl": json_lines}
_LINE_FORMATS: dict[str, Callable[[list[LogLine]], bytes]] = {
    "text": text_log_lines,
    "jsonl": json_log_lines,
}
_FILTERS = ("after", "before", "level", *MATCHING)
FORMATS = ("text", "raw", "jsonl")


class Matching(NamedTuple):
    """Which lines of a run to send.

    Attributes:
        run_id: the run.
        first: number of the first line.
        end: number after the last line.
        levels: levels of the lines; None: any.
        matcher: matches their messages; None: any.
        context: number of lines around each.
    """

    run_id: str
    first: int
    end: int
    levels: frozenset[int] | None
    matcher: LineFilter | None
    context: Context


class DownloadHandler(StreamingHandler):
    """``/api/runs/{id}/logs/download``."""

    _track_activity = True  # requested by a person

    @web.authenticated
    @authorized
    async def get(self, run_id: str) -> None:
        """Send the log as it is now, or the lines that pass filters; later lines are not in it."""
        params = self.params
        form = params.choice("format", FORMATS) or "text"
        given = params.given(*_FILTERS)
        if form == "raw" and given:
            raise InvalidRequest(
                f"format=raw and {given[0]} cannot be combined: raw is the file as it is; use"
                " format=text or format=jsonl",
                parameter="format",
            )
        levels, matcher, context = params.levels(), params.matcher(), params.context()
        after, before = params.integer("after", -1, MAX_LINE), params.integer("before", 0, MAX_LINE)
        await self.await_repair(run_id)
        reading = self.services.readers.closing(self.engine.reader(run_id))
        with reading as reader, suppress(StreamClosedError):
            total = reader.refresh()
            self.set_header("Content-Type", "text/plain; charset=utf-8")
            self.set_header("Content-Disposition", f"attachment; filename={run_id}.log")
            self.set_header("Cache-Control", "no-cache")
            first, end = (
                0 if after is None else after + 1,
                total if before is None else min(before, total),
            )
            if form == "raw":
                await self._send_raw(run_id, reader)
            elif levels is None and matcher is None:
                await self._send_lines(reader, _FORMATS[form], first, end)
            else:
                await self._send_matching(
                    reader, form, Matching(run_id, first, end, levels, matcher, context)
                )
            if not self.gone:
                self.finish(set_content_type="text/plain; charset=utf-8")

    async def _send_lines(
        self, reader: JournalReader, encoder: Callable[[LineBlock], bytes], line: int, end: int
    ) -> None:
        await self.begin({})
        while line < end and not self.is_over():
            await self.turn(bulk=True)
            with self.services.readers.using(reader):
                block = read_block(reader, line, min(DOWNLOAD_LINES, end - line))
            if block is None:
                return
            if len(block):
                await self.send(
                    await self.compute(encoder, block) if block.is_heavy else encoder(block)
                )
            line = block.end

    async def _send_matching(self, reader: JournalReader, form: str, wanted: Matching) -> None:
        """Send matching lines by repeated polls in threads: matches may be far apart."""
        await self.begin({})
        cursor = wanted.first - 1
        while cursor < wanted.end - 1 and not self.is_over():
            query = log_query(
                reader,
                wanted.run_id,
                wanted.context,
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
            # unreadable: close the connection, or the client takes it for the end
            if page.next_after <= cursor:
                self.disconnect()
                return
            cursor = page.next_after

    async def _send_raw(self, run_id: str, reader: JournalReader) -> None:
        """Send bytes of the log file.

        The file only grows, so its length is a strong ETag (RFC 9110, section 8.8.3), and an
        interrupted download can resume with a range (section 14).
        """
        size = reader.log_bytes
        etag = f'"{size:x}"'
        self.set_header("ETag", etag)
        self.set_header("Accept-Ranges", "bytes")
        if is_unchanged(self.request.headers.get("If-None-Match", ""), etag):
            self.set_status(304)
            return
        start, end = 0, size
        condition = self.request.headers.get("If-Range", etag)
        try:
            part = (
                ranges.parse(self.request.headers.get("Range"), size) if condition == etag else None
            )
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
                # shorter than the index says: disconnect, or the client waits for the rest
                if not data:
                    self.disconnect()
                    return
                start += len(data)
                ahead = self._read(file, start, end)  # while this one goes out
                await self.send(data)
        finally:
            await ahead
            os.close(file)

    def _read(self, file: int, start: int, end: int) -> asyncio.Future[bytes]:
        return asyncio.ensure_future(
            self.call(os.pread, file, min(RAW_SLICE_BYTES, end - start), start)
        )
