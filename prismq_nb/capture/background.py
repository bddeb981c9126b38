"""Find the processes that hold a run's output after its module has ended. Signals nobody.

Standard library only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismq_nb.capture.processes import identity as processes

if TYPE_CHECKING:
    from prismq_nb.capture.processes.stopper import RunProcesses
    from prismq_nb.capture.status import StatusFile

MAX_BACKGROUND = 20


class BackgroundProcesses:
    """Keeps `background` of a run's state: the processes that its module left behind."""

    def __init__(self, run_processes: RunProcesses, status: StatusFile) -> None:
        """Find processes among `run_processes`, and list them in `status`."""
        self._processes = run_processes
        self._status = status

    def refresh(self, fds: list[int]) -> bool:
        """List the processes that hold the output. Takes a few ms.

        Args:
            fds: our ends of the streams that are open.

        Returns:
            Whether the list has changed.
        """
        members = self._processes.members()
        found = processes.holders(fds, [process.pid for process in members])
        found = found or processes.holders(fds) or members
        before = self._status.background
        self._status.background = [
            {"pid": process.pid, "name": process.name} for process in found[:MAX_BACKGROUND]
        ]
        return before != self._status.background
