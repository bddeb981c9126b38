"""One poll of a log: the lines that a set of filters lets through, found in small steps.

A step is about 2 ms of work, so whoever calls it on an event loop can let others run between; a whole query looks for 200 ms at most. Which end it
works from and what ``truncated`` and ``next_after`` mean is DESIGN section 6. Pure: no asyncio, no HTTP, only a journal reader.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from prismq_nb.common.base.state import iso
from prismq_nb.common.base.terminal.frames import Drawn, drawn_lines
from prismq_nb.common.base.terminal.text import messages
from prismq_nb.common.log_models import LogLine, LogPage
from prismq_nb.engine.read.block import BLOCK_LINES, LEVEL_NAMES, fitting
from prismq_nb.engine.read.carried import carried
from prismq_nb.engine.read.cost import light
from prismq_nb.engine.read.prefilter import Skip
from prismq_nb.errors import InvalidRequest
from prismq_nb.journal.layout.format import STREAMS
from prismq_nb.journal.layout.span import first_lines

if TYPE_CHECKING:
    from prismq_nb.journal.layout.span import Span
    from prismq_nb.journal.reader import JournalReader
    from prismq_nb.journal.search.terms import LineFilter

MAX_LINES = 10_000
"""Most lines that one answer holds; the default of a poll that goes forward."""
DEFAULT_TAIL = 500
"""Lines of a poll that says nothing else."""
MAX_TEXT_BYTES = 8 << 20
"""Text of one answer, in bytes of UTF-8; at least one line is given."""
STEP_SECONDS = 0.002
LOOK_SECONDS = 0.2
"""How long one query works, its pauses not counted."""
_UNIT_BYTES = 64 << 10
"""A step is made of units of this size, or of 500 lines, or less where lines take their time."""
_PIECE_BYTES = 256 << 10
_PIECE_BYTES_MAX = 2 * MAX_TEXT_BYTES


class _Piece:
    """Matching lines in order, of which the newest are kept: so many at most, and so many bytes of text.

    Attributes:
        lines: those kept; `text`: their bytes; `dropped`: there were more.
        stored: bytes that were looked at, for whoever counts them.
    """

    def __init__(self, count: int, room: int, *, at_least: bool) -> None:
        """`at_least`: one line is kept whatever its size."""
        self.lines: deque[LogLine] = deque()
        self.text = self.stored = 0
        self.dropped = False
        self._count, self._room, self._least = count, room, int(at_least)

    def add(self, line: LogLine) -> None:
        """The next line."""
        self.lines.append(line)
        self.text += _size(line)
        while len(self.lines) > self._count or (self.text > self._room and len(self.lines) > self._least):
            self.text -= _size(self.lines.popleft())
            self.dropped = True


class LogQuery:
    """A poll in progress. Call `step` until it says True, then `page`."""

    def __init__(
        self,
        reader: JournalReader,
        run_id: str,
        *,
        tail: int | None = None,
        limit: int | None = None,
        since: int | None = None,
        after: int | None = None,
        before: int | None = None,
        levels: frozenset[int] | None = None,
        matcher: LineFilter | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Looks at the journal once; lines that come later are not seen.

        Args:
            reader: of the journal.
            run_id: what the page says.
            tail: the newest so many of the lines that match, 1 to 10,000.
            limit: the oldest so many, 1 to 10,000; not with `tail`.
            since: only stamps above, µs since the epoch.
            after: only line numbers above.
            before: only line numbers below.
            levels: only these `Level` values.
            matcher: only messages that match.
            clock: seconds, for tests.

        Raises:
            InvalidRequest: `tail` with `limit`, or one of them out of bounds.
        """
        check_counts(tail, limit)
        total = reader.refresh()
        low = 0 if after is None else max(0, after + 1)
        if since is not None:
            low = max(low, reader.line_after(since))
        self._next_after = low - 1
        self.low = min(low, total)
        self.high = total if before is None else max(self.low, min(before, total))
        self._reader = reader
        self._run_id = run_id
        self._total = total
        self._levels = levels
        self._matcher = matcher
        self._skip = Skip(reader, matcher, levels)
        self._clock = clock
        self._spent = 0.0
        self._unit = BLOCK_LINES
        self._truncated = False
        self._lines: deque[LogLine] = deque()
        self._drawn: dict[int, Drawn] = {}
        forward = limit is not None or (tail is None and not (since is None and after is None))
        self._count = limit or tail or (MAX_LINES if forward else DEFAULT_TAIL)
        self._work = self._forward() if forward else self._backward()

    def step(self) -> bool:
        """Works for about 2 ms (one unit at least); True when there is no more to do."""
        begin = self._clock()
        done = False
        now = begin
        while not done and now - begin < STEP_SECONDS:
            before = now
            done = next(self._work, None) is None
            now = self._clock()
            self._unit = fitting(self._unit, now - before)
        self._spent += now - begin
        return done

    def page(self) -> LogPage:
        """What was found, oldest first."""
        lines = list(self._lines)
        page = LogPage(self._run_id, lines, self._total, self._truncated, self._next_after)
        add_looks(page, self._reader, self._drawn)
        return page

    def _late(self) -> bool:
        """Whether to give up looking; without a filter every line that is looked at is given, and their number and bytes bound the work."""
        return self._spent >= LOOK_SECONDS and (self._levels is not None or self._matcher is not None)

    def _forward(self) -> Iterator[bool]:
        """The oldest lines first; a line more than wanted is looked for, so that `truncated` is true only if there is one."""
        cursor, room = self.low, MAX_TEXT_BYTES
        far = self._skip.useful
        while cursor < self.high:
            if far:
                cursor, near = self._skip.forward(cursor, self.high)
                far = not near
            else:
                spans, known = self._spans(cursor, self.high), len(self._lines)
                for span, levels in self._levelled(spans):
                    yield True
                    texts = self._matching(span, levels)
                    yield from self._look_at_drawn(span, texts)
                    for line in self._lines_of(span, levels, texts):
                        room -= _size(line)
                        if len(self._lines) == self._count or (room < 0 and self._lines):
                            self._truncated = True
                            self._next_after = line.line - 1
                            return
                        self._lines.append(line)
                    cursor = span.first + span.line_count
                if not spans:
                    return
                far = self._skip.useful and len(self._lines) == known
            self._next_after = cursor - 1
            if self._late() and cursor < self.high:
                self._truncated = True
                return
            yield True

    def _backward(self) -> Iterator[bool]:
        """The newest lines first, in pieces that are each read forward; a piece that could not be finished is not used."""
        self._next_after = max(self._next_after, self.high - 1)
        low, end, room = self.low, self.high, MAX_TEXT_BYTES
        usual = max(1, self._reader.log_bytes // max(1, self._total))
        size = min(BLOCK_LINES, _PIECE_BYTES // usual)
        if self._levels is None and self._matcher is None:  # then it is known beforehand which ones they are
            low = max(low, end - self._count)
            self._truncated = low > self.low
            size = min(self._count, MAX_TEXT_BYTES // usual)
        far = self._skip.useful
        while end > low:
            if far:
                end = yield from self._skip_back(end, low)
                if end == low:
                    return
            start = max(low, end - max(1, size))
            piece = _Piece(self._count - len(self._lines), room, at_least=not self._lines)
            cursor, late = yield from self._fill(piece, start, end)
            if cursor < 0:
                self._truncated |= piece.dropped
                return
            if cursor < end and not late:  # these lines are much longer than usual: again, with fewer
                size = min(_PIECE_BYTES * (cursor - start) // piece.stored, (end - start) // 2)
                continue
            if cursor == end:
                self._lines.extendleft(reversed(piece.lines))
            if piece.dropped or (late and (cursor < end or start > low)):
                self._truncated = True
                return
            far = self._skip.useful and not piece.lines
            room -= piece.text
            size = _next_size(size, piece.stored, end - start)
            end = start

    def _fill(self, piece: _Piece, cursor: int, end: int) -> Generator[bool, None, tuple[int, bool]]:
        """Reads a piece forward: how far it came (-1: no further is possible, or of use), and whether it was late."""
        late = False
        while cursor < end and not late and piece.stored <= _PIECE_BYTES_MAX:
            spans = self._spans(cursor, end)
            for span, levels in self._levelled(spans):
                piece.stored += len(span.data)
                yield True
                texts = self._matching(span, levels)
                yield from self._look_at_drawn(span, texts)
                for line in self._lines_of(span, levels, texts):
                    piece.add(line)
                cursor = span.first + span.line_count
            if not spans or (piece.dropped and not piece.lines):
                return -1, late
            yield True
            late = self._late()
        return cursor, late

    def _skip_back(self, end: int, low: int) -> Generator[bool, None, int]:
        """Where the newest line before `end` that may pass ends; `low` if there is none, or it was looked for too long."""
        near = False
        while end > low and not near:
            end, near = self._skip.backward(end, low)
            if self._late() and end > low:
                self._truncated = True
                return low
            yield True
        return end

    def _spans(self, first: int, end: int) -> Sequence[Span]:
        return light(self._reader.spans(first, min(self._unit, end - first), _UNIT_BYTES))

    def _levelled(self, spans: Sequence[Span]) -> Iterator[tuple[Span, bytes]]:
        """The first of these lines, with their levels: as many as have one after some milliseconds."""
        levels = self._reader.some_levels(spans) if spans else b""
        at = 0
        for span in first_lines(spans, len(levels)):
            yield span, levels[at : at + span.line_count]
            at += span.line_count

    def _matching(self, span: Span, levels: bytes) -> Sequence[tuple[int, str]]:
        """The lines of a span that may pass all filters, in order: their places in it, and messages."""
        wanted, matcher = self._levels, self._matcher
        if wanted is not None and wanted.isdisjoint(levels):
            return ()
        if matcher is None:
            return list(enumerate(messages(span.data)))
        places = matcher.find(span.data)
        every = messages(span.data) if places else []
        return [(place, every[place]) for place in places]

    def _look_at_drawn(self, span: Span, texts: Sequence[tuple[int, str]]) -> Iterator[bool]:
        if texts:
            yield True
            self._drawn |= drawn_lines(span.data, span.first)
            yield True

    def _lines_of(self, span: Span, levels: bytes, texts: Sequence[tuple[int, str]]) -> Iterator[LogLine]:
        """Those of these lines that have one of the levels."""
        first, stamp, wanted = span.first, span.stamp, self._levels
        stream, is_prompt = STREAMS[span.stream], span.is_prompt
        for i, text in texts:
            level = levels[i]
            if wanted is None or level in wanted:
                name = LEVEL_NAMES[level]
                yield LogLine(first + i, iso(stamp + i), name, text, stream, is_prompt)


def add_looks(page: LogPage, reader: JournalReader, drawn: Mapping[int, Drawn]) -> None:
    """Add what goes along with the messages of a page: how lines were drawn, and carried colours.

    Args:
        page: it gets `drawn` and `sgr` where there are any.
        reader: as of its last refresh.
        drawn: of these lines, and perhaps of others.
    """
    if drawn and (found := {n: drawn[n] for n in (line.line for line in page.logs) if n in drawn}):
        page.drawn = found
    if page.logs and (sgr := carried(reader, page.logs[0].line)):
        page.sgr = sgr


def check_counts(tail: int | None, limit: int | None) -> None:
    """Refuse what is no number of lines.

    Raises:
        InvalidRequest: `tail` with `limit`, or one of them out of bounds.
    """
    if tail is not None and limit is not None:
        raise InvalidRequest(f"tail={tail} and limit={limit} contradict each other: tail gives the newest lines, limit the oldest; send one of them")
    for name, value in (("tail", tail), ("limit", limit)):
        if value is not None and not 1 <= value <= MAX_LINES:
            raise InvalidRequest(f"{name}={value} is out of bounds: send a number from 1 to {MAX_LINES:,}")


def _size(line: LogLine) -> int:
    text = line.message
    return len(text) if text.isascii() else len(text.encode())


def _next_size(size: int, stored: int, lines: int) -> int:
    """Lines of the next piece: as many as `_PIECE_BYTES` hold if they are as long as the last ones; grows fourfold at most."""
    fitting = _PIECE_BYTES * lines // max(1, stored)
    return max(4, min(size * 4, fitting, 8 * BLOCK_LINES))
