"""What a subscriber sleeps on until there is something new. Belongs to one event loop; knows neither feeds nor HTTP."""

from __future__ import annotations

import asyncio


class Wake:
    """What one subscriber sleeps on; any number of feeds may ring it."""

    def __init__(self) -> None:
        """Must be made on the event loop."""
        self._loop = asyncio.get_running_loop()
        self._sleeper: asyncio.Future[None] | None = None
        self._rung = False

    def ring(self) -> None:
        """Ends the present sleep, or the next one before it begins."""
        self._rung = True
        self._end_sleep()

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
