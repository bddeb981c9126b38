"""What the thread of a session's service calls: an interrupt, a lost supervisor, a failed run.

Whatever fails, the output is turned back first, and then the cell says why.
"""

from __future__ import annotations

import codecs
import contextlib
import threading
from typing import TYPE_CHECKING

from prismq_nb.cell import interrupts
from prismq_nb.cell.redirect import Redirect
from prismq_nb.cell.stream_objects import Route

if TYPE_CHECKING:
    from collections.abc import Callable

    from prismq_nb.cell.service import Service
    from prismq_nb.cell.streams import Streams
    from prismq_nb.cell.watched import WatchedCell


class Callbacks:
    """The part of `Session` that its service calls, from another thread.

    Attributes:
        into_cell: brings output into the cell: gets the stream and the bytes.
    """

    _service: Service

    def __init__(self) -> None:
        """Begin without cells."""
        self._running = threading.Lock()  # nobody waits under it
        self._kinds: dict[bool, Streams] = {}
        self._open: list[WatchedCell] = []
        self._redirect: Redirect | None = None
        self._before = Redirect(Route((1, 2), is_terminal=False))
        decoder = codecs.getincrementaldecoder("utf-8")
        self._decoders = [decoder("replace"), decoder("replace")]
        self.into_cell: Callable[[int, bytes], None] = self.write_before

    def interrupt(self, run_id: str) -> None:
        """Interrupt the code of a run, if it still runs."""
        with self._running:  # `end` waits for this, so that no later cell is interrupted
            for cell in self._open:
                if cell.run_id == run_id and cell.is_running and cell.may_be_interrupted():
                    cell.was_interrupted = True
                    interrupts.interrupt(cell)

    def on_lost(self, why: str, *, may_read: bool) -> None:
        """Turn the output back, because the supervisor is gone."""
        watched = [cell for cell in self._open if cell.lost is None]
        for cell in watched:
            cell.lost = why
        if may_read:
            self._kinds = {}  # not again these
        if watched:
            self._fall_back(why)

    def on_failed(self, run_id: str, why: str) -> None:
        """Turn the output back, because a run cannot be stored."""
        cells = list(self._open)
        for cell, outer in zip(cells, [None, *cells], strict=False):
            if cell.run_id == run_id and cell.lost is None:
                cell.lost = why
                if cell is not cells[-1]:
                    self._say(f"{why}. What it prints from now on is shown here.")
                elif outer is None or outer.lost is not None:
                    self._service.release()
                    self._fall_back(why)
                else:
                    self._say(f"{why}. Its output is part of {outer.run_id}.")

    def _fall_back(self, why: str) -> None:
        if (redirect := self._redirect) is not None:
            redirect.put_back()
        self._say(f"{why}. Its output is shown here.")

    def _say(self, why: str) -> None:
        self.take(1, f"prismq_nb: this cell is no longer watched: {why}\n".encode())

    def take(self, stream: int, data: bytes) -> None:
        """Bring output into the cell. Never raises."""
        with contextlib.suppress(Exception):  # the cell's stream may have been closed
            self.into_cell(stream, data)

    def write_before(self, stream: int, data: bytes) -> None:
        """Write where output goes without the redirect. Raises whatever that raises."""
        text = self._decoders[stream].decode(data)
        self._before.write_before(stream, data, text, self._service.say_slow)
