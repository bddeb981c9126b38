"""The clock of a run: the wall clock at its start plus the time since boot that has passed.

So the times of a run never go back when somebody sets the clock, and continue while the machine
sleeps, which Python's monotonic clock does not on Linux (clock_gettime(2), CLOCK_BOOTTIME).
Standard library only.
"""

from __future__ import annotations

import time

_BOOT = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Clock:
    """Returns times in µs since the epoch."""

    def __init__(self) -> None:
        self._offset = time.time_ns() - time.clock_gettime_ns(_BOOT)

    def now_us(self) -> int:
        """Return µs since the epoch; never less than before."""
        return (time.clock_gettime_ns(_BOOT) + self._offset) // 1000
