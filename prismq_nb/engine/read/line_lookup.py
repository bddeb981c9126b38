"""Read lines of a log by their numbers, for a list of hits, which may be anywhere in it.

Pure: no asyncio, no HTTP, only a journal reader.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from prismq_nb.common.base.state import iso
from prismq_nb.common.base.terminal.frames import Drawn, drawn_lines
from prismq_nb.common.base.terminal.text import message
from prismq_nb.common.log_models import LogLine, LogPage
from prismq_nb.engine.read.line_block import LEVEL_NAMES
from prismq_nb.engine.read.log_page import add_rendering
from prismq_nb.engine.read.poll import MAX_TEXT_BYTES
from prismq_nb.journal.layout.format import STREAMS

if TYPE_CHECKING:
    from prismq_nb.journal.reader import JournalReader

MAX_NUMBERS = 1_000
"""Maximum number of lines in one request."""
STEP_SECONDS = 0.005
"""Approximate duration of one step."""


class LineLookup:
    """A poll for lines by number. Call `step` until it returns True, then `page`.

    It gives the lines that exist, as many as fit into one answer: a few µs each, or some ms each if
    levels are not known yet.

    Attributes:
        lines: those that were found so far.
    """

    def __init__(
        self,
        reader: JournalReader,
        run_id: str,
        numbers: Sequence[int],
        text_bytes: int = MAX_TEXT_BYTES,
    ) -> None:
        """Read the journal's size once; later lines are not seen.

        Args:
            reader: reader of the journal.
            run_id: the run's id, for the page.
            numbers: line numbers, ascending.
            text_bytes: stop when the lines have this much text; at least one line is given.
        """
        self._reader = reader
        self._run_id = run_id
        self._total = reader.refresh()
        self._wanted = [number for number in numbers if number < self._total]
        self._room = text_bytes
        self.lines: list[LogLine] = []
        self._drawn: dict[int, Drawn] = {}
        self._work = self._read()

    def step(self) -> bool:
        """Work for about 5 ms, at least one line. Return whether the work is done."""
        end = time.perf_counter() + STEP_SECONDS
        reader, records_only = self._reader, self._reader.records_only
        reader.records_only = False  # lines around a hit may continue a record; they have a level
        try:
            while (line := next(self._work, None)) is not None:
                self.lines.append(line)
                if time.perf_counter() > end:
                    return False
        finally:
            reader.records_only = records_only
        return True

    def page(self) -> LogPage:
        """Return what was found, in order; takes up to some ms."""
        lines = self.lines
        is_short = len(lines) < len(self._wanted)
        last = lines[-1].line if lines else -1
        page = LogPage(self._run_id, lines, self._total, is_short, last)
        add_rendering(page, self._reader, self._drawn)
        return page

    def _read(self) -> Iterator[LogLine]:
        reader, room = self._reader, self._room
        for number in self._wanted:
            for span in reader.spans(number, 1):
                text = message(span.data.removesuffix(b"\n"))
                level, stream = LEVEL_NAMES[reader.levels(span)[0]], STREAMS[span.stream]
                self._drawn |= drawn_lines(span.data, number)
                yield LogLine(number, iso(span.stamp), level, text, stream, span.is_prompt)
                room -= len(span.data)
            if room < 0:
                return
