"""A block: some hundred consecutive lines of a journal, decoded, with what was encoded of them.

Poll, stream, batches and download all show the same lines; here they become text once. A block never changes, so any number of readers may share it
and its encodings. Knows neither asyncio nor HTTP: who wants bytes gives the encoder.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from prismq_nb.journal.levels import Level
from prismq_nb.journal.text import messages, plain

if TYPE_CHECKING:
    from prismq_nb.journal.reader import GapInfo, JournalReader
    from prismq_nb.journal.search import Matcher

BLOCK_LINES = 500
"""Lines of one block at most: about 1 ms of work on the event loop."""
BLOCK_BYTES = 256 << 10
"""Stored bytes of one block; a single long line may exceed it."""
LEAST_LINES = 16
UNIT_SECONDS = 0.002
"""Where lines take their time (their levels are not known yet, or they are long), a unit of work is made smaller to stay about below this."""
LEVEL_NAMES = tuple(level.name for level in Level)
_LINE_OVERHEAD = 120
"""Bytes that Python keeps for one decoded line besides its text: the object's head, a slot in the list, an offset for each encoding."""


class Stretch(NamedTuple):
    """Lines ``start`` to ``start + size`` of a block (0: its first) whose stamps are ``stamp``, ``stamp + 1``..., all of one stream."""

    start: int
    size: int
    stamp: int
    stream: int


class Encoded(NamedTuple):
    """Frames of all lines of a block, end to end: line ``i`` is ``data[ends[i - 1]:ends[i]]``."""

    data: bytes
    ends: Sequence[int]

    @classmethod
    def of(cls, frames: Sequence[bytes]) -> Encoded:
        """Joins one frame per line."""
        return cls(b"".join(frames), array("Q", accumulate(map(len, frames))))

    def cut(self, start: int, stop: int) -> bytes:
        """The frames of lines `start` to `stop` (not included), both counted from the block's first."""
        begin = self.ends[start - 1] if start else 0
        end = self.ends[stop - 1] if stop else 0
        return self.data if begin == 0 and end == len(self.data) else self.data[begin:end]

    def pick(self, indexes: Iterable[int]) -> bytes:
        """The frames of some lines."""
        return b"".join([self.cut(index, index + 1) for index in indexes])


Encoder = Callable[["Block"], Encoded]


class Block:
    """Consecutive decoded lines.

    Attributes:
        first: number of the first line; `end`: number after the last one.
        stretches: stamps and streams; `levels`: one `Level` value per line; `messages`: the text of each.
        gaps: what was lost before lines of this block, in order.
        stored: bytes that the lines take in the log.
    """

    __slots__ = ("_encoded", "_text_bytes", "end", "first", "gaps", "levels", "messages", "stored", "stretches")

    def __init__(self, first: int, stretches: list[Stretch], levels: bytes, texts: list[str], *, gaps: list[GapInfo], stored: int) -> None:
        self.stored = stored
        self.first = first
        self.end = first + len(texts)
        self.stretches = stretches
        self.levels = levels
        self.messages = texts
        self.gaps = gaps
        self._encoded: dict[Encoder, Encoded] = {}
        self._text_bytes = sum(map(len, texts)) + _LINE_OVERHEAD * len(texts)

    def __len__(self) -> int:
        return self.end - self.first

    @property
    def cost(self) -> int:
        """Bytes of memory, about."""
        return self._text_bytes + sum(len(encoded.data) for encoded in self._encoded.values())

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

    def select(self, levels: frozenset[int] | None, matcher: Matcher | None) -> list[int] | None:
        """Which lines pass a filter, counted from the block's first; None if there is no filter, so all of them."""
        if levels is None and matcher is None:
            return None
        wanted = range(len(self)) if levels is None else [i for i, level in enumerate(self.levels) if level in levels]
        if matcher is None or not wanted:
            return list(wanted)
        texts = [plain(text) for text in self.messages]
        found = set(matcher.places("\n".join([*texts, ""]).encode()))
        return [i for i in wanted if i in found]


def read_block(reader: JournalReader, first: int, limit: int = BLOCK_LINES, max_bytes: int = BLOCK_BYTES) -> Block | None:
    """Lines from `first` on as a block, as of the reader's last refresh.

    Args:
        reader: of the journal.
        first: number of the first line.
        limit: lines at most.
        max_bytes: stored bytes, about.

    Returns:
        None when there is no line `first`.
    """
    stretches: list[Stretch] = []
    texts: list[str] = []
    levels: list[bytes] = []
    stored = 0
    for span in reader.spans(first, limit, max_bytes):
        stretches.append(Stretch(len(texts), span.line_count, span.stamp, span.stream))
        texts += messages(span.data)
        levels.append(reader.levels(span))
        stored += len(span.data)
    if not texts:
        return None
    return Block(first, stretches, b"".join(levels), texts, gaps=reader.gaps(first, first + len(texts) - 1), stored=stored)


def fitting(lines: int, seconds: float) -> int:
    """How many lines the next unit of work has, if one of `lines` took so long."""
    if seconds > UNIT_SECONDS:
        return max(LEAST_LINES, int(lines * UNIT_SECONDS / seconds))
    return min(BLOCK_LINES, lines * 2) if seconds < UNIT_SECONDS / 2 else lines


def merge(blocks: Sequence[Block]) -> Block:
    """Adjoining blocks as one; what was encoded of all of them is kept."""
    stretches: list[Stretch] = []
    texts: list[str] = []
    for block in blocks:
        stretches += [each._replace(start=each.start + len(texts)) for each in block.stretches]
        texts += block.messages
    gaps = [gap for block in blocks for gap in block.gaps]
    merged = Block(
        blocks[0].first, stretches, b"".join(block.levels for block in blocks), texts, gaps=gaps, stored=sum(block.stored for block in blocks)
    )
    for encoder in set.intersection(*(block.encoders for block in blocks)):
        parts = [block.encoded(encoder) for block in blocks]
        merged.keep(encoder, Encoded.of([part.cut(i, i + 1) for part in parts for i in range(len(part.ends))]))
    return merged
