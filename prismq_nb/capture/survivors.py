"""Who holds a run's output after its module's end.

Looks and tells; signals nobody. Standard library only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismq_nb.capture.processes import identity as processes

if TYPE_CHECKING:
    from prismq_nb.capture.processes.stopper import Family
    from prismq_nb.capture.status import StatusFile

MAX_BACKGROUND = 20


class Survivors:
    """Tells a run's state of processes that its module left behind."""

    def __init__(self, family: Family, status: StatusFile) -> None:
        """`family`: the processes of the run; `status`: where they are named."""
        self._family = family
        self._status = status

    def look(self, fds: list[int]) -> bool:
        """Name who holds the output. Costs a few ms.

        Args:
            fds: our ends of the streams that are open.

        Returns:
            Whether they are others than last time.
        """
        members = self._family.members()
        found = processes.holders(fds, [process.pid for process in members])
        found = found or processes.holders(fds) or members
        before = self._status.background
        self._status.background = [{"pid": process.pid, "name": process.name} for process in found[:MAX_BACKGROUND]]
        return before != self._status.background
