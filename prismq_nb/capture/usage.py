"""CPU and memory of the run's process tree, sampled with psutil every 2 s, backing off to 10 s while nothing changes.

psutil is imported by `UsageSampler.__init__`, once, after the run is ready: it costs 20 ms that no launch should wait for, and a later import could
meet a half-upgraded installation. Without psutil there is no usage, and the run goes on.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import psutil

SHORTEST_SECONDS, LONGEST_SECONDS = 2.0, 10.0
_SAME_CPU_PERCENT, _SAME_MEMORY_SHARE = 2.0, 0.02


class Usage(NamedTuple):
    """CPU in percent of one core since the last sample; resident memory in bytes; both of the whole tree."""

    cpu_percent: float
    memory_bytes: int


class UsageSampler:
    """Samples the tree below one process.

    Attributes:
        interval: seconds until the next sample should be taken.
    """

    def __init__(self, pid: int, psutil_path: str | None) -> None:
        """Imports psutil, from the folder `psutil_path` where it is not on the path (the supervisor runs without site-packages)."""
        self.interval = SHORTEST_SECONDS
        self._last: Usage | None = None
        self._busy: dict[int, float] = {}
        self._at: float | None = None
        self._root: psutil.Process | None = None
        if psutil_path:
            sys.path.append(psutil_path)
        try:
            import psutil  # noqa: PLC0415 - see the top of this file

            self._psutil = psutil
            self._root = psutil.Process(pid)
        except Exception:  # noqa: BLE001 - a broken psutil must not cost the run anything but this figure
            self._root = None
        finally:
            if psutil_path:
                sys.path.remove(psutil_path)

    def sample(self, now: float) -> Usage | None:
        """The usage at monotonic time `now` (seconds); None when the tree is gone or psutil is not there."""
        if self._root is None:
            return None
        busy: dict[int, float] = {}
        memory = 0
        try:
            tree = [self._root, *self._root.children(recursive=True)]
        except self._psutil.Error:
            return None
        for process in tree:
            try:
                with process.oneshot():
                    times = process.cpu_times()
                    busy[process.pid] = times.user + times.system
                    memory += process.memory_info().rss
            except self._psutil.Error:
                continue
        spent = sum(seconds - self._busy.get(pid, 0.0) for pid, seconds in busy.items())
        cpu = 100 * spent / (now - self._at) if self._at is not None and now > self._at else 0.0
        self._busy, self._at = busy, now
        return self._settle(Usage(round(max(0.0, cpu), 1), memory))

    def _settle(self, usage: Usage) -> Usage:
        last = self._last
        same = (
            last is not None
            and abs(usage.cpu_percent - last.cpu_percent) <= _SAME_CPU_PERCENT
            and abs(usage.memory_bytes - last.memory_bytes) <= _SAME_MEMORY_SHARE * last.memory_bytes
        )
        self.interval = min(2 * self.interval, LONGEST_SECONDS) if same else SHORTEST_SECONDS
        self._last = usage
        return usage
