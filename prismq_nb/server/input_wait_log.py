"""Log once when a run begins to wait for input, whether it is watched or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prismq_nb.common.models import RunInfo
    from prismq_nb.engine.files.error_log import Log


class InputWaitLog:
    """Remembers which runs waited at the last check, so each wait is logged once."""

    def __init__(self, log: Log) -> None:
        """Log to `log`, the server's log."""
        self._log = log
        self._waiting: frozenset[str] = frozenset()

    def update(self, runs: Iterable[RunInfo]) -> None:
        """Log the runs that wait now and did not before. `runs`: all active runs."""
        waiting = {run.run_id: run for run in runs if run.waiting_for_input}
        for run_id in waiting.keys() - self._waiting:
            hidden = "hidden " if waiting[run_id].hides_input else ""
            self._log.info("prismq_nb: %s is waiting for %sinput", run_id, hidden)
        self._waiting = frozenset(waiting)
