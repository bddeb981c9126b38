"""CPU and memory of the run's process tree, sampled every 2 s, backing off to 10 s while nothing changes.

Linux tells them at little cost (`proctree.py`); elsewhere psutil does. That is imported by `UsageSampler.__init__`, once, after the run is ready: it
costs 20 ms that no launch should wait for, and a later import could meet a half-upgraded installation. Without it there is no usage, and the run goes
on.
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
    """CPU in percent of one core since the last sample; resident memory in bytes; both of the whole tree."""

    cpu_percent: float
    memory_bytes: int


def looks_other(usage: Usage, told: Usage | None) -> bool:
    """Whether a person sees another figure: a whole percent of CPU, a hundredth of the memory."""
    return (
        told is None
        or round(usage.cpu_percent) != round(told.cpu_percent)
        or abs(usage.memory_bytes - told.memory_bytes) > _SEEN_MEMORY_SHARE * told.memory_bytes
    )


class UsageSampler:
    """Samples the tree below one process.

    Attributes:
        interval: seconds until the next sample should be taken.
    """

    def __init__(self, pid: int, folders: dict[str, str]) -> None:
        """Imports psutil if need be; `folders` as `libraries.load` takes them."""
        self.interval = SHORTEST_SECONDS
        self._last: Usage | None = None
        self._busy: dict[int, float] = {}
        self._at: float | None = None
        self._pid = pid
        self._tree = proctree.tree if proctree.available() else _tree_by_psutil(folders)

    def sample(self, now: float) -> Usage | None:
        """The usage at monotonic time `now` (seconds); None when the tree is gone or nobody tells."""
        tree = self._tree(self._pid)
        if not tree:
            return None
        spent = sum(seconds - self._busy.get(pid, 0.0) for pid, (seconds, _) in tree.items())
        cpu = 100 * spent / (now - self._at) if self._at is not None and now > self._at else 0.0
        self._busy, self._at = {pid: seconds for pid, (seconds, _) in tree.items()}, now
        return self._settle(Usage(round(max(0.0, cpu), 1), sum(memory for _, memory in tree.values())))

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


def _tree_by_psutil(folders: dict[str, str]) -> Callable[[int], dict[int, tuple[float, int]]]:
    """`proctree.tree` for other platforms; one that finds nothing where there is no psutil."""
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
