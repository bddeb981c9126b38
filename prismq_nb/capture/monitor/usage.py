"""Sample CPU and memory of a run's process tree every 2 s, backing off to 10 s if nothing changes.

On Linux `processes/tree.py` reads them at little cost; elsewhere psutil does. `UsageSampler`
imports it once, after the run is ready: it costs 20 ms that no launch should wait for, and a later
import could meet a half-upgraded installation. Without psutil there is no usage, and the run
continues.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from prismq_nb.capture.base import libraries
from prismq_nb.capture.processes import tree as proctree

SHORTEST_SECONDS, LONGEST_SECONDS = 2.0, 10.0
_SAME_CPU_PERCENT, _SAME_MEMORY_SHARE = 2.0, 0.02
_SEEN_MEMORY_SHARE = 0.01


class Usage(NamedTuple):
    """Resources of a process tree.

    Attributes:
        cpu_percent: mean since the last sample; 100 is one core.
        memory_bytes: resident memory.
    """

    cpu_percent: float
    memory_bytes: int


def differs_visibly(usage: Usage, reported: Usage | None) -> bool:
    """Whether people see another figure: a whole percent of CPU, a hundredth of the memory."""
    return (
        reported is None
        or round(usage.cpu_percent) != round(reported.cpu_percent)
        or abs(usage.memory_bytes - reported.memory_bytes)
        > _SEEN_MEMORY_SHARE * reported.memory_bytes
    )


class UsageSampler:
    """Samples the tree below one process.

    Attributes:
        interval: seconds until the next sample should be taken.
    """

    def __init__(self, pid: int, folders: dict[str, str]) -> None:
        """Sample the tree of `pid`.

        Import psutil if necessary, from `folders` (see `libraries.load`).
        """
        self.interval = SHORTEST_SECONDS
        self._last: Usage | None = None
        self._busy: dict[int, float] = {}
        self._at: float | None = None
        self._pid = pid
        self._tree = proctree.tree if proctree.available() else _tree_by_psutil(folders)

    def sample(self, now: float) -> Usage | None:
        """Return the usage; None if the tree is gone or cannot be read.

        Args:
            now: monotonic time in seconds.
        """
        tree = self._tree(self._pid)
        if not tree:
            return None
        spent = sum(seconds - self._busy.get(pid, 0.0) for pid, (seconds, _) in tree.items())
        cpu = 100 * spent / (now - self._at) if self._at is not None and now > self._at else 0.0
        self._busy, self._at = {pid: seconds for pid, (seconds, _) in tree.items()}, now
        return self._settle(
            Usage(round(max(0.0, cpu), 1), sum(memory for _, memory in tree.values()))
        )

    def _settle(self, usage: Usage) -> Usage:
        last = self._last
        same = (
            last is not None
            and abs(usage.cpu_percent - last.cpu_percent) <= _SAME_CPU_PERCENT
            and abs(usage.memory_bytes - last.memory_bytes)
            <= _SAME_MEMORY_SHARE * last.memory_bytes
        )
        self.interval = min(2 * self.interval, LONGEST_SECONDS) if same else SHORTEST_SECONDS
        self._last = usage
        return usage


def _tree_by_psutil(folders: dict[str, str]) -> Callable[[int], dict[int, tuple[float, int]]]:
    """Return a replacement for `tree.tree` on other platforms; it finds nothing without psutil."""
    psutil = libraries.load("psutil", folders)
    if psutil is None:
        return lambda _: {}

    def tree(root: int) -> dict[int, tuple[float, int]]:
        found: dict[int, tuple[float, int]] = {}
        try:
            top = psutil.Process(root)
            processes = [top, *top.children(recursive=True)]
        except psutil.Error:
            return found
        for process in processes:
            try:
                with process.oneshot():
                    times = process.cpu_times()
                    found[process.pid] = times.user + times.system, process.memory_info().rss
            except psutil.Error:
                continue
        return found

    return tree
