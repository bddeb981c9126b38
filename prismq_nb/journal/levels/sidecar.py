"""The level sidecar ``output.lvl``: one byte per line, with counts per 65,536 lines.

Derived from the log; may lag; can be rebuilt.

Form: blocks of `BLOCK_LINES`, each `_COUNTS` (five little-endian u32, one per level, zero until the
block is full) followed by the level bytes. A level byte is the level, with `CONTINUES` at a line
that begins no record (earlier versions never wrote that: there each line is a record). A line's
level is thus at a computed place; all counts of a 100-million-line log are 1,526 small reads (3
ms), and "the next ERROR" is as many at most and a `bytes.find` in 64 KiB. Standard library only.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Collection, Iterator

from prismq_nb.common.base.regular_files import NotRegular, open_regular
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.levels.grammar.words import CONTINUES

BLOCK_LINES = 65_536
LEVEL_COUNT = 5
_COUNTS = struct.Struct("<5I12x")
_BLOCK_BYTES = _COUNTS.size + BLOCK_LINES

_INFO = 1
_KNOWN = bytes(
    level if (level := byte & ~CONTINUES) < LEVEL_COUNT else _INFO for byte in range(256)
)
"""A damaged byte counts as INFO: nobody who looks a level's name up may stumble over it."""
NO_RECORD = 255
"""Stands for the level of a line that begins no record, where only records count."""
_RECORDS = bytes(NO_RECORD if byte & CONTINUES else _KNOWN[byte] for byte in range(256))


def _offset(line: int) -> int:
    block, within = divmod(line, BLOCK_LINES)
    return block * _BLOCK_BYTES + _COUNTS.size + within


def _lines_in(size: int) -> int:
    blocks, rest = divmod(size, _BLOCK_BYTES)
    return blocks * BLOCK_LINES + max(0, rest - _COUNTS.size)


def _tally(levels: bytes) -> list[int]:
    """Count these level bytes by level; damaged ones count as INFO."""
    counts = [
        levels.count(level) + levels.count(level | CONTINUES)
        for level in range(LEVEL_COUNT)
        if level != _INFO
    ]
    counts.insert(_INFO, len(levels) - sum(counts))
    return counts


def _tally_records(levels: bytes) -> list[int]:
    """How many records of each level begin at the lines that have these bytes."""
    return [levels.count(level) for level in range(LEVEL_COUNT)]


def record_levels(marks: bytes) -> bytes:
    """The levels of lines from `Classifier.mark`; `NO_RECORD` where one begins no record."""
    return marks.translate(_RECORDS)


def first_of(levels: bytes, wanted: Collection[int]) -> int:
    """Index of the first of these `Level` values that is one of the wanted; -1 if none is."""
    best = -1
    for level in wanted:
        found = levels.find(level, 0, len(levels) if best < 0 else best)
        best = found if found >= 0 else best
    return best


class SidecarWriter:
    """Appends level bytes; keeps the counts of all lines and records in memory.

    Attributes:
        counts: lines per level.
        records: records per level.
    """

    def __init__(self, run_dir: str | os.PathLike[str]) -> None:
        """Begin a run's sidecar with no lines; one that is there is emptied. Raises OSError."""
        self._fd = open_regular(
            os.path.join(run_dir, fmt.LEVELS), os.O_RDWR | os.O_CREAT | os.O_TRUNC
        )
        self.lines = 0
        self.counts = [0] * LEVEL_COUNT
        self.records = [0] * LEVEL_COUNT
        self._block = [0] * LEVEL_COUNT

    def append(self, levels: bytes) -> None:
        """Append one byte per line, as `Classifier.mark` gives them.

        Raises OSError when the disk is full; nothing is counted then, and the next call writes the
        same place again.
        """
        while levels:
            room = BLOCK_LINES - self.lines % BLOCK_LINES
            piece, levels = levels[:room], levels[room:]
            self._put(piece, _offset(self.lines))
            counts = _tally(piece)
            self.counts = [a + b for a, b in zip(self.counts, counts, strict=True)]
            self.records = [a + b for a, b in zip(self.records, _tally_records(piece), strict=True)]
            self._block = [a + b for a, b in zip(self._block, counts, strict=True)]
            self.lines += len(piece)
            if len(piece) == room:
                self._put(
                    _COUNTS.pack(*self._block), _offset(self.lines - BLOCK_LINES) - _COUNTS.size
                )
                self._block = [0] * LEVEL_COUNT

    def _put(self, data: bytes, offset: int) -> None:
        if os.pwrite(self._fd, data, offset) != len(data):
            raise OSError(28, "no space left for the level sidecar")

    def close(self) -> None:
        """Closes the file."""
        os.close(self._fd)


