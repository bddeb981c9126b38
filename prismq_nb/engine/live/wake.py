"""A wake-up event for one subscriber. Belongs to one event loop; knows no HTTP."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from typing import Protocol

NO_REQUEST = contextvars.Context()
"""For timers that outlive the request which set them: its own context holds the handler."""


class Rings(Protocol):
    """What rings a wake: a feed."""

    def arm(self, wake: Wake) -> None:
        """Ring `wake` once, at the next news."""


class Wake:
    """What one subscriber sleeps on; any number of feeds may ring it.

    A feed that has rung it rings it no more until the subscriber has slept again: one that waits
    for its socket costs nothing meanwhile.
    """

    def __init__(self, on_lines: Callable[[], bool] | None = None) -> None:
        """Must be made on the event loop.

        Args:
            on_lines: called when there are new lines and nothing else is new, while the subscriber sleeps; True: it has taken them, and sleeps on.
                To wake a coroutine for each of a thousand subscribers costs more than what it then does.
        """
        self._loop = asyncio.get_running_loop()
        self._sleeper: asyncio.Future[None] | None = None
        self._rung = False
        self._on_lines = on_lines
        self._feeds: list[Rings] = []

    def join(self, feed: Rings) -> None:
        """Be rung by a feed; it arms the wake itself for the first time."""
        self._feeds.append(feed)

    def leave(self, feed: Rings) -> None:
        """Be rung by it no more."""
        self._feeds.remove(feed)

    def ring(self) -> None:
        """End the present sleep, or the next one before it begins."""
        self._rung = True
        if self._sleeper is not None and not self._sleeper.done():
            self._sleeper.set_result(None)

    def lines(self) -> bool:
        """Tell that there are new lines, and nothing else is new. False: it was rung for them."""
        sleeps = self._sleeper is not None and not self._rung
        if sleeps and self._on_lines is not None and self._on_lines():
            return True
        self.ring()
        return False

    def close(self) -> None:
        """Forget `on_lines`: a method of whoever holds this, so the two would be a cycle."""
        self._on_lines = None

    async def sleep(self, seconds: float | None = None) -> bool:
        """Sleep until `ring`, at most so many seconds; True when it was rung."""
        if not self._rung:
            self._sleeper = self._loop.create_future()
            timer = None if seconds is None else self._loop.call_later(seconds, _end, self._sleeper)
            try:
                await self._sleeper
            finally:
                if timer is not None:
                    timer.cancel()
                self._sleeper = None
        rung, self._rung = self._rung, False
        if rung:
            for feed in self._feeds:
                feed.arm(self)
        return rung


def _end(sleeper: asyncio.Future[None]) -> None:
    if not sleeper.done():
        sleeper.set_result(None)
