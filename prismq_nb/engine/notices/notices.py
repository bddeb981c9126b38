"""`Notices`: sends a notice when a run ends whose launch wants one, once, also without a browser.

A task looks into the index, every 2 s while such a run is active, else every 30 s: for runs that
another process launched. Runs that end within seconds of each other are gathered. Then each notice
is claimed on disk (`notice_state`), sent by `sending`, up to three times within ten minutes, and
its result is written. So of several servers on one data directory one sends, a server that is
killed sends nothing twice, and a run that ended without a server is caught up with.

Belongs to one event loop; knows no HTTP.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from prismq_nb.common.base.quantities import counted
from prismq_nb.engine.files import notice_state
from prismq_nb.engine.files.error_log import LOGGER, ErrorLog, Log
from prismq_nb.engine.notices.message import Message, of_run, of_runs
from prismq_nb.engine.notices.sending import Outcome, send
from prismq_nb.errors import PrismqError

if TYPE_CHECKING:
    from prismq_nb.engine.engine import Engine
    from prismq_nb.engine.run_notices import DueNotices, Notice, Recipient

T = TypeVar("T")

MAX_SINGLE = 3
"""Most runs that end together for which a target gets a notice each; more are one notice."""
MAX_PROCESSES = 2
"""Most processes that send at once; each needs half a second of a core to load apprise."""
STOP_SECONDS = 2.0
"""How long a server that stops waits for notices that are being sent."""


class Pace(NamedTuple):
    """When to look and to try, in seconds.

    Attributes:
        idle: between two looks while no run that wants a notice is active; `active`: while one is.
        settle: after this time without another end, what has ended is sent.
        gather: it is sent after this time whatever else ends.
        again: pauses before another attempt.
    """

    idle: float = 30.0
    active: float = 2.0
    settle: float = 2.0
    gather: float = 15.0
    again: Sequence[float] = (60.0, 240.0)


class Notices:
    """The notices of one server."""

    def __init__(
        self,
        engine: Engine,
        executor: Executor,
        page: Callable[[str | None], str | None] = lambda _: None,
        log: Log | None = None,
        pace: Pace | None = None,
    ) -> None:
        """Start nothing.

        Args:
            engine: the engine of the runs.
            executor: threads that read and write files.
            page: returns the public address of the page of a run, or of all runs (None), if it is
                known. It has no token.
            log: gets what could not be sent; default: the logger ``prismq_nb``.
            pace: when to look and to try.
        """
        self._engine = engine
        self._executor = executor
        self._page = page
        self._log = log or LOGGER
        self._errors = ErrorLog(log)
        self._pace = pace or Pace()
        self._gathering = _Gathering()
        self._wake: asyncio.Event | None = None
        self._task: asyncio.Task[None] | None = None
        self._claiming: asyncio.Task[None] | None = None
        self._deliveries: set[asyncio.Task[None]] = set()
        self._attempting: set[asyncio.Task[Outcome]] = set()
        self._sending: set[asyncio.Task[Outcome]] = set()
        self._processes = asyncio.Semaphore(MAX_PROCESSES)

    def start(self) -> None:
        """Send what is due now, and what will be, until `stop`."""
        self._wake = asyncio.Event()
        self._task = asyncio.get_running_loop().create_task(self._run())

    def wake(self) -> None:
        """Look now: a run was launched that wants a notice."""
        if self._wake is not None:
            self._wake.set()

    async def stop(self) -> None:
        """Claim no more, and write the results of what was claimed.

        What is being sent has `STOP_SECONDS` to end, and what failed is not tried again.
        """
        if self._task is None:
            return
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        if self._claiming is not None:
            await asyncio.wait({self._claiming})
        if self._sending:
            await asyncio.wait(self._sending, timeout=STOP_SECONDS)
        for attempts in self._attempting:
            attempts.cancel()
        if self._deliveries:
            await asyncio.wait(self._deliveries)

    async def _run(self) -> None:
        assert self._wake is not None
        while True:
            seconds = self._pace.idle
            with self._errors.guard("notices"), contextlib.suppress(PrismqError):
                seconds = await self._look()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), seconds)
            self._wake.clear()

    async def _look(self) -> float:
        """Send what is due, and return the seconds until the next look."""
        due: DueNotices = await self._call(self._engine.due_notices)
        if due.run_ids:
            if seconds := self._gathering.wait(due.run_ids, self._pace):
                return seconds
            self._gathering = _Gathering()
            # Cancelled in the middle, it would leave claims that nobody settles.
            self._claiming = asyncio.get_running_loop().create_task(self._send(due.run_ids))
            await asyncio.shield(self._claiming)
        return self._pace.active if due.active else self._pace.idle

    async def _send(self, run_ids: Sequence[str]) -> None:
        """Claim notices, and begin to send those that nobody else has claimed."""
        by_recipient: dict[Recipient, list[_Progress]] = {}
        for notice in await self._call(self._claim, run_ids):
            progress = _Progress(notice)
            for recipient in notice.recipients:
                by_recipient.setdefault(recipient, []).append(progress)
            await self._finish_if_complete(progress)
        for recipient, several in by_recipient.items():
            if len(several) > MAX_SINGLE:
                runs = [progress.notice.run for progress in several]
                self._begin(recipient, of_runs(runs, self._page(None)), several)
                continue
            for progress in several:
                run = progress.notice.run
                message = of_run(run, self._page(run.run_id), progress.notice.lines)
                self._begin(recipient, message, [progress])

    def _claim(self, run_ids: Sequence[str]) -> list[Notice]:
        """Claim notices; one that cannot be claimed, as on a full disk, is tried at the next look.

        Runs in a thread.
        """
        claimed: list[Notice] = []
        for run_id in run_ids:
            with self._errors.guard(f"the notice of {run_id}"):
                if (notice := self._engine.claim_notice(run_id)) is not None:
                    claimed.append(notice)
        return claimed

    def _begin(self, recipient: Recipient, message: Message, several: list[_Progress]) -> None:
        delivery = self._deliver(recipient, message, several)
        task = asyncio.get_running_loop().create_task(delivery)
        self._deliveries.add(task)
        task.add_done_callback(self._deliveries.discard)

    async def _deliver(
        self, recipient: Recipient, message: Message, several: list[_Progress]
    ) -> None:
        """Send one notice, which is about one run or several, and write what became of it."""
        attempts = asyncio.get_running_loop().create_task(
            self._attempts(recipient.address, message)
        )
        self._attempting.add(attempts)
        attempts.add_done_callback(self._attempting.discard)
        try:
            outcome = await attempts
        except asyncio.CancelledError:  # by `stop`, which waits for the result to be written
            outcome = Outcome("the server ended before it could be sent")
        for progress in several:
            progress.waiting -= 1
            progress.is_unknown |= outcome.is_unknown
            if outcome.problem is not None:
                progress.problems.append(f"{recipient.label}: {outcome.problem}")
            await self._finish_if_complete(progress)

    async def _attempts(self, address: str, message: Message) -> Outcome:
        """Send a notice, up to three times."""
        outcome = Outcome(again=True)
        pauses = (0.0, *self._pace.again)
        for pause in pauses:
            await asyncio.sleep(pause)
            async with self._processes:
                outcome = await self._attempt(address, message)
            if not outcome.again:
                return outcome
        return Outcome(f"{outcome.problem} ({counted(len(pauses), 'attempt')})")

    async def _attempt(self, address: str, message: Message) -> Outcome:
        sending = asyncio.get_running_loop().create_task(send(address, message))
        self._sending.add(sending)
        sending.add_done_callback(self._sending.discard)
        try:
            return await sending
        except asyncio.CancelledError:  # by `stop`; the process was killed
            return Outcome("the server ended while it was sent", is_unknown=True)

    async def _finish_if_complete(self, progress: _Progress) -> None:
        if progress.waiting:
            return
        run_id, problem = progress.notice.run.run_id, "; ".join(progress.problems) or None
        if problem is not None:
            text = "prismq_nb: the result of the notice of %s is %r: %s"
            self._log.warning(text, run_id, progress.result, problem)
        with self._errors.guard(f"the notice of {run_id}"):
            await self._call(self._engine.finish_notice, run_id, progress.result, problem)

    async def _call(self, work: Callable[..., T], *args: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work, *args)


class _Gathering:
    """Runs that have ended and whose notices wait for others."""

    def __init__(self) -> None:
        self._known: frozenset[str] = frozenset()
        self._began_s = self._last_s = 0.0

    def wait(self, run_ids: Sequence[str], pace: Pace) -> float:
        """Return how many seconds to wait for others; 0: send them."""
        now_s = asyncio.get_running_loop().time()
        if not self._known:
            self._began_s = now_s
        if not self._known.issuperset(run_ids):
            self._known = frozenset(run_ids)
            self._last_s = now_s
        due_s = min(self._last_s + pace.settle, self._began_s + pace.gather)
        return min(max(0.0, due_s - now_s), pace.settle / 4)


class _Progress:
    """What became of a claimed notice so far.

    Attributes:
        waiting: number of recipients whose result is open.
        problems: why others did not get it.
        is_unknown: one of them may have got it.
    """

    def __init__(self, notice: Notice) -> None:
        self.notice = notice
        self.waiting = len(notice.recipients)
        self.problems = list(notice.problems)
        self.is_unknown = False

    @property
    def result(self) -> str:
        """The result, once nobody is waited for."""
        if self.is_unknown:
            return notice_state.UNKNOWN
        return notice_state.FAILED if self.problems else notice_state.SENT
