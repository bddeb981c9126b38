"""Parts of a page of lines: its text's size, its newest lines, and how lines were drawn. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING

from prismq_nb.engine.read.sgr_state import sgr_state_at

if TYPE_CHECKING:
    from prismq_nb.common.base.terminal.frames import Drawn
    from prismq_nb.common.log_models import LogLine, LogPage
    from prismq_nb.journal.reader import JournalReader


class Piece:
    """Matching lines in order, of which the newest are kept, up to a number of lines and bytes.

    Attributes:
        lines: the lines kept.
        text: their bytes.
        dropped: there were more.
        stored: number of bytes read; counted by the caller.
    """

    def __init__(self, count: int, room: int, *, at_least: bool) -> None:
        """Keep up to `count` lines of `room` bytes. `at_least`: one line whatever its size."""
        self.lines: deque[LogLine] = deque()
        self.text = self.stored = 0
        self.dropped = False
        self._count, self._room, self._least = count, room, int(at_least)

    def add(self, line: LogLine) -> None:
        """Add the next line."""
        self.lines.append(line)
        self.text += text_bytes(line)
        while len(self.lines) > self._count or (
            self.text > self._room and len(self.lines) > self._least
        ):
            self.text -= text_bytes(self.lines.popleft())
            self.dropped = True


def add_rendering(page: LogPage, reader: JournalReader, drawn: Mapping[int, Drawn]) -> None:
    """Add to a page what messages do not show: how lines were drawn, and colours in force.

    Args:
        page: gets `drawn` and `sgr`, if there are any.
        reader: reader of the journal, as of its last refresh.
        drawn: how these lines, and perhaps others, were drawn.
    """
    if drawn and (found := {n: drawn[n] for n in (line.line for line in page.logs) if n in drawn}):
        page.drawn = found
    if page.logs and (sgr := sgr_state_at(reader, page.logs[0].line)):
        page.sgr = sgr


def text_bytes(line: LogLine) -> int:
    """Return the length of a line's message in UTF-8."""
    text = line.message
    return len(text) if text.isascii() else len(text.encode())
