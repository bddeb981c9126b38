"""What a subscriber sleeps on until there is something new. Belongs to one event loop; knows neither feeds nor HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Wake:
    """What one subscriber sleeps on; any number of feeds may ring it."""

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

    def ring(self) -> None:
        """Ends the present sleep, or the next one before it begins."""
        self._rung = True
        self._end_sleep()

    def lines(self) -> None:
        """There are new lines, and nothing else is new."""
        if self._on_lines is None or self._rung or self._sleeper is None or not self._on_lines():
            self.ring()

    async def sleep(self, seconds: float) -> bool:
        """Sleeps until `ring`, at most so many seconds; True when it was rung."""
        if not self._rung:
            self._sleeper = self._loop.create_future()
            timer = self._loop.call_later(seconds, self._end_sleep)
            try:
                await self._sleeper
            finally:
                timer.cancel()
                self._sleeper = None
        rung, self._rung = self._rung, False
        return rung

    def _end_sleep(self) -> None:
        if self._sleeper is not None and not self._sleeper.done():
            self._sleeper.set_result(None)
