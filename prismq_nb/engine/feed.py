"""The live end of one journal inside the server: its newest lines, decoded and encoded once for all who watch.

A subscriber holds a cursor (a line number) and a `Wake`; the feed holds the newest lines and tells it when there is something new. Nothing is queued
per subscriber, so a slow one costs nothing: what it wants is read from the buffer, or from disk when it is older. Lines are decoded when the first
subscriber asks for them, not when they arrive: under a flood that everybody skips, nobody pays for what is not shown.

The journal is polled, and only while somebody watches: a `stat` every 3 ms while lines come (less often when many watch, as each has to be told),
backing off to 50 ms. Everything here belongs to one event loop and is to be called on it. Knows no HTTP.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Callable
from enum import IntFlag
from itertools import pairwise
from time import perf_counter
from typing import TYPE_CHECKING

from prismq_nb.engine.block import BLOCK_LINES, Block, Encoded, Encoder, fitting, merge, read_block
from prismq_nb.errors import RunNotFound
from prismq_nb.journal.state import ENDED
from prismq_nb.journal.text import drawing

if TYPE_CHECKING:
    from prismq_nb.engine.engine import Engine
    from prismq_nb.engine.wake import Wake
    from prismq_nb.journal.gaps import GapInfo
    from prismq_nb.journal.reader import JournalReader
    from prismq_nb.models import Run

BUFFER_LINES = 10_000
FEED_BYTES = 16 << 20
"""Memory of one feed's buffer: what comes over it is dropped, oldest first, and read from disk again if it is wanted."""
FAST_SECONDS = 0.003
"""Between two looks while lines come; `SLOW_SECONDS`: when it is quiet; `DONE_SECONDS`: when the run has ended (it may still be purged)."""
TELL_SECONDS = 100e-6
"""Between two looks, per subscriber: telling one takes about a fifth of it, so the telling stays below that share of a core."""
TOLD_AT_ONCE = 64
"""Subscribers that are told before others may use the event loop: about 1 ms."""
SLOW_SECONDS = 0.05
DONE_SECONDS = 1.0
STATE_SECONDS = 1.0
"""A run whose state was not written anew is looked at so often all the same: its supervisor may be dead, or its directory gone."""
_BACK_OFF = 1.25
_SMALL_BLOCKS = 64


class _News(IntFlag):
    """What is new: lines; what only pages show (counts, usage, unfinished text); what every subscriber tells (state, progress, gaps, the end)."""

    LINES = 1
    DETAILS = 2
    REST = 4


