"""How a run ended, from its exit code and from what ended it."""

from __future__ import annotations

import pytest

from prismq_nb.capture.outcome import PIPE_CLOSED, Outcome, outcome_of


@pytest.mark.parametrize(
    ("code", "text_command", "expected"),
    [
        (0, False, Outcome("completed", 0, "exit")),
        (0, True, Outcome("completed", 0, "exit")),
        (141, True, Outcome("completed", 0, "exit", note=PIPE_CLOSED)),
        (141, False, Outcome("failed", 141, "exit", "exit code 141: last")),
        (-13, True, Outcome("failed", -13, "signal", "killed by SIGPIPE: last")),
        (2, True, Outcome("failed", 2, "exit", "exit code 2: last")),
    ],
)
def test_only_a_text_command_with_a_pipe_closed_early_has_completed(code, text_command, expected):
    assert outcome_of(code, None, None, "last", text_command=text_command) == expected


def test_a_stop_or_a_supervisor_failure_takes_precedence():
    assert outcome_of(141, None, "stopped", "", text_command=True) == Outcome(
        "cancelled", 141, "stopped"
    )
    failed = outcome_of(0, "it ran too long", "it ran too long", "")
    assert failed == Outcome("failed", 0, "timeout", "stopped because it ran too long")
