"""How a run ended, from its exit code and who ended it."""

from __future__ import annotations

import pytest

from prismq_nb.capture.verdict import PIPE_CLOSED, Verdict, verdict


@pytest.mark.parametrize(
    ("code", "text_command", "expected"),
    [
        (0, False, Verdict("completed", 0)),
        (0, True, Verdict("completed", 0)),
        (141, True, Verdict("completed", 0, note=PIPE_CLOSED)),
        (141, False, Verdict("failed", 141, "exit code 141: last")),
        (-13, True, Verdict("failed", -13, "killed by SIGPIPE: last")),
        (2, True, Verdict("failed", 2, "exit code 2: last")),
    ],
)
def test_only_a_pipe_closed_early_in_a_text_command_has_completed(code, text_command, expected):
    assert verdict(code, None, None, "last", text_command=text_command) == expected


def test_a_stop_and_a_failure_of_the_supervisor_come_first():
    assert verdict(141, None, "stopped", "", text_command=True) == Verdict("cancelled", 141)
    failed = verdict(0, "it ran too long", "it ran too long", "")
    assert failed == Verdict("failed", 0, "stopped because it ran too long")
