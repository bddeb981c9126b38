"""How a run ended: its status and why, from the child's exit code and who ended it. Pure."""

from __future__ import annotations

from typing import NamedTuple

from prismq_nb.capture.child import signal_name
from prismq_nb.common.base.state import CANCELLED, COMPLETED, FAILED

_SIGPIPE_CODE = 141  # 128 + SIGPIPE, as a shell tells it
PIPE_CLOSED = (
    "A command of its pipeline was ended by SIGPIPE (exit code 141), because `head` or the like "
    "closed the pipe early; all commands behind it succeeded."
)


class Verdict(NamedTuple):
    """How a run ended.

    Attributes:
        status, exit_code: the run's.
        error_message: why it did not complete; None where it did, or a person stopped it.
        note: what a person should know besides; None: nothing.
    """

    status: str
    exit_code: int
    error_message: str | None = None
    note: str | None = None


def verdict(
    code: int,
    failed_by: str | None,
    stopped_by: str | None,
    last: str | None,
    *,
    text_command: bool = False,
) -> Verdict:
    """Return how a run ended.

    Args:
        code: exit code of the child; negative: minus the signal.
        failed_by: why the supervisor itself ended the run as failed.
        stopped_by: why it was stopped otherwise; ``stopped`` for a person's request.
        last: the last line that tells of an error.
        text_command: it is a command line in bash with ``pipefail``, whose code is that of the
            rightmost command that failed.
    """
    if failed_by:
        return Verdict(FAILED, code, f"stopped because {failed_by}")
    if stopped_by is not None:
        return Verdict(CANCELLED, code, None if stopped_by == "stopped" else stopped_by)
    if code == 0:
        return Verdict(COMPLETED, 0)
    if text_command and code == _SIGPIPE_CODE:
        return Verdict(COMPLETED, 0, note=PIPE_CLOSED)
    how = f"killed by {signal_name(-code)}" if code < 0 else f"exit code {code}"
    return Verdict(FAILED, code, f"{how}: {last}" if last else how)
