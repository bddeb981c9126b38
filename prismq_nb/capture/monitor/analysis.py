"""Derive levels, progress and the last error line from stored output.

Separate from `Output`, whose path to the disk must be short. Small chunks are collected and
analysed together, when the caller has time: reading and analysing one line takes 26 µs while the
code is in the processor's cache, and 230 µs if it was evicted between two reads. Standard library
only.
"""

from __future__ import annotations

import os
import re
from importlib import import_module
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from prismq_nb.capture.monitor.level_recorder import LevelRecorder
from prismq_nb.capture.monitor.progress_bars import ProgressBars
from prismq_nb.common.base.encodings import to_utf8
from prismq_nb.journal.layout.format import STDERR, STDOUT
from prismq_nb.journal.levels.text import shown

if TYPE_CHECKING:
    from prismq_nb.capture.monitor.progress import Progress

_BULK_BYTES = 16 * 1024
"""A record of this size means that the module prints faster than we wake."""
_HELD_BYTES = 64 * 1024
"""Maximum size of what is collected: classifying it takes about a millisecond, in which nothing is
read."""
_TAIL_BYTES = 2048
_UNTELLING = (
    r"note: |Execution halted$|Node\.js v\d" r"|at .*(?::\d+|\))$|\d+: .*::|\.\.\. \d+ more$"
)
"""Advice, set phrases and stack frames that Rust, R, Node and Java print after an error.

Compiled when it is needed, which is once, at the end."""
_NEWLINE = 10
_PATTERNS = ("prismq_nb.capture.monitor.progress_lines", "prismq_nb.capture.monitor.progress")
"""Modules whose patterns are compiled by importing them, each for some milliseconds."""


class OutputAnalysis:
    """Analyses the output of one run.

    Attributes:
        levels: the levels of its lines.
        progress: the newest progress that it showed; None: it showed none.
    """

    def __init__(
        self, run_dir: str | os.PathLike[str], error_stream: int, encoding: str = "utf-8"
    ) -> None:
        """Create the level sidecar.

        Args:
            run_dir: the run directory.
            error_stream: the stream on which a failing program says why.
            encoding: of the output.

        Raises:
            OSError: the sidecar cannot be created.
        """
        self.levels = LevelRecorder(run_dir, encoding)
        self._to_utf8 = to_utf8(encoding)
        self.progress: Progress | None = None
        self._bars = (ProgressBars(), ProgressBars())
        self._ahead = [0, 0]  # per stream: bytes that its bars got before they were stored
        self._error_stream = error_stream
        self._tail = b""
        # as `add` takes them; a plain tuple, because it is made for each read
        self._held: list[tuple[bytes, int, int, bool]] = []
        self._held_bytes = 0
        self._uncompiled = [*_PATTERNS]

    def warm_up_step(self) -> bool:
        """Compile some of the patterns, for some milliseconds; return whether all are compiled."""
        if self._uncompiled:
            import_module(self._uncompiled.pop(0))
            return False
        return self.levels.warm_up_step()

    @property
    def last_error_line(self) -> str:
        """The newest informative line of stderr, without colours.

        Python 3.13 and newer colours its tracebacks.
        """
        text = shown(self._text(self._tail)).decode("utf-8", "replace")
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        telling = [line for line in lines if not re.match(_UNTELLING, line)] or lines
        return telling[-1][:500] if telling else ""

    def add(self, data: memoryview, lines: int, stream: int, *, stored: bool) -> None:
        """Take the next lines: they are collected, unless they are many.

        Args:
            data: the bytes; may be reused after the call.
            lines: number of lines; an unfinished last one counts.
            stream: 0 stdout, 1 stderr.
            stored: they are in the journal, so they have levels.
        """
        if len(data) > _BULK_BYTES:
            self.flush()
            self._add_bulk(data, lines, stream, stored=stored)
            return
        self._held.append((bytes(data), lines, stream, stored))
        self._held_bytes += len(data)
        # Nothing may be joined to an unfinished line
        if self._held_bytes > _HELD_BYTES or data[-1] != _NEWLINE:
            self.flush()

    def add_prompt(self, data: bytes, *, stored: bool) -> None:
        """Take an answered question: a line of stderr with the levels of stdout."""
        self.flush()
        self._track_progress(data, STDERR)
        if stored:
            self.levels.add(data, 1, STDOUT, at_once=True)

    def _text(self, data: bytes) -> bytes:
        """Return `data` in UTF-8."""
        return self._to_utf8(data) if self._to_utf8 else data

    def flush(self) -> None:
        """Analyse what was collected."""
        held, self._held, self._held_bytes = self._held, [], 0
        for stream, pieces in groupby(sorted(held, key=itemgetter(2)), itemgetter(2)):
            data = b"".join([piece[0] for piece in pieces])
            self._track_progress(data, stream)
            if stream == self._error_stream:
                self._tail = b"\n".join((self._tail, data[-_TAIL_BYTES:]))[-_TAIL_BYTES:]
        for (stream, stored), pieces in groupby(held, itemgetter(2, 3)):
            if stored:
                texts, counts, _, _ = zip(*pieces, strict=True)
                self.levels.add(b"".join(texts), sum(counts), stream, at_once=True)

    def add_unfinished(self, new: bytes, stream: int) -> None:
        """Look for progress in the growth of an unfinished line; `add` will get it again."""
        self.flush()
        self.progress = self._bars[stream].feed(self._text(new), unfinished=True) or self.progress
        self._ahead[stream] += len(new)

    def _add_bulk(self, data: memoryview, lines: int, stream: int, *, stored: bool) -> None:
        self._track_progress(data, stream, in_flood=True)
        if stream == self._error_stream:
            self._tail = bytes(data[-_TAIL_BYTES:])
        if stored:
            self.levels.add(data, lines, stream, at_once=False)

    def _track_progress(
        self, data: bytes | memoryview, stream: int, *, in_flood: bool = False
    ) -> None:
        """Look for progress in what comes next, except in what was seen as unfinished text."""
        seen = min(self._ahead[stream], len(data))
        self._ahead[stream] -= seen
        bars = self._bars[stream]
        if bars.seen or not in_flood:
            self.progress = bars.feed(self._text(bytes(data[seen:]))) or self.progress
        else:
            bars.drop_partial()
