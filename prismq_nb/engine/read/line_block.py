"""A block: some hundred consecutive lines of a journal, with their encodings.

Streams, batches and downloads show the same lines; a block encodes them once. It never changes, so
any number of readers may share it. Its text is decoded as a whole; a string per line is made only
where one is needed. Knows neither asyncio nor HTTP: callers bring the encoder.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from prismq_nb.common.base.terminal.frames import Drawn, drawn_lines
from prismq_nb.common.base.terminal.text import plain, visible_lines
from prismq_nb.engine.read.render_cost import MAX_RENDER_COST, render_cost, within_budget
from prismq_nb.journal.layout.span import first_lines, newlines
from prismq_nb.journal.levels.classifier import Level

if TYPE_CHECKING:
    from prismq_nb.journal.gaps import GapInfo
    from prismq_nb.journal.layout.span import Span
    from prismq_nb.journal.reader import JournalReader
    from prismq_nb.journal.search.terms import LineFilter

MAX_BLOCK_LINES = 500
"""Maximum number of lines in a block: about 1 ms of work on the event loop."""
MAX_BLOCK_BYTES = 256 << 10
"""Maximum number of stored bytes in a block; a single long line may exceed it."""
HEAVY_BYTES = 512 << 10
"""Text that is too long to decode and encode on an event loop: it has a long line."""
MIN_BLOCK_LINES = 16
UNIT_SECONDS = 0.002
"""Work is divided into units that stay about below this, where levels are not known yet or lines
are long."""
LEVEL_NAMES = tuple(level.name for level in Level)
_ROUNDED = 1
"""Added to the render cost of each merged block, because counting rounds down by less than this."""
_STRETCH_BYTES = 200
"""Memory that Python uses for one `Stretch`."""


class Stretch(NamedTuple):
    """Consecutive lines of a block that are of one stream.

    Attributes:
        start: index of the first line in the block.
        size: number of lines.
        stamp: stamp of the first line, µs since the epoch; each next line has the next µs.
        stream: index into `STREAMS`.
        prompt: each line is a prompt that was answered.
    """

    start: int
    size: int
    stamp: int
    stream: int
    prompt: bool = False


class Encoded:
    """Frames of all lines of a block, end to end.

    Attributes:
        data: all frames.
        lines: number of frames; 0: one frame for all lines, which cannot be cut.
    """

    __slots__ = ("_end_mark", "_ends", "data", "lines")

    def __init__(self, data: bytes, lines: int = 0, end_mark: bytes = b"") -> None:
        """Take frames that end in `end_mark`, which no frame contains elsewhere.

        The ends are searched when somebody first wants a part.
        """
        self.data = data
        self.lines = lines
        self._end_mark = end_mark
        self._ends: Sequence[int] | None = None

    @classmethod
    def of(cls, frames: Sequence[bytes]) -> Encoded:
        """Join one frame per line."""
        encoded = cls(b"".join(frames), len(frames))
        encoded._ends = array("Q", accumulate(map(len, frames)))
        return encoded

    @property
    def memory_bytes(self) -> int:
        """Approximate memory in bytes: the frames, and where each ends."""
        return len(self.data) + 8 * self.lines

    def cut(self, start: int, stop: int) -> bytes:
        """Return the frames of lines `start` to `stop` (exclusive), indexes in the block."""
        if start == 0 and stop == self.lines:
            return self.data
        ends = self._all_ends()
        return self.data[ends[start - 1] if start else 0 : ends[stop - 1] if stop else 0]

    def gather(self, indexes: Iterable[int]) -> bytes:
        """Return the frames of some lines."""
        return b"".join([self.cut(index, index + 1) for index in indexes])

    def _all_ends(self) -> Sequence[int]:
        if self._ends is None:
            mark = len(self._end_mark)
            self._ends = array(
                "Q", accumulate(len(frame) + mark for frame in self.data.split(self._end_mark)[:-1])
            )
        return self._ends


Encoder = Callable[["LineBlock"], Encoded]


class LineBlock:
    """Consecutive lines of a journal.

    Attributes:
        first: number of the first line.
        end: number after the last line.
        stretches: stamps and streams.
        levels: one `Level` value per line.
        data: the stored bytes, each line ended by a newline.
        gaps: gaps before lines of this block, in order.
    """

    __slots__ = (
        "_drawn", "_encoded", "_render_cost", "data", "end", "first", "gaps", "levels", "stretches",
    )  # fmt: skip

    def __init__(
        self,
        first: int,
        stretches: list[Stretch],
        levels: bytes,
        data: bytes,
        *,
        gaps: list[GapInfo],
    ) -> None:
        """Take the parts of a block, see its attributes. Nothing is decoded yet."""
        self.first = first
        self.end = first + len(levels)
        self.stretches = stretches
        self.levels = levels
        self.data = data
        self.gaps = gaps
        self._drawn: dict[int, Drawn] | None = None
        self._render_cost: int | None = None
        self._encoded: dict[Encoder, Encoded] = {}

    def __len__(self) -> int:
        return self.end - self.first

    @property
    def memory_bytes(self) -> int:
        """Approximate memory in bytes."""
        own = len(self.data) + len(self.levels) + _STRETCH_BYTES * len(self.stretches)
        return own + sum(encoded.memory_bytes for encoded in self._encoded.values())

    @property
    def prompts(self) -> list[int]:
        """Numbers of the lines that are answered prompts."""
        asked = [each for each in self.stretches if each.prompt]
        return [self.first + each.start + i for each in asked for i in range(each.size)]

    @property
    def is_heavy(self) -> bool:
        """Whether its encoding should be done in a thread instead of on an event loop."""
        return len(self.data) > HEAVY_BYTES or self.render_cost > MAX_RENDER_COST

    @property
    def render_cost(self) -> int:
        """The `render_cost` of its lines, computed once."""
        if self._render_cost is None:
            self._render_cost = render_cost(self.data)
        return self._render_cost

    @property
    def text(self) -> str:
        """The lines as people see them, each ended by a newline; decoded at each call."""
        return visible_lines(self.data)

    @property
    def messages(self) -> list[str]:
        """The text of each line; decoded at each call."""
        return self.text.split("\n")[:-1]

    @property
    def drawn(self) -> dict[int, Drawn]:
        """How lines were drawn that were drawn over, by number; computed once."""
        if self._drawn is None:
            self._drawn = drawn_lines(self.data, self.first)
        return self._drawn

    def encoded(self, encoder: Encoder) -> Encoded:
        """Return all lines as `encoder` encodes them, computed once for all callers."""
        if encoder not in self._encoded:
            self._encoded[encoder] = encoder(self)
        return self._encoded[encoder]

    @property
    def encoders(self) -> set[Encoder]:
        """The encoders whose encodings are cached."""
        return set(self._encoded)

    def cache_encoding(self, encoder: Encoder, encoded: Encoded) -> None:
        """Cache what `encoder` would return."""
        self._encoded[encoder] = encoded

    def select(self, levels: frozenset[int] | None, matcher: LineFilter | None) -> list[int] | None:
        """Return the indexes of the lines that pass a filter; None: all, there is no filter."""
        if levels is None and matcher is None:
            return None
        wanted = (
            range(len(self))
            if levels is None
            else [i for i, level in enumerate(self.levels) if level in levels]
        )
        if matcher is None or not wanted:
            return list(wanted)
        found = set(matcher.places(plain(self.text).encode()))
        return [i for i in wanted if i in found]


def read_block(
    reader: JournalReader,
    first: int,
    limit: int = MAX_BLOCK_LINES,
    max_bytes: int = MAX_BLOCK_BYTES,
) -> LineBlock | None:
    """Read lines from `first` on as a block, as of the reader's last refresh.

    Args:
        reader: reader of the journal.
        first: number of the first line.
        limit: maximum number of lines.
        max_bytes: approximate maximum of stored bytes.

    Returns:
        None if there is no line `first`. Fewer lines if they are costly to render. If levels are
            not stored yet, the lines that were classified in some milliseconds; none at all while
            earlier lines are classified: then let others run, and call again.
    """
    spans = within_budget(reader.spans(first, limit, max_bytes))
    if not spans:
        return None
    levels = reader.some_levels(spans)
    stretches: list[Stretch] = []
    count = 0
    kept = first_lines(spans, len(levels))
    for span in kept:
        stretches.append(Stretch(count, span.line_count, span.stamp, span.stream, span.is_prompt))
        count += span.line_count
    return LineBlock(
        first,
        stretches,
        levels,
        b"".join([_ended(span) for span in kept]),
        gaps=reader.gaps(first, first + count - 1),
    )


def _ended(span: Span) -> bytes:
    """Return the bytes of a span with a newline for each of its lines.

    Part of a split line has no newline, and a damaged log may have too many.
    """
    data = span.data if span.data.endswith(b"\n") else span.data + b"\n"
    surplus = newlines(data) - span.line_count
    if surplus > 0:
        return b"\n".join(data.split(b"\n")[: span.line_count]) + b"\n"
    return data + b"\n" * -surplus


def fitting(lines: int, seconds: float) -> int:
    """Return the number of lines for the next unit of work, if one of `lines` took `seconds`."""
    if seconds > UNIT_SECONDS:
        return max(MIN_BLOCK_LINES, int(lines * UNIT_SECONDS / seconds))
    return min(MAX_BLOCK_LINES, lines * 2) if seconds < UNIT_SECONDS / 2 else lines


def mergeable(blocks: Sequence[LineBlock]) -> int:
    """Return how many of some blocks, from the first on, can be merged into one light block.

    They adjoin, and together do not exceed the lines, bytes and render cost of one block.
    """
    lines, size, cost = MAX_BLOCK_LINES, MAX_BLOCK_BYTES, MAX_RENDER_COST
    for count, block in enumerate(blocks):
        lines -= len(block)
        size -= len(block.data)
        cost -= block.render_cost + _ROUNDED
        adjoins = count == 0 or blocks[count - 1].end == block.first
        if lines < 0 or size < 0 or cost < 0 or not adjoins:
            return count
    return len(blocks)


def merge(blocks: Sequence[LineBlock]) -> LineBlock:
    """Merge adjoining blocks; encodings that all of them have by line are kept.

    The caller must check with `mergeable` that the result is light.
    """
    stretches: list[Stretch] = []
    count = 0
    for block in blocks:
        stretches += [each._replace(start=each.start + count) for each in block.stretches]
        count += len(block)
    gaps = [gap for block in blocks for gap in block.gaps]
    levels, data = (
        b"".join(block.levels for block in blocks),
        b"".join(block.data for block in blocks),
    )
    merged = LineBlock(blocks[0].first, stretches, levels, data, gaps=gaps)
    merged._render_cost = sum(block.render_cost + _ROUNDED for block in blocks)  # noqa: SLF001 - our own
    for encoder in set.intersection(*(block.encoders for block in blocks)):
        parts = [block.encoded(encoder) for block in blocks]
        if all(part.lines for part in parts):
            merged.cache_encoding(
                encoder,
                Encoded.of([part.cut(i, i + 1) for part in parts for i in range(part.lines)]),
            )
    return merged
