"""Why a run ended, as a code, and its error message without the exit code."""

from __future__ import annotations

import pytest

from prismq_nb.common.base.end_reason import end_reason, error_detail


@pytest.mark.parametrize(
    ("fields", "status", "expected"),
    [
        ({}, "running", None),
        ({"end_reason": "timeout", "exit_code": -9}, "failed", "timeout"),
        ({"end_reason": "of a later version", "exit_code": 1}, "failed", "exit"),
        ({"exit_code": 0}, "completed", "exit"),
        ({"exit_code": -11}, "failed", "signal"),
        ({"exit_code": -15}, "cancelled", "stopped"),
        ({"exit_code": None}, "failed", "supervisor_lost"),
        ({}, "failed", "supervisor_lost"),
    ],
)
def test_the_end_has_a_code(fields, status, expected):
    assert expected == end_reason(fields, status)


@pytest.mark.parametrize(
    ("message", "code", "expected"),
    [
        (None, 1, None),
        ("exit code 1", 1, None),
        ("exit code 1: ValueError: x", 1, "ValueError: x"),
        ("killed by SIGSEGV; a process held its output", -11, "a process held its output"),
        ("exit code 12", 1, "exit code 12"),
        ("exit code 1: x", 2, "exit code 1: x"),
        ("its supervisor was killed", None, "its supervisor was killed"),
        ("stopped because it ran too long", -15, "stopped because it ran too long"),
    ],
)
def test_a_message_is_given_without_the_exit_code(message, code, expected):
    assert expected == error_detail(message, code)
