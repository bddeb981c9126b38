"""Print what is held back: by the C library, and by stream objects that wait for a whole line."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from prismq_nb.cell import c_streams

if TYPE_CHECKING:
    from collections.abc import Callable

_PAUSE_SECONDS = 1.0
_HELD_SECONDS = 0.005
"""How long text without a newline is held."""


class Flusher:
    """Flushes in a thread of its own, since it waits while nobody reads the output.

    The buffers of the C library once a second, and what stream objects hold soon.
    """

    def __init__(self, flush_held: Callable[[], None]) -> None:
        """Start nothing yet; `flush_held` writes what is held, and never raises."""
        self._flush_held = flush_held
        self._is_on = self._is_held = False
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Flush the C library from now on. Raises RuntimeError: no thread can be started."""
        self._is_on = True
        self._wake.set()
        if self._thread is None:
            thread = threading.Thread(target=self._work, name="prismq-flush", daemon=True)
            thread.start()
            self._thread = thread

    def stop(self) -> None:
        """Flush the C library no more."""
        self._is_on = False

    def soon(self) -> None:
        """Call `flush_held` in a few milliseconds."""
        if not self._is_held:
            self._is_held = True
            self._wake.set()

    def _work(self) -> None:
        flush_s = time.monotonic() + _PAUSE_SECONDS
        while True:
            left_s = max(0.0, flush_s - time.monotonic())
            self._wake.wait(left_s if self._is_on else None)
            self._wake.clear()
            if self._is_held:
                time.sleep(_HELD_SECONDS)
                self._is_held = False  # before it looks: what is held from here on is seen later
                self._flush_held()
            if self._is_on and time.monotonic() >= flush_s:
                self._flush_held()  # an interrupt may have come between `put` and `soon`
                c_streams.flush()
                flush_s = time.monotonic() + _PAUSE_SECONDS
