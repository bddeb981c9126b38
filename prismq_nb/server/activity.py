"""A run that goes on, or whose background processes can still print, counts as activity.

So an idle server is not shut down below it; with a limit, as a run may hang. Those who see the runs
that go on from time to time are told from here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, MutableMapping
from concurrent.futures import Executor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from prismq_nb.common.base.state import QUEUED
from prismq_nb.errors import PrismqError

if TYPE_CHECKING:
    from prismq_nb.common.models import Run
    from prismq_nb.engine.engine import Engine

LOOK_SECONDS = 30.0
"""Jupyter looks once a minute whether it is idle."""
_NAME = "prismq_nb"


class Activity:
    """Tells Jupyter from time to time that something runs."""

    def __init__(
        self,
        engine: Engine,
        executor: Executor,
        times: MutableMapping[str, datetime],
        hours: float,
        seen: Callable[[list[Run]], None] = lambda _: None,
    ) -> None:
        """Start nothing.

        Args:
            engine: whose runs.
            executor: where they are listed.
            times: Jupyter's times of the last activity, by who saw it.
            hours: how long from its start a run counts; 0: not at all.
            seen: called with the runs that go on at each look, in a thread of `executor`.
        """
        self._engine = engine
        self._executor = executor
        self._times = times
        self._hours = hours
        self._seen = seen
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Look now, and then every `LOOK_SECONDS`, until `stop`."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    def stop(self) -> None:
        """Looks no more."""
        if self._task:
            self._task.cancel()

    async def _run(self) -> None:
        while True:
            if await asyncio.get_running_loop().run_in_executor(self._executor, self._active):
                self._times[_NAME] = datetime.now(UTC)
            await asyncio.sleep(LOOK_SECONDS)

    def _active(self) -> bool:
        try:
            runs = [run for run in self._engine.active() if run.status != QUEUED]
        except PrismqError:  # the data directory is lost: nothing is known to run
            return False
        self._seen(runs)
        now, most = datetime.now(UTC), timedelta(hours=self._hours)
        return any(now - _start(run) < most for run in runs)


def _start(run: Run) -> datetime:
    return datetime.fromisoformat(run.started_at or run.created_at)
