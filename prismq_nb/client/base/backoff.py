"""How long to wait before asking again. Shared by everything that polls or reconnects, so that the policy is in one place.

Pure apart from the clock: it sleeps for nobody.
"""

from __future__ import annotations

import time

from prismq_nb.errors import NotAllowed, PrismqError, ServerUnreachable

__all__ = ["GIVE_UP_SECONDS", "Backoff", "may_pass"]

GIVE_UP_SECONDS = 300.0
"""How long a server may be away. A container takes a minute or two to come back; less patience loses followers, more hides that it is gone."""

REFUSED_SECONDS = 20.0
"""How long a server that knew us may refuse us: it restarts, and its new secret is not written yet."""
_BUSY = 429


def may_pass(error: PrismqError, since: float) -> bool:
    """Return whether an error of a server that had answered may be over at the next try.

    Args:
        error: what the last try ended with.
        since: seconds since the server last answered well.
    """
    if isinstance(error, NotAllowed):
        return since < REFUSED_SECONDS
    return isinstance(error, ServerUnreachable) or error.status == _BUSY


class Backoff:
    """Delays that grow from `first` to `most` seconds, and an end after `give_up` seconds.

    A short `first` makes what is quick feel instant; a short `most` costs requests for as long as one waits.

    Args:
        first: seconds before the first retry.
        most: the longest delay in seconds.
        factor: by which each delay is longer than the one before.
        give_up: seconds since the last `reset` after which there is no more delay; None: never.
    """

    def __init__(self, first: float, most: float, *, factor: float = 2.0, give_up: float | None = None) -> None:
        self._first, self._most, self._factor, self._give_up = first, most, factor, give_up
        self.reset()

    def reset(self) -> None:
        """Begin again: what was waited for has come."""
        self._next = self._first
        self._deadline = None if self._give_up is None else time.monotonic() + self._give_up

    def delay(self) -> float | None:
        """Seconds to wait now; None when it is time to give up."""
        delay, self._next = self._next, min(self._next * self._factor, self._most)
        if self._deadline is None:
            return delay
        left = self._deadline - time.monotonic()
        return min(delay, left) if left > 0 else None
