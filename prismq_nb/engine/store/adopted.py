"""Reap supervisors that other programs started and left to this process.

A supervisor whose engine ends first becomes a child of process 1. Where that is Jupyter itself,
in a container, nobody else reaps it. Blocking work, for housekeeping only.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from prismq_nb.capture.processes import info as procinfo
from prismq_nb.engine.files import lenient
from prismq_nb.journal.layout import format as fmt

if TYPE_CHECKING:
    from pathlib import Path

    from prismq_nb.capture.processes.info import Process


class Adopted:
    """Children of this process that it did not start; those of runs are reaped."""

    def __init__(self, runs_dir: Path) -> None:
        """`runs_dir`: where the directories of runs are."""
        self._runs_dir = runs_dir
        self._strangers: set[Process] = set()

    def reap(self) -> list[int]:
        """Reap the supervisors among the children that have ended. Returns their process ids.

        Only what a run names by process id and start time: the others are somebody's who waits
        for them (kernels, terminals). Does nothing unless this is process 1.
        """
        if os.getpid() != 1:
            return []
        found = {one for one in procinfo.snapshot().values() if one.zombie and one.parent == 1}
        self._strangers &= found
        waiting = found - self._strangers
        if not waiting:
            return []
        named = self._named()
        ours = [one for one in waiting if named.get(one.pid) == str(one.started)]
        self._strangers |= waiting.difference(ours)
        for process in ours:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(process.pid, os.WNOHANG)
        return [process.pid for process in ours]

    def _named(self) -> dict[int, str]:
        """Which supervisors the runs name: start times by process id."""
        found: dict[int, str] = {}
        for name in os.listdir(self._runs_dir):
            path = f"{self._runs_dir}/{name}/{fmt.STATE}"
            values = lenient.read(path, lenient.MAX_STATE_BYTES).values
            pid, started = values.get("supervisor_pid"), values.get("supervisor_started")
            if isinstance(pid, int) and isinstance(started, str):
                found[pid] = started
        return found
