"""How many lines of each level stand before any line of a journal: what a time line is made of.

Standard library only.

Apart from the sidecar's reader, which remembers nothing: here the counts of full blocks are added
up once, and a later question reads at most half a block (32 KiB), whatever the size of the log.
"""

from __future__ import annotations

from operator import add, sub

from prismq_nb.journal.levels.sidecar import BLOCK_LINES, LEVEL_COUNT, SidecarReader

Counts = tuple[int, ...]
"""Lines per `Level`."""


class LevelSums:
    """The sums of one sidecar's blocks, as far as they were asked for.

    Levels that are stored never change, so it may be kept. Not thread-safe.
    """

    def __init__(self) -> None:
        self._sums: list[Counts] = [(0,) * LEVEL_COUNT]  # number i: before block i
        self._last: tuple[int, Counts] = (0, self._sums[0])

    def before(self, line: int, sidecar: SidecarReader) -> Counts:
        """Count the lines of each level with a number below `line`.

        Each of them must have a level in `sidecar`. Quickest when asked in rising order.
        """
        block = line // BLOCK_LINES
        self._extend(min(block + 1, sidecar.lines() // BLOCK_LINES), sidecar)
        known = [(block * BLOCK_LINES, self._sums[block]), self._last]
        if len(self._sums) > block + 1:
            known.append(((block + 1) * BLOCK_LINES, self._sums[block + 1]))
        near, counts = min(known, key=lambda place: abs(place[0] - line))
        if near <= line:
            counts = tuple(map(add, counts, sidecar.count(near, line - near)))
        else:
            counts = tuple(map(sub, counts, sidecar.count(line, near - line)))
        self._last = line, counts
        return counts

    def _extend(self, block: int, sidecar: SidecarReader) -> None:
        """Adds the counts of the full blocks before number `block`."""
        for counts in sidecar.block_counts(len(self._sums) - 1, block):
            self._sums.append(tuple(map(add, self._sums[-1], counts)))
