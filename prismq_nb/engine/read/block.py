"""A block: some hundred consecutive lines of a journal, with what was encoded of them.

Stream, batches and downloads all show the same lines; here they are encoded once. A block never changes, so any number of readers may share it and
its encodings. Its text is decoded as one, by whoever encodes it: a string per line is made only where one is needed. Knows neither asyncio nor HTTP:
who wants bytes gives the encoder.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from prismq_nb.common.base.terminal.frames import Drawn, drawn_lines
from prismq_nb.common.base.terminal.text import plain, shown
from prismq_nb.engine.read.cost import HEAVY_MOVES, light, moves
from prismq_nb.journal.layout.span import first_lines, newlines
from prismq_nb.journal.levels.classifier import Level

if TYPE_CHECKING:
    from prismq_nb.journal.gaps import GapInfo
    from prismq_nb.journal.layout.span import Span
    from prismq_nb.journal.reader import JournalReader
    from prismq_nb.journal.search.terms import LineFilter

BLOCK_LINES = 500
"""Lines of one block at most: about 1 ms of work on the event loop."""
BLOCK_BYTES = 256 << 10
"""Stored bytes of one block; a single long line may exceed it."""
HEAVY_BYTES = 512 << 10
"""Text that takes longer to decode and encode than an event loop can wait: a long line."""
LEAST_LINES = 16
UNIT_SECONDS = 0.002
"""Where lines take their time (their levels are not known yet, or they are long), a unit of work is made smaller to stay about below this."""
LEVEL_NAMES = tuple(level.name for level in Level)
_ROUNDED = 1
"""Added to the moves of each block that is merged: what counting them rounds off is less."""
_STRETCH_BYTES = 200
"""What Python keeps for one `Stretch`."""


class Stretch(NamedTuple):
    """Lines ``start`` to ``start + size`` of a block (0: its first), all of one stream.

    Their stamps are ``stamp``, ``stamp + 1`` and so on.

    `prompt`: each was answered where it ends.
    """

    start: int
    size: int
    stamp: int
    stream: int
    prompt: bool = False


class Encoded:
    """Frames of all lines of a block, end to end.

    Attributes:
        data: all of them; `lines`: how many; 0: one for all lines together, of which no part can be cut.
    """

    __slots__ = ("_end_mark", "_ends", "data", "lines")

    def __init__(self, data: bytes, lines: int = 0, end_mark: bytes = b"") -> None:
        """`end_mark`: what every frame ends in and none has inside; where they end is looked for only when somebody wants a part."""
        self.data = data
        self.lines = lines
        self._end_mark = end_mark
        self._ends: Sequence[int] | None = None

    @classmethod
    def of(cls, frames: Sequence[bytes]) -> Encoded:
        """Joins one frame per line."""
        encoded = cls(b"".join(frames), len(frames))
        encoded._ends = array("Q", accumulate(map(len, frames)))
        return encoded

    @property
    def cost(self) -> int:
        """Bytes of memory, about: the frames, and where each ends."""
        return len(self.data) + 8 * self.lines

    def cut(self, start: int, stop: int) -> bytes:
        """The frames of lines `start` to `stop` (not included), both counted from the block's first."""
        if start == 0 and stop == self.lines:
            return self.data
        ends = self._all_ends()
        return self.data[ends[start - 1] if start else 0 : ends[stop - 1] if stop else 0]

    def pick(self, indexes: Iterable[int]) -> bytes:
        """The frames of some lines."""
        return b"".join([self.cut(index, index + 1) for index in indexes])

    def _all_ends(self) -> Sequence[int]:
        if self._ends is None:
            mark = len(self._end_mark)
            self._ends = array("Q", accumulate(len(frame) + mark for frame in self.data.split(self._end_mark)[:-1]))
        return self._ends


Encoder = Callable[["Block"], Encoded]


