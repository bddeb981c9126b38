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

from prismq_nb.engine.files import last_read
from prismq_nb.engine.removal import remove
from prismq_nb.engine.retention import Kept, Retention, surplus
from prismq_nb.engine.store import GONE
from prismq_nb.engine.trouble import Log, TroubleLog
from prismq_nb.journal import lock, state

if TYPE_CHECKING:
    from pathlib import Path

    from prismq_nb.engine.files import RunFiles
    from prismq_nb.engine.store import RunStore

LOOK_SECONDS = 60.0
_LOCK = "keeper.lock"
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
        runs = {files.run_id: files for files in self._store.all()}
        self._sizes = {run_id: size for run_id, size in self._sizes.items() if run_id in runs}
        going = surplus((self._kept(files) for files in runs.values()), self._limits, state.now())
        for run_id in going:
            with self._log.about(run_id):
                self._store.remove(runs[run_id])
            if self._wake.is_set():
                break
        return going

    def _run(self) -> None:
        while not self._wake.is_set():
            with self._log.about("housekeeping"):
                self.look()
            self._wake.wait(LOOK_SECONDS)

    def _kept(self, files: RunFiles) -> Kept:
        ended = files.ended
        size = self._sizes.get(files.run_id)
        if size is None:
            size = _disk_bytes(files.path)
            if ended is not None:
                self._sizes[files.run_id] = size
        return Kept(files.run_id, ended, size, files.pinned, last_read(str(files.path)))

    def _sweep(self) -> None:
        """Removes what is no run: half deleted, or half made by an engine that was killed an hour ago."""
        for path in self._store.leftovers():
            with self._log.about(path.name):
                if path.name.startswith(GONE) or time.time() - path.lstat().st_mtime > _HALF_MADE_SECONDS:
                    remove(path)


def _disk_bytes(path: Path) -> int:
    """What a directory takes on disk; what vanishes meanwhile takes nothing."""
    total = 0
    for folder, _, names in os.walk(path):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(folder, name)).st_blocks * 512  # POSIX: st_blocks is in units of 512 bytes
    return total