class Feed:
    """The live end of one journal. Got from `Feeds.watch`.

    Attributes:
        run: the run's state as last seen; `version`: grows with every change of anything below.
        total: lines in the journal; `ended`: there will be no more, and `run` is final.
        pending: unfinished text of stdout and stderr, as `drawing` gives it; only looked at while a subscriber asked for details.
        late_gaps: gaps after the last line.
        error: why the run cannot be read any more, or None.
    """

    def __init__(self, engine: Engine, run_id: str, buffer_lines: int) -> None:
        """Opens the journal.

        Raises:
            RunNotFound: no such run.
        """
        self.run: Run = engine.get(run_id)
        self.run_id = run_id
        self.version = 0
        self.total = 0
        self.ended = False
        self.pending: tuple[str, str] = ("", "")
        self._pending_bytes = (b"", b"")
        self.late_gaps: list[GapInfo] = []
        self.error: str | None = None
        self.byte_limit = FEED_BYTES
        self._engine = engine
        self._reader = engine.reader(run_id)
        self._buffer_lines = buffer_lines
        self._blocks: list[Block] = []
        self._firsts: list[int] = []
        self._cost = 0
        self._line_bytes = 100.0
        self._fitting = BLOCK_LINES
        self._watchers: dict[Wake, bool] = {}
        self._shared: dict[object, tuple[int, int, bytes | None]] = {}
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._delay = FAST_SECONDS
        self._state_due = self._state_stale = 0.0
        self._state_mark: object = None

    @property
    def watched(self) -> bool:
        """Whether anybody subscribes."""
        return bool(self._watchers)

    @property
    def buffered_from(self) -> int:
        """The first of the newest `buffer_lines` lines."""
        return max(0, self.total - self._buffer_lines)

    @property
    def cost(self) -> int:
        """Bytes of memory that the buffer takes, about."""
        return self._cost

    def subscribe(self, wake: Wake, details: bool) -> None:
        """Rings `wake` at every change from now on, of unfinished text, counts and usage only with `details`; looks at the journal at once."""
        self._watchers[wake] = details
        self._delay = FAST_SECONDS
        self._state_due = self._state_stale = 0.0
        self._tick()

    def unsubscribe(self, wake: Wake) -> None:
        """The last one who leaves stops the polling."""
        self._watchers.pop(wake, None)
        if not self._watchers:
            self._stop_timer()

    def close(self) -> None:
        """Lets go of buffer and files."""
        self._stop_timer()
        self._reader.close()
        self._blocks, self._firsts, self._cost = [], [], 0

    def block(self, line: int, own: JournalReader | None = None) -> Block | None:
        """The block that holds line `line`: from the buffer, else from disk (about 1 ms). None if there is no such line.

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
        before = block.cost
        encoded = block.encoded(encoder)
        if (grown := block.cost - before) and self._holds(block):
            self._cost += grown
            self._shrink()
        return encoded

    def shared(self, form: object, line: int, make: Callable[[], bytes | None]) -> bytes | None:
        """What `make` gives for the lines from `line` on, made once for all who ask for the same form before there are more lines."""
        known = self._shared.get(form)
        if known is None or known[:2] != (line, self.total):
            known = self._shared[form] = (line, self.total, make())
        return known[2]

    def gaps(self, first: int, last: int) -> list[GapInfo]:
        """Gaps that stand before the lines `first` to `last`, both included."""
        return self._reader.gaps(first, last)

    def line_after(self, stamp: int) -> int:
        """Number of the first line whose stamp (µs since the epoch) is above `stamp`."""
        return self._reader.line_after(stamp)

    def _holds(self, block: Block) -> bool:
        place = bisect_right(self._firsts, block.first) - 1
        return place >= 0 and self._blocks[place] is block

    def _read(self, first: int, limit: int, place: int) -> Block | None:
        """Decodes lines; they are kept at `place` of the buffer if they are new enough."""
        block = self._decode(self._reader, first, limit)
        if block is None:
            return None
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
        """Makes one block of many small ones at the end: a run that prints a line now and then gives blocks of one line."""
        tail = self._blocks[-_SMALL_BLOCKS:]
        if len(tail) < _SMALL_BLOCKS or tail[-1].end - tail[0].first > BLOCK_LINES or _has_hole(tail):
            return
        whole = merge(tail)
        self._cost += whole.cost - sum(block.cost for block in tail)
        self._blocks[-_SMALL_BLOCKS:] = [whole]
        self._firsts[-_SMALL_BLOCKS:] = [whole.first]

    def _shrink(self) -> None:
        """Drops the oldest blocks that are over the buffer's lines or bytes."""
        drop = 0
        for block in self._blocks:
            if block.end > self.buffered_from and self._cost <= self.byte_limit:
                break
            self._cost -= block.cost
            drop += 1
        del self._blocks[:drop], self._firsts[:drop]

    def _tick(self) -> None:
        """Looks for what is new, tells the subscribers, and sets the time of the next look."""
        self._stop_timer()
        if self.error is None and (news := self._look()):
            self.version += 1
            self._delay = min(max(FAST_SECONDS, TELL_SECONDS * len(self._watchers)), SLOW_SECONDS)
            self._tell(news, list(self._watchers.items()))
        else:
            self._delay = min(self._delay * _BACK_OFF, SLOW_SECONDS)
        if self._watchers and self.error is None:
            self._timer = self._loop.call_later(DONE_SECONDS if self.ended else self._delay, self._tick)

    def _look(self) -> _News:
        try:
            due = self._loop.time() >= self._state_due
            news = self._look_at_state() if due else _News(0)
            total = self._reader.refresh()
            if total != self.total:
                self.total = total
                self._shrink()
                news |= _News.LINES
            if due or news & _News.LINES:
                news |= self._look_at_gaps()
            if any(self._watchers.values()):
                news |= self._look_at_pending()
        except RunNotFound:
            self.error = "run purged"
            return _News.REST
        except Exception as error:  # noqa: BLE001 - whatever it is, subscribers must hear of it: this runs in a timer, and they would wait for ever
            self.error = f"the log cannot be read: {error}"
            return _News.REST
        return news

    def _look_at_state(self) -> _News:
        """The run's state. It is asked for before the lines: all of them are there when it says that the run has ended."""
        now, mark = self._loop.time(), self._engine.state_mark(self.run_id)
        self._state_due = now + SLOW_SECONDS
        if mark == self._state_mark and now < self._state_stale:
            return _News(0)
        self._state_mark, self._state_stale = mark, now + STATE_SECONDS
        before, self.run = self.run, self._engine.get(self.run_id)
        ended, self.ended = self.ended, self.run.status in ENDED
        if _state(before) != _state(self.run) or ended != self.ended:
            return _News.REST
        return _News.DETAILS if _details(before) != _details(self.run) else _News(0)

    def _look_at_gaps(self) -> _News:
        before, self.late_gaps = self.late_gaps, self._reader.gaps(self.total, self.total)
        return _News.REST if before != self.late_gaps else _News(0)

    def _look_at_pending(self) -> _News:
        texts = (b"", b"") if self.ended else self._reader.pending()
        if texts == self._pending_bytes:
            return _News(0)
        self._pending_bytes = texts
        before, self.pending = self.pending, (drawing(texts[0]), drawing(texts[1]))
        return _News.DETAILS if before != self.pending else _News(0)

    def _tell(self, news: _News, watchers: list[tuple[Wake, bool]]) -> None:
        for wake, details in watchers[:TOLD_AT_ONCE]:
            if news & _News.REST or (details and news & _News.DETAILS):
                wake.ring()
            elif news & _News.LINES:
                wake.lines()
        if len(watchers) > TOLD_AT_ONCE:
            self._loop.call_soon(self._tell, news, watchers[TOLD_AT_ONCE:])

    def ring(self) -> None:
        """Wakes all subscribers."""
        for wake in self._watchers:
            wake.ring()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _state(run: Run) -> tuple[object, ...]:
    """What of a run is news to all: not its duration, which always changes, nor its lines, which the journal says sooner."""
    return (run.status, run.stopping, run.exit_code, run.started_at, run.progress_percent, run.items_processed, run.items_total)


def _details(run: Run) -> tuple[object, ...]:
    return (run.cpu_percent, run.memory_bytes, run.bytes, run.levels)


def _has_hole(blocks: list[Block]) -> bool:
    return any(one.end != two.first for one, two in pairwise(blocks))
