"""One thread that calls a function at a time: cheaper than a timer thread for each cell."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Alarm:
    """Calls one function, once, at a time that may be changed."""

    def __init__(self) -> None:
        """Start nothing."""
        self._changed = threading.Condition()
        self._due: tuple[float, Callable[[], None]] | None = None
        self._thread: threading.Thread | None = None

    def set(self, seconds: float, action: Callable[[], None]) -> None:
        """Call `action` in `seconds`, instead of what was set before."""
        with self._changed:
            self._due = (time.monotonic() + seconds, action)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="prismq-alarm", daemon=True)
                self._thread.start()
            self._changed.notify()

    def cancel(self) -> None:
        """Call nothing."""
        with self._changed:
            self._due = None

    def _work(self) -> None:
        while True:
            with self._changed:
                while self._due is None or self._due[0] > time.monotonic():
                    # A cancelled plan is left to run out: waking the thread costs the cell more
                    self._changed.wait(
                        None if self._due is None else self._due[0] - time.monotonic()
                    )
                (_, action), self._due = self._due, None
            action()
