"""What a test left running: supervisors are detached, so no parent ends them."""

from __future__ import annotations

import os

import psutil

_STARTED = psutil.Process().create_time()
_seen: set[int] = set(psutil.pids())


def kill_all_with(name: str, value: str) -> None:
    """Kill each process whose environment says that it belongs to a test: supervisors are detached, so no parent would."""
    for pid in psutil.pids():
        if pid in _seen or pid == os.getpid():
            continue
        try:
            process = psutil.Process(pid)
            if process.environ().get(name) == value:
                process.kill()
            elif process.create_time() < _STARTED:
                _seen.add(pid)
        except psutil.Error:
            continue
