"""Bound the number of descriptors of readers that are used for long."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prismq_nb.journal.reader import JournalReader

MAX_OPEN = 64
"""Readers that keep their three files open between two steps; opening them takes 50 µs."""


class OpenReaders:
    """The readers of all replays, downloads and searches of one event loop, by last use."""

    def __init__(self) -> None:
        self._open: dict[JournalReader, None] = {}

    def __len__(self) -> int:
        return len(self._open)

    @contextmanager
    def using(self, reader: JournalReader) -> Iterator[None]:
        """Use a reader, here or in a thread.

        Its files stay open until many others were used after it.
        """
        self._open.pop(reader, None)
        try:
            yield
        finally:
            self._open[reader] = None
            while len(self._open) > MAX_OPEN:
                oldest = next(iter(self._open))
                del self._open[oldest]
                oldest.suspend()

    @contextmanager
    def closing(self, reader: JournalReader) -> Iterator[JournalReader]:
        """Close a reader at the end of the ``with`` block, and forget it."""
        try:
            yield reader
        finally:
            self.close(reader)

    def close(self, reader: JournalReader) -> None:
        """Close a reader's files; it may be used again."""
        self._open.pop(reader, None)
        reader.close()
