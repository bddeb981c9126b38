"""How a run ended: status and reason, from the exit code and from who ended it. Pure."""

from __future__ import annotations

from typing import NamedTuple

from prismq_nb.common.base.end_reason import EXIT, SHUTDOWN, SIGNAL, STOPPED, TIMEOUT, exit_words
from prismq_nb.common.base.state import CANCELLED, COMPLETED, FAILED

_SIGPIPE_CODE = 141  # 128 + SIGPIPE, as a shell tells it
PIPE_CLOSED = (
    "A command of its pipeline was ended by SIGPIPE (exit code 141), because `head` or the like "
    "closed the pipe early; all commands behind it succeeded."
)


class Outcome(NamedTuple):
    """How a run ended.

    Attributes:
        status: of the run.
        exit_code: negative: minus the signal; None: there is none.
        end_reason: one of `END_REASONS`.
        error_message: why it did not complete; None if it did, or a person stopped it.
        note: what else a person should know; None: nothing.
    """

    status: str
    exit_code: int | None
    end_reason: str
    error_message: str | None = None
    note: str | None = None


def outcome_of(
    code: int,
    failed_by: str | None,
    stopped_by: str | None,
    last: str | None,
    *,
    text_command: bool = False,
) -> Outcome:
    """Return how a run ended.

    Args:
        code: exit code of the child; negative: minus the signal.
        failed_by: why the supervisor itself ended the run as failed.
        stopped_by: why it was stopped otherwise; ``stopped`` for a person's request.
        last: the last line about an error.
        text_command: it is a command line in bash with ``pipefail``, whose code is that of the
            rightmost command that failed.
    """
    if failed_by:
        return Outcome(FAILED, code, TIMEOUT, f"stopped because {failed_by}")
    if stopped_by is not None:
        if stopped_by == "stopped":
            return Outcome(CANCELLED, code, STOPPED)
        return Outcome(CANCELLED, code, SHUTDOWN, stopped_by)
    if code == 0:
        return Outcome(COMPLETED, 0, EXIT)
    if text_command and code == _SIGPIPE_CODE:
        return Outcome(COMPLETED, 0, EXIT, note=PIPE_CLOSED)
    words, reason = exit_words(code), SIGNAL if code < 0 else EXIT
    return Outcome(FAILED, code, reason, f"{words}: {last}" if last else words)
