"""The newest lines of one journal, decoded and encoded once for all subscribers.

Lines are decoded when the first subscriber asks for them, not when they arrive: in a flood that
everybody skips, lines that are not shown cost nothing. Belongs to one event loop; knows neither
subscribers nor HTTP.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING

from prismq_nb.engine.read.line_block import (
    MAX_BLOCK_LINES,
    Encoded,
    Encoder,
    LineBlock,
    fitting,
    merge,
    mergeable,
    read_block,
)
from prismq_nb.engine.read.sgr_state import sgr_state_at

if TYPE_CHECKING:
    from prismq_nb.journal.gaps import GapInfo
    from prismq_nb.journal.reader import JournalReader

FEED_BYTES = 16 << 20
"""Maximum memory of one feed's buffer. The oldest blocks beyond it are dropped, and read from
disk again if they are wanted."""
SHARED_PIECES = 64
"""Encoded pieces of new lines that are kept for all who ask, by first line. More than this many
readers at different positions are rare."""
_SMALL_BLOCKS = 64


class Buffer:
    """The newest lines of one journal.

    Attributes:
        total: number of lines in the journal.
        byte_limit: maximum memory of the buffer.
    """

    def __init__(self, reader: JournalReader, buffer_lines: int) -> None:
        """Start empty; `reader` belongs to the buffer."""
        self.total = 0
        self.byte_limit = FEED_BYTES
        self._reader = reader
        self._buffer_lines = buffer_lines
        self._blocks: list[LineBlock] = []
        self._firsts: list[int] = []
        self._memory_bytes = 0
        self._line_bytes = 100.0
        self._fitting = MAX_BLOCK_LINES
        self._shared: dict[tuple[object, int], bytes | None] = {}
        self._shared_total = 0

    @property
    def buffered_from(self) -> int:
        """Number of the first of the newest `buffer_lines` lines."""
        return max(0, self.total - self._buffer_lines)

    @property
    def memory_bytes(self) -> int:
        """Approximate memory of the buffer in bytes."""
        return self._memory_bytes

    def close(self) -> None:
        """Release the buffer and the files."""
        self._reader.close()
        self._blocks, self._firsts, self._memory_bytes = [], [], 0
        self._shared.clear()

    def block(self, line: int, own: JournalReader | None = None) -> LineBlock | None:
        """Return the block that holds a line, from the buffer or from disk (some milliseconds).

        None if there is no such line. The block is empty if its levels take longer: let others run,
        and call again (see `read_block`).

        Args:
            line: the line's number.
            own: the subscriber's own reader, for lines older than the buffer: reading a log in
                order needs no look back.
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

    async def newest(self, after: int, limit: int, max_bytes: int) -> list[LineBlock]:
        """Return blocks of the newest lines without a hole, letting others run meanwhile.

        The last block may end past the lines that were there at first. Blocks are read forward from
        where the newest lines are estimated to begin: levels that are not stored yet depend on the
        lines before, so a jump costs more.

        Args:
            after: lines below this number are not wanted, although a block may hold some.
            limit: maximum number of lines wanted.
            max_bytes: maximum bytes of text wanted, give or take a block.
        """
        found: list[LineBlock] = []
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
                # these lines are much longer than the last ones that were seen
                found, stored, line = [], 0, nearer
            if line < end:
                await asyncio.sleep(0)
        while len(found) > 1 and sum(len(block.data) for block in found[1:]) >= max_bytes:
            del found[0]
        return found

    def _lines_in(self, max_bytes: int) -> int:
        return max(1, int(max_bytes / self._line_bytes))

    def encoded(self, block: LineBlock, encoder: Encoder) -> Encoded:
        """Return `LineBlock.encoded`, counted as this feed's memory if its buffer has the block."""
        if encoder not in block.encoders:
            self.cache_encoding(block, encoder, encoder(block))
        return block.encoded(encoder)

    def cache_encoding(self, block: LineBlock, encoder: Encoder, encoded: Encoded) -> None:
        """Cache an encoding that was made in a thread, counted as memory likewise."""
        before = block.memory_bytes
        block.cache_encoding(encoder, encoded)
        if self._holds(block):
            self._memory_bytes += block.memory_bytes - before
            self._shrink()

    def shared_encoding(
        self, form: object, line: int, make: Callable[[], bytes | None]
    ) -> bytes | None:
        """Return what `make` returns for the new lines from `line` on, made once for each form.

        It is dropped when there are more lines.
        """
        if self._shared_total != self.total or len(self._shared) >= SHARED_PIECES:
            self._shared.clear()
            self._shared_total = self.total
        key = (form, line)
        if key not in self._shared:
            self._shared[key] = make()
        return self._shared[key]

    def gaps(self, first: int, last: int) -> list[GapInfo]:
        """Return gaps before the lines `first` to `last`, inclusive."""
        return self._reader.gaps(first, last)

    def sgr_state_at(self, line: int) -> dict[str, str]:
        """Return the colours in force at the beginning of a line; see `sgr_state.sgr_state_at`."""
        return sgr_state_at(self._reader, line)

    def line_after(self, stamp: int) -> int:
        """Return the number of the first line whose stamp (µs since the epoch) is above `stamp`."""
        return self._reader.line_after(stamp)

    def _holds(self, block: LineBlock) -> bool:
        place = bisect_right(self._firsts, block.first) - 1
        return place >= 0 and self._blocks[place] is block

    def _read(self, first: int, limit: int, place: int) -> LineBlock | None:
        """Decode lines, and keep them at `place` of the buffer if they are new enough."""
        block = self._decode(self._reader, first, limit)
        if block is None or not len(block):
            return block
        self._line_bytes = max(1.0, len(block.data) / len(block))
        if first >= self.buffered_from:
            self._blocks.insert(place, block)
            self._firsts.insert(place, first)
            self._memory_bytes += block.memory_bytes
            if place == len(self._blocks) - 1:
                self._compact()
            self._shrink()
        return block

    def _decode(self, reader: JournalReader, first: int, limit: int) -> LineBlock | None:
        begin = perf_counter()
        block = read_block(reader, first, limit)
        self._fitting = fitting(self._fitting, perf_counter() - begin)
        return block

    def _compact(self) -> None:
        """Merge small blocks at the end, once there are many.

        A run that prints a line now and then gives blocks of one line.
        """
        tail = self._blocks[-_SMALL_BLOCKS:]
        if len(tail) < _SMALL_BLOCKS or (count := mergeable(tail)) <= 1:
            return
        whole = merge(tail[:count])
        place = len(self._blocks) - _SMALL_BLOCKS
        self._memory_bytes += whole.memory_bytes - sum(block.memory_bytes for block in tail[:count])
        self._blocks[place : place + count] = [whole]
        self._firsts[place : place + count] = [whole.first]

    def _shrink(self) -> None:
        """Drop the oldest blocks that exceed the buffer's lines or bytes."""
        drop = 0
        for block in self._blocks:
            if block.end > self.buffered_from and self._memory_bytes <= self.byte_limit:
                break
            self._memory_bytes -= block.memory_bytes
            drop += 1
        del self._blocks[:drop], self._firsts[:drop]
