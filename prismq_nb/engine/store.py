"""The run directories of one data directory: making them, finding them, removing them.

What a run is stands in its directory and nowhere else, so a server that comes back knows everything at once. States are read again only when
``run.json`` has changed (one `stat`). Starts no process; knows no HTTP.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import errno
import os
import re
import secrets
import shutil
import threading
import time
from pathlib import Path
from typing import Any

from prismq_nb.engine import repair
from prismq_nb.engine.files import RunFiles
from prismq_nb.errors import LaunchFailed, RunNotFound, StorageFull
from prismq_nb.journal import format as fmt
from prismq_nb.journal import lock, state

RUN_ID = re.compile(r"run_\d{8}_\d{6}_[A-Za-z0-9_-]{1,40}_[0-9a-f]{6}\Z", re.ASCII)
_REPAIR_WAIT_SECONDS = 0.05
"""How long a question about a dead run waits for its repair; after that the answer is the old state, and the next one is right."""


def refusal(folder: Path, error: OSError) -> StorageFull | LaunchFailed:
    """What a launch raises when the operating system refuses a file or a pipe."""
    kind = StorageFull if error.errno in (errno.ENOSPC, errno.EDQUOT) else LaunchFailed
    return kind(f"no run can be started in {str(folder)!r}: {error}")


class RunStore:
    """All run directories below ``<data_dir>/runs``. Thread-safe."""

    def __init__(self, data_dir: Path) -> None:
        """Makes the directories, mode 0700. Raises OSError where that is not possible."""
        self.runs_dir = data_dir / "runs"
        for path in (data_dir, self.runs_dir):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._known: dict[str, RunFiles] = {}
        self._lock = threading.Lock()
        self._repairs: dict[str, concurrent.futures.Future[None]] = {}
        self._executor = concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix="prismq-repair")

    def close(self) -> None:
        """Waits for a repair that is under way."""
        self._executor.shutdown(wait=True)

    def create(self, slug: str, launch: dict[str, Any]) -> tuple[RunFiles, int]:
        """Makes a run directory under a temporary name, locked and with its ``launch.json``, and puts it in place.

        Returns:
            The run and its lock's descriptor, which the caller closes after the supervisor has its copy.

        Raises:
            StorageFull: the disk takes no directory more.
            LaunchFailed: there is another reason why it cannot be made.
        """
        created = state.now()
        temporary = self.runs_dir / f".new-{secrets.token_hex(8)}"
        lock_fd = None
        try:
            temporary.mkdir(mode=0o700)
            lock_fd = lock.acquire(temporary)
            assert lock_fd is not None  # nobody else knows its name
            path = self._place(temporary, slug, launch | {"created": created})
        except OSError as error:
            if lock_fd is not None:
                os.close(lock_fd)
            _remove_young(temporary)
            raise refusal(self.runs_dir, error) from error
        files = RunFiles(path, launch | {"created": created, "run_id": path.name})
        with self._lock:
            self._known[path.name] = files
        return files, lock_fd

    def _place(self, temporary: Path, slug: str, launch: dict[str, Any]) -> Path:
        while True:
            run_id = f"run_{time.strftime('%Y%m%d_%H%M%S', time.gmtime(launch['created'] // state.MICROSECONDS))}_{slug}_{secrets.token_hex(3)}"
            state.write_json(temporary / fmt.LAUNCH, launch | {"run_id": run_id})
            path = self.runs_dir / run_id
            if not path.exists():
                temporary.rename(path)
                return path

    def remove(self, files: RunFiles) -> None:
        """Renames the directory away first, so that nobody sees half a run, then deletes it."""
        grave = self.runs_dir / f".gone-{secrets.token_hex(8)}"
        with self._lock:
            self._known.pop(files.run_id, None)
        with contextlib.suppress(FileNotFoundError):
            files.path.rename(grave)
        shutil.rmtree(grave, ignore_errors=True)

    def find(self, run_id: str) -> RunFiles:
        """The run with that id, its state true: a dead supervisor is seen to.

        Raises:
            RunNotFound: no run has that id, or it is no id at all.
        """
        files = self._load(run_id) if RUN_ID.match(run_id) else None
        if files is None:
            raise RunNotFound(f"there is no run {run_id[:100]!r}: GET /api/runs lists those that there are")
        self._see_to(files)
        return files

    def all(self) -> list[RunFiles]:
        """Every run, newest first."""
        with os.scandir(self.runs_dir) as entries:
            names = [entry.name for entry in entries if RUN_ID.match(entry.name)]
        found = [files for name in names if (files := self._load(name)) is not None]
        with self._lock:
            for gone in self._known.keys() - names:
                del self._known[gone]
        for files in found:
            if files.status not in state.ENDED:
                self._see_to(files)
        return sorted(found, key=lambda files: (files.created, files.run_id), reverse=True)

    def leftovers(self) -> list[Path]:
        """Directories that are no runs: under way to be one, or to be gone."""
        return [path for path in self.runs_dir.iterdir() if path.name.startswith((".new-", ".gone-"))]

    def _load(self, run_id: str) -> RunFiles | None:
        path = self.runs_dir / run_id
        with self._lock:
            files = self._known.get(run_id)
        if files is not None and path.is_dir():
            return files
        launch = state.read_json(path / fmt.LAUNCH)
        if launch is None:
            if not path.is_dir():
                return None
            launch = {"run_id": run_id, "created": int(path.stat().st_mtime * state.MICROSECONDS), "damaged": True}
        files = RunFiles(path, launch)
        with self._lock:
            return self._known.setdefault(run_id, files)

    def _see_to(self, files: RunFiles) -> None:
        """Repairs a run that needs it. Waits a moment for that, not for long: this may be the event loop."""
        with contextlib.suppress(OSError, TimeoutError, RuntimeError):  # RuntimeError: this engine closes; the next one will
            if not repair.needed(files):
                return
            with self._lock:
                future = self._repairs.get(files.run_id)
                if future is None:
                    future = self._repairs[files.run_id] = self._executor.submit(repair.repair, files)
                    future.add_done_callback(lambda _: self._repairs.pop(files.run_id, None))
            future.result(_REPAIR_WAIT_SECONDS)


def _remove_young(path: Path) -> None:
    """Deletes a directory that did not become a run; without a descriptor, as there may be none left, which is why it did not."""
    with contextlib.suppress(OSError):
        (path / fmt.LOCK).unlink(missing_ok=True)
        (path / fmt.LAUNCH).unlink(missing_ok=True)
        path.rmdir()
    shutil.rmtree(path, ignore_errors=True)
