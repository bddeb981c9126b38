"""The suite depends on nothing that it inherits, and a lost worker ends it."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.leftovers import gone
from support.runs import until
from support.surroundings import SHADOW
from support.waiting import WAIT_SECONDS

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LOST = "crashed while running"
# Found in some shells, services, containers and CI runners.
HOSTILE = {
    "BASH_ENV": "/nowhere",
    "CI": "true",
    "COLUMNS": "20",
    "FORCE_COLOR": "1",
    "HOME": "/nowhere",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "JPY_PARENT_PID": "1",
    "JPY_SESSION_NAME": "mine.ipynb",
    "JUPYTERHUB_API_TOKEN": "secret",
    "JUPYTER_CONFIG_DIR": str(HERE),
    "JUPYTER_TOKEN": "secret",
    "LANG": "POSIX",
    "LC_ALL": "C",
    "LINES": "3",
    "NODE_ENV": "production",
    "NO_COLOR": "1",
    "PRISMQ_CONNECTION_FILE": "/nowhere",
    "PRISMQ_DATA_DIR": "/nowhere",
    "PRISMQ_URL": "http://127.0.0.1:9",
    "PYTEST_ADDOPTS": "-p no:faulthandler",
    "PYTHONASYNCIODEBUG": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONIOENCODING": "latin-1",
    "PYTHONPATH": f"/nowhere:{SHADOW}",
    "PYTHONUNBUFFERED": "1",
    "PYTHONWARNINGS": "always",
    "TERM": "dumb",
    "TZ": "Asia/Kathmandu",
    "all_proxy": "http://127.0.0.1:9",
    "http_proxy": "http://127.0.0.1:9",
}


def hostile() -> None:
    """Prepare the child, before pytest starts: the worst that a shell can pass on."""
    ordinary = signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}
    for number in ordinary - {signal.SIGPIPE, signal.SIGCHLD}:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, ordinary)
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    os.close(0)


def suite(
    file: str, *options: str, env: dict[str, str] | None = None, **more: object
) -> tuple[int, str]:
    """Exit status and report of a run of one file, with the settings of the whole suite."""
    base = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    base["PYTHONPATH"] = str(SHADOW)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options, str(HERE / file)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=base | (env or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=WAIT_SECONDS,
        **more,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("processes", [0, 2])
def test_nothing_inherited_reaches_a_test(processes):
    status, report = suite(
        "check_surroundings.py", f"--numprocesses={processes}", env=HOSTILE, preexec_fn=hostile
    )
    assert status == 0, report


@pytest.mark.parametrize("dies_by", ["SIGKILL", "timeout"])
def test_a_lost_worker_ends_the_run_with_an_error(dies_by, tmp_path):
    """Its children are gone, too: one that holds the standard output would block its reader."""
    left = tmp_path / "pid"
    env = {"PRISMQ_TEST_DIES_BY": dies_by, "PRISMQ_TEST_LEFT": str(left)}
    status, report = suite(
        "lose_worker.py", "--numprocesses=2", *["--timeout=1"] * (dies_by == "timeout"), env=env
    )
    assert status == 1, report
    assert LOST in report
    until(lambda: gone(int(left.read_text())), what="end of what the worker left")


def test_a_hard_limit_of_open_files_that_is_too_low_is_named():
    def low() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200))

    status, report = suite("check_surroundings.py", "--numprocesses=0", preexec_fn=low)
    assert status == pytest.ExitCode.USAGE_ERROR
    assert "the tests need 1024 open files and `ulimit -Hn` allows 200: raise it" in report
