"""Named timers of one loop: at most one of each name. Pure; times are seconds of one monotonic clock. Standard library only."""

from __future__ import annotations

import math
import time
from collections.abc import Callable


class Timers:
    """What is to be done later, by name.

    Attributes:
        next_due: when the next action is due; infinite when nothing is planned. Asked for at each turn of the loop, so it is kept.
    """

    def __init__(self) -> None:
        self._due: dict[str, tuple[float, Callable[[], None]]] = {}
        self.next_due = math.inf

    def __contains__(self, name: str) -> bool:
        return name in self._due

    def set(self, name: str, seconds: float, action: Callable[[], None]) -> None:
        """Plans `action` in so many seconds, in place of an older plan of that name."""
        self._due[name] = (time.monotonic() + seconds, action)
        self._see()

    def keep(self, name: str, seconds: float, action: Callable[[], None]) -> None:
        """`set`, unless something of that name is planned already."""
        if name not in self._due:
            self.set(name, seconds, action)

    def left(self, name: str) -> float:
        """Seconds until what has that name is due; infinite where nothing has."""
        due, _ = self._due.get(name, (math.inf, None))
        return due - time.monotonic()

    def drop(self, *names: str) -> None:
        """Forgets plans; names without one are fine."""
        for name in names:
            self._due.pop(name, None)
        self._see()

    def _see(self) -> None:
        self.next_due = min((due for due, _ in self._due.values()), default=math.inf)

    def run_due(self, now: float) -> None:
        """Do what is due for longest, and only that: between two actions the loop reads output.

        An action may set timers, one of its own name included.
        """
        if now < self.next_due:
            return
        name = min(self._due, key=lambda name: self._due[name][0])
        _, action = self._due.pop(name)
        action()
        self._see()
