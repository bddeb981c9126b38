"""Why a run ended, as a code and in words. Standard library only."""

from __future__ import annotations

import signal
from typing import Any

from prismq_nb.common.base import state

EXIT, SIGNAL = "exit", "signal"
STOPPED, TIMEOUT, SHUTDOWN = "stopped", "timeout", "shutdown"
SUPERVISOR_LOST, GIVEN_UP, KERNEL_LOST = "supervisor_lost", "given_up", "kernel_lost"
END_REASONS = (EXIT, SIGNAL, STOPPED, TIMEOUT, SHUTDOWN, SUPERVISOR_LOST, GIVEN_UP, KERNEL_LOST)
"""Its program exited; a signal that prismq_nb did not send ended it; a person stopped it; it ran
longer than its timeout; the system asked its supervisor to end; its supervisor was killed, or its
files were lost; a person gave it up, because its machine is gone; it was a watched cell whose
kernel died, was restarted or was shut down."""


def end_reason(fields: dict[str, Any], status: str) -> str | None:
    """Return why a run ended.

    Args:
        fields: of ``run.json``, which says it unless an early version wrote it.
        status: of the run.

    Returns:
        One of `END_REASONS`; None while the run goes on.
    """
    if status not in state.ENDED:
        return None
    known, code = fields.get("end_reason"), fields.get("exit_code")
    if known in END_REASONS:
        return str(known)
    if status == state.CANCELLED:
        return STOPPED
    if code is None:
        return SUPERVISOR_LOST
    return SIGNAL if code < 0 else EXIT


def signal_name(number: int) -> str:
    """Return ``SIGKILL`` for 9; ``signal 64`` for one without a name."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def exit_words(code: int) -> str:
    """Return an exit code in words; negative: minus the signal."""
    return f"killed by {signal_name(-code)}" if code < 0 else f"exit code {code}"


def error_detail(message: str | None, code: int | None) -> str | None:
    """Return an error message without the exit code in words that it begins with."""
    if message is None or code is None:
        return message
    words = exit_words(code)
    rest = message.removeprefix(words)
    if message.startswith(words) and rest[:2] in ("", ": ", "; "):
        return rest[2:] or None
    return message
