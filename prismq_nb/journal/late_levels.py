"""Classify the lines whose levels the sidecar lacks, on behalf of a reader, in steps of about 1 ms.

A level depends on the lines before it, so those are classified first. The work of a step is kept
until the next one, however much later that is. Standard library only.
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

    from prismq_nb.journal.layout.format import IndexRecord
    from prismq_nb.journal.layout.span import Span

STEP_SECONDS: Final = 0.001
"""Target duration of one step; expensive lines take a few milliseconds more."""
MAX_LOOKBACK_BYTES: Final = 4 << 20
"""The lookback goes no further: a thousand lines of a MiB would take a second to read."""
_READ_BYTES: Final = 256 << 10


class Lines(Protocol):
    """The lines of a journal: the part of `JournalReader` that is used here.

    A protocol, because `JournalReader` imports this module.
    """

    records_only: bool

    def spans(self, first: int, limit: int, max_bytes: int) -> list[Span]:
        """See `JournalReader.spans`."""

    def record(self, number: int) -> IndexRecord | None:
        """See `JournalReader.record`."""

    def locate(self, line: int) -> int:
        """See `JournalReader.locate`."""

    def locate_end(self, offset: int) -> int:
        """See `JournalReader.locate_end`."""


class LateLevels:
    """The classifier of one reader and its position. Not thread-safe."""

    def __init__(self, reader: Lines, run_dir: str | os.PathLike[str]) -> None:
        """Classify nothing yet."""
        self._reader = reader
        self._stop = StopLine(run_dir)
        self._classifier = Classifier()
        self._first = self._next = 0  # the first line that the classifier was given, and the next

    def classify_some(self, spans: Sequence[Span]) -> bytes:
        """Return the levels of the first of some lines, as many as one step classifies.

        Args:
            spans: consecutive spans as the reader returns them, at least one.

        Returns:
            One byte per line; empty while the lines before them are still being classified.
        """
        end = perf_counter() + STEP_SECONDS
        line = spans[0].first
        back = self._lookback_start(line)
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
        """Return the marks (`Classifier.mark`) of the lines classified by `end`.

        One step at least.
        """
        left = end - perf_counter()
        levels, at = self._classifier.classify_for(left, span.data, span.level_stream)
        if at >= len(span.data):  # a damaged log has other newlines than its index says
            levels = levels[: span.line_count].ljust(span.line_count, bytes((Level.INFO,)))
        self._next += len(levels)
        return levels

    def _lookback_start(self, line: int) -> int:
        """Return the first of the lines before `line` that may decide its level."""
        reader = self._reader
        first = max(0, line - LOOK_BACK_LINES)
        here = reader.record(reader.locate(line))
        if here is None or here.start <= MAX_LOOKBACK_BYTES:
            return first
        back = reader.record(reader.locate_end(here.start - MAX_LOOKBACK_BYTES))
        return first if back is None else min(line, max(first, back.first + back.lines))
