"""Keeps the level sidecar up with the journal: at once when little arrives, in idle slices when flooded. Capture never waits for it.

Whatever it has not done yet, it reads back from the journal with the same reader that everybody uses. Standard library only.
"""

from __future__ import annotations

import os
from time import perf_counter

from prismq_nb.journal.levels import Classifier
from prismq_nb.journal.reader import JournalReader
from prismq_nb.journal.sidecar import SidecarWriter

_SLICE_SECONDS = 0.001
"""How long a slice should take: meanwhile nothing is read, and a pipe of 64 KiB takes what a module prints at 60 MB/s."""
_SLICE_BYTES_MIN, _SLICE_BYTES_MAX = 2 * 1024, 96 * 1024
_ANY = 1 << 32


class Leveller:
    """Classifies the lines of one run in order.

    Attributes:
        stored: lines in the journal.
    """

    def __init__(self, run_dir: str | os.PathLike[str]) -> None:
        self._sidecar = SidecarWriter(run_dir)
        self._reader = JournalReader(run_dir)
        self._classifier = Classifier()
        self._given_up = False
        self._warm = False
        self._slice_bytes = 16 * 1024
        self._waiting, self._stream, self._at = b"", 0, 0
        self.stored = 0

    def warm(self) -> None:
        """Compiles the patterns, 20 ms. Nothing is classified at once before that: a run's first lines must not wait for it."""
        self._classify(b"", 0)

    @property
    def done(self) -> int:
        """Lines that have their level."""
        return self._sidecar.lines

    @property
    def behind(self) -> bool:
        """Whether `catch_up` has something to do."""
        return self.done < self.stored and not self._given_up

    @property
    def counts(self) -> list[int]:
        """Lines per level, of those done."""
        return self._sidecar.counts

    def add(self, data: bytes | memoryview, lines: int, stream: int, *, at_once: bool) -> None:
        """Tells of lines that were stored; with `at_once` they are classified now, unless others wait before them."""
        at_once = at_once and self._warm and self.done == self.stored and not self._given_up
        self.stored += lines
        if at_once:
            self._classify(data, stream)

    def catch_up(self) -> None:
        """One slice of what waits: about a millisecond, whatever the lines are like."""
        if self._at >= len(self._waiting) and not self._fetch():
            return
        begin = perf_counter()
        end = self._slice_end()
        if not self._classify(self._waiting[self._at : end], self._stream):
            return
        share = _SLICE_SECONDS / max(perf_counter() - begin, _SLICE_SECONDS / 4)
        self._slice_bytes = min(max(int((end - self._at) * share), _SLICE_BYTES_MIN), _SLICE_BYTES_MAX)
        self._at = end
        if end == len(self._waiting):
            self._waiting, self._at = b"", 0  # it may be a MiB

    def _fetch(self) -> bool:
        """Reads the next record back. False when there is none: the log was cut under us, and readers classify for themselves."""
        self._reader.refresh()
        spans = self._reader.spans(self.done, _ANY, 1)
        if not spans or not spans[0].data:
            self._given_up = True
            return False
        self._waiting, self._stream, self._at = spans[0].data, spans[0].stream, 0
        return True

    def _slice_end(self) -> int:
        """Where the slice ends: behind a newline, or with the record."""
        newline = self._waiting.rfind(b"\n", self._at, self._at + self._slice_bytes)
        if newline < 0:
            newline = self._waiting.find(b"\n", self._at)
        return newline + 1 if newline >= 0 else len(self._waiting)

    def _classify(self, data: bytes | memoryview, stream: int) -> bool:
        """Classifies the next lines and stores their levels. False when levels were given up: readers classify for themselves what is not stored."""
        self._warm = True
        try:
            self._sidecar.append(self._classifier.classify(data, stream))
        except Exception:  # noqa: BLE001 - a full disk, or a half-upgraded installation: no level is worth a line that is not captured
            self._given_up = True
        return not self._given_up

    def close(self) -> None:
        """Closes the files."""
        self._sidecar.close()
        self._reader.close()
