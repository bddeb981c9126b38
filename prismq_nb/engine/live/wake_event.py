"""A wake-up event for one subscriber. Belongs to one event loop; knows no HTTP."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from typing import Protocol

NO_REQUEST = contextvars.Context()
"""The context of timers that outlive the request which set them: its own holds the handler."""


class Waker(Protocol):
    """A feed, which sets the event of a subscriber."""

    def arm(self, wake: WakeEvent) -> None:
        """Set `wake` once, at the next change."""


class WakeEvent:
    """What one subscriber waits on; any number of feeds may set it.

    A feed that has set it does not do so again until the subscriber has waited once more. So a
    subscriber that is blocked by its socket costs nothing.
    """

    def __init__(self, on_lines: Callable[[], bool] | None = None) -> None:
        """Must be created on the event loop.

        Args:
            on_lines: called while the subscriber waits if there are new lines and nothing else has
                changed. True: it has handled them, and the subscriber waits on. Waking a coroutine
                for each of a thousand subscribers costs more than what it then does.
        """
        self._loop = asyncio.get_running_loop()
        self._waiter: asyncio.Future[None] | None = None
        self._is_set = False
        self._on_lines = on_lines
        self._feeds: list[Waker] = []

    def attach(self, feed: Waker) -> None:
        """Be set by a feed too; the feed arms the event itself for the first time."""
        self._feeds.append(feed)

    def detach(self, feed: Waker) -> None:
        """Be set by that feed no more."""
        self._feeds.remove(feed)

    def set(self) -> None:
        """End the present wait, or the next one before it begins."""
        self._is_set = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def offer_lines(self) -> bool:
        """Report new lines, and no other change. False: the event was set for them."""
        sleeps = self._waiter is not None and not self._is_set
        if sleeps and self._on_lines is not None and self._on_lines():
            return True
        self.set()
        return False

    def close(self) -> None:
        """Forget `on_lines`, a method of the owner of this event, to break the reference cycle."""
        self._on_lines = None

    async def wait(self, seconds: float | None = None) -> bool:
        """Wait until the event is set, at most `seconds`. Return whether it was set."""
        if not self._is_set:
            self._waiter = self._loop.create_future()
            timer = None if seconds is None else self._loop.call_later(seconds, _end, self._waiter)
            try:
                await self._waiter
            finally:
                if timer is not None:
                    timer.cancel()
                self._waiter = None
        was_set, self._is_set = self._is_set, False
        if was_set:
            for feed in self._feeds:
                feed.arm(self)
        return was_set


def _end(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
