"""Reap supervisors that other programs started and that became children of this process.

A supervisor whose engine ends first becomes a child of process 1. If that is Jupyter, as in a
container, nothing else reaps it. Blocking work, for housekeeping only.
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


class OrphanReaper:
    """Reaps ended supervisors that this process did not start."""

    def __init__(self, runs_dir: Path) -> None:
        """Reap supervisors of the runs in `runs_dir`."""
        self._runs_dir = runs_dir
        self._foreign: set[Process] = set()

    def reap(self) -> list[int]:
        """Reap ended supervisors among the children. Return their process ids.

        A child is reaped only if a run names it by process id and start time: other programs wait
        for their own children (kernels, terminals). Does nothing unless this is process 1.
        """
        if os.getpid() != 1:
            return []
        found = {one for one in procinfo.snapshot().values() if one.zombie and one.parent == 1}
        self._foreign &= found
        waiting = found - self._foreign
        if not waiting:
            return []
        named = self._named()
        ours = [one for one in waiting if named.get(one.pid) == str(one.started)]
        self._foreign |= waiting.difference(ours)
        for process in ours:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(process.pid, os.WNOHANG)
        return [process.pid for process in ours]

    def _named(self) -> dict[int, str]:
        """Return the supervisors that runs name: start times by process id."""
        found: dict[int, str] = {}
        for name in os.listdir(self._runs_dir):
            path = f"{self._runs_dir}/{name}/{fmt.STATE}"
            values = lenient.read(path, lenient.MAX_STATE_BYTES).values
            pid, started = values.get("supervisor_pid"), values.get("supervisor_started")
            if isinstance(pid, int) and isinstance(started, str):
                found[pid] = started
        return found
