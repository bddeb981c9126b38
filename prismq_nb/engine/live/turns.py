"""Turns on the event loop: steps of long work share each pass with everybody else's callbacks.

`asyncio.sleep(0)` lets others run but does not bound how long they wait: an event loop runs all
that is ready before it looks for new requests. With 200 streams that work for 1 ms and sleep by
turns, one pass takes 200 ms, and a request needs several passes. Here a pass has room for a few
steps, whoever wants them; the others wait in line. Belongs to one event loop; knows neither feeds
nor HTTP.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from time import perf_counter

PASS_SECONDS = 0.003
"""What all steps of one pass of the loop take together, about. A request needs some five passes."""
MAX_STEPS = 64
"""Steps of one pass at most, where they are short."""


Line = deque[Callable[[], bool]]


class Turns:
    """Two lines of waiting steps, served by turns: live ones, and bulk (replays, downloads).

    Attributes:
        passes: passes of the loop so far that had steps; `steps`: steps so far.
    """

    def __init__(self) -> None:
        """May be made before there is a loop."""
        self.passes = self.steps = 0
        self._lines: tuple[Line, Line] = (deque(), deque())
        self._serving = False
        self._bulk_next = False
        self._fitting = 1
        self._begin = 0.0

    async def next(self, *, bulk: bool = False) -> None:
        """Wait for a turn: the caller may work on for a ms or two, and asks again after that."""
        is_young = self._serving and perf_counter() - self._begin < PASS_SECONDS / 2
        if is_young and not any(self._lines):  # nobody waits, and this pass has room
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
        self._lines[bulk].append(step)
        if not self._serving:
            self._serving = True
            self._begin = perf_counter()
            asyncio.get_running_loop().call_soon(self._serve)

    def _serve(self) -> None:
        """Serve one pass: as many steps as fit, by what the last one took with all that was in it."""
        now = perf_counter()
        spent, self._begin = now - self._begin, now
        if spent > PASS_SECONDS:
            self._fitting = max(1, int(self._fitting * PASS_SECONDS / spent))
        elif spent < PASS_SECONDS / 2:
            self._fitting = min(self._fitting * 2, MAX_STEPS)
        served = 0
        try:
            while served < self._fitting and any(self._lines):
                served += self._take()()
                if perf_counter() - now > PASS_SECONDS:
                    break
        finally:
            self.passes += 1
            self.steps += served
            self._serving = served > 0 or any(self._lines)
            if self._serving:  # behind those that were served just now
                asyncio.get_running_loop().call_soon(self._serve)

    def _take(self) -> Callable[[], bool]:
        """The next step: one of each line by turns, or of the one where somebody waits."""
        live, bulk = self._lines
        take_bulk = bool(bulk) and (self._bulk_next or not live)
        self._bulk_next = not take_bulk
        return (bulk if take_bulk else live).popleft()


def _resolve(future: asyncio.Future[None]) -> bool:
    """Let a waiter go on; False: it waits no longer."""
    if future.done():
        return False
    future.set_result(None)
    return True
