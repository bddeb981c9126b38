"""One thread that refreshes outputs of a kernel which no front end of ours keeps up to date.

Kernels of Jupyter sessions need none: JupyterLab and Notebook 7 refresh what they show themselves.
"""

from __future__ import annotations

import os
import time
from threading import Lock, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["watch"]

SECONDS, LONGEST_SECONDS = 1.0, 5.0
"""Between two looks: at first, and where nothing has changed for long."""
SLOWER = 1.05

_refreshers: list[Callable[[], bool | None]] = []
_lock = Lock()
_thread: Thread | None = None


def watch(refresh: Callable[[], bool | None]) -> None:
    """Call `refresh` every few seconds from now on.

    Args:
        refresh: returns True where something has changed, False where not, and None when nothing
            will change any more: it is not called again then, nor after an exception.
    """
    global _thread  # noqa: PLW0603 - a kernel has one
    with _lock:
        _refreshers.append(refresh)
        if _thread is None or not _thread.is_alive():
            _thread = Thread(target=_work, name="prismq-watch", daemon=True)
            _thread.start()


def _work() -> None:
    global _thread  # noqa: PLW0603
    wait = SECONDS
    while True:
        time.sleep(wait)
        with _lock:
            todo = list(_refreshers)
            if not todo:
                _thread = None
                return
        answers = [(refresh, _ask(refresh)) for refresh in todo]
        with _lock:
            for refresh, answer in answers:
                if answer is None and refresh in _refreshers:
                    _refreshers.remove(refresh)
        wait = SECONDS if any(answer for _, answer in answers) else min(wait * SLOWER, LONGEST_SECONDS)


def _ask(refresh: Callable[[], bool | None]) -> bool | None:
    try:
        return refresh()
    except Exception:  # noqa: BLE001 - an output that cannot be refreshed stays as it is
        return None


def _after_fork() -> None:
    """A fork has neither the thread nor the outputs."""
    global _lock, _thread
    _lock, _thread = Lock(), None
    _refreshers.clear()


os.register_at_fork(after_in_child=_after_fork)
