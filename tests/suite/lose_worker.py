"""Tests that end their worker. Not collected with the suite: run by test_suite.py."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest


@pytest.mark.parametrize("number", range(3))
def test_before(number):
    assert number < 3


def test_worker_dies(tmp_path_factory):
    """With a child that holds the standard error of the whole run."""
    child = subprocess.Popen(["sleep", "1000"])
    Path(os.environ["PRISMQ_TEST_LEFT"]).write_text(str(child.pid))
    if os.environ["PRISMQ_TEST_DIES_BY"] == "timeout":
        time.sleep(1000)  # pytest-timeout ends the process
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("number", range(3))
def test_after(number):
    assert number < 3
