"""The server's log has one line when a run has begun to wait for input, watched or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prismq_nb.common.models import Run
    from prismq_nb.engine.files.trouble import Log


class AskingLog:
    """Runs that waited at the last look, so that one that waits on is not told again."""

    def __init__(self, log: Log) -> None:
        """Nothing was seen yet; `log`: the server's."""
        self._log = log
        self._waiting: frozenset[str] = frozenset()

    def look(self, runs: Iterable[Run]) -> None:
        """Tell of those that wait now and did not before. `runs`: all that go on."""
        waiting = {run.run_id: run for run in runs if run.waiting_for_input}
        for run_id in waiting.keys() - self._waiting:
            hidden = "hidden " if waiting[run_id].hides_input else ""
            self._log.info("prismq_nb: %s is waiting for %sinput", run_id, hidden)
        self._waiting = frozenset(waiting)
