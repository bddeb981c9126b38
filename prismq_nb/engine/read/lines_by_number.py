"""Some lines of a log by their numbers: what a list of hits shows, which lie anywhere in it.

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
from prismq_nb.engine.read.block import LEVEL_NAMES
from prismq_nb.engine.read.poll import MAX_TEXT_BYTES, add_looks
from prismq_nb.journal.layout.format import STREAMS

if TYPE_CHECKING:
    from prismq_nb.journal.reader import JournalReader

MAX_PICKED = 1_000
"""Most numbers of one request."""
STEP_SECONDS = 0.005
"""Lines are picked for so long at a time, then others have their turn."""


class LogPick:
    """A poll for lines with given numbers. Call `step` until it says True, then `page`.

    It gives the lines that there are, as far as their text has room in one answer; a few µs each,
    some ms each where levels are not known yet.
    """

    def __init__(self, reader: JournalReader, run_id: str, numbers: Sequence[int]) -> None:
        """Look at the journal once; lines that come later are not seen. `numbers`: ascending."""
        self._reader = reader
        self._run_id = run_id
        self._total = reader.refresh()
        self._wanted = [number for number in numbers if number < self._total]
        self._lines: list[LogLine] = []
        self._drawn: dict[int, Drawn] = {}
        self._work = self._read()

    def step(self) -> bool:
        """Work for about 5 ms, one line at least; True when there is no more to do."""
        end = time.perf_counter() + STEP_SECONDS
        while (line := next(self._work, None)) is not None:
            self._lines.append(line)
            if time.perf_counter() > end:
                return False
        return True

    def page(self) -> LogPage:
        """What was found, in order; takes up to some ms."""
        lines = self._lines
        is_short = len(lines) < len(self._wanted)
        last = lines[-1].line if lines else -1
        page = LogPage(self._run_id, lines, self._total, is_short, last)
        add_looks(page, self._reader, self._drawn)
        return page

    def _read(self) -> Iterator[LogLine]:
        reader, room = self._reader, MAX_TEXT_BYTES
        for number in self._wanted:
            for span in reader.spans(number, 1):
                text = message(span.data.removesuffix(b"\n"))
                level, stream = LEVEL_NAMES[reader.levels(span)[0]], STREAMS[span.stream]
                self._drawn |= drawn_lines(span.data, number)
                yield LogLine(number, iso(span.stamp), level, text, stream, span.is_prompt)
                room -= len(span.data)
            if room < 0:
                return
