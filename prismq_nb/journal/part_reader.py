"""Read and cache ``output.part`` for one reader, and leave out what has become a line since.

Separate from `part.py`, which the supervisor imports. Standard library only.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.layout.part import read_part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismq_nb.journal.layout.format import IndexRecord

_NOTHING = (b"", b"")


class Records(Protocol):
    """The records of a journal: the part of `JournalReader` that is used here.

    A protocol, because `JournalReader` imports this module.
    """

    @property
    def record_count(self) -> int:
        """See `JournalReader.record_count`."""

    def iter_records(self, first: int) -> Iterator[IndexRecord]:
        """See `JournalReader.iter_records`."""

    def locate_end(self, offset: int) -> int:
        """See `JournalReader.locate_end`."""


class PartReader:
    """The visible unfinished text of a run, as of the last read."""

    def __init__(self, run_dir: str | os.PathLike[str]) -> None:
        """Open nothing: `run_dir` may not have the file yet."""
        self._path = os.path.join(run_dir, fmt.PART)
        self._identity = (0, 0)
        self._mark: tuple[int, int, int] | None = None
        self._texts = _NOTHING
        self._end = 0
        self._next = 0

    def texts(self, journal: Records, identity: tuple[int, int]) -> tuple[bytes, bytes]:
        """Return the text of stdout and of stderr; each record of `journal` is read once.

        Args:
            journal: as of its last `refresh`.
            identity: device and inode of its index; in another index, records may have other
                numbers.
        """
        if identity != self._identity:
            self._identity, self._mark = identity, None
        self._reload_if_changed(journal)
        if self._next < journal.record_count and any(self._texts):
            texts = list(self._texts)
            for record in journal.iter_records(self._next):
                if record.lines and record.log_end > self._end:
                    texts[record.stream] = b""
                if not any(texts):
                    break
            self._texts = texts[0], texts[1]
            self._next = journal.record_count
        return self._texts

    def _reload_if_changed(self, journal: Records) -> None:
        """Read the file again if it was replaced or written to."""
        try:
            stat = os.stat(self._path)
        except OSError:
            self._mark, self._texts = None, _NOTHING
            return
        mark = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
        if mark == self._mark:
            return
        part = read_part(self._path)
        if part is None:  # half written, or damaged: the next call tries again
            self._mark = None
            return
        self._mark, self._texts, self._end = mark, part.texts, part.end
        self._next = journal.locate_end(part.end)
