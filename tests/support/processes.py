"""Processes of runs, as tests look for them: by what their environment says, proved or not."""

from __future__ import annotations

from prismq_nb.capture.processes.identity import RunIdentity, carriers


def processes_of(run_id: str) -> list[int]:
    """Ids of all processes that carry the run's id."""
    found = carriers(RunIdentity(run_id, "", None))
    return [process.pid for process in (*found.proved, *found.doubtful)]
