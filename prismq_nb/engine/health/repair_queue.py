"""Run repairs in threads: a few at a time, each run once, without holding up any question.

A question about a dead run gets its old state immediately and may wait for the repair, on an event
loop or in a thread. `repair.py` decides when a repair is needed and does it.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

from prismq_nb.engine.files.error_log import ErrorLog, Log
from prismq_nb.engine.files.run_directory import RunFiles
from prismq_nb.engine.health import repair

WORKERS = 4
"""Concurrent repairs. Each reads an index, and after a reboot a log: more are not faster."""
WAIT_SECONDS = 5.0
"""Longest wait of a question about a dead run for its repair."""


class RepairQueue:
    """The repairs of one engine. Thread-safe."""

    def __init__(self, log: Log | None, done: Callable[[RunFiles], None]) -> None:
        """Start nothing. `log` gets the errors of repairs; `done` is called after each attempt."""
        self._done = done
        self._pending: dict[str, Future[None]] = {}
        self._lock = threading.Lock()
        self._executor = ThreadPoolExecutor(WORKERS, thread_name_prefix="prismq-repair")
        self._log = ErrorLog(log)

    def close(self) -> None:
        """Wait for the repairs that are under way; leave the queued ones to the next engine."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    def schedule(self, files: RunFiles) -> None:
        """Queue the repair of a run that may need one. Takes a few system calls; never waits."""
        if files.run_id in self._pending or not repair.may_need_repair(files):
            return
        with (
            self._lock,
            contextlib.suppress(RuntimeError),
        ):  # this engine is closing; the next one will do it
            if files.run_id not in self._pending:
                future = self._executor.submit(self._repair, files)
                self._pending[files.run_id] = future
                future.add_done_callback(lambda _: self._pending.pop(files.run_id, None))

    def pending(self, run_id: str) -> Future[None] | None:
        """Return the repair of a run that is queued or under way; None: there is none."""
        return self._pending.get(run_id)

    def wait(self, run_id: str, seconds: float = WAIT_SECONDS) -> None:
        """Block until a run's repair is done, at most `seconds`. Not for event loops."""
        if (future := self._pending.get(run_id)) is not None:
            wait([future], seconds)

    def _repair(self, files: RunFiles) -> None:
        """Repair a run; the thread survives any error."""
        with self._log.guard(files.run_id):
            repair.repair(files)
        self._done(files)
