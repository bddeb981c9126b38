"""The live end of one journal in the server: its newest lines, and subscribers to ring at news.

A subscriber holds a cursor (a line number) and a `Wake`; the feed holds the newest lines. Nothing
is queued per subscriber, so a slow one costs nothing: what it wants is read from the buffer, or
from disk when it is older.

The feed sleeps until it is notified that the run directory has changed (`notify.py`). It looks
then, every 3 ms at most while lines come, and less often when many watch, as each has to be rung.
In silence it looks all the same, less and less often: notification may not work here. Where it
does not, the feed polls. It does nothing while nobody waits for news. Belongs to one event loop;
knows no HTTP.
"""

from __future__ import annotations

import asyncio
from enum import IntFlag
from typing import TYPE_CHECKING

from prismq_nb.common.base.state import ENDED
from prismq_nb.common.base.terminal.text import drawing
from prismq_nb.engine.live.buffer import Buffer
from prismq_nb.engine.live.notify import QUIET_SECONDS, Notifier, What
from prismq_nb.engine.live.wake import NO_REQUEST
from prismq_nb.errors import RunNotFound

if TYPE_CHECKING:
    from prismq_nb.common.models import Run
    from prismq_nb.engine.engine import Engine
    from prismq_nb.engine.live.turns import Turns
    from prismq_nb.engine.live.wake import Wake
    from prismq_nb.journal.gaps import GapInfo

BUFFER_LINES = 10_000
FAST_SECONDS = 0.003
"""Between two looks while lines come."""
SLOW_SECONDS = 0.05
"""Between two looks in silence, where the feed polls; where it is notified, the first pause."""
DONE_SECONDS = 1.0
"""Where it polls, when the run has ended: it may still be purged."""
RING_SECONDS = 100e-6
"""Between two looks, per subscriber: ringing one takes about a fifth of it, and so of a core."""
RUNG_AT_ONCE = 16
"""Subscribers that are rung in one step: up to 1 ms, where each is sent something."""
SETTLE_SECONDS = 0.005
"""Between a change of the directory and the look at it. A file that is written, closed and put in
place, and the next one after it, are so many changes and one look."""
STATE_SECONDS = 1.0
"""Between two looks at a state that was not written again: the supervisor may be dead."""
DOUBT_SECONDS = 2.0
"""For so long after the index was closed its state is read at every look: a process that was killed
lets go of its files one after the other, and of its lock perhaps last."""
MAX_MISSED = 3
"""Poll after this many changes in a row that came without a notification."""
_BACK_OFF = 1.25
_QUIET_BACK_OFF = 2.0


class _News(IntFlag):
    """What is new: lines; what only pages show (counts, usage, unfinished text); what every subscriber tells (state, progress, gaps, the end)."""

    LINES = 1
    DETAILS = 2
    REST = 4


