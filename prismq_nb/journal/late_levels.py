"""Levels that the sidecar lacks: classified by whoever reads, in steps of some milliseconds.

A level depends on the lines before, so these are looked at first. However far apart two
steps are, the work of the first is kept. Standard library only.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Final, Protocol

from prismq_nb.journal.layout.stop_line import StopLine
from prismq_nb.journal.levels.classifier import LEVEL_OF, LOOK_BACK_LINES, Classifier, Level
from prismq_nb.journal.levels.sidecar import record_levels

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from prismq_nb.journal.layout.format import Record
    from prismq_nb.journal.layout.span import Span

__all__ = ["LOOK_BACK_BYTES", "STEP_SECONDS", "LateLevels"]

#: How long one step takes, and a few milliseconds more where lines are expensive.
STEP_SECONDS: Final = 0.001
#: Lines that lie further back are not looked at: a thousand lines of a MiB are a second of reading.
LOOK_BACK_BYTES: Final = 4 << 20
_READ_BYTES: Final = 256 << 10


class Lines(Protocol):
    """The lines of a journal: what is needed here of a `JournalReader`, which makes a `LateLevels`."""

    records_only: bool

    def spans(self, first: int, limit: int, max_bytes: int) -> list[Span]:
        """See `JournalReader.spans`."""

    def record(self, number: int) -> Record | None:
        """See `JournalReader.record`."""

    def locate(self, line: int) -> int:
        """See `JournalReader.locate`."""

    def locate_end(self, offset: int) -> int:
        """See `JournalReader.locate_end`."""


class LateLevels:
    """The classifier of one reader, and how far it is. Not thread-safe."""

    def __init__(self, reader: Lines, run_dir: str | os.PathLike[str]) -> None:
        """Classify nothing yet."""
        self._reader = reader
        self._stop = StopLine(run_dir)
        self._classifier = Classifier()
        self._first = self._next = 0  # the first line that the classifier was given, and the next

    def some(self, spans: Sequence[Span]) -> bytes:
        """Levels of the first of some lines, for one step; none while it looks back.

        Args:
            spans: as the reader gives them, one at least.
        """
        end = perf_counter() + STEP_SECONDS
        line = spans[0].first
        back = self._look_back(line)
        if not (self._first <= back <= self._next <= line):
            self._classifier, self._first, self._next = Classifier(), back, back
        stop = self._stop.line()
        self._classifier.lines_at_stop = None if stop is None else stop - self._first
        while self._next < line:
            before = self._reader.spans(self._next, line - self._next, _READ_BYTES)
            if not before:  # a hole in the index
                self._next = line
            for span in before:
                if len(self._classified(span, end)) < span.line_count or perf_counter() >= end:
                    return b""
        levels: list[bytes] = []
        for span in spans:
            levels.append(self._classified(span, end))
            if len(levels[-1]) < span.line_count or perf_counter() >= end:
                break
        marks = b"".join(levels)
        return record_levels(marks) if self._reader.records_only else marks.translate(LEVEL_OF)

    def _classified(self, span: Span, end: float) -> bytes:
        """The bytes of its lines (see `Classifier.mark`) that were done by `end`: one step at least."""
        left = end - perf_counter()
        levels, at = self._classifier.classify_for(left, span.data, span.level_stream)
        if at >= len(span.data):  # a damaged log has other newlines than its index says
            levels = levels[: span.line_count].ljust(span.line_count, bytes((Level.INFO,)))
        self._next += len(levels)
        return levels

    def _look_back(self, line: int) -> int:
        """The line from which on the lines before `line` count."""
        reader = self._reader
        first = max(0, line - LOOK_BACK_LINES)
        here = reader.record(reader.locate(line))
        if here is None or here.start <= LOOK_BACK_BYTES:
            return first
        back = reader.record(reader.locate_end(here.start - LOOK_BACK_BYTES))
        return first if back is None else min(line, max(first, back.first + back.lines))
