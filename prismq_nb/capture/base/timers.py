"""Named timers of one loop, at most one per name. Times are monotonic seconds.

Standard library only.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable


class Timers:
    """Actions to run later, by name.

    Attributes:
        next_due: when the next action is due; infinite if none is planned. It is read in every turn
            of the loop, so it is cached.
    """

    def __init__(self) -> None:
        self._due: dict[str, tuple[float, Callable[[], None]]] = {}
        self.next_due = math.inf

    def __contains__(self, name: str) -> bool:
        return name in self._due

    def set(self, name: str, seconds: float, action: Callable[[], None]) -> None:
        """Plan `action` in `seconds`, replacing an older plan of that name."""
        self._due[name] = (time.monotonic() + seconds, action)
        self._update_next_due()

    def set_default(self, name: str, seconds: float, action: Callable[[], None]) -> None:
        """Plan as `set` does, unless something of that name is planned already."""
        if name not in self._due:
            self.set(name, seconds, action)

    def remaining(self, name: str) -> float:
        """Return the seconds until what has that name is due; infinite if nothing has."""
        due, _ = self._due.get(name, (math.inf, None))
        return due - time.monotonic()

    def cancel(self, *names: str) -> None:
        """Cancel plans; names without a plan are ignored."""
        for name in names:
            self._due.pop(name, None)
        self._update_next_due()

    def clear(self) -> None:
        """Cancel everything."""
        self._due.clear()
        self._update_next_due()

    def _update_next_due(self) -> None:
        self.next_due = min((due for due, _ in self._due.values()), default=math.inf)

    def run_due(self, now: float) -> None:
        """Run the action that is overdue longest, and only that.

        The loop reads output between actions.

        An action may set timers, including one with its own name.
        """
        if now < self.next_due:
            return
        name = min(self._due, key=lambda name: self._due[name][0])
        _, action = self._due.pop(name)
        action()
        self._update_next_due()
