"""Find processes of runs by their environment."""

from __future__ import annotations

from prismq_nb.capture.processes.identity import RunIdentity, marked_processes


def processes_of(run_id: str) -> list[int]:
    """Ids of all processes that carry the run's id."""
    found = marked_processes(RunIdentity(run_id, "", None))
    return [process.pid for process in (*found.proved, *found.doubtful)]