class Feed(Buffer):
    """The live end of one journal. Got from `Feeds.watch`.

    Attributes:
        run: the run's state as last seen; `version`: grows with every change of anything below.
        total: lines in the journal; `ended`: there will be no more, and `run` is final.
        module_ended: the module has, so `run` has its status and exit code; background processes
            may still print.
        pending: unfinished text of stdout and stderr, as `drawing` gives it; only looked at while a subscriber asked for details.
        late_gaps: gaps after the last line.
        error: why the run cannot be read any more, or None.
        looks: how often it has looked at the journal.
    """

    def __init__(
        self,
        engine: Engine,
        run_id: str,
        buffer_lines: int,
        notifier: Notifier,
        turns: Turns,
    ) -> None:
        """Opens the journal.

        Raises:
            RunNotFound: no such run.
        """
        self.run: Run = engine.get(run_id)
        super().__init__(engine.reader(run_id), buffer_lines)
        self.run_id = run_id
        self.version = 0
        self.ended = self.module_ended = False
        self.pending: tuple[str, str] = ("", "")
        self._pending_bytes = (b"", b"")
        self.late_gaps: list[GapInfo] = []
        self.error: str | None = None
        self.looks = 0
        self._engine = engine
        self._turns = turns
        self._watchers: dict[Wake, bool] = {}
        self._armed: dict[Wake, bool] = {}
        self._ringing = False
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._looked = float("-inf")
        self._delay = SLOW_SECONDS
        self._state_due = self._state_stale = 0.0
        self._state_mark: object = None
        self._said: object = None
        self._run_at = self._loop.time()
        self._doubt_until = 0.0
        self._watch = notifier.watch(engine.run_dir(run_id), self._told)
        self._notified = not engine.is_network
        self._heard = False
        self._missed = 0

    @property
    def watched(self) -> bool:
        """Whether anybody subscribes."""
        return bool(self._watchers)

    @property
    def duration_seconds(self) -> float | None:
        """How long the run has gone on until now, or went on; None: it has not begun."""
        seconds = self.run.duration_seconds
        if seconds is None or self.run.status in ENDED:
            return seconds
        return seconds + self._loop.time() - self._run_at

    @property
    def polls(self) -> bool:
        """Whether it has to look by itself, as nothing tells it."""
        return not self._notified

    def subscribe(self, wake: Wake, details: bool) -> None:
        """Ring `wake` at the next change, and again after each of its sleeps.

        `details`: also at changes of unfinished text, counts and usage.
        """
        self._watchers[wake] = self._armed[wake] = details
        wake.join(self)
        self._state_due = 0.0
        self._look_now()

    def unsubscribe(self, wake: Wake) -> None:
        """Ring it no more; where it was the last subscriber, look no more."""
        del self._watchers[wake]
        self._armed.pop(wake, None)
        wake.leave(self)
        if not self._watchers:
            self._rest()

    def arm(self, wake: Wake) -> None:
        """Ring a subscriber at the next change, once."""
        idle = not self._armed
        self._armed[wake] = self._watchers[wake]
        if idle and not self._ringing and self.error is None:
            self._plan_next()

    def close(self) -> None:
        """Lets go of buffer and files."""
        self._rest()
        super().close()

    def _rest(self) -> None:
        self._stop_timer()
        self._watch.close()

    def _told(self, what: What) -> None:
        """Look at once, or as soon as it may again: something has changed."""
        self._heard = True
        if what != What.INDEX:
            self._state_due = 0.0
        if what & What.WRITER:  # its supervisor may have been killed
            self._doubt_until = self._loop.time() + DOUBT_SECONDS
            self._delay = SLOW_SECONDS
        if self._armed and not self._ringing:
            self._plan(self._gap(), SETTLE_SECONDS if what == What.DIRECTORY else 0.0)

    def _gap(self) -> float:
        """Seconds between two looks while there are news."""
        return min(max(FAST_SECONDS, RING_SECONDS * len(self._armed)), SLOW_SECONDS)

    def _plan(self, gap: float, settle: float = 0.0) -> None:
        """Look when `gap` seconds are over since the last look, and `settle` from now on.

        A look that was planned before it stays.
        """
        now = self._loop.time()
        due = max(self._looked + gap, now + settle)
        if due <= now:
            self._look_now()
        elif self._timer is None or self._timer.when() > due:
            self._stop_timer()
            self._timer = self._loop.call_at(due, self._look_now, context=NO_REQUEST)

    def _look_now(self) -> None:
        """Look for what is new, ring the subscribers, and set the time of the next look."""
        self._stop_timer()
        if not self._armed or self.error is not None:
            return
        self._looked = self._loop.time()
        heard, self._heard = self._heard, False
        if self._notified:
            self._notified = self._watch.arm()
        news = self._look()
        if self._notified:
            self._count_missed(news, heard=heard)
        if news:
            self.version += 1
            self._delay = SLOW_SECONDS if self._notified else self._gap()
            self._ring(news, list(self._armed.items()))
        else:
            self._back_off()
        if self._armed and not self._ringing and self.error is None:
            self._plan_next()

    def _plan_next(self) -> None:
        if self._heard:  # while it looked
            self._plan(self._gap())
        else:
            self._plan(DONE_SECONDS if self.ended and not self._notified else self._delay)

    def _back_off(self) -> None:
        """Look less often. In a long silence close the files: a thousand silent runs hold none."""
        if not self._notified:
            self._delay = min(self._delay * _BACK_OFF, SLOW_SECONDS)
        elif self._looked < self._doubt_until:
            self._delay = SLOW_SECONDS
        elif self._delay < QUIET_SECONDS:
            self._delay = min(self._delay * _QUIET_BACK_OFF, QUIET_SECONDS)
        else:
            self._reader.rest()

    def _count_missed(self, news: _News, *, heard: bool) -> None:
        if heard:
            self._missed = 0
        elif news & _News.LINES and self.looks > 1:
            self._missed += 1
            if self._missed >= MAX_MISSED:
                self._notified = False
                self._watch.close()

    def _look(self) -> _News:
        self.looks += 1
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
        now = self._loop.time()
        self._state_due = now + SLOW_SECONDS
        if not self._says_other() and not self._is_stale(now):
            return _News(0)
        self._state_stale = now + STATE_SECONDS
        before, self.run, self._run_at = self.run, self._engine.get(self.run_id), now
        self.module_ended = self.run.status in ENDED
        ended, self.ended = self.ended, self.module_ended and not self.run.output_open
        if _state(before) != _state(self.run) or ended != self.ended:
            return _News.REST
        return _News.DETAILS if _details(before) != _details(self.run) else _News(0)

    def _says_other(self) -> bool:
        """Whether the state has changed, apart from its heartbeat."""
        mark = self._engine.state_mark(self.run_id)
        if mark == self._state_mark:
            return False
        self._state_mark = mark
        before, self._said = self._said, self._engine.said(self.run_id)
        return before != self._said

    def _is_stale(self, now: float) -> bool:
        """Whether to read a state that was not written again.

        A feed that is notified need only know that somebody could still write it.
        """
        if now < self._doubt_until and not self.ended:
            return True
        if now < self._state_stale:
            return False
        if not self._notified or self._state_mark is None:
            return True
        self._state_stale = now + STATE_SECONDS
        return not self.ended and self._engine.is_abandoned(self.run_id)

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

    def _ring(self, news: _News, wakes: list[tuple[Wake, bool]]) -> None:
        """Ring some, and the rest when it is this feed's turn again.

        No look begins before all were rung, so a busy loop has fewer looks.
        """
        for wake, details in wakes[:RUNG_AT_ONCE]:
            if wake not in self._armed:
                continue
            if news & _News.REST or (details and news & _News.DETAILS):
                del self._armed[wake]
                wake.ring()
            elif news & _News.LINES and not wake.lines():
                self._armed.pop(wake, None)
        rest = wakes[RUNG_AT_ONCE:]
        if rest:
            self._ringing = True
            self._turns.call(lambda: self._ring(news, rest))
        elif self._ringing:
            self._ringing = False
            if self._armed and self.error is None:
                self._plan_next()

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
    progress = (run.progress_percent, run.items_processed, run.items_total)
    reading = (run.terminal, run.takes_input, run.waiting_for_input, run.hides_input)
    left = (run.output_open, run.background, run.notes)
    return (run.status, run.stopping, run.exit_code, run.started_at, progress, reading, left)


def _details(run: Run) -> tuple[object, ...]:
    return (run.cpu_percent, run.memory_bytes, run.bytes, run.levels, run.records)
