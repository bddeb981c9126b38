"""Keeps the level sidecar up with the journal: at once when little arrives, in idle slices when flooded. Capture never waits for it.

Whatever it has not done yet, it reads back from the journal with the same reader that everybody uses. Standard library only.
"""

from __future__ import annotations

from pathlib import Path

from prismq_nb.journal.levels import Classifier
from prismq_nb.journal.reader import JournalReader
from prismq_nb.journal.sidecar import SidecarWriter

_INLINE_BYTES = 16 * 1024
_SLICE_LINES, _SLICE_BYTES = 1000, 64 * 1024


class Leveller:
    """Classifies the lines of one run in order.

    Attributes:
        stored: lines in the journal.
    """

    def __init__(self, run_dir: Path) -> None:
        self._sidecar = SidecarWriter(run_dir)
        self._reader = JournalReader(run_dir)
        self._classifier = Classifier()
        self._given_up = False
        self.stored = 0

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

    def add(self, data: memoryview, lines: int, stream: int) -> None:
        """Tells of lines that were just stored; they are classified now if they are few and nothing waits before them."""
        inline = self.done == self.stored and not self._given_up and len(data) <= _INLINE_BYTES
        self.stored += lines
        if inline:
            self._append(self._classifier.classify(data, stream))

    def catch_up(self) -> None:
        """One slice of what waits: about a millisecond."""
        self._reader.refresh()
        for span in self._reader.spans(self.done, _SLICE_LINES, _SLICE_BYTES):
            if not self._append(self._classifier.classify(span.data, span.stream)):
                return

    def _append(self, levels: bytes) -> bool:
        try:
            self._sidecar.append(levels)
        except OSError:  # a full disk: the sidecar is derived, and readers classify for themselves what it lacks
            self._given_up = True
            return False
        return True

    def close(self) -> None:
        """Closes the files."""
        self._sidecar.close()
        self._reader.close()
