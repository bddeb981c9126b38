"""What a test left running: supervisors are detached, so no parent ends them."""

from __future__ import annotations

import os

import psutil

_STARTED = psutil.Process().create_time()
_seen: set[int] = set(psutil.pids())


def gone(pid: int) -> bool:
    """Whether a process has ended; PID 1 of a container may leave what it adopted a zombie for good."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def kill_all_with(name: str, value: str, **more: str) -> None:
    """Kill each process whose environment has these variables: supervisors are detached, so no parent would."""
    wanted = {name: value, **more}.items()
    for pid in psutil.pids():
        if pid in _seen or pid == os.getpid():
            continue
        try:
            process = psutil.Process(pid)
            if wanted <= process.environ().items():
                process.kill()
            elif process.create_time() < _STARTED:
                _seen.add(pid)
        except (psutil.Error, OSError):  # psutil lets some of /proc's own errors through
            continue
