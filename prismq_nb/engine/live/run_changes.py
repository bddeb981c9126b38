"""What changes in the list of runs, for all who follow it.

While somebody follows, one task waits for notifications: of the directory of runs, of the directory
of each active run, and of what this process changed itself. It reads what has changed, a few runs
at a time in a thread, and adds it to the `ChangeLog`. Ended runs hardly change; the index sweeps
them. Without followers nothing is done: when one comes back, everything that may have changed
meanwhile is read before it is served, so it can resume all the same.

Belongs to one event loop; knows no HTTP.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from prismq_nb.engine.files.error_log import ErrorLog, Log
from prismq_nb.engine.live.active_run import ActiveRun, is_final
from prismq_nb.engine.live.change_log import ChangeLog, Encode
from prismq_nb.engine.live.notify import Change, Notifier, Watch
from prismq_nb.engine.live.wake_event import NO_REQUEST, WakeEvent

if TYPE_CHECKING:
    from prismq_nb.common.models import RunInfo
    from prismq_nb.engine.engine import Engine

READ_AT_ONCE = 20
"""Runs that are read in one step: about 2 ms."""
NAMES_SECONDS = 0.25
"""Minimum time between two scans of the directory of runs, which take 5 ms with 10,000 runs."""
READ_SECONDS = 100e-6
"""Minimum time between two looks, for each active run: reading all of them takes about as long."""
POLL_SECONDS = 1.0
"""Time between two looks at all active runs where notification does not work."""
QUIET_SECONDS = 12.0 if sys.platform == "linux" else 1.0
"""The same where it works, in case one was missed. macOS does not report a killed supervisor."""
LINGER_SECONDS = 10.0
"""How long changes are still looked for without followers: a page that wants other runs leaves
and comes back."""

T = TypeVar("T")


class RunChanges:
    """The changes of one engine's list of runs.

    Attributes:
        log: the newest changes.
        looks: how often the index was asked.
        on_read: called with each run that was read because it is active, or may have changed.
    """

    def __init__(
        self, engine: Engine, executor: Executor, encode: Encode, log: Log | None = None
    ) -> None:
        """Start nothing.

        Args:
            engine: the engine of the runs.
            executor: threads that read runs.
            encode: the wire form of a change.
            log: gets the errors; default: the logger ``prismq_nb``.
        """
        self.log = ChangeLog(encode)
        self.looks = 0
        self.on_read: Callable[[RunInfo], None] = lambda _: None
        self._engine = engine
        self._executor = executor
        self._errors = ErrorLog(log)
        self._notifier = Notifier()
        self._followers: set[WakeEvent] = set()
        self._armed: set[WakeEvent] = set()
        self._active: dict[str, ActiveRun] = {}
        self._unread: set[str] = set()
        self._names: Watch | None = None
        self._names_due_s = self._all_due_s = 0.0
        self._looked_s = float("-inf")
        self._notification_works = True
        self._planned_s = self._ended_s = float("-inf")
        self._poke: WakeEvent | None = None
        self._is_wanted = False
        self._task: asyncio.Task[None] | None = None
        self._ready: asyncio.Future[None] | None = None
        self._lingering: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def follow(self, wake: WakeEvent) -> AsyncIterator[ChangeLog]:
        """Wake a follower after each change, for as long as the ``async with`` block lasts.

        When it begins, the log has every change up to now.

        Raises:
            DataDirectoryUnusable: the data directory cannot be read.
        """
        self._followers.add(wake)
        self._armed.add(wake)
        wake.attach(self)
        try:
            await self._start()
            yield self.log
        finally:
            wake.detach(self)
            self._followers.discard(wake)
            self._armed.discard(wake)
            if not self._followers and self._is_wanted and self._lingering is None:
                loop = asyncio.get_running_loop()
                self._lingering = loop.call_later(LINGER_SECONDS, self._stop, context=NO_REQUEST)

    def arm(self, wake: WakeEvent) -> None:
        """Wake a follower at the next change, once."""
        if wake in self._followers:
            self._armed.add(wake)

    async def close(self) -> None:
        """Wake all followers, so that they leave, and stop."""
        if self._lingering is not None:
            self._lingering.cancel()
        self._stop()
        for wake in self._followers:
            wake.set()
        if self._task is not None:
            await self._task

    async def _start(self) -> None:
        """Wait until the first look is done."""
        if self._lingering is not None:
            self._lingering.cancel()
            self._lingering = None
        self._is_wanted = True
        if self._task is None:
            loop = asyncio.get_running_loop()
            self._ready = loop.create_future()
            observe = self._observe(self._ready)
            self._task = loop.create_task(observe, context=NO_REQUEST.copy())
        assert self._ready is not None
        await asyncio.shield(self._ready)

    def _stop(self) -> None:
        """End the task after its present step, so that no change given to it is lost."""
        self._lingering = None
        self._is_wanted = False
        self._wake_up(float("-inf"))

    async def _observe(self, ready: asyncio.Future[None]) -> None:
        """Look for changes until `_stop`."""
        clock = asyncio.get_running_loop().time
        self._poke = WakeEvent()
        try:
            await self._begin(asyncio.get_running_loop())
            ready.set_result(None)
        except Exception as error:  # noqa: BLE001 - the followers get it
            ready.set_exception(error)
            ready.exception()  # they may have left
        else:
            while self._is_wanted:
                self._planned_s = self._next_s()
                if not await self._poke.wait(max(0.0, self._planned_s - clock())):
                    await self._guarded_look()
        self._task = None
        self._release()

    async def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """Collect changes from now on, and read what may have changed since the last time."""

        def on_change() -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(self._on_names)

        await self._call(self._engine.follow_list, on_change)
        self._names = self._notifier.watch_runs(self._engine.runs_dir, lambda _: self._on_names())
        self._names_due_s = self._all_due_s = float("-inf")
        await self._look()

    def _release(self) -> None:
        for each in self._active.values():
            each.watch.close()
        if self._names is not None:
            self._names.close()
        self._active.clear()
        self._engine.unfollow_list()

    def _on_names(self) -> None:
        """Ask the index soon: a run appeared or vanished, or this process changed one."""
        now_s = asyncio.get_running_loop().time()
        due_s = max(now_s, self._looked_s + NAMES_SECONDS)
        if due_s < self._names_due_s:
            self._names_due_s = due_s
            self._wake_up(due_s)

    def _on_run(self, run_id: str, change: Change) -> None:
        if (active := self._active.get(run_id)) is not None:
            now_s = asyncio.get_running_loop().time()
            active.changed(now_s, closed=bool(change & Change.WRITER))
            self._wake_up(max(active.due_s, self._next_read_s))

    def _wake_up(self, due_s: float) -> None:
        """Plan the next look again, if it is later than this."""
        if self._poke is not None and due_s < self._planned_s:
            self._planned_s = due_s
            self._poke.set()

    def _next_s(self) -> float:
        """Return when the next look is due."""
        runs_s = min((each.due_s for each in self._active.values()), default=float("inf"))
        return min(self._names_due_s, self._all_due_s, max(runs_s, self._next_read_s))

    @property
    def _next_read_s(self) -> float:
        """When active runs may be read again: less often if they are many."""
        return self._ended_s + READ_SECONDS * len(self._active)

    async def _guarded_look(self) -> None:
        """Look for changes; after an error, look at everything again a little later."""
        is_done = False
        with self._errors.guard("list of runs"):
            await self._look()
            is_done = True
        if not is_done:
            self._names_due_s = self._all_due_s = asyncio.get_running_loop().time() + POLL_SECONDS

    async def _look(self) -> None:
        """Read what is due, and report what has changed."""
        clock = asyncio.get_running_loop().time
        now_s = clock()
        is_all = now_s >= self._all_due_s
        if is_all or now_s >= self._names_due_s:
            self._notification_works = not self._engine.is_network
            self._names_due_s, self._looked_s = float("inf"), now_s
            if self._names is not None:
                self._arm(self._names)
            self.looks += 1
            touched, active = await self._call(self._engine.list_changes)
            self._unread |= touched
            if is_all:
                self._unread |= active | self._active.keys()
        self._unread |= {run_id for run_id, each in self._active.items() if now_s >= each.due_s}
        unread = sorted(self._unread)
        for at in range(0, len(unread), READ_AT_ONCE):
            if not self._is_wanted:
                return  # the next follower has them read
            some = unread[at : at + READ_AT_ONCE]
            for run_id in some:
                if (each := self._active.get(run_id)) is not None:
                    self._arm(each.watch)
            shown = await self._call(self._engine.shown, some)
            for run_id, run in zip(some, shown, strict=True):
                self._take(run_id, run, clock())
            self._unread.difference_update(some)
        self._ended_s = clock()
        if is_all:
            seconds = QUIET_SECONDS if self._notification_works else POLL_SECONDS
            self._all_due_s = self._ended_s + seconds

    def _arm(self, watch: Watch) -> None:
        if self._notification_works and not watch.arm():
            self._notification_works = False
            self._all_due_s = min(self._all_due_s, asyncio.get_running_loop().time() + POLL_SECONDS)

    def _take(self, run_id: str, run: RunInfo | None, now_s: float) -> None:
        """Report a run that was read, if it has changed."""
        if run is not None:
            self.on_read(run)
        active = self._active.get(run_id)
        if run is None or is_final(run):
            if active is not None:
                active.watch.close()
                del self._active[run_id]
            self._report(run_id, run)
            return
        if active is None:
            on_change = partial(self._on_run, run_id)
            watch = self._notifier.watch_state(self._engine.run_dir(run_id), on_change)
            self._active[run_id] = active = ActiveRun(watch)
            self._arm(watch)
            active.changed(now_s, closed=False)  # perhaps before it was watched
        if active.read(run, now_s):
            self._report(run_id, run)

    def _report(self, run_id: str, run: RunInfo | None) -> None:
        if self.log.add(run_id, run):
            armed, self._armed = self._armed, set()
            for wake in armed:
                wake.set()

    async def _call(self, work: Callable[..., T], *args: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work, *args)