class SidecarReader:
    """Reads levels by line number with `os.pread`."""

    def __init__(self, run_dir: str | os.PathLike[str]) -> None:
        """Read the sidecar of a run directory, which need not be there. Opens nothing yet."""
        self._path = os.path.join(run_dir, fmt.LEVELS)
        self._fd: int | None = None

    def _open(self) -> int | None:
        if self._fd is None:
            try:
                self._fd = open_regular(self._path)
            except (FileNotFoundError, NotRegular):
                return None  # derived: whoever asks works it out from the log
        return self._fd

    def lines(self) -> int:
        """Lines that have a level so far."""
        fd = self._open()
        return 0 if fd is None else _lines_in(os.fstat(fd).st_size)

    def read(self, first: int, count: int) -> bytes:
        """The `Level` values of `count` lines from `first`; fewer when the sidecar lags behind."""
        return self._raw(first, count).translate(_KNOWN)

    def read_records(self, first: int, count: int) -> bytes:
        """Return the same, with `NO_RECORD` for lines that begin no record."""
        return record_levels(self._raw(first, count))

    def count(self, first: int, count: int) -> list[int]:
        """How many of these lines have each level."""
        return _tally(self._raw(first, count))

    def _raw(self, first: int, count: int) -> bytes:
        fd = self._open()
        if fd is None:
            return b""
        pieces: list[bytes] = []
        while count > 0:
            size = min(count, BLOCK_LINES - first % BLOCK_LINES)
            piece = os.pread(fd, size, _offset(first))
            pieces.append(piece)
            if len(piece) < size:
                break
            first += size
            count -= size
        return b"".join(pieces)

    def counts(self) -> list[int]:
        """Lines per level, of the lines that have one so far."""
        totals = [0] * LEVEL_COUNT
        blocks, rest = divmod(self.lines(), BLOCK_LINES)
        for counts in self.block_counts(0, blocks):
            totals = list(map(int.__add__, totals, counts))
        tail = self.count(blocks * BLOCK_LINES, rest)
        return [a + b for a, b in zip(totals, tail, strict=True)]

    def next_level(self, first: int, levels: Collection[int]) -> int | None:
        """Find the first line, from number `first` on, that has one of these levels.

        None if there is none among the lines that have a level so far. Reads one block whole, or
        two, and the counts of those between: 3 ms in 100 million lines. `first` is 0 or more.
        """
        block = first // BLOCK_LINES
        found = self._find(first, levels)
        if found is not None:
            return found
        full = self.lines() // BLOCK_LINES
        for counts in self.block_counts(block + 1, full):
            block += 1
            if any(counts[level] for level in levels):
                return self._find(block * BLOCK_LINES, levels)
        return self._find(max(first, full * BLOCK_LINES), levels)

    def _find(self, first: int, levels: Collection[int]) -> int | None:
        """The same among the lines of one block."""
        found = first_of(self.read(first, BLOCK_LINES - first % BLOCK_LINES), levels)
        return first + found if found >= 0 else None

    def block_counts(self, block: int, stop: int) -> Iterator[tuple[int, ...]]:
        """Counts of the full blocks from number `block` to before `stop`."""
        fd = self._open()
        if fd is None:
            return
        for number in range(block, stop):
            counts = _COUNTS.unpack(
                os.pread(fd, _COUNTS.size, number * _BLOCK_BYTES).ljust(_COUNTS.size, b"\0")
            )
            # the writer is about to put them there, or was killed before it did
            if sum(counts) != BLOCK_LINES:
                counts = tuple(self.count(number * BLOCK_LINES, BLOCK_LINES))
            yield counts

    def close(self) -> None:
        """Closes the file."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
