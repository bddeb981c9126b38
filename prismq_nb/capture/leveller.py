"""Keeps the level sidecar up with the journal: at once when little arrives, some time later when much does, in idle slices when flooded.

Capture never waits for it. What waits is held in memory while it is little; all else is read back from the journal, with the same reader that
everybody uses. Standard library only.
"""

from __future__ import annotations

import os
from itertools import groupby
from operator import itemgetter
from time import perf_counter

from prismq_nb.journal.levels import Classifier
from prismq_nb.journal.reader import JournalReader
from prismq_nb.journal.sidecar import SidecarWriter

_INLINE_BYTES = 16 * 1024
_HELD_BYTES = 64 * 1024
"""Lines are held up to this much: classified together, they take about as long as a slice should."""
_SLICE_SECONDS = 0.001
"""How long a slice should take: meanwhile nothing is read, and a pipe of 64 KiB takes what a module prints at 60 MB/s."""
_SLICE_BYTES_MIN, _SLICE_BYTES_MAX = 2 * 1024, 256 * 1024
_ANY = 1 << 32
_NEWLINE = 10


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
        self._held: list[tuple[bytes, int]] = []  # the newest lines, with their streams
        self._held_bytes = self._held_lines = 0
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

    def add(self, data: memoryview, lines: int, stream: int, *, at_once: bool = True) -> None:
        """Tells of lines that were just stored; they are classified now, unless they are many, or others wait before them, or not `at_once`."""
        inline = self._warm and self.done + self._held_lines == self.stored and not self._given_up and len(data) <= _INLINE_BYTES
        self.stored += lines
        if not inline:
            self._let_go()  # the journal has them
            return
        self._held.append((bytes(data), stream))
        self._held_bytes += len(data)
        self._held_lines += lines
        if at_once or self._held_bytes > _HELD_BYTES or data[-1] != _NEWLINE:  # nothing may be joined to an unfinished line
            self._classify_held()

    def _let_go(self) -> list[tuple[bytes, int]]:
        held, self._held = self._held, []
        self._held_bytes = self._held_lines = 0
        return held

    def _classify_held(self) -> None:
        """All that is held, what belongs to one stream together."""
        for stream, pieces in groupby(self._let_go(), itemgetter(1)):
            self._classify(b"".join([data for data, _ in pieces]), stream)

    def catch_up(self) -> None:
        """One slice of what waits: about a millisecond, whatever the lines are like."""
        if self._held:
            self._classify_held()
            return
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
