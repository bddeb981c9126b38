"""Start a run's supervisor, wait until its child runs, and reap the supervisor when it ends.

Knows processes, not runs. The supervisor reports by one line in a pipe, after the child's `exec` or
instead of it, so `start` raises the real error of the launch. Supervisors are our children (no
double fork): where Jupyter is process 1 of a container, nothing else would reap them.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import select
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import prismq_nb
from prismq_nb.capture import boot
from prismq_nb.capture.base import libraries
from prismq_nb.capture.processes.identity import DIRECTORY_VARIABLE, RUN_ID_VARIABLE
from prismq_nb.common.base.descriptors import above_standard
from prismq_nb.common.base.regular_files import open_regular
from prismq_nb.common.environment import scrub
from prismq_nb.engine.files import supervisor_log
from prismq_nb.errors import LaunchFailed, StorageFull

READY_SECONDS = 30.0
"""Longest wait for the supervisor's report; a machine that swaps needs long."""
_REAP_SECONDS = (0.5, 4.0)
"""Time between two checks for ended supervisors: at first, and at most while none has ended."""
_ALLOCATION = {"MALLOC_MMAP_THRESHOLD_": str(128 << 10)}
"""A fixed threshold, mallopt(3). By default glibc raises it to the largest freed block, and
lines of a MiB leave holes in a heap that grows with them: 20 MB after 10 GB instead of 17."""
_OWN = (RUN_ID_VARIABLE, DIRECTORY_VARIABLE)
"""Variables that identify a run's processes. A nested run's supervisor is not one of them."""


class LocalLauncher:
    """Starts supervisors on this machine as children of this process, each in its own session."""

    def __init__(self) -> None:
        self._children: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._reaper: threading.Thread | None = None

    def start(self, run_dir: Path, spec: dict[str, Any], lock_fd: int) -> None:
        """Start a supervisor and wait until its child runs.

        Args:
            run_dir: the run directory, in its final place.
            spec: what `capture/supervisor.py` reads from its stdin. It may hold secrets, so it goes
                nowhere else.
            lock_fd: descriptor of the run's lock; the supervisor gets a copy.

        Raises:
            LaunchFailed: the child could not be started; no process is left.
            StorageFull: there is no room for its journal.
        """
        ready_read, ready_write = map(above_standard, os.pipe())
        try:
            process = self._spawn(run_dir, lock_fd, ready_write)
        except OSError as error:
            os.close(ready_read)
            raise LaunchFailed(f"the supervisor could not be started: {error}") from error
        finally:
            os.close(ready_write)
        try:
            assert process.stdin is not None
            with contextlib.suppress(BrokenPipeError):  # it died early: the report is missing
                process.stdin.write(json.dumps(spec | {"folders": libraries.folders()}).encode())
                process.stdin.close()
            answer = _hear(ready_read)
        finally:
            os.close(ready_read)
            self._reap_later(process)
        if answer is None:
            process.kill()
            raise LaunchFailed(
                f"the supervisor did not report within {READY_SECONDS:g} s, or"
                f" died{_last_words(run_dir)}"
            )
        if "error" in answer:
            name = f": {answer['name']!r}" if answer.get("name") else ""
            if answer.get("errno") in (errno.ENOSPC, errno.EDQUOT):
                raise StorageFull(
                    f"no run can be stored in {str(run_dir.parent)!r}: {answer['error']}"
                )
            raise LaunchFailed(f"{spec['argv'][0]!r} could not be started: {answer['error']}{name}")

    def _spawn(self, run_dir: Path, lock_fd: int, ready_fd: int) -> subprocess.Popen[bytes]:
        package_parent = str(Path(prismq_nb.__file__).parent.parent)
        arguments = [
            sys.executable,
            "-I",
            "-S",
            str(boot.__file__),
            package_parent,
            str(run_dir),
            str(lock_fd),
            str(ready_fd),
        ]
        with open(run_dir / supervisor_log.FILE, "ab", opener=open_regular) as log:
            return subprocess.Popen(
                arguments,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env={name: value for name, value in scrub(os.environ).items() if name not in _OWN}
                | _ALLOCATION,
                cwd="/",
                start_new_session=True,
                pass_fds=(lock_fd, ready_fd),
            )

    def _reap_later(self, process: subprocess.Popen[bytes]) -> None:
        with self._lock:
            self._children.add(process)
            if self._reaper is None:
                self._reaper = threading.Thread(
                    target=self._reap, name="prismq-reaper", daemon=True
                )
                self._reaper.start()

    def _reap(self) -> None:
        """Reap ended supervisors until there are none left, less and less often while nothing ends.

        One thread for all, and `poll` instead of SIGCHLD, which belongs to the server's main
        thread.
        """
        least, most = _REAP_SECONDS
        wait, known = least, set[subprocess.Popen[bytes]]()
        while True:
            time.sleep(wait)
            with self._lock:
                self._children = {process for process in self._children if process.poll() is None}
                wait = min(2 * wait, most) if self._children == known else least
                known = self._children.copy()
                if not self._children:
                    self._reaper = None
                    return


def _hear(fd: int) -> dict[str, Any] | None:
    """Return the supervisor's report; None: it ended without one, or took too long."""
    deadline = time.monotonic() + READY_SECONDS
    said = b""
    while not said.endswith(b"\n"):
        poll = select.poll()  # select(2) fails on descriptors above 1023
        poll.register(fd, select.POLLIN)
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            return None
        piece = os.read(fd, 65_536)
        if not piece:
            return None
        said += piece
    answer: dict[str, Any] = json.loads(said)
    return answer


def _last_words(run_dir: Path) -> str:
    """Return the supervisor's last message as the end of a sentence; empty if there is none."""
    words = supervisor_log.last_line(run_dir)
    return f"; it last printed: {words}" if words else ""
