"""The run directories of one data directory: making them, finding them, removing them.

What a run is stands in its directory and nowhere else, so a server that comes back knows everything
at once. Nothing here waits: dead runs are repaired by `Repairs`. Starts no process; knows no HTTP.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import threading
import time
from collections import OrderedDict
from pathlib import Path
from typing import Any

from prismq_nb.capture.processes.identity import directory_identity
from prismq_nb.common.base import state
from prismq_nb.engine.files.data_directory import make_ready, refusal
from prismq_nb.engine.files.lenient import MAX_LAUNCH_BYTES
from prismq_nb.engine.files.removal import remove
from prismq_nb.engine.files.run_directory import RUN_ID, RunFiles
from prismq_nb.engine.files.trouble import Log
from prismq_nb.engine.health.repairs import Repairs
from prismq_nb.engine.store.index import RunIndex
from prismq_nb.errors import InvalidRequest, RunNotFound
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.layout import lock

NEW, GONE = ".new-", ".gone-"
"""How the names of directories begin that are not runs yet, or not any more."""
_KNOWN_RUNS = 512
"""Run directories that are remembered with all that is in their files, those asked for last."""


class RunStore:
    """All run directories below ``<data_dir>/runs``. Thread-safe."""

    def __init__(self, data_dir: Path, log: Log | None = None) -> None:
        """Touch nothing yet: `ready` does."""
        self._data_dir = data_dir
        self.runs_dir = data_dir / "runs"
        self._known: OrderedDict[str, RunFiles] = OrderedDict()
        self._lock = threading.Lock()
        self.repairs = Repairs(log, lambda files: self.index.changed(files.run_id))
        self.index = RunIndex(self.runs_dir, self.load, self.repairs.see_to)

    def ready(self) -> None:
        """Make the directories, mode 0700, where they are missing. Costs two system calls if not.

        Raises:
            DataDirectoryUnusable: that is not possible, or they cannot be read.
            StorageFull: the disk is full.
        """
        make_ready(self._data_dir)

    def close(self) -> None:
        """Wait for repairs that are under way."""
        self.index.close()
        self.repairs.close()

    def create(self, slug: str, launch: dict[str, Any]) -> tuple[RunFiles, int]:
        """Makes a run directory under a temporary name, locked and with its ``launch.json``, and puts it in place.

        Returns:
            The run and its lock's descriptor, which the caller closes after the supervisor has its copy.

        Raises:
            StorageFull: the disk takes no directory more.
            DataDirectoryUnusable: there is no place for any.
            LaunchFailed: there is another reason why it cannot be made.
            InvalidRequest: what is to be launched is too long to be kept.
        """
        self.ready()
        created = state.now()
        temporary = self.runs_dir / f"{NEW}{secrets.token_hex(8)}"
        lock_fd = None
        try:
            temporary.mkdir(mode=0o700)
            lock_fd = lock.acquire(temporary)
            assert lock_fd is not None  # nobody else knows its name
            launch = launch | {"created": created, "directory": directory_identity(temporary)}
            path = self._place(temporary, slug, launch)
        except (OSError, InvalidRequest) as error:
            if lock_fd is not None:
                os.close(lock_fd)
            _remove_young(temporary)
            if isinstance(error, InvalidRequest):
                raise
            raise refusal(self._data_dir, error) from error
        self.index.changed(path.name)
        return self._remember(RunFiles(path)), lock_fd

    def _place(self, temporary: Path, slug: str, launch: dict[str, Any]) -> Path:
        while True:
            run_id = f"run_{time.strftime('%Y%m%d_%H%M%S', time.gmtime(launch['created'] // state.MICROSECONDS))}_{slug}_{secrets.token_hex(3)}"
            state.write_json(temporary / fmt.LAUNCH, launch | {"run_id": run_id})
            if (temporary / fmt.LAUNCH).stat().st_size > MAX_LAUNCH_BYTES:
                long = f"code, args and parameters exceed {MAX_LAUNCH_BYTES >> 20} MiB together"
                raise InvalidRequest(f"{long}: put long values into a file and pass its path")
            path = self.runs_dir / run_id
            if not path.exists():
                temporary.rename(path)
                return path

    def remove(self, files: RunFiles) -> None:
        """Rename the directory away, so that nobody sees half a run, then delete it.

        Of a run directory that is a symbolic link only the link is removed.

        Raises:
            OSError: it cannot be renamed. What cannot be deleted after that is left to housekeeping.
        """
        grave = self.runs_dir / f"{GONE}{secrets.token_hex(8)}"
        with self._lock:
            self._known.pop(files.run_id, None)
        try:
            files.path.rename(grave)
        except FileNotFoundError:
            return
        finally:
            self.index.changed(files.run_id)
        with contextlib.suppress(OSError):
            remove(grave)

    def find(self, run_id: str) -> RunFiles:
        """The run with that id; its repair is begun where it needs one (`repairs.pending`).

        Raises:
            RunNotFound: no run has that id, or it is no id at all.
            DataDirectoryUnusable: that cannot be found out.
        """
        files = self.load(run_id) if RUN_ID.match(run_id) else None
        if files is None:
            self.ready()
            raise RunNotFound(f"there is no run {run_id[:100]!r}: list the runs to see which there are")
        self.repairs.see_to(files)
        return files

    def leftovers(self) -> list[Path]:
        """What is no run: under way to be one, or to be gone."""
        try:
            names = os.listdir(self.runs_dir)
        except FileNotFoundError:
            return []  # it is made with the first run
        return [self.runs_dir / name for name in names if name.startswith((NEW, GONE))]

    def is_known(self, run_id: str) -> bool:
        """Whether the run's files were read before, so that `find` takes well under a millisecond."""
        return run_id in self._known

    def load(self, run_id: str) -> RunFiles | None:
        """The files of a run, which are remembered; None if there is none of that id."""
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
        """Keep a run's files at hand, and forget those that nobody has asked for the longest."""
        with self._lock:
            known = self._known.setdefault(files.run_id, files)
            while len(self._known) > _KNOWN_RUNS:
                self._known.popitem(last=False)
        return known


def _remove_young(path: Path) -> None:
    """Deletes a directory that did not become a run; without a descriptor, as there may be none left, which is why it did not."""
    with contextlib.suppress(OSError):
        (path / fmt.LOCK).unlink(missing_ok=True)
        (path / fmt.LAUNCH).unlink(missing_ok=True)
        path.rmdir()
    shutil.rmtree(path, ignore_errors=True)
