"""Turns on the event loop: steps of long work share each pass with all other callbacks.

`asyncio.sleep(0)` lets others run but does not bound how long they wait, because an event loop runs
everything that is ready before it polls for new requests. With 200 streams that work for 1 ms and
sleep in turn, one pass takes 200 ms, and a request needs several passes. Here a pass runs only a
few steps; the others wait in a queue. Belongs to one event loop; knows neither feeds nor HTTP.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from time import perf_counter

PASS_SECONDS = 0.003
"""Approximate time of all steps in one pass of the event loop. A request needs some five passes."""
MAX_STEPS = 64
"""Maximum number of steps in one pass, if they are short."""


_Queue = deque[Callable[[], bool]]


class Turns:
    """Two queues of waiting steps, served alternately: live ones, and bulk (replays, downloads).

    Attributes:
        passes: passes of the event loop that had steps.
        steps: steps that were run.
    """

    def __init__(self) -> None:
        """May be created before there is an event loop."""
        self.passes = self.steps = 0
        self._queues: tuple[_Queue, _Queue] = (deque(), deque())
        self._serving = False
        self._bulk_next = False
        self._fitting = 1
        self._begin = 0.0

    async def next(self, *, bulk: bool = False) -> None:
        """Wait for a turn: the caller may work for a ms or two, and must then ask again."""
        is_young = self._serving and perf_counter() - self._begin < PASS_SECONDS / 2
        if is_young and not any(self._queues):  # the queues are empty, and this pass has time left
            self.steps += 1
            return
        future = asyncio.get_running_loop().create_future()
        self._add(lambda: _resolve(future), bulk)
        await future

    def call(self, step: Callable[[], None]) -> None:
        """Call `step` when its turn comes; it counts as live."""

        def take() -> bool:
            step()
            return True

        self._add(take, bulk=False)

    def _add(self, step: Callable[[], bool], bulk: bool) -> None:
        self._queues[bulk].append(step)
        if not self._serving:
            self._serving = True
            self._begin = perf_counter()
            asyncio.get_running_loop().call_soon(self._serve)

    def _serve(self) -> None:
        """Run one pass: as many steps as fit, judged by the duration of the last pass."""
        now = perf_counter()
        spent, self._begin = now - self._begin, now
        if spent > PASS_SECONDS:
            self._fitting = max(1, int(self._fitting * PASS_SECONDS / spent))
        elif spent < PASS_SECONDS / 2:
            self._fitting = min(self._fitting * 2, MAX_STEPS)
        served = 0
        try:
            while served < self._fitting and any(self._queues):
                served += self._take()()
                if perf_counter() - now > PASS_SECONDS:
                    break
        finally:
            self.passes += 1
            self.steps += served
            self._serving = served > 0 or any(self._queues)
            if self._serving:  # after the callbacks of the steps that were just run
                asyncio.get_running_loop().call_soon(self._serve)

    def _take(self) -> Callable[[], bool]:
        """Return the next step, from the two queues alternately."""
        live, bulk = self._queues
        take_bulk = bool(bulk) and (self._bulk_next or not live)
        self._bulk_next = not take_bulk
        return (bulk if take_bulk else live).popleft()


def _resolve(future: asyncio.Future[None]) -> bool:
    """Let a waiter go on. False: it waits no longer."""
    if future.done():
        return False
    future.set_result(None)
    return True
