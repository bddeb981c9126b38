"""A cell under ``%watch on``: watched once it runs long or prints much, and not before.

Until then its output goes into the cell as ever, and a copy of it is kept, which becomes the first
lines of the run. Locks are taken in this order: the session's, then the trial's.
"""

from __future__ import annotations

import threading
from contextvars import copy_context
from typing import TYPE_CHECKING

from prismq_nb.cell import c_streams
from prismq_nb.cell.announcement import Printed
from prismq_nb.cell.session import session
from prismq_nb.common.base.state import now_us

if TYPE_CHECKING:
    from collections.abc import Callable

    from prismq_nb.cell.watched import WatchedCell
    from prismq_nb.client.watch import Watch

MAX_LINES, MAX_BYTES = 1000, 1 << 20
"""A cell that has printed more than this is watched at once."""


class Trial:
    """One cell.

    Attributes:
        cell: the cell.
        is_watched: it is a run by now.
        is_over: it has ended.
    """

    def __init__(self, watch: Watch, cell: WatchedCell) -> None:
        """Change nothing yet."""
        self._watch = watch
        self.cell = cell
        self.is_watched = self.is_over = False
        self._lock = threading.RLock()  # a signal handler may print within a print
        self._printed: list[Printed] = []
        self._lines = self._bytes = 0
        self._context = copy_context()  # what is displayed from another thread is this cell's

    def begin(self) -> None:
        """Follow the cell's output, also after the end of each block in it that is watched.

        Raises:
            OSError: the system refuses; the output stays as it is.
        """
        redirect = session().turn(thread=self.cell.thread)
        self._before, self._route = redirect.write_before, redirect.route
        session().into_cell = self._on_arrival
        session().on_unwatched = self.begin
        self._route.taker = self._on_print

    def settle(self) -> None:
        """Wait until what was printed is in the cell, unless that is watched. Never raises."""
        if not self.is_watched:
            c_streams.flush()
            session().settle()

    def end(self) -> bool:
        """Stop following; return whether the cell was watched, so that its run must be ended."""
        self.settle()
        with session().locked():
            self.is_over = True
            session().into_cell = session().write_before
            session().on_unwatched = None
            if not self.is_watched and session().current is None:  # of another thread
                session().turn_back()
        return self.is_watched

    def watch(self, not_yet: Callable[[], None] = lambda: None) -> None:
        """Watch the cell from here on. May be called from any thread, and again.

        Args:
            not_yet: called instead while a block in the cell is watched by itself.
        """
        with session().locked():
            if self.is_watched or self.is_over:
                return
            if session().current is not None:
                not_yet()
                return
            session().on_unwatched = None
            self._context.copy().run(self._watch.begin, self.cell, self._take)
            self.is_watched = True
            session().into_cell = session().write_before
            if self.cell.lost is not None:
                session().turn_back()

    def _take(self) -> list[Printed]:
        """Return what was printed up to now; what is printed from now on goes to the terminals."""
        with self._lock:
            self._route.taker = None
            printed, self._printed = self._printed, []
        return printed

    def _on_print(self, stream: int, data: bytes) -> None:
        """Take what a stream object of Python was given."""
        with self._lock:
            is_followed = self._route.taker == self._on_print
            if is_followed:
                self._keep(stream, data)
                self._before(stream, data, data.decode(errors="replace"))
        if not is_followed:  # the run has begun meanwhile
            self._route.write_to_ends(stream, data)
        elif self._is_much:
            self.watch()

    def _on_arrival(self, stream: int, data: bytes) -> None:
        """Take what arrived from C code and child processes, or is a watched block's besides.

        The thread that reads it calls this, and must wait for nobody who changes what is watched.
        """
        is_own = session().current in (None, self.cell)  # its run may be about to begin
        if is_own:
            with self._lock:
                self._keep(stream, data)
        # ipykernel 6 finds the cell by the context, and for this thread an earlier one
        self._context.copy().run(session().write_before, stream, data)
        if self._is_much and is_own and session().locked().acquire(blocking=False):
            try:
                self.watch()
            finally:
                session().locked().release()

    def _keep(self, stream: int, data: bytes) -> None:
        self._printed.append(Printed(stream, now_us(), data))
        self._lines += data.count(b"\n")
        self._bytes += len(data)

    @property
    def _is_much(self) -> bool:
        return self._lines > MAX_LINES or self._bytes > MAX_BYTES
