"""What is known of a run's processes besides its child: who holds its output, who is stopped.

Looks and tells; signals nobody. Standard library only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismq_nb.capture import processes
from prismq_nb.capture.stopper import named

if TYPE_CHECKING:
    from prismq_nb.capture.status import StatusFile
    from prismq_nb.capture.stopper import Family

MAX_BACKGROUND = 20


class Survivors:
    """Tells a run's state of processes that its module left behind, and of stopped ones."""

    def __init__(self, family: Family, status: StatusFile) -> None:
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

    def look_for_stopped(self) -> bool:
        """Note which processes are stopped. Costs a few ms. Returns whether that is new."""
        stopped = [process for process in self._family.members() if process.stopped]
        if not stopped:
            return False
        before = len(self._status.notes)
        verb = "is" if len(stopped) == 1 else "are"
        who = named(stopped)
        self._status.add_note(
            f"{who[:1].upper()}{who[1:]} {verb} stopped, as a background process is that reads "
            "from the terminal (SIGTTIN), and goes on after SIGCONT."
        )
        return len(self._status.notes) != before
