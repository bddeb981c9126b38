"""The newest lines of one journal, decoded and encoded once for all who watch.

Lines are decoded when the first subscriber asks for them, not when they arrive: under a flood that
everybody skips, nobody pays for what is not shown. Belongs to one event loop; knows neither
subscribers nor HTTP.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING

from prismq_nb.engine.read.block import BLOCK_LINES, Block, Encoded, Encoder, fitting, merge, mergeable, read_block
from prismq_nb.engine.read.carried import carried

if TYPE_CHECKING:
    from prismq_nb.journal.gaps import GapInfo
    from prismq_nb.journal.reader import JournalReader

FEED_BYTES = 16 << 20
"""Memory of one feed's buffer: what comes over it is dropped, oldest first, and read from disk again if it is wanted."""
SHARED_PIECES = 64
"""Pieces of new lines that are kept for all who ask, by where they begin: more than that many readers at different places are rare."""
_SMALL_BLOCKS = 64


class Buffer:
    """The newest lines of one journal.

    Attributes:
        total: lines in the journal.
        byte_limit: memory that the buffer may take.
    """

    def __init__(self, reader: JournalReader, buffer_lines: int) -> None:
        """Empty; `reader` is the buffer's own."""
        self.total = 0
        self.byte_limit = FEED_BYTES
        self._reader = reader
        self._buffer_lines = buffer_lines
        self._blocks: list[Block] = []
        self._firsts: list[int] = []
        self._cost = 0
        self._line_bytes = 100.0
        self._fitting = BLOCK_LINES
        self._shared: dict[tuple[object, int], bytes | None] = {}
        self._shared_total = 0

    @property
    def buffered_from(self) -> int:
        """The first of the newest `buffer_lines` lines."""
        return max(0, self.total - self._buffer_lines)

    @property
    def cost(self) -> int:
        """Bytes of memory that the buffer takes, about."""
        return self._cost

    def close(self) -> None:
        """Lets go of buffer and files."""
        self._reader.close()
        self._blocks, self._firsts, self._cost = [], [], 0
        self._shared.clear()

    def block(self, line: int, own: JournalReader | None = None) -> Block | None:
        """The block that holds line `line`: from the buffer, else from disk (some milliseconds). None if there is no such line.

        It has no lines where it takes longer: then let others run, and ask again (see `read_block`).

        Args:
            line: its number.
            own: the subscriber's own reader, for lines older than the buffer: a reader that goes through the log in order is spared a look back.
        """
        place = bisect_right(self._firsts, line) - 1
        if place >= 0 and self._blocks[place].end > line:
            return self._blocks[place]
        limit = min(self._fitting, self.total - line)
        if place + 1 < len(self._firsts):
            limit = min(limit, self._firsts[place + 1] - line)
        if own is not None and line < self.buffered_from:
            own.refresh()  # one `stat`; also opens it again after it was closed
            return self._decode(own, line, limit)
        return self._read(line, limit, place + 1)

    async def newest(self, after: int, limit: int, max_bytes: int) -> list[Block]:
        """Blocks that hold the newest lines, without a hole; others may run meanwhile, and the last block may end where a later line is by then.

        They are read forward from where they are thought to begin: levels that are not stored yet depend on the lines before, so a jump costs more.

        Args:
            after: lines below this number are not wanted (a block may hold some).
            limit: as many lines as that are enough.
            max_bytes: and as many bytes of text, a block more or less.
        """
        found: list[Block] = []
        end, stored = self.total, 0
        line = max(after, end - min(limit, self._lines_in(max_bytes)))
        while line < end:
            block = self.block(line)
            if block is None:  # the journal is shorter than its index says
                break
            if len(block):
                found.append(block)
            stored += len(block.data)
            line = block.end
            if stored > 2 * max_bytes and (nearer := end - self._lines_in(max_bytes)) > line:
                found, stored, line = [], 0, nearer  # these lines are much longer than the last ones that were seen
            if line < end:
                await asyncio.sleep(0)
        while len(found) > 1 and sum(len(block.data) for block in found[1:]) >= max_bytes:
            del found[0]
        return found

    def _lines_in(self, max_bytes: int) -> int:
        return max(1, int(max_bytes / self._line_bytes))

    def encoded(self, block: Block, encoder: Encoder) -> Encoded:
        """`Block.encoded`, counted as memory of this feed if the block is one of its buffer."""
        if encoder not in block.encoders:
            self.keep(block, encoder, encoder(block))
        return block.encoded(encoder)

    def keep(self, block: Block, encoder: Encoder, encoded: Encoded) -> None:
        """`Block.keep`, counted likewise: for what was encoded in a thread."""
        before = block.cost
        block.keep(encoder, encoded)
        if self._holds(block):
            self._cost += block.cost - before
            self._shrink()

    def shared(self, form: object, line: int, make: Callable[[], bytes | None]) -> bytes | None:
        """What `make` gives for the lines from `line` on, made once for all who ask for the same form before there are more lines."""
        if self._shared_total != self.total or len(self._shared) >= SHARED_PIECES:
            self._shared.clear()
            self._shared_total = self.total
        key = (form, line)
        if key not in self._shared:
            self._shared[key] = make()
        return self._shared[key]

    def gaps(self, first: int, last: int) -> list[GapInfo]:
        """Gaps that stand before the lines `first` to `last`, both included."""
        return self._reader.gaps(first, last)

    def carried(self, line: int) -> dict[str, str]:
        """Colours in force at a line's beginning; see `carried.carried`."""
        return carried(self._reader, line)

    def line_after(self, stamp: int) -> int:
        """Number of the first line whose stamp (µs since the epoch) is above `stamp`."""
        return self._reader.line_after(stamp)

    def _holds(self, block: Block) -> bool:
        place = bisect_right(self._firsts, block.first) - 1
        return place >= 0 and self._blocks[place] is block

    def _read(self, first: int, limit: int, place: int) -> Block | None:
        """Decodes lines; they are kept at `place` of the buffer if they are new enough."""
        block = self._decode(self._reader, first, limit)
        if block is None or not len(block):
            return block
        self._line_bytes = max(1.0, len(block.data) / len(block))
        if first >= self.buffered_from:
            self._blocks.insert(place, block)
            self._firsts.insert(place, first)
            self._cost += block.cost
            if place == len(self._blocks) - 1:
                self._compact()
            self._shrink()
        return block

    def _decode(self, reader: JournalReader, first: int, limit: int) -> Block | None:
        begin = perf_counter()
        block = read_block(reader, first, limit)
        self._fitting = fitting(self._fitting, perf_counter() - begin)
        return block

    def _compact(self) -> None:
        """Make one block of small ones, once there are many at the end.

        A run that prints a line now and then gives blocks of one line.
        """
        tail = self._blocks[-_SMALL_BLOCKS:]
        if len(tail) < _SMALL_BLOCKS or (count := mergeable(tail)) <= 1:
            return
        whole = merge(tail[:count])
        place = len(self._blocks) - _SMALL_BLOCKS
        self._cost += whole.cost - sum(block.cost for block in tail[:count])
        self._blocks[place : place + count] = [whole]
        self._firsts[place : place + count] = [whole.first]

    def _shrink(self) -> None:
        """Drops the oldest blocks that are over the buffer's lines or bytes."""
        drop = 0
        for block in self._blocks:
            if block.end > self.buffered_from and self._cost <= self.byte_limit:
                break
            self._cost -= block.cost
            drop += 1
        del self._blocks[:drop], self._firsts[:drop]
