"""The live end of one journal in the server: its newest lines, and the subscribers to wake.

A subscriber holds a cursor (a line number) and a `WakeEvent`; the feed holds the newest lines.
Nothing is queued per subscriber, so a slow one costs nothing: its lines are read from the buffer,
or from disk when they are older.

The feed sleeps until it is notified that the run directory has changed (`notify.py`). Then it
refreshes: every 3 ms at most while lines come, and less often when there are many subscribers,
because each has to be woken. In silence it refreshes less and less often, in case a notification
was missed. Where notification does not work, the feed polls. It does nothing while no subscriber
waits. Belongs to one event loop; knows no HTTP.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from prismq_nb.common.base.terminal.text import pending_message
from prismq_nb.engine.live.buffer import Buffer
from prismq_nb.engine.live.notify import QUIET_SECONDS, Change, Notifier
from prismq_nb.engine.live.run_state import News, RunState
from prismq_nb.engine.live.wake_event import NO_REQUEST
from prismq_nb.errors import RunNotFound

if TYPE_CHECKING:
    from prismq_nb.common.models import RunInfo
    from prismq_nb.engine.engine import Engine
    from prismq_nb.engine.live.turns import Turns
    from prismq_nb.engine.live.wake_event import WakeEvent
    from prismq_nb.journal.gaps import GapInfo

BUFFER_LINES = 10_000
FAST_SECONDS = 0.003
"""Minimum time between two refreshes while lines come."""
SLOW_SECONDS = 0.05
"""Time between two refreshes in silence where the feed polls; the first pause where it does not."""
DONE_SECONDS = 1.0
"""Time between two refreshes of an ended run where the feed polls: it may still be purged."""
WAKE_SECONDS = 100e-6
"""Minimum time between two refreshes per subscriber. Waking one takes about a fifth of it, so
waking all of them takes about a fifth of a core."""
WAKES_PER_STEP = 16
"""Subscribers woken in one step: up to 1 ms, where each is sent something."""
DEBOUNCE_SECONDS = 0.005
"""Time from a change of the directory to the refresh. A file that is written, closed and renamed,
and the next one after it, are several changes and one refresh."""
MAX_MISSED = 3
"""Poll after this many changes in a row that came without a notification."""
_BACK_OFF = 1.25
_QUIET_BACK_OFF = 2.0


class Feed(Buffer):
    """The live end of one journal. `Feeds.watch` returns it.

    Attributes:
        run_id: the run.
        version: grows with every change of any attribute below, of `total` and of `run`.
        pending: unfinished text of stdout and stderr, as `pending_message` gives it; read only
            while a subscriber asked for details.
        trailing_gaps: gaps after the last line.
        error: why the run cannot be read any more; None: it can.
        refreshes: how often the journal was read.
    """

    def __init__(
        self,
        engine: Engine,
        run_id: str,
        buffer_lines: int,
        notifier: Notifier,
        turns: Turns,
    ) -> None:
        """Open the journal.

        Raises:
            RunNotFound: there is no such run.
            RunUnreadable: its journal is damaged, or a newer prismq_nb made it.
        """
        self._state = RunState(engine, run_id)
        super().__init__(engine.reader(run_id), buffer_lines)
        self.run_id = run_id
        self.version = 0
        self.pending: tuple[str, str] = ("", "")
        self._pending_bytes = (b"", b"")
        self.trailing_gaps: list[GapInfo] = []
        self.error: str | None = None
        self.refreshes = 0
        self._turns = turns
        self._subscribers: dict[WakeEvent, bool] = {}
        self._armed: dict[WakeEvent, bool] = {}
        self._is_waking = False
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._refreshed_s = float("-inf")
        self._delay = SLOW_SECONDS
        self._watch = notifier.watch(engine.run_dir(run_id), self._on_change)
        self._notification_works = not engine.is_network
        self._was_notified = False
        self._missed = 0

    @property
    def run(self) -> RunInfo:
        """The run as last read."""
        return self._state.run

    @property
    def ended(self) -> bool:
        """Whether there will be no more lines, and `run` is final."""
        return self._state.ended

    @property
    def module_ended(self) -> bool:
        """Whether the module has ended; background processes may still print."""
        return self._state.module_ended

    @property
    def duration_seconds(self) -> float | None:
        """Seconds from the run's start until now or its end; None: it has not started."""
        return self._state.duration_seconds

    @property
    def watched(self) -> bool:
        """Whether there are subscribers."""
        return bool(self._subscribers)

    @property
    def polls(self) -> bool:
        """Whether it has to poll, because notification does not work."""
        return not self._notification_works

    def subscribe(self, wake: WakeEvent, details: bool) -> None:
        """Wake a subscriber at the next change, and again after each of its waits.

        Args:
            wake: the subscriber's event.
            details: also at changes of unfinished text, counts and usage.
        """
        self._subscribers[wake] = self._armed[wake] = details
        wake.attach(self)
        self._state.expire()
        self._refresh_now()

    def unsubscribe(self, wake: WakeEvent) -> None:
        """Stop waking a subscriber; without subscribers, stop refreshing."""
        del self._subscribers[wake]
        self._armed.pop(wake, None)
        wake.detach(self)
        if not self._subscribers:
            self._pause()

    def arm(self, wake: WakeEvent) -> None:
        """Wake a subscriber at the next change, once."""
        idle = not self._armed
        self._armed[wake] = self._subscribers[wake]
        if idle and not self._is_waking and self.error is None:
            self._plan_next()

    def wake_all(self) -> None:
        """Wake all subscribers."""
        for wake in self._subscribers:
            wake.set()

    def close(self) -> None:
        """Release the buffer and the files."""
        self._pause()
        super().close()

    def _pause(self) -> None:
        self._stop_timer()
        self._watch.close()

    def _on_change(self, change: Change) -> None:
        """Refresh now, or as soon as that is allowed: something has changed."""
        self._was_notified = True
        if change != Change.INDEX:
            self._state.expire()
        if change & Change.WRITER:  # its supervisor may have been killed
            self._state.recheck()
            self._delay = SLOW_SECONDS
        if self._armed and not self._is_waking:
            debounce = DEBOUNCE_SECONDS if change == Change.DIRECTORY else 0.0
            self._plan(self._interval(), debounce)

    def _interval(self) -> float:
        """Return the minimum time in seconds between two refreshes while things change."""
        return min(max(FAST_SECONDS, WAKE_SECONDS * len(self._armed)), SLOW_SECONDS)

    def _plan(self, interval: float, debounce: float = 0.0) -> None:
        """Refresh `interval` seconds after the last time, and `debounce` seconds from now.

        A refresh that was planned for an earlier time stays.
        """
        now_s = self._loop.time()
        due_s = max(self._refreshed_s + interval, now_s + debounce)
        if due_s <= now_s:
            self._refresh_now()
        elif self._timer is None or self._timer.when() > due_s:
            self._stop_timer()
            self._timer = self._loop.call_at(due_s, self._refresh_now, context=NO_REQUEST)

    def _plan_next(self) -> None:
        if self._was_notified:  # during the refresh
            self._plan(self._interval())
        else:
            is_done = self.ended and not self._notification_works
            self._plan(DONE_SECONDS if is_done else self._delay)

    def _refresh_now(self) -> None:
        """Read what has changed, wake the subscribers, and plan the next refresh."""
        self._stop_timer()
        if not self._armed or self.error is not None:
            return
        self._refreshed_s = self._loop.time()
        was_notified, self._was_notified = self._was_notified, False
        if self._notification_works:
            self._notification_works = self._watch.arm()
        news = self._read_changes()
        if self._notification_works:
            self._count_missed(news, was_notified=was_notified)
        if news:
            self.version += 1
            self._delay = SLOW_SECONDS if self._notification_works else self._interval()
            self._wake(news, list(self._armed.items()))
        else:
            self._back_off()
        if self._armed and not self._is_waking and self.error is None:
            self._plan_next()

    def _back_off(self) -> None:
        """Refresh less often. In a long silence close the files, so silent runs hold none."""
        if not self._notification_works:
            self._delay = min(self._delay * _BACK_OFF, SLOW_SECONDS)
        elif self._state.is_rechecked:
            self._delay = SLOW_SECONDS
        elif self._delay < QUIET_SECONDS:
            self._delay = min(self._delay * _QUIET_BACK_OFF, QUIET_SECONDS)
        else:
            self._reader.suspend()

    def _count_missed(self, news: News, *, was_notified: bool) -> None:
        if was_notified:
            self._missed = 0
        elif news & News.LINES and self.refreshes > 1:
            self._missed += 1
            if self._missed >= MAX_MISSED:
                self._notification_works = False
                self._watch.close()

    def _read_changes(self) -> News:
        self.refreshes += 1
        try:
            is_due = self._state.is_due
            news = self._state.read(notified=self._notification_works) if is_due else News(0)
            total = self._reader.refresh()
            if total != self.total:
                self.total = total
                self._shrink()
                news |= News.LINES
            if is_due or news & News.LINES:
                news |= self._read_gaps()
            if any(self._subscribers.values()):
                news |= self._read_pending()
        except RunNotFound:
            self.error = "run purged"
            return News.REST
        except Exception as error:  # noqa: BLE001 - in a timer; subscribers would wait for ever
            self.error = f"the log cannot be read: {error}"
            return News.REST
        return news

    def _read_gaps(self) -> News:
        before, self.trailing_gaps = self.trailing_gaps, self._reader.gaps(self.total, self.total)
        return News.REST if before != self.trailing_gaps else News(0)

    def _read_pending(self) -> News:
        texts = (b"", b"") if self.ended else self._reader.pending()
        if texts == self._pending_bytes:
            return News(0)
        self._pending_bytes = texts
        before, self.pending = self.pending, (pending_message(texts[0]), pending_message(texts[1]))
        return News.DETAILS if before != self.pending else News(0)

    def _wake(self, news: News, wakes: list[tuple[WakeEvent, bool]]) -> None:
        """Wake some subscribers, and the rest at this feed's next turn.

        No refresh begins before all are woken, so a busy loop has fewer refreshes.
        """
        for wake, details in wakes[:WAKES_PER_STEP]:
            if wake not in self._armed:
                continue
            if news & News.REST or (details and news & News.DETAILS):
                del self._armed[wake]
                wake.set()
            elif news & News.LINES and not wake.offer_lines():
                self._armed.pop(wake, None)
        rest = wakes[WAKES_PER_STEP:]
        if rest:
            self._is_waking = True
            self._turns.call(lambda: self._wake(news, rest))
        elif self._is_waking:
            self._is_waking = False
            if self._armed and self.error is None:
                self._plan_next()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
