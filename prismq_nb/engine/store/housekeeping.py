"""Housekeeping in a data directory, done by one of the engines that share it.

A thread wakes once a minute, and does nothing unless it holds the lock. It purges what `retention`
names, removes what a killed engine left half made or half deleted, and checks every run that has
not ended, so that a dead supervisor is noticed even if nobody asks. Blocking work, so never on an
event loop.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from typing import TYPE_CHECKING

from prismq_nb.common.base import state
from prismq_nb.engine.files.error_log import ErrorLog, Log
from prismq_nb.engine.files.removal import remove
from prismq_nb.engine.files.run_directory import last_read
from prismq_nb.engine.store.orphans import OrphanReaper
from prismq_nb.engine.store.retention import RetainedRun, Retention, runs_to_purge
from prismq_nb.engine.store.run_store import GONE_PREFIX
from prismq_nb.journal.layout import lock

if TYPE_CHECKING:
    from pathlib import Path

    from prismq_nb.engine.store.index_entry import IndexEntry
    from prismq_nb.engine.store.run_store import RunStore

INTERVAL_SECONDS = 60.0
_LOCK = "keeper.lock"
_MEASURED_AT_ONCE, _PAUSE_SECONDS = 50, 0.01
"""Directories that are measured between two pauses."""
_HALF_MADE_SECONDS = 3600.0
"""An older directory with a temporary name belongs to an engine that was killed meanwhile."""


class Housekeeper:
    """Cleans up one data directory, from `start` to `close`."""

    def __init__(
        self, data_dir: Path, store: RunStore, limits: Retention, log: Log | None = None
    ) -> None:
        """Do nothing yet; `log` gets the errors."""
        self._path = data_dir / _LOCK
        self._store = store
        self._limits = limits
        self._fd: int | None = None
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="prismq-housekeeper", daemon=True)
        self._sizes: dict[str, int] = {}
        self._adopted = OrphanReaper(store.runs_dir)
        self._log = ErrorLog(log)

    def start(self) -> None:
        """Start the thread; the first round begins immediately."""
        self._thread.start()

    def close(self) -> None:
        """Stop after the present step, and release the lock to other engines."""
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join()
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def run_once(self) -> list[str]:
        """Do one round.

        Returns:
            Ids of the purged runs; none if another engine does the housekeeping.
        """
        if self._fd is None:
            self._fd = lock.acquire_file(self._path)
            if self._fd is None:
                return []
        self._sweep()
        entries = self._store.index.entries()
        runs = {entry.run_id for entry in entries}
        self._sizes = {run_id: size for run_id, size in self._sizes.items() if run_id in runs}
        retained = map(self._retained, entries)
        going = runs_to_purge(retained, self._limits, state.now_us(), self._last_read)
        gone: list[str] = []
        for run_id in going:
            if self._wake.is_set():
                break
            with self._log.guard(run_id):
                files = self._store.load(run_id)
                # another process may have pinned it just now
                if files is not None and not files.pinned:
                    self._store.remove(files)
                    gone.append(run_id)
        return gone

    def _run(self) -> None:
        while not self._wake.is_set():
            with self._log.guard("housekeeping"):
                self._adopted.reap()
                self.run_once()
            self._wake.wait(INTERVAL_SECONDS)

    def _retained(self, entry: IndexEntry) -> RetainedRun:
        size = self._sizes.get(entry.run_id)
        if size is None and self._limits.bytes:
            size = _disk_bytes(self._path_of(entry.run_id))
            if entry.ended is not None:
                self._sizes[entry.run_id] = size
            if len(self._sizes) % _MEASURED_AT_ONCE == 0:
                self._wake.wait(_PAUSE_SECONDS)  # after a start there may be ten thousand
        return RetainedRun(entry.run_id, entry.ended, size or 0, entry.pinned)

    def _last_read(self, run_id: str) -> int:
        return last_read(self._path_of(run_id))

    def _path_of(self, run_id: str) -> str:
        return f"{self._store.runs_dir}/{run_id}"

    def _sweep(self) -> None:
        """Remove directories that are half deleted, or were half made more than an hour ago."""
        for path in self._store.leftovers():
            with self._log.guard(path.name):
                if (
                    path.name.startswith(GONE_PREFIX)
                    or time.time() - path.lstat().st_mtime > _HALF_MADE_SECONDS
                ):
                    remove(path)


def _disk_bytes(path: str) -> int:
    """Return the bytes of a directory on disk, without what vanishes meanwhile or is too deep."""
    total = 0
    folders = [path]
    while folders:
        with contextlib.suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:  # POSIX: st_blocks is in units of 512 bytes
                    total += entry.stat(follow_symlinks=False).st_blocks * 512
    return total
