"""Report active runs to Jupyter as activity, so an idle server is not shut down while they run.

A run may hang, so it counts for a limited time. Others who need the active runs now and then are
called from here.
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
    from prismq_nb.common.models import RunInfo
    from prismq_nb.engine.engine import Engine

INTERVAL_SECONDS = 30.0
"""Time between two checks; Jupyter checks once a minute whether it is idle."""
_NAME = "prismq_nb"


class Activity:
    """Tells Jupyter regularly whether runs are active."""

    def __init__(
        self,
        engine: Engine,
        executor: Executor,
        times: MutableMapping[str, datetime],
        hours: float,
        seen: Callable[[list[RunInfo]], None] = lambda _: None,
    ) -> None:
        """Start nothing.

        Args:
            engine: the engine of the runs.
            executor: runs the checks.
            times: Jupyter's times of the last activity, by source.
            hours: how long after its start a run counts; 0: not at all.
            seen: called with the active runs at each check, in a thread of `executor`.
        """
        self._engine = engine
        self._executor = executor
        self._times = times
        self._hours = hours
        self._seen = seen
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Check now, and then every `INTERVAL_SECONDS` until `stop`."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    def stop(self) -> None:
        """Stop checking."""
        if self._task:
            self._task.cancel()

    async def _run(self) -> None:
        while True:
            if await asyncio.get_running_loop().run_in_executor(self._executor, self._active):
                self._times[_NAME] = datetime.now(UTC)
            await asyncio.sleep(INTERVAL_SECONDS)

    def _active(self) -> bool:
        try:
            runs = [run for run in self._engine.active() if run.status != QUEUED]
        except PrismqError:  # the data directory is lost: no run is known
            return False
        self._seen(runs)
        now, most = datetime.now(UTC), timedelta(hours=self._hours)
        return any(now - _start(run) < most for run in runs)


def _start(run: RunInfo) -> datetime:
    return datetime.fromisoformat(run.started_at or run.created_at)
