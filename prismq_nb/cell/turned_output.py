"""The output of this process while cells are watched or followed: turned, and turned back.

Runs begin and end in `session.py`; whatever is printed without a run comes back into the cell.
"""

from __future__ import annotations

import threading

from prismq_nb.cell.callbacks import Callbacks
from prismq_nb.cell.flusher import Flusher
from prismq_nb.cell.redirect import Redirect
from prismq_nb.cell.stream_objects import Route
from prismq_nb.cell.streams import Streams, open_pipes, open_terminals


class TurnedOutput(Callbacks):
    """The part of `Session` that turns the output of this process, and turns it back."""

    def __init__(self) -> None:
        """Turn nothing."""
        super().__init__()
        self._changing = threading.RLock()
        self._streams: Streams | None = None
        self._flusher = Flusher(self.flush_held)

    @property
    def is_idle(self) -> bool:
        """Whether the output is where it was: nothing is watched or followed."""
        return self._redirect is None

    @property
    def is_foreign(self) -> bool:
        """Whether the current thread runs a cell of another shell than the one that is watched."""
        return self._redirect is not None and self._redirect.route.is_foreign()

    def locked(self) -> threading.RLock:
        """Return the lock that holds for changes of what is watched."""
        return self._changing

    def prepare(self) -> None:
        """Start the supervisor, so that the first run does not wait for it.

        Raises:
            OSError: it cannot be started.
        """
        with self._changing:
            self._service.connected()

    def turn(self, *, terminal: bool = True, thread: threading.Thread | None = None) -> Redirect:
        """Turn the output to the terminals, or pipes, unless it is. Without a run it comes back.

        Args:
            terminal: to the terminals.
            thread: whose output it is; None: this one's.

        Raises:
            OSError: the system refuses.
        """
        with self._changing:
            if self._redirect is not None and not self._redirect.is_turned:
                self.turn_back()  # a supervisor was lost
            if self._redirect is None:
                known = self._kinds.get(terminal)
                if known is None or not known.are_ours:
                    self._kinds[terminal] = open_terminals() if terminal else open_pipes()
                self._streams = streams = self._kinds[terminal]
                self._service.start()
                self._service.serve(streams)
                route = Route(
                    streams.ends,
                    is_terminal=terminal,
                    thread=thread,
                    on_held=self._flusher.soon,
                )
                redirect = Redirect(route)
                redirect.turn()
                self._redirect = self._before = redirect
                self._flusher.start()
            return self._redirect

    def settle(self) -> None:
        """Wait until what was printed before is in the cell, where no run is. Never raises."""
        redirect, streams = self._redirect, self._streams
        if redirect is not None and streams is not None:
            self._service.settle(streams)

    def renew(self) -> None:
        """See to it that output is turned, or not, although IPython has changed it after a cell."""
        self._before.renew()

    def turn_back(self) -> None:
        """Undo `turn`."""
        with self._changing:
            redirect, self._redirect = self._redirect, None
            if redirect is not None:
                redirect.restore()
                self._flusher.stop()

    def flush_held(self) -> None:
        """Print what stream objects hold of lines that are not whole. Never raises."""
        self._before.flush_held()

    def _streams_are_ours(self) -> bool:
        return self._streams is not None and self._streams.are_ours
