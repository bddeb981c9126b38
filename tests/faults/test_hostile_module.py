"""A module that replaces its own run's files by something else stalls and stops nobody."""

from __future__ import annotations

import contextlib
import os

import pytest
from support.damages import KINDS
from support.runs import until

from prismq_nb.client.local import LocalClient
from prismq_nb.common.models import LaunchRequest
from prismq_nb.errors import PrismqError
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.layout import usage

CODE = """
import os, sys
folder = os.path.join(os.environ["PRISMQ_DATA_DIR"], "runs", os.environ["PRISMQ_RUN_ID"])
print("begun", flush=True)
sys.stdin.readline()
for number in range(2000):
    print("line", number)
print("unfinished", end="", flush=True)
sys.stdin.readline()
"""
REPLACED = (
    *(fmt.STATE, fmt.LOG, fmt.INDEX, fmt.LEVELS, fmt.GAPS, fmt.PART, usage.FILE, fmt.RESERVE),
    *(*fmt.UNFINISHED, fmt.LAUNCH, "supervisor.log", "read", "keep"),
)


REPLACEMENTS = ("a FIFO", "a socket", "a directory", "a dangling link", "a device")


@pytest.mark.parametrize("kind", REPLACEMENTS)
def test_a_module_replaces_all_files_of_its_own_run(data_dir, kind):
    client = LocalClient(data_dir)
    other = client.launch(LaunchRequest(code="input()"))
    run_id = client.launch(LaunchRequest(code=CODE)).run_id
    folder = data_dir / "runs" / run_id
    until(lambda: (folder / fmt.LOG).stat().st_size)
    supervisor = _supervisor(folder)
    for name in (*REPLACED, f".{fmt.STATE}.{supervisor}"):
        try:
            KINDS[kind](folder / name)
        except PermissionError:
            pytest.skip("no right to make a device")
    client.send(run_id, "\n")
    for call in (client.get, lambda one: client.logs(one, {"after": -1}), client.stop):
        with contextlib.suppress(PrismqError):  # whether it can be read then is another matter
            call(run_id)
    until(lambda: not os.path.exists(f"/proc/{supervisor}"), what="the supervisor's end")
    until(lambda: client.get(run_id).status in ("completed", "cancelled", "failed"))
    assert run_id in [run.run_id for run in client.list().runs]
    client.purge(run_id)
    client.send(other.run_id, "\n")
    until(lambda: client.get(other.run_id).status == "completed")
    assert [other.run_id] == [one for one in os.listdir(data_dir / "runs") if one[0] != "."]


def _supervisor(folder):
    from prismq_nb.common.base.state import read_json

    return read_json(folder / fmt.STATE)["supervisor_pid"]
