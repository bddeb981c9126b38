"""Schedule repairs: in threads of their own, a few at a time, each run once; nobody is held up.

Whoever asks for a dead run has its old state at once and may wait for the repair, on an event loop
or in a thread. What a repair is, and when one is needed, is decided in `repair.py`.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

from prismq_nb.engine.files.run_directory import RunFiles
from prismq_nb.engine.files.trouble import Log, TroubleLog
from prismq_nb.engine.health import repair

WORKERS = 4
"""Repairs at one time. Each reads an index, and after a reboot a log: more are not faster."""
WAIT_SECONDS = 5.0
"""How long a question about a dead run waits for its repair before it is answered without."""


class Repairs:
    """The repairs of one engine. Thread-safe."""

    def __init__(self, log: Log | None, done: Callable[[RunFiles], None]) -> None:
        """Start nothing; `log` hears of repairs that fail, `done` of each that was tried."""
        self._done = done
        self._pending: dict[str, Future[None]] = {}
        self._lock = threading.Lock()
        self._executor = ThreadPoolExecutor(WORKERS, thread_name_prefix="prismq-repair")
        self._log = TroubleLog(log)

    def close(self) -> None:
        """Wait for the repairs that are under way; those that wait are left to the next engine."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    def see_to(self, files: RunFiles) -> None:
        """Begin the repair of a run that may need one. A few system calls; it never waits."""
        if files.run_id in self._pending or not repair.suspected(files):
            return
        with self._lock, contextlib.suppress(RuntimeError):  # this engine closes; the next one will
            if files.run_id not in self._pending:
                future = self._executor.submit(self._repair, files)
                self._pending[files.run_id] = future
                future.add_done_callback(lambda _: self._pending.pop(files.run_id, None))

    def pending(self, run_id: str) -> Future[None] | None:
        """The repair of a run that is under way or waits for its turn; None if there is none."""
        return self._pending.get(run_id)

    def wait(self, run_id: str, seconds: float = WAIT_SECONDS) -> None:
        """Wait in this thread for the repair of a run, at most so long. Not on an event loop."""
        if (future := self._pending.get(run_id)) is not None:
            wait([future], seconds)

    def _repair(self, files: RunFiles) -> None:
        """Repair a run; the thread survives whatever the run's files do to it."""
        with self._log.about(files.run_id):
            repair.repair(files)
        self._done(files)
