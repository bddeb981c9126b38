"""`Backoff`: the delays of everything that polls or reconnects.

It reads the clock, but leaves sleeping to the caller.
"""

from __future__ import annotations

import time

from prismq_nb.errors import NotAllowed, PrismqError, ServerUnreachable

GIVE_UP_SECONDS = 300.0
"""How long a server may be unreachable. A container takes a minute or two to restart; less would
end `follow` too early, more would hide that the server is gone."""

REFUSED_SECONDS = 20.0
"""How long a server may refuse credentials that it accepted before: while it restarts, its new
secret may not be in the connection file yet."""
_BUSY = 429


def is_transient(error: PrismqError, since: float) -> bool:
    """Return whether a retry may succeed after this error.

    Args:
        error: the error of the last attempt.
        since: seconds since the last successful response.
    """
    if isinstance(error, NotAllowed):
        return since < REFUSED_SECONDS
    return isinstance(error, ServerUnreachable) or error.status == _BUSY


class Backoff:
    """Delays that grow exponentially from `first` to `most` seconds, until `give_up`.

    A short `first` makes quick results feel instant; a short `most` costs requests for as long as
    the wait lasts.

    Args:
        first: the first delay in seconds.
        most: the longest delay in seconds.
        factor: ratio of each delay to the one before.
        give_up: seconds after the last `reset` at which delays end; None: never.
    """

    def __init__(
        self, first: float, most: float, *, factor: float = 2.0, give_up: float | None = None
    ) -> None:
        self._first, self._most, self._factor, self._give_up = first, most, factor, give_up
        self.reset()

    def reset(self) -> None:
        """Start over with the first delay."""
        self._next = self._first
        self._deadline = None if self._give_up is None else time.monotonic() + self._give_up

    def delay(self) -> float | None:
        """Return the seconds to wait now; None: give up."""
        delay, self._next = self._next, min(self._next * self._factor, self._most)
        if self._deadline is None:
            return delay
        left = self._deadline - time.monotonic()
        return min(delay, left) if left > 0 else None
