"""A benchmark that is asked for what it does not have says so, before it starts a server."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.waiting import WAIT_SECONDS

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.mark.parametrize(
    ("name", "only", "words"),
    [
        ("programs.py", "nothing at all", "--only='nothing at all' is in no program's name; the"),
        ("lateness.py", "unread,nothing", "--only: nothing is not one of "),
    ],
)
def test_an_unknown_name_is_a_clear_error(name: str, only: str, words: str) -> None:
    command = [sys.executable, str(BENCHMARKS / name), "--only", only]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=WAIT_SECONDS
    )
    assert done.returncode != 0
    assert words in done.stderr
    assert "Traceback" not in done.stderr
