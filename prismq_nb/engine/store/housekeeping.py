"""The keeper: the one engine of a data directory that cleans up in it. A thread that wakes once a minute, and does nothing unless it holds the lock.

It purges what `retention` names, removes what a killed engine left half made or half deleted, and looks at every run that has not ended, so that
a dead supervisor is seen to though nobody asks. Blocking work, so never on an event loop. Which runs go is decided in `retention.py`.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from typing import TYPE_CHECKING

from prismq_nb.common.base import state
from prismq_nb.engine.files.removal import remove
from prismq_nb.engine.files.run_directory import last_read
from prismq_nb.engine.files.trouble import Log, TroubleLog
from prismq_nb.engine.store.adopted import Adopted
from prismq_nb.engine.store.retention import Kept, Retention, surplus
from prismq_nb.engine.store.run_store import GONE
from prismq_nb.journal.layout import lock

if TYPE_CHECKING:
    from pathlib import Path

    from prismq_nb.engine.store.index import Entry
    from prismq_nb.engine.store.run_store import RunStore

LOOK_SECONDS = 60.0
_LOCK = "keeper.lock"
_MEASURED_AT_ONCE, _PAUSE_SECONDS = 50, 0.01
"""Directories that are measured before others may use the processor."""
_HALF_MADE_SECONDS = 3600.0
"""A directory under a temporary name that is older than this belongs to an engine that was killed while it made it."""


class Keeper:
    """Keeps one data directory tidy, from `start` to `close`."""

    def __init__(self, data_dir: Path, store: RunStore, limits: Retention, log: Log | None = None) -> None:
        """Do nothing yet; `log` hears of what goes wrong."""
        self._path = data_dir / _LOCK
        self._store = store
        self._limits = limits
        self._fd: int | None = None
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="prismq-keeper", daemon=True)
        self._sizes: dict[str, int] = {}
        self._adopted = Adopted(store.runs_dir)
        self._log = TroubleLog(log)

    def start(self) -> None:
        """Begins, with a first look at once."""
        self._thread.start()

    def close(self) -> None:
        """Ends after what it is doing, and lets another engine be the keeper."""
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join()
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def look(self) -> list[str]:
        """One round. Returns the ids of the runs that were purged; none where another engine is the keeper."""
        if self._fd is None:
            self._fd = lock.acquire_file(self._path)
            if self._fd is None:
                return []
        self._sweep()
        entries = self._store.index.entries()
        runs = {entry.run_id for entry in entries}
        self._sizes = {run_id: size for run_id, size in self._sizes.items() if run_id in runs}
        going = surplus(map(self._kept, entries), self._limits, state.now())
        gone: list[str] = []
        for run_id in going:
            if self._wake.is_set():
                break
            with self._log.about(run_id):
                files = self._store.load(run_id)
                if files is not None and not files.pinned:  # another process may just have pinned it
                    self._store.remove(files)
                    gone.append(run_id)
        return gone

    def _run(self) -> None:
        while not self._wake.is_set():
            with self._log.about("housekeeping"):
                self._adopted.reap()
                self.look()
            self._wake.wait(LOOK_SECONDS)

    def _kept(self, entry: Entry) -> Kept:
        path = f"{self._store.runs_dir}/{entry.run_id}"
        size = self._sizes.get(entry.run_id)
        if size is None and self._limits.bytes:
            size = _disk_bytes(path)
            if entry.ended is not None:
                self._sizes[entry.run_id] = size
            if len(self._sizes) % _MEASURED_AT_ONCE == 0:
                self._wake.wait(_PAUSE_SECONDS)  # after a start there may be ten thousand
        return Kept(entry.run_id, entry.ended, size or 0, entry.pinned, last_read(path))

    def _sweep(self) -> None:
        """Removes what is no run: half deleted, or half made by an engine that was killed an hour ago."""
        for path in self._store.leftovers():
            with self._log.about(path.name):
                if path.name.startswith(GONE) or time.time() - path.lstat().st_mtime > _HALF_MADE_SECONDS:
                    remove(path)


def _disk_bytes(path: str) -> int:
    """What a directory takes on disk; what vanishes meanwhile, or is too deep, takes nothing."""
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
