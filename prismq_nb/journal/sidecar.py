"""The level sidecar ``output.lvl``: one byte per line, with counts per 65,536 lines. Derived from the log; may lag; can be rebuilt.

Form: blocks of `BLOCK_LINES`, each `_COUNTS` (five little-endian u32, one per level, zero until the block is full) followed by the level bytes.
A line's level is thus at a computed place, all counts of a 100-million-line log are 1,526 small reads, and "the next ERROR" is a `bytes.find` in
64 KiB. Standard library only.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

from prismq_nb.journal import format as fmt

BLOCK_LINES = 65_536
LEVEL_COUNT = 5
_COUNTS = struct.Struct("<5I12x")
_BLOCK_BYTES = _COUNTS.size + BLOCK_LINES


def _offset(line: int) -> int:
    block, within = divmod(line, BLOCK_LINES)
    return block * _BLOCK_BYTES + _COUNTS.size + within


def _lines_in(size: int) -> int:
    blocks, rest = divmod(size, _BLOCK_BYTES)
    return blocks * BLOCK_LINES + max(0, rest - _COUNTS.size)


def _tally(levels: bytes) -> list[int]:
    return [levels.count(level) for level in range(LEVEL_COUNT)]


class SidecarWriter:
    """Appends level bytes; keeps the counts of all lines in memory (`counts`, one per level)."""

    def __init__(self, run_dir: Path) -> None:
        self._fd = os.open(run_dir / fmt.LEVELS, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        self.lines = 0
        self.counts = [0] * LEVEL_COUNT
        self._block = [0] * LEVEL_COUNT

    def append(self, levels: bytes) -> None:
        """Appends one byte per line. Raises OSError when the disk is full; nothing is counted then, and the next call writes the same place again."""
        while levels:
            room = BLOCK_LINES - self.lines % BLOCK_LINES
            piece, levels = levels[:room], levels[room:]
            self._put(piece, _offset(self.lines))
            tally = _tally(piece)
            self.counts = [a + b for a, b in zip(self.counts, tally, strict=True)]
            self._block = [a + b for a, b in zip(self._block, tally, strict=True)]
            self.lines += len(piece)
            if len(piece) == room:
                self._put(_COUNTS.pack(*self._block), _offset(self.lines - BLOCK_LINES) - _COUNTS.size)
                self._block = [0] * LEVEL_COUNT

    def _put(self, data: bytes, offset: int) -> None:
        if os.pwrite(self._fd, data, offset) != len(data):
            raise OSError(28, "no space left for the level sidecar")

    def close(self) -> None:
        """Closes the file."""
        os.close(self._fd)


class SidecarReader:
    """Reads levels by line number with `os.pread`."""

    def __init__(self, run_dir: Path) -> None:
        self._path = run_dir / fmt.LEVELS
        self._fd: int | None = None

    def _open(self) -> int | None:
        if self._fd is None:
            try:
                self._fd = os.open(self._path, os.O_RDONLY)
            except FileNotFoundError:
                return None
        return self._fd

    def lines(self) -> int:
        """Lines that have a level so far."""
        fd = self._open()
        return 0 if fd is None else _lines_in(os.fstat(fd).st_size)

    def read(self, first: int, count: int) -> bytes:
        """Level bytes of `count` lines from `first`; fewer when the sidecar lags behind."""
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
        fd = self._open()
        totals = [0] * LEVEL_COUNT
        if fd is None:
            return totals
        blocks, rest = divmod(self.lines(), BLOCK_LINES)
        for block in range(blocks):
            piece = os.pread(fd, _COUNTS.size, block * _BLOCK_BYTES)
            if len(piece) == _COUNTS.size:
                totals = [a + b for a, b in zip(totals, _COUNTS.unpack(piece), strict=True)]
        tail = _tally(self.read(blocks * BLOCK_LINES, rest))
        return [a + b for a, b in zip(totals, tail, strict=True)]

    def close(self) -> None:
        """Closes the file."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
