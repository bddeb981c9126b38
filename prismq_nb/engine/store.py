"""The run directories of one data directory: making them, finding them, reading their state, and seeing to those whose supervisor has died.

What a run is stands in its directory and nowhere else, so a server that comes back knows everything at once. States are read again only when
``run.json`` has changed (one `stat`). Starts no process; knows no HTTP.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import os
import re
import secrets
import shutil
import threading
import time
from pathlib import Path
from typing import Any

from prismq_nb.capture import child
from prismq_nb.errors import RunNotFound, StorageFull
from prismq_nb.journal import format as fmt
from prismq_nb.journal import lock, recovery, state

RUN_ID = re.compile(r"run_\d{8}_\d{6}_[A-Za-z0-9_-]{1,40}_[0-9a-f]{6}\Z", re.ASCII)
_RECOVERY_WAIT_SECONDS = 0.05
"""How long a question about a dead run waits for its recovery; after that the answer is the old state, and the next one is right."""


class RunFiles:
    """One run directory as the engine knows it: its launch (never changes) and its newest state."""

    def __init__(self, path: Path, launch: dict[str, Any]) -> None:
        self.path = path
        self.launch = launch
        self._state: dict[str, Any] = {}
        self._seen: tuple[int, int, int] | None = None

    @property
    def run_id(self) -> str:
        """The run's id, which is the directory's name."""
        return self.path.name

    @property
    def created(self) -> int:
        """When it was asked for, µs since the epoch."""
        return int(self.launch.get("created", 0))

    def state(self) -> dict[str, Any]:
        """The newest ``run.json``; empty before the child was started."""
        try:
            stat = os.stat(self.path / fmt.STATE)
        except OSError:
            return self._state
        seen = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        if seen != self._seen:
            read = state.read_json(self.path / fmt.STATE)
            if read is not None:
                self._state, self._seen = read, seen
        return self._state

    @property
    def status(self) -> str:
        """One of `state.STATUSES`."""
        return str(self.state().get("status", state.QUEUED))


class RunStore:
    """All run directories below ``<data_dir>/runs``. Thread-safe."""

    def __init__(self, data_dir: Path) -> None:
        """Makes the directories, mode 0700. Raises OSError where that is not possible."""
        self.runs_dir = data_dir / "runs"
        for path in (data_dir, self.runs_dir):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._known: dict[str, RunFiles] = {}
        self._lock = threading.Lock()
        self._recoveries: dict[str, concurrent.futures.Future[None]] = {}
        self._executor = concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix="prismq-recovery")

    def close(self) -> None:
        """Waits for a recovery that is under way."""
        self._executor.shutdown(wait=True)

    def create(self, slug: str, launch: dict[str, Any]) -> tuple[RunFiles, int]:
        """Makes a run directory under a temporary name, locked and with its ``launch.json``, and puts it in place.

        Returns:
            The run and its lock's descriptor, which the caller closes after the supervisor has its copy.

        Raises:
            StorageFull: the disk takes no directory more.
        """
        created = state.now()
        temporary = self.runs_dir / f".new-{secrets.token_hex(8)}"
        try:
            temporary.mkdir(mode=0o700)
            lock_fd = lock.acquire(temporary)
            assert lock_fd is not None  # nobody else knows its name
            path = self._place(temporary, slug, launch | {"created": created})
        except OSError as error:
            shutil.rmtree(temporary, ignore_errors=True)
            raise StorageFull(f"no run can be stored in {str(self.runs_dir)!r}: {error}") from error
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
            self._see_to(files)
        return sorted(found, key=lambda files: (files.created, files.run_id), reverse=True)

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

    # Runs whose supervisor has died

    def _see_to(self, files: RunFiles) -> None:
        """Recovers a run that has not ended and whose lock nobody holds. Waits a moment for it, not for long: this may be the event loop."""
        if files.status in state.ENDED:
            return
        with contextlib.suppress(OSError, concurrent.futures.TimeoutError):
            if files.launch.get("host", os.uname().nodename) != os.uname().nodename or not lock.is_free(files.path):
                return
            with self._lock:
                future = self._recoveries.get(files.run_id)
                if future is None or future.done():
                    future = self._recoveries[files.run_id] = self._executor.submit(self._recover, files)
            future.result(_RECOVERY_WAIT_SECONDS)

    def _recover(self, files: RunFiles) -> None:
        """Kills what is left of the run, makes its journal whole, and writes its end."""
        fd = lock.acquire(files.path)
        if fd is None:
            return  # another engine does it
        try:
            old = files.state()
            if old.get("status") in state.ENDED:
                return
            self._kill_leftovers(files.run_id, old)
            now = state.now()
            found = recovery.recover(files.path, rebooted=old.get("boot", "") != child.boot_identity(), now=now)
            message = "its supervisor was killed" if old else "its supervisor never came up"
            if found.missing:
                message += f"; {found.missing} lines are missing from its log"
            state.write_json(
                files.path / fmt.STATE,
                {"version": fmt.VERSION, "run_id": files.run_id, **old}
                | {
                    "status": state.FAILED,
                    "stopping": False,
                    "exit_code": None,
                    "error_message": message,
                    "completed": max(int(old.get("heartbeat", 0)), _last_write(files.path), files.created),
                    "lines": found.lines,
                    "bytes": (files.path / fmt.LOG).stat().st_size,
                },
            )
        finally:
            os.close(fd)

    def _kill_leftovers(self, run_id: str, old: dict[str, Any]) -> None:
        pid = old.get("pid")
        same = isinstance(pid, int) and old.get("pid_started") is not None and child.start_identity(pid) == old["pid_started"]
        child.kill_run(run_id, pid if same else None)


def _last_write(path: Path) -> int:
    with contextlib.suppress(OSError):
        return int((path / fmt.LOG).stat().st_mtime_ns // 1000)
    return 0
