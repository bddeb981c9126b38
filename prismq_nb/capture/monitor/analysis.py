"""What is made of the output once it is stored: levels, progress, a run's last words. Apart from `Output`, whose way to the disk must be short.

Little chunks are held and looked at together, when the caller has time: to read one line and to look at it takes 26 µs while the code is in the
processor's cache, 230 µs when it has left it between two reads. Standard library only.
"""

from __future__ import annotations

import os
import re
from importlib import import_module
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from prismq_nb.capture.monitor.bars import Bars
from prismq_nb.capture.monitor.levels import Leveller
from prismq_nb.common.base.encodings import to_utf8
from prismq_nb.journal.layout.format import STDERR, STDOUT
from prismq_nb.journal.levels.text import shown

if TYPE_CHECKING:
    from prismq_nb.capture.monitor.progress import Progress

_BULK_BYTES = 16 * 1024
"""A record of this much means that the module prints faster than we wake."""
_HELD_BYTES = 64 * 1024
"""As much is held at most: its levels take about a millisecond, in which nothing is read."""
_TAIL_BYTES = 2048
_TELLS_NOTHING = (
    r"note: |Execution halted$|Node\.js v\d"
    r"|at .*(?::\d+|\))$|\d+: .*::|\.\.\. \d+ more$"
)
"""Advice, set phrases and stack frames, which Rust, R, Node and Java print behind an error.

Compiled when it is asked for, which is once, at the end.
"""
_NEWLINE = 10
_PATTERNS = ("prismq_nb.capture.monitor.progress_lines", "prismq_nb.capture.monitor.progress")
"""Modules whose patterns are compiled when they are imported, each for some milliseconds."""


class Insight:
    """Looks at the output of one run.

    Attributes:
        levels: the levels of its lines.
        progress: the newest progress that it showed.
    """

    def __init__(self, run_dir: str | os.PathLike[str], error_stream: int, encoding: str = "utf-8") -> None:
        """Makes the sidecar of levels. `error_stream` is where a failing program says why. Raises OSError."""
        self.levels = Leveller(run_dir, encoding)
        self._to_utf8 = to_utf8(encoding)
        self.progress: Progress | None = None
        self._bars = (Bars(), Bars())
        self._ahead = [0, 0]  # per stream: bytes that its bars saw before they were stored
        self._error_stream = error_stream
        self._tail = b""
        self._held: list[tuple[bytes, int, int, bool]] = []  # as `add` takes them; made at each read, so it has no names
        self._held_bytes = 0
        self._unwarmed = [*_PATTERNS]

    def warm(self) -> bool:
        """Compile some of the patterns, for some milliseconds; whether all are compiled."""
        if self._unwarmed:
            import_module(self._unwarmed.pop(0))
            return False
        return self.levels.warm()

    @property
    def last_error_line(self) -> str:
        """The newest line of stderr that tells something, as it is shown.

        Python colours its tracebacks from 3.13 on.
        """
        text = shown(self._text(self._tail)).decode("utf-8", "replace")
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        telling = [line for line in lines if not re.match(_TELLS_NOTHING, line)] or lines
        return telling[-1][:500] if telling else ""

    def add(self, data: memoryview, lines: int, stream: int, *, stored: bool) -> None:
        """Takes the next lines in: they are held, unless they are many.

        Args:
            data: the bytes; may be reused after the call.
            lines: lines in them; an unfinished last one counts.
            stream: 0 stdout, 1 stderr.
            stored: they are in the journal, so that they have levels.
        """
        if len(data) > _BULK_BYTES:
            self.look()
            self._look_at_many(data, lines, stream, stored=stored)
            return
        self._held.append((bytes(data), lines, stream, stored))
        self._held_bytes += len(data)
        if self._held_bytes > _HELD_BYTES or data[-1] != _NEWLINE:  # nothing may be joined to an unfinished line
            self.look()

    def add_prompt(self, data: bytes, *, stored: bool) -> None:
        """Take in a question that was answered: a line of stderr, with the levels of stdout."""
        self.look()
        self._follow(data, STDERR)
        if stored:
            self.levels.add(data, 1, STDOUT, at_once=True)

    def _text(self, data: bytes) -> bytes:
        """In UTF-8."""
        return self._to_utf8(data) if self._to_utf8 else data

    def look(self) -> None:
        """Looks at what is held."""
        held, self._held, self._held_bytes = self._held, [], 0
        for stream, pieces in groupby(sorted(held, key=itemgetter(2)), itemgetter(2)):
            data = b"".join([piece[0] for piece in pieces])
            self._follow(data, stream)
            if stream == self._error_stream:
                self._tail = b"\n".join((self._tail, data[-_TAIL_BYTES:]))[-_TAIL_BYTES:]
        for (stream, stored), pieces in groupby(held, itemgetter(2, 3)):
            if stored:
                texts, counts, _, _ = zip(*pieces, strict=True)
                self.levels.add(b"".join(texts), sum(counts), stream, at_once=True)

    def look_at_unfinished(self, new: bytes, stream: int) -> None:
        """Look for progress in what an unfinished line has gained; it will come again in `add`."""
        self.look()
        self.progress = self._bars[stream].take(self._text(new), unfinished=True) or self.progress
        self._ahead[stream] += len(new)

    def _look_at_many(self, data: memoryview, lines: int, stream: int, *, stored: bool) -> None:
        self._follow(data, stream, in_flood=True)
        if stream == self._error_stream:
            self._tail = bytes(data[-_TAIL_BYTES:])
        if stored:
            self.levels.add(data, lines, stream, at_once=False)

    def _follow(self, data: bytes | memoryview, stream: int, *, in_flood: bool = False) -> None:
        """Look for progress in what comes next, but for what was seen as unfinished text."""
        seen = min(self._ahead[stream], len(data))
        self._ahead[stream] -= seen
        bars = self._bars[stream]
        if bars.seen or not in_flood:
            self.progress = bars.take(self._text(bytes(data[seen:]))) or self.progress
        else:
            bars.leave_out()
