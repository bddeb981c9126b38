"""Processes that a test left running: supervisors are detached, so no parent ends them."""

from __future__ import annotations

import os
import sys

import psutil

_STARTED = psutil.Process().create_time()
_LINUX = sys.platform == "linux"
_seen: set[int] = set(psutil.pids())


def gone(pid: int) -> bool:
    """Whether a process has ended.

    PID 1 of a container may leave what it adopted a zombie for good.
    """
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def kill_all_with(name: str, value: str, **more: str) -> None:
    """Kill each process whose environment has these variables."""
    wanted = {name: value, **more}.items()
    for pid in psutil.pids():
        if pid in _seen or pid == os.getpid() or not _may_have(pid, value):
            continue
        try:
            process = psutil.Process(pid)
            if wanted <= process.environ().items():
                process.kill()
            elif process.create_time() < _STARTED:
                _seen.add(pid)
        except (psutil.Error, OSError):  # psutil lets some of /proc's own errors through
            continue


def _may_have(pid: int, value: str) -> bool:
    """Whether a process needs a closer look, which by psutil would take longer than most tests."""
    if not _LINUX:
        return True
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return os.fsencode(value) in file.read()
    except OSError:  # it has ended, or is another user's
        return False
