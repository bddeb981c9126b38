"""One watched cell, as the process knows it whose output it is."""

from __future__ import annotations

import asyncio
import contextlib
import math
import threading
import time
from typing import TYPE_CHECKING, Any

from prismq_nb.capture.processes.info import boot_seconds
from prismq_nb.common.base.state import now_us

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prismq_nb.cell.describe import Description


INTERRUPT_SECONDS = 1.0
"""Least time between two interrupts of a cell."""


class WatchedCell:
    """One run.

    Attributes:
        run_id: id of the run; empty: there is none, see `lost`.
        launch: content of its ``launch.json``.
        thread: the thread whose code is watched; `ident`: its identifier.
        began: when it began, in seconds of the clock that processes count by.
        began_us: the same in µs since the epoch.
        is_running: its code runs, so that an interrupt reaches it and nothing else.
        was_interrupted: an interrupt was sent to it.
        outcome: how it ended, while others inside it still run.
        echoes: its output also goes where it went before.
        lost: why its output went back into the cell; None: it did not.
    """

    def __init__(self, described: Description, mask: Iterable[str] = ()) -> None:
        """Describe a cell; `Session.begin` watches it."""
        self.described = described
        self.mask = list(mask)
        self.run_id = ""
        self.launch: dict[str, Any] = {}
        self.thread = threading.current_thread()
        self.ident = threading.get_ident()
        self.began, self.began_us = boot_seconds(), now_us()
        self.is_running = self.was_interrupted = self.echoes = False
        self.outcome: dict[str, Any] | None = None
        self.lost: str | None = None
        self._interrupted_s = -math.inf
        self._loop = asyncio._get_running_loop()  # noqa: SLF001 - the public one raises
        self._task = asyncio.current_task() if self._loop is not None else None

    def has_thread(self) -> bool:
        """Return whether an exception that is raised in its thread reaches its code now.

        Asynchronous code leaves the thread to its event loop while it waits.
        """
        if self._loop is None or self._task is None or self._task.done():
            return True
        return asyncio.current_task(self._loop) is self._task

    def wake(self, *, cancel: bool = False) -> None:
        """Wake the event loop that runs it: a signal alone does not, while it waits (PEP 475).

        Args:
            cancel: cancel its task if that waits.
        """

        def look() -> None:
            if cancel and self.is_running and self._task is not None:
                self._task.cancel()

        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # it is closed
                self._loop.call_soon_threadsafe(look)

    def may_be_interrupted(self) -> bool:
        """Return whether an interrupt may be sent now; several presses in a second are one.

        Each further one would hit IPython while it shows the traceback of the first.
        """
        now = time.monotonic()
        is_due = now - self._interrupted_s >= INTERRUPT_SECONDS
        if is_due:
            self._interrupted_s = now
        return is_due
