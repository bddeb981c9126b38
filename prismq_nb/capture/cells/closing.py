"""Runs that have ended, while their last lines are classified and synced. Standard library only."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prismq_nb.capture.cells.run import CellRun

_WAIT_SECONDS = 0.01


class Closing:
    """The runs that are being closed, the oldest first."""

    def __init__(self) -> None:
        """Begin without any."""
        self._runs: list[CellRun] = []

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._runs)

    def add(self, run: CellRun) -> None:
        """Close a run that has ended."""
        self._runs.append(run)

    def step(self) -> bool:
        """Go on for a few milliseconds; return whether there is more to do at once."""
        for run in list(self._runs):
            if run.close_step():
                self._runs.remove(run)
            elif run.has_close_work:
                return True
        return False

    def finish(self) -> None:
        """Close them all."""
        while self._runs:
            if not self.step():
                time.sleep(_WAIT_SECONDS)
