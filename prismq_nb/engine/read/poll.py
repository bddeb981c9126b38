"""One poll of a log: find the lines that pass a set of filters, in small steps.

A step is about 2 ms of work, so an event loop can let others run between two steps. A whole query
works for at most 200 ms, besides what has to be done before its first line has a level. With
`limit`, `since` or `after` a query goes forward from the oldest line, otherwise backward from the
newest. ``truncated`` says that there may be more lines; ``next_after`` is the position to go on
from. Pure: no asyncio, no HTTP, only a journal reader.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import TYPE_CHECKING

from prismq_nb.common.base.state import iso
from prismq_nb.common.base.terminal.frames import Drawn, drawn_lines
from prismq_nb.common.base.terminal.text import messages
from prismq_nb.common.log_models import LogLine, LogPage
from prismq_nb.engine.read.line_block import LEVEL_NAMES, MAX_BLOCK_LINES, fitting
from prismq_nb.engine.read.log_page import Piece, add_rendering, text_bytes
from prismq_nb.engine.read.prefilter import Prefilter
from prismq_nb.engine.read.render_cost import within_budget
from prismq_nb.errors import InvalidRequest
from prismq_nb.journal.layout.format import STREAMS
from prismq_nb.journal.layout.span import first_lines

if TYPE_CHECKING:
    from prismq_nb.journal.layout.span import Span
    from prismq_nb.journal.reader import JournalReader
    from prismq_nb.journal.search.terms import LineFilter

MAX_LINES = 10_000
"""Maximum number of lines in one answer; the default of a poll that goes forward."""
DEFAULT_TAIL = 500
"""Number of lines of a poll without parameters."""
MAX_TEXT_BYTES = 8 << 20
"""Maximum bytes of text in one answer, in UTF-8; at least one line is given."""
STEP_SECONDS = 0.002
MAX_QUERY_SECONDS = 0.2
"""Maximum duration of one query, without its pauses."""
_UNIT_BYTES = 64 << 10
"""A step consists of units of this size, or of 500 lines, or less where lines take long."""
_PIECE_BYTES = 256 << 10
_PIECE_BYTES_MAX = 2 * MAX_TEXT_BYTES


class LogQuery:
    """A poll in progress. Call `step` until it returns True, then `page`."""

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
        """Read the journal's size once; later lines are not seen.

        Args:
            reader: reader of the journal.
            run_id: the run's id, for the page.
            tail: give this many of the newest matching lines, 1 to 10,000.
            limit: give this many of the oldest matching lines, 1 to 10,000; not with `tail`.
            since: only stamps above this, µs since the epoch.
            after: only line numbers above this.
            before: only line numbers below this.
            levels: only these `Level` values.
            matcher: only messages that match.
            clock: seconds, for tests.

        Raises:
            InvalidRequest: `tail` with `limit`, or one of them out of range.
        """
        check_counts(tail, limit)
        total = reader.refresh()
        low = _first_line(reader, after, since)
        self._next_after = low - 1
        self.low = min(low, total)
        self.high = total if before is None else max(self.low, min(before, total))
        self._reader = reader
        self._run_id = run_id
        self._total = total
        self._levels = levels
        self._matcher = matcher
        self._prefilter = Prefilter(reader, matcher, levels)
        self._clock = clock
        self._spent = 0.0
        self._unit = MAX_BLOCK_LINES
        self._truncated = False
        self._lines: deque[LogLine] = deque()
        self._drawn: dict[int, Drawn] = {}
        forward = limit is not None or (tail is None and not (since is None and after is None))
        self._count = limit or tail or (MAX_LINES if forward else DEFAULT_TAIL)
        self._work = self._forward() if forward else self._backward()

    def step(self) -> bool:
        """Work for about 2 ms, at least one unit. Return whether the work is done."""
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
        """Return what was found, oldest first."""
        lines = list(self._lines)
        page = LogPage(self._run_id, lines, self._total, self._truncated, self._next_after)
        add_rendering(page, self._reader, self._drawn)
        return page

    def _late(self) -> bool:
        """Return whether to give up. Without a filter, the size of an answer bounds the work."""
        return self._spent >= MAX_QUERY_SECONDS and (
            self._levels is not None or self._matcher is not None
        )

    def _forward(self) -> Iterator[bool]:
        """Find the oldest lines; one more than wanted, so `truncated` is exact."""
        cursor, room = self.low, MAX_TEXT_BYTES
        far = self._prefilter.is_useful
        while cursor < self.high:
            if far:
                cursor, near = self._prefilter.forward(cursor, self.high)
                far = not near
            else:
                spans, known = self._spans(cursor, self.high), len(self._lines)
                for span, levels in self._levelled(spans):
                    yield True
                    texts = self._matching(span, levels)
                    yield from self._look_at_drawn(span, texts)
                    for line in self._lines_of(span, levels, texts):
                        room -= text_bytes(line)
                        if len(self._lines) == self._count or (room < 0 and self._lines):
                            self._truncated = True
                            self._next_after = line.line - 1
                            return
                        self._lines.append(line)
                    cursor = span.first + span.line_count
                if not spans:
                    return
                far = self._prefilter.is_useful and len(self._lines) == known
            self._next_after = cursor - 1
            if self._late() and cursor < self.high:
                self._truncated = True
                return
            yield True

    def _backward(self) -> Iterator[bool]:
        """Find the newest lines in pieces, each read forward; unfinished pieces are dropped."""
        self._next_after = max(self._next_after, self.high - 1)
        low, end, room = self.low, self.high, MAX_TEXT_BYTES
        usual = max(1, self._reader.log_bytes // max(1, self._total))
        size = min(MAX_BLOCK_LINES, _PIECE_BYTES // usual)
        # without a filter it is known which lines they are
        if self._levels is None and self._matcher is None:
            low = max(low, end - self._count)
            self._truncated = low > self.low
            size = min(self._count, MAX_TEXT_BYTES // usual)
        far = self._prefilter.is_useful
        while end > low:
            if far:
                end = yield from self._prefilter_back(end, low)
                if end == low:
                    return
            start = max(low, end - max(1, size))
            piece = Piece(self._count - len(self._lines), room, at_least=not self._lines)
            cursor, late = yield from self._fill(piece, start, end)
            if cursor < 0:
                self._truncated |= piece.dropped
                return
            # these lines are much longer than usual: retry with fewer
            if cursor < end and not late:
                size = min(_PIECE_BYTES * (cursor - start) // piece.stored, (end - start) // 2)
                continue
            if cursor == end:
                self._lines.extendleft(reversed(piece.lines))
            if piece.dropped or (late and (cursor < end or start > low)):
                self._truncated = True
                return
            far = self._prefilter.is_useful and not piece.lines
            room -= piece.text
            size = _next_size(size, piece.stored, end - start)
            end = start

    def _fill(self, piece: Piece, cursor: int, end: int) -> Generator[bool, None, tuple[int, bool]]:
        """Read a piece forward.

        Returns:
            How far it came (-1: no more is possible, or needed), and whether time is up.
        """
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

    def _prefilter_back(self, end: int, low: int) -> Generator[bool, None, int]:
        """Return the end of the newest line before `end` that may match.

        `low` if there is none, or time is up.
        """
        near = False
        while end > low and not near:
            end, near = self._prefilter.backward(end, low)
            if self._late() and end > low:
                self._truncated = True
                return low
            yield True
        return end

    def _spans(self, first: int, end: int) -> Sequence[Span]:
        return within_budget(self._reader.spans(first, min(self._unit, end - first), _UNIT_BYTES))

    def _levelled(self, spans: Sequence[Span]) -> Iterator[tuple[Span, bytes]]:
        """Yield the first of some lines with their levels: those classified in some ms."""
        begin = self._clock()
        levels = self._reader.some_levels(spans) if spans else b""
        if not levels:
            # In a new process patterns are compiled first, which on a busy machine takes longer
            # than a whole query may: it would find nothing in a log of three lines.
            self._spent -= self._clock() - begin
        at = 0
        for span in first_lines(spans, len(levels)):
            yield span, levels[at : at + span.line_count]
            at += span.line_count

    def _matching(self, span: Span, levels: bytes) -> Sequence[tuple[int, str]]:
        """Return the lines of a span that may pass all filters: their indexes and messages."""
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

    def _lines_of(
        self, span: Span, levels: bytes, texts: Sequence[tuple[int, str]]
    ) -> Iterator[LogLine]:
        """Yield the lines that have one of the levels."""
        first, stamp, wanted = span.first, span.stamp, self._levels
        stream, is_prompt = STREAMS[span.stream], span.is_prompt
        for i, text in texts:
            level = levels[i]
            if wanted is None or level in wanted:
                name = LEVEL_NAMES[level]
                yield LogLine(first + i, iso(stamp + i), name, text, stream, is_prompt)


def check_counts(tail: int | None, limit: int | None) -> None:
    """Check `tail` and `limit`.

    Raises:
        InvalidRequest: both are given, or one of them is out of range.
    """
    if tail is not None and limit is not None:
        raise InvalidRequest(
            f"tail={tail} and limit={limit} cannot be combined: tail gives the newest lines,"
            " limit the oldest; use one of them",
            parameter="tail",
        )
    for name, value in (("tail", tail), ("limit", limit)):
        if value is not None and not 1 <= value <= MAX_LINES:
            raise InvalidRequest(
                f"{name}={value} is out of range; use a number from 1 to {MAX_LINES:,}",
                parameter=name,
            )


def _first_line(reader: JournalReader, after: int | None, since: int | None) -> int:
    """Return the number of the first line past a position and a time."""
    low = 0 if after is None else max(0, after + 1)
    return low if since is None else max(low, reader.line_after(since))


def _next_size(size: int, stored: int, lines: int) -> int:
    """Return the number of lines of the next piece: `_PIECE_BYTES` if lines stay as long.

    At most four times as many as before.
    """
    fitting = _PIECE_BYTES * lines // max(1, stored)
    return max(4, min(size * 4, fitting, 8 * MAX_BLOCK_LINES))
