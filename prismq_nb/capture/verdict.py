"""How a run ended: its status and why, from the child's exit code and who ended it. Pure."""

from __future__ import annotations

from prismq_nb.capture.child import signal_name
from prismq_nb.journal.state import CANCELLED, COMPLETED, FAILED

Verdict = tuple[str, str | None]


def verdict(code: int, failed_by: str | None, stopped_by: str | None, last: str | None) -> Verdict:
    """Return the status and the error message of a run.

    Args:
        code: exit code of the child; negative: minus the signal.
        failed_by: why the supervisor itself ended the run as failed.
        stopped_by: why it was stopped otherwise; ``stopped`` for a person's request.
        last: the last line that tells of an error.
    """
    if failed_by:
        return FAILED, f"stopped because {failed_by}"
    if stopped_by is not None:
        return CANCELLED, None if stopped_by == "stopped" else stopped_by
    if code == 0:
        return COMPLETED, None
    how = f"killed by {signal_name(-code)}" if code < 0 else f"exit code {code}"
    return FAILED, f"{how}: {last}" if last else how
