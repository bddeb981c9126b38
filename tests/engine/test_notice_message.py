"""What a notice says, and which services of apprise may send it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from prismq_nb.common.models import RunInfo
from prismq_nb.engine.launch.notify_targets import LOCAL_SCHEMES
from prismq_nb.engine.notices.message import Message, of_run, of_runs
from prismq_nb.engine.notices.send_apprise import LOCAL_TEMPLATE

LOCAL = f"""
from apprise.manager_plugins import NotificationManager
manager = NotificationManager()
manager.load_modules()
for service in manager.plugins():
    if {LOCAL_TEMPLATE!r} in service.templates:
        for schemes in (service.protocol, service.secure_protocol):
            print(*([schemes] if isinstance(schemes, str) else schemes or ()))
"""


def run(name="train", status="completed", seconds=200.0):
    return RunInfo(
        run_id="run_1",
        module_id=name,
        module_name=name,
        status=status,
        created_at="2025-10-31T12:00:00.000000Z",
        duration_seconds=seconds,
        error_message="exit code 1: ValueError: a secret",
    )


@pytest.mark.parametrize(
    ("told", "message"),
    [
        (of_run(run(), None), ("train completed", "train completed after 3 min 20 s", "success")),
        (
            of_run(run(status="failed"), "https://a/b", ["one", "two"]),
            ("train failed", "train failed after 3 min 20 s\nhttps://a/b\n\none\ntwo", "failure"),
        ),
        (
            of_run(run(status="cancelled", seconds=None), None),
            ("train cancelled", "train cancelled", "warning"),
        ),
        (
            of_run(run("a\x1b[31m\nb\r" + "x" * 300), None),
            (f"ab{'x' * 197}… completed", f"ab{'x' * 197}… completed after 3 min 20 s", "success"),
        ),
    ],
    ids=["the least", "with link and lines", "never started", "a hostile name"],
)
def test_a_notice_of_one_run(told, message):
    assert Message(*message) == told


def test_a_notice_of_many_runs_lists_the_failed_ones_first():
    many = [run(f"r{number}") for number in range(30)]
    many += [run("bad", "failed"), run("stopped", "cancelled")]
    told = of_runs(many, "https://a/prismq")
    lines = told.body.split("\n")
    assert ("32 runs ended, 1 failed", "failure") == (told.title, told.kind)
    assert ["bad failed after 3 min 20 s", "stopped cancelled after 3 min 20 s"] == lines[:2]
    assert ["and 12 more", "https://a/prismq"] == lines[20:]


def test_a_notice_of_many_runs_without_failures_says_so():
    told = of_runs([run()] * 4, None)
    assert ("4 runs ended, none failed", "success") == (told.title, told.kind)


def test_all_services_that_act_on_this_machine_are_refused_by_name():
    """Those of the installed apprise; the process that sends refuses new ones by their template."""
    done = subprocess.run([sys.executable, "-c", LOCAL], capture_output=True, text=True, check=True)
    found = set(done.stdout.split())
    assert {"dbus", "syslog", "windows"} <= found <= LOCAL_SCHEMES
