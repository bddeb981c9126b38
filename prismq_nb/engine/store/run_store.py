"""The run directories of one data directory: create, find and remove them.

A run's directory is all that is known of it, so a restarted server knows everything at once.
Nothing here waits: `RepairQueue` repairs dead runs. Starts no process; knows no HTTP.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any

from prismq_nb.capture import run_directory
from prismq_nb.capture.run_directory import MAX_LAUNCH_BYTES, NEW_PREFIX
from prismq_nb.engine.files.data_directory import make_ready, refusal
from prismq_nb.engine.files.error_log import Log
from prismq_nb.engine.files.removal import remove
from prismq_nb.engine.files.run_directory import RUN_ID, RunFiles
from prismq_nb.engine.health.repair_queue import RepairQueue
from prismq_nb.engine.store.followed_index import FollowedIndex
from prismq_nb.errors import InvalidRequest, RunNotFound

GONE_PREFIX = ".gone-"
"""Prefix of directories that are being removed."""
_KNOWN_RUNS = 512
"""Maximum number of run directories whose files are cached; the least recently used go first."""


class RunStore:
    """All run directories in ``<data_dir>/runs``. Thread-safe."""

    def __init__(self, data_dir: Path, log: Log | None = None) -> None:
        """Touch nothing yet; `ready` does."""
        self._data_dir = data_dir
        self.runs_dir = data_dir / "runs"
        self._known: OrderedDict[str, RunFiles] = OrderedDict()
        self._lock = threading.Lock()
        self.repairs = RepairQueue(log, lambda files: self.index.changed(files.run_id))
        self.index = FollowedIndex(self.runs_dir, self.load, self.repairs.schedule)

    def ready(self) -> None:
        """Create the directories, mode 0700, if they are missing. Takes two system calls if not.

        Raises:
            DataDirectoryUnusable: they cannot be created or read.
            StorageFull: the disk is full.
        """
        make_ready(self._data_dir)

    def close(self) -> None:
        """Stop the threads, and wait for repairs that are under way."""
        self.index.close()
        self.repairs.close()

    def create(self, slug: str, launch: dict[str, Any]) -> tuple[RunFiles, int]:
        """Create a locked run directory with ``launch.json`` under a temporary name, and rename it.

        Returns:
            The run and the descriptor of its lock. The caller closes it after the supervisor got a
                copy.

        Raises:
            StorageFull: the disk is full.
            DataDirectoryUnusable: the data directory cannot be written.
            LaunchFailed: it cannot be created for another reason.
            InvalidRequest: the launch is too long to be stored.
        """
        self.ready()
        try:
            created = run_directory.create(str(self.runs_dir), slug, launch)
        except run_directory.TooLarge:
            long = f"code, args and parameters exceed {MAX_LAUNCH_BYTES >> 20} MiB together"
            raise InvalidRequest(
                f"{long}: put long values into a file and pass its path", parameter="parameters"
            ) from None
        except OSError as error:
            raise refusal(self._data_dir, error) from error
        self.index.changed(created.run_id)
        return self._remember(RunFiles(Path(created.path))), created.lock_fd

    def remove(self, files: RunFiles) -> None:
        """Rename the directory, so that nobody sees half a run, then delete it.

        If it is a symbolic link, only the link is removed.

        Raises:
            OSError: it cannot be renamed. What cannot be deleted after that is left to
                housekeeping.
        """
        trash = self.runs_dir / f"{GONE_PREFIX}{secrets.token_hex(8)}"
        with self._lock:
            self._known.pop(files.run_id, None)
        try:
            files.path.rename(trash)
        except FileNotFoundError:
            return
        finally:
            self.index.changed(files.run_id)
        with contextlib.suppress(OSError):
            remove(trash)

    def find(self, run_id: str) -> RunFiles:
        """Return a run, and start its repair if it needs one (`repairs.pending`).

        Raises:
            RunNotFound: no run has that id, or it is not an id.
            DataDirectoryUnusable: the data directory cannot be read.
        """
        files = self.load(run_id) if RUN_ID.match(run_id) else None
        if files is None:
            self.ready()
            raise RunNotFound(f"there is no run {run_id[:100]!r}: list the runs to see their ids")
        self.repairs.schedule(files)
        return files

    def leftovers(self) -> list[Path]:
        """Return the directories that are being created or removed."""
        try:
            names = os.listdir(self.runs_dir)
        except FileNotFoundError:
            return []  # it is created with the first run
        return [
            self.runs_dir / name for name in names if name.startswith((NEW_PREFIX, GONE_PREFIX))
        ]

    def is_known(self, run_id: str) -> bool:
        """Return whether the run's files are cached, so that `find` takes under a millisecond."""
        return run_id in self._known

    def load(self, run_id: str) -> RunFiles | None:
        """Return the files of a run, cached; None: no run has that id."""
        path = self.runs_dir / run_id
        if not os.path.lexists(path):
            with self._lock:
                self._known.pop(run_id, None)
            return None
        with self._lock:
            if (files := self._known.get(run_id)) is not None:
                self._known.move_to_end(run_id)
        return files or self._remember(RunFiles(path))

    def _remember(self, files: RunFiles) -> RunFiles:
        """Cache a run's files, and drop the least recently used ones."""
        with self._lock:
            known = self._known.setdefault(files.run_id, files)
            while len(self._known) > _KNOWN_RUNS:
                self._known.popitem(last=False)
        return known
