"""Keeps the level sidecar up with the journal: at once when little arrives, in idle slices when flooded. Capture never waits for it.

Whatever it has not done yet, it reads back from the journal with the same reader that everybody uses. Standard library only.
"""

from __future__ import annotations

import os

from prismq_nb.common.base.encodings import to_utf8
from prismq_nb.journal.levels.classifier import Classifier
from prismq_nb.journal.levels.sidecar import SidecarWriter
from prismq_nb.journal.levels.warm_up import warm_up
from prismq_nb.journal.reader import JournalReader

_SLICE_SECONDS = 0.001
"""How long a slice takes, and a step more: meanwhile nothing is read, and a pipe of 64 KiB takes
what a module prints at 60 MB/s."""
_ANY = 1 << 32


class Leveller:
    """Classifies the lines of one run in order.

    Attributes:
        stored: lines in the journal.
        is_warm: all patterns are compiled.
    """

    def __init__(self, run_dir: str | os.PathLike[str], encoding: str = "utf-8") -> None:
        """Make the sidecar. Raises OSError."""
        self._sidecar = SidecarWriter(run_dir)
        self._reader = JournalReader(run_dir, encoding)
        self._to_utf8 = to_utf8(encoding)
        self._classifier = Classifier()
        self._given_up = False
        self.is_warm = False
        self._waiting, self._stream, self._at = b"", 0, 0
        self.stored = 0

    def warm(self) -> bool:
        """Compile some of the patterns, for some milliseconds; whether all are compiled.

        Nothing is classified before that: a run's first lines must not wait for it.
        """
        try:
            self.is_warm = warm_up()
        except Exception:  # noqa: BLE001 - a half-upgraded installation: see `_classify`
            self._given_up = self.is_warm = True
        return self.is_warm

    @property
    def done(self) -> int:
        """Lines that have their level."""
        return self._sidecar.lines

    @property
    def behind(self) -> bool:
        """Whether `catch_up` has something to do."""
        return self.done < self.stored and not self._given_up

    @property
    def has_work(self) -> bool:
        """Whether `catch_up` has lines to classify, and can."""
        return self.is_warm and self.behind

    @property
    def counts(self) -> list[int]:
        """Lines per level, of those done."""
        return self._sidecar.counts

    @property
    def records(self) -> list[int]:
        """Records per level, of the lines done: a traceback is one of many lines."""
        return self._sidecar.records

    def stopped_at(self, lines: int) -> None:
        """From this line of the run on, what programs print of an interrupt is no error."""
        self._classifier.lines_at_stop = lines

    def add(self, data: bytes | memoryview, lines: int, stream: int, *, at_once: bool) -> None:
        """Take in lines that were stored; with `at_once` they are classified now, for a slice's time, unless others wait before them."""
        at_once = at_once and self.is_warm and self.done == self.stored and not self._given_up
        self.stored += lines
        if at_once:
            text = bytes(data)
            self._classify(self._to_utf8(text) if self._to_utf8 else text, stream, 0)

    def catch_up(self) -> None:
        """Classify a slice of what waits: a few milliseconds, whatever the lines are like."""
        if not self.is_warm and not self.warm():
            return
        if self._at >= len(self._waiting) and not self._fetch():
            return
        self._at = self._classify(self._waiting, self._stream, self._at)
        if self._at >= len(self._waiting):
            self._waiting, self._at = b"", 0  # it may be a MiB

    def _fetch(self) -> bool:
        """Reads the next record back. False when there is none: the log was cut under us, and readers classify for themselves."""
        self._reader.refresh()
        spans = self._reader.spans(self.done, _ANY, 1)
        if not spans or not spans[0].data:
            self._given_up = True
            return False
        self._waiting, self._stream, self._at = spans[0].data, spans[0].level_stream, 0
        return True

    def _classify(self, data: bytes, stream: int, start: int) -> int:
        """Classify lines and store their levels; where in `data` the next one begins.

        Levels that cannot be stored are given up: readers classify for
        themselves what is not there.
        """
        try:
            levels, start = self._classifier.classify_for(_SLICE_SECONDS, data, stream, start)
            self._sidecar.append(levels)
        except Exception:  # noqa: BLE001 - a full disk, or a half-upgraded installation: no level is worth a line that is not captured
            self._given_up = True
        return start

    def close(self) -> None:
        """Closes the files."""
        self._sidecar.close()
        self._reader.close()
