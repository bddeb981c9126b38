"""One subscriber's position in the changes of the list of runs, as events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismq_nb.server.http import sse

if TYPE_CHECKING:
    from prismq_nb.engine.live.change_log import ChangeLog

PIECE_BYTES = 64 << 10
"""Events are sent together up to this size."""
_NOTHING = b"{}"


class ChangeCursor:
    """The next event of one subscriber. Nothing is queued for it."""

    def __init__(self, log: ChangeLog, position: str | None) -> None:
        """Resume at a position; None, or an unknown one: begin with the event ``reset``."""
        self._log = log
        number = log.number(position or "")
        self._is_new = True
        self._is_reset = number is None
        self._number = log.last if number is None else number

    def piece(self) -> bytes:
        """Return the next events; empty if nothing is new."""
        if self._is_new:
            self._is_new = False
            return self._event("reset" if self._is_reset else "resumed")
        found = self._log.after(self._number, PIECE_BYTES)
        if found is None:  # it was slow for so long that changes are not kept any more
            self._number = self._log.last
            return self._event("reset")
        data, self._number = found
        return data

    def _event(self, name: str) -> bytes:
        return sse.change_event(f"{self._log.epoch}-{self._number}", name, _NOTHING)