class Block:
    """Consecutive lines.

    Attributes:
        first: number of the first line; `end`: number after the last one.
        stretches: stamps and streams; `levels`: one `Level` value per line.
        data: the bytes that are stored of them, each line ended by a newline.
        gaps: what was lost before lines of this block, in order.
    """

    __slots__ = (
        "_drawn", "_encoded", "_moves", "data", "end", "first", "gaps", "levels", "stretches",
    )  # fmt: skip

    def __init__(self, first: int, stretches: list[Stretch], levels: bytes, data: bytes, *, gaps: list[GapInfo]) -> None:
        """Take the parts of a block as its attributes name them. Nothing is decoded yet."""
        self.first = first
        self.end = first + len(levels)
        self.stretches = stretches
        self.levels = levels
        self.data = data
        self.gaps = gaps
        self._drawn: dict[int, Drawn] | None = None
        self._moves: int | None = None
        self._encoded: dict[Encoder, Encoded] = {}

    def __len__(self) -> int:
        return self.end - self.first

    @property
    def cost(self) -> int:
        """Bytes of memory, about."""
        own = len(self.data) + len(self.levels) + _STRETCH_BYTES * len(self.stretches)
        return own + sum(encoded.cost for encoded in self._encoded.values())

    @property
    def prompts(self) -> list[int]:
        """Numbers of the lines that were answered where they end."""
        asked = [each for each in self.stretches if each.prompt]
        return [self.first + each.start + i for each in asked for i in range(each.size)]

    @property
    def is_heavy(self) -> bool:
        """Whether an event loop had better leave its encoding to a thread."""
        return len(self.data) > HEAVY_BYTES or self.moves > HEAVY_MOVES

    @property
    def moves(self) -> int:
        """About how many moves are followed until its lines can be shown (`cost`); counted once."""
        if self._moves is None:
            self._moves = moves(self.data)
        return self._moves

    @property
    def text(self) -> str:
        """What people see of the lines, each ended by a newline; decoded anew at each call."""
        return shown(self.data)

    @property
    def messages(self) -> list[str]:
        """The text of each line; decoded anew at each call."""
        return self.text.split("\n")[:-1]

    @property
    def drawn(self) -> dict[int, Drawn]:
        """By number, how those lines were drawn that were drawn over; looked at once."""
        if self._drawn is None:
            self._drawn = drawn_lines(self.data, self.first)
        return self._drawn

    def encoded(self, encoder: Encoder) -> Encoded:
        """All lines in the form that `encoder` gives them; computed once for all who ask."""
        if encoder not in self._encoded:
            self._encoded[encoder] = encoder(self)
        return self._encoded[encoder]

    @property
    def encoders(self) -> set[Encoder]:
        """Those that were asked so far."""
        return set(self._encoded)

    def keep(self, encoder: Encoder, encoded: Encoded) -> None:
        """Takes what `encoder` would give."""
        self._encoded[encoder] = encoded

    def select(self, levels: frozenset[int] | None, matcher: LineFilter | None) -> list[int] | None:
        """Which lines pass a filter, counted from the block's first; None if there is no filter, so all of them."""
        if levels is None and matcher is None:
            return None
        wanted = range(len(self)) if levels is None else [i for i, level in enumerate(self.levels) if level in levels]
        if matcher is None or not wanted:
            return list(wanted)
        found = set(matcher.places(plain(self.text).encode()))
        return [i for i in wanted if i in found]


def read_block(reader: JournalReader, first: int, limit: int = BLOCK_LINES, max_bytes: int = BLOCK_BYTES) -> Block | None:
    """Lines from `first` on as a block, as of the reader's last refresh.

    Args:
        reader: of the journal.
        first: number of the first line.
        limit: lines at most.
        max_bytes: stored bytes, about.

    Returns:
        None when there is no line `first`. Fewer lines where they are dear (`cost`). Where levels are not stored yet, the lines that were
        classified in some milliseconds; no line at all while those before `first` are looked at:
        then let others run, and call again.
    """
    spans = light(reader.spans(first, limit, max_bytes))
    if not spans:
        return None
    levels = reader.some_levels(spans)
    stretches: list[Stretch] = []
    count = 0
    kept = first_lines(spans, len(levels))
    for span in kept:
        stretches.append(Stretch(count, span.line_count, span.stamp, span.stream, span.is_prompt))
        count += span.line_count
    return Block(first, stretches, levels, b"".join([_ended(span) for span in kept]), gaps=reader.gaps(first, first + count - 1))


def _ended(span: Span) -> bytes:
    """The bytes of a span, with a newline for each of its lines whatever happened to the log: part of a split line has none."""
    data = span.data if span.data.endswith(b"\n") else span.data + b"\n"
    surplus = newlines(data) - span.line_count
    if surplus > 0:
        return b"\n".join(data.split(b"\n")[: span.line_count]) + b"\n"
    return data + b"\n" * -surplus


def fitting(lines: int, seconds: float) -> int:
    """How many lines the next unit of work has, if one of `lines` took so long."""
    if seconds > UNIT_SECONDS:
        return max(LEAST_LINES, int(lines * UNIT_SECONDS / seconds))
    return min(BLOCK_LINES, lines * 2) if seconds < UNIT_SECONDS / 2 else lines


def mergeable(blocks: Sequence[Block]) -> int:
    """How many of some blocks, from the first on, are one light block when they are merged.

    They adjoin, and have as many lines, bytes and moves at most as a block that is read.
    """
    lines, size, cost = BLOCK_LINES, BLOCK_BYTES, HEAVY_MOVES
    for count, block in enumerate(blocks):
        lines -= len(block)
        size -= len(block.data)
        cost -= block.moves + _ROUNDED
        adjoins = count == 0 or blocks[count - 1].end == block.first
        if lines < 0 or size < 0 or cost < 0 or not adjoins:
            return count
    return len(blocks)


def merge(blocks: Sequence[Block]) -> Block:
    """Adjoining blocks as one; what was encoded of all of them, line by line, is kept.

    Whether it is light is for the caller to see to, with `mergeable`.
    """
    stretches: list[Stretch] = []
    count = 0
    for block in blocks:
        stretches += [each._replace(start=each.start + count) for each in block.stretches]
        count += len(block)
    gaps = [gap for block in blocks for gap in block.gaps]
    levels, data = b"".join(block.levels for block in blocks), b"".join(block.data for block in blocks)
    merged = Block(blocks[0].first, stretches, levels, data, gaps=gaps)
    merged._moves = sum(block.moves + _ROUNDED for block in blocks)  # noqa: SLF001 - our own
    for encoder in set.intersection(*(block.encoders for block in blocks)):
        parts = [block.encoded(encoder) for block in blocks]
        if all(part.lines for part in parts):
            merged.keep(encoder, Encoded.of([part.cut(i, i + 1) for part in parts for i in range(part.lines)]))
    return merged
