"""A thread that refreshes outputs periodically, for front ends without our extension.

Kernels of Jupyter sessions need none, because JupyterLab and Notebook 7 refresh their outputs.
"""

from __future__ import annotations

import os
import time
from threading import Lock, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MIN_SECONDS, MAX_SECONDS, FACTOR = 1.0, 5.0, 1.05
"""Delay between refreshes after a change, its limit, and its growth while nothing changes."""

_refreshers: list[Callable[[], bool | None]] = []
_lock = Lock()
_thread: Thread | None = None


def refresh_periodically(refresh: Callable[[], bool | None]) -> None:
    """Call `refresh` every few seconds.

    Args:
        refresh: returns whether something has changed, or None if nothing will change any more. It
            is not called again after None or an exception.
    """
    global _thread  # noqa: PLW0603 - one per kernel
    with _lock:
        _refreshers.append(refresh)
        if _thread is None or not _thread.is_alive():
            _thread = Thread(target=_work, name="prismq-watch", daemon=True)
            _thread.start()


def _work() -> None:
    global _thread  # noqa: PLW0603
    delay_s = MIN_SECONDS
    while True:
        time.sleep(delay_s)
        with _lock:
            todo = list(_refreshers)
            if not todo:
                _thread = None
                return
        results = [(refresh, _call(refresh)) for refresh in todo]
        with _lock:
            for refresh, changed in results:
                if changed is None and refresh in _refreshers:
                    _refreshers.remove(refresh)
        has_changes = any(changed for _, changed in results)
        delay_s = MIN_SECONDS if has_changes else min(delay_s * FACTOR, MAX_SECONDS)


def _call(refresh: Callable[[], bool | None]) -> bool | None:
    try:
        return refresh()
    except Exception:  # noqa: BLE001 - an output that cannot be refreshed stays unchanged
        return None


def _after_fork() -> None:
    """Reset the module: a fork has neither the thread nor the outputs."""
    global _lock, _thread
    _lock, _thread = Lock(), None
    _refreshers.clear()


os.register_at_fork(after_in_child=_after_fork)
