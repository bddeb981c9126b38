"""Keep the level sidecar up to date: immediately if little arrives, in idle slices in a flood.

Capture never waits for it. Lines that were not classified when they were stored are read back from
the journal. Standard library only.
"""

from __future__ import annotations

import os

from prismq_nb.common.base.encodings import to_utf8
from prismq_nb.journal.levels.classifier import Classifier
from prismq_nb.journal.levels.sidecar import SidecarWriter
from prismq_nb.journal.levels.warm_up import warm_up
from prismq_nb.journal.reader import JournalReader

_SLICE_SECONDS = 0.001
"""Duration of a slice, plus one step: meanwhile nothing is read, and a pipe of 64 KiB takes what a
module prints at 60 MB/s."""
_NO_LIMIT = 1 << 32


class LevelRecorder:
    """Classifies the lines of one run in order.

    Attributes:
        stored: lines in the journal.
        is_warm: all patterns are compiled.
    """

    def __init__(self, run_dir: str | os.PathLike[str], encoding: str = "utf-8") -> None:
        """Create the sidecar.

        Raises:
            OSError: it cannot be created.
        """
        self._sidecar = SidecarWriter(run_dir)
        self._reader = JournalReader(run_dir, encoding)
        self._to_utf8 = to_utf8(encoding)
        self._classifier = Classifier()
        self._given_up = False
        self.is_warm = False
        self._waiting, self._stream, self._at = b"", 0, 0
        self.stored = 0

    def warm_up_step(self) -> bool:
        """Compile some of the patterns, for some milliseconds; return whether all are compiled.

        Nothing is classified before that: a run's first lines must not wait for it.
        """
        try:
            self.is_warm = warm_up()
        except Exception:  # noqa: BLE001 - a half-upgraded installation: see `_classify`
            self._given_up = self.is_warm = True
        return self.is_warm

    @property
    def done(self) -> int:
        """Lines whose level is known."""
        return self._sidecar.lines

    @property
    def is_behind(self) -> bool:
        """Whether `catch_up` has something to do."""
        return self.done < self.stored and not self._given_up

    @property
    def has_work(self) -> bool:
        """Whether `catch_up` has lines to classify, and can."""
        return self.is_warm and self.is_behind

    @property
    def counts(self) -> list[int]:
        """Lines per level, of those done."""
        return self._sidecar.counts

    @property
    def records(self) -> list[int]:
        """Records per level, of the lines done: a traceback is one record of many lines."""
        return self._sidecar.records

    def mark_stop(self, lines: int) -> None:
        """From this line of the run on, messages about an interrupt are not errors."""
        self._classifier.lines_at_stop = lines

    def add(self, data: bytes | memoryview, lines: int, stream: int, *, at_once: bool) -> None:
        """Take lines that were stored.

        Args:
            data: the bytes.
            lines: number of lines in them.
            stream: 0 stdout, 1 stderr.
            at_once: classify them now, for the time of a slice, unless others wait before them.
        """
        at_once = at_once and self.is_warm and self.done == self.stored and not self._given_up
        self.stored += lines
        if at_once:
            text = bytes(data)
            self._classify(self._to_utf8(text) if self._to_utf8 else text, stream, 0)

    def catch_up(self) -> None:
        """Classify a slice of what waits: a few milliseconds, whatever the lines are."""
        if not self.is_warm and not self.warm_up_step():
            return
        if self._at >= len(self._waiting) and not self._fetch():
            return
        self._at = self._classify(self._waiting, self._stream, self._at)
        if self._at >= len(self._waiting):
            self._waiting, self._at = b"", 0  # it may be a MiB

    def _fetch(self) -> bool:
        """Read the next record back.

        Returns False if there is none: the log was truncated, and readers classify for themselves.
        """
        self._reader.refresh()
        spans = self._reader.spans(self.done, _NO_LIMIT, 1)
        if not spans or not spans[0].data:
            self._given_up = True
            return False
        self._waiting, self._stream, self._at = spans[0].data, spans[0].level_stream, 0
        return True

    def _classify(self, data: bytes, stream: int, start: int) -> int:
        """Classify lines and store their levels; return where in `data` the next line begins.

        If levels cannot be stored, this gives up for good: readers classify what the sidecar lacks.
        """
        try:
            levels, start = self._classifier.classify_for(_SLICE_SECONDS, data, stream, start)
            self._sidecar.append(levels)
        except Exception:  # noqa: BLE001 - full disk, half-upgraded installation: capture goes on
            self._given_up = True
        return start

    def close(self) -> None:
        """Close the files."""
        self._sidecar.close()
        self._reader.close()
