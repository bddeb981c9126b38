"""The disk of the runs is full, and later it is not.

Modules do not notice, the server stays up, and what is missing is reported to the byte.
"""

from __future__ import annotations

import os
import re

import pytest
import requests
from support.jupyter_process import JupyterProcess
from support.runs import ended, until
from support.small_disk import command, fill, inside
from support.waiting import WAIT_SECONDS

from prismq_nb.common.base.state import ENDED
from prismq_nb.common.models import LaunchSpec
from prismq_nb.engine.engine import Engine
from prismq_nb.engine.store.retention import Limits

DISK = 24 << 20
# Print numbered lines of 100 bytes until stdin says end. A file on another disk tells the progress
# and the longest print.
CODE = """
import os, select, sys, time
longest = number = 0
while not select.select([0], [], [], 0.001)[0]:
    begin = time.monotonic()
    os.write(1, b"".join(b"%08d %s\\n" % (i, b"x" * 90) for i in range(number, number + 20)))
    longest = max(longest, time.monotonic() - begin)
    number += 20
    with open("progress.new", "w") as file: file.write(f"{number} {longest}")
    os.replace("progress.new", "progress")
print("the end", number)
"""


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    (home / "data").mkdir()
    server = JupyterProcess(home, prefix=command(home / "data", DISK))
    server.launch()
    yield server
    server.stop()


@pytest.fixture
def server(shared):
    """With an empty disk; all tests of this file share it, because its start takes longest."""
    yield shared
    inside(shared.process.pid, shared.data_dir / "ballast").unlink(missing_ok=True)
    for run in ask(shared, "").json()["runs"]:
        ask(shared, f"/{run['run_id']}?purge=true", "DELETE")
    (shared.root_dir / "progress").unlink(missing_ok=True)


def ask(server, path, method="GET", **more):
    return requests.request(
        method, f"{server.url}api/runs{path}", headers=server.headers, timeout=WAIT_SECONDS, **more
    )


def printed(server):
    try:
        return int((server.root_dir / "progress").read_text().split()[0])
    except FileNotFoundError:
        return 0


def all_lines(server, run_id):
    found, after = [], -1
    while page := ask(server, f"/{run_id}/logs?after={after}").json()["logs"]:
        found += page
        after = page[-1]["line"]
    return found


def gaps(server, run_id):
    """The gap events of the run's stream, from its first line to its end."""
    text = ask(server, f"/{run_id}/logs/stream?after=-1").text
    return [
        requests.models.complexjson.loads(data)
        for data in re.findall(r"event: gap\ndata: (.*)\n", text)
    ]


def test_a_full_disk_that_is_freed_again_costs_what_the_gap_says_and_nothing_else(server):
    disk = inside(server.process.pid, server.data_dir)
    run_id = ask(server, "", "POST", json={"code": CODE, "cwd": str(server.root_dir)}).json()[
        "run_id"
    ]
    until(lambda: ask(server, f"/{run_id}").json()["lines"] > 1000)
    ballast = fill(disk)
    until(
        lambda: "disk full" in (ask(server, f"/{run_id}").json()["error_message"] or ""),
        what="a word about the full disk",
    )
    full = ask(server, f"/{run_id}").json()
    assert full["status"] == "running"
    assert re.fullmatch(
        r"nothing has been stored since .*Z \(disk full\): [\d,]+ lines?, [\d,]+ bytes lost so far",
        full["error_message"],
    )
    before = printed(server)
    until(
        lambda: printed(server) > before + 2000,
        what="progress of the module while the disk is full",
    )
    refused = ask(server, "", "POST", json={"code": "1"})
    assert (refused.status_code, refused.json()["reason"]) == (507, "StorageFull")
    assert ask(server, f"/{run_id}").json()["lines"] <= full["lines"] + 200, (
        "lines that were stored on a full disk"
    )
    ballast.unlink()
    stored = full["lines"]
    until(
        lambda: ask(server, f"/{run_id}").json()["lines"] > stored + 2000,
        what="capture after the disk was freed",
    )
    until(
        lambda: ask(server, f"/{run_id}").json()["error_message"] is None,
        what="the end of the message",
    )
    ask(server, f"/{run_id}/input", "POST", json={"eof": True})
    until(lambda: ask(server, f"/{run_id}").json()["status"] in ENDED)
    run = ask(server, f"/{run_id}").json()
    assert (run["status"], run["exit_code"], run["error_message"]) == ("completed", 0, None)
    lines, told = all_lines(server, run_id), gaps(server, run_id)
    numbers = [int(line["message"][:8]) for line in lines[:-1]]
    total = int(lines[-1]["message"].split()[-1])
    assert numbers == sorted(set(numbers)), "a line was torn, or doubled"
    assert {gap["reason"] for gap in told} == {"disk-full"}
    assert sum(gap["lines"] for gap in told) == total - len(numbers) > 2000
    assert sum(gap["bytes"] for gap in told) == 100 * (total - len(numbers))
    for gap in told:  # each stands where lines are missing, and says when
        at = gap["before"]
        assert numbers[at] - numbers[at - 1] - 1 == gap["lines"]
        assert lines[at - 1]["timestamp"] < gap["begin"] <= gap["end"] <= lines[at]["timestamp"]
    assert float((server.root_dir / "progress").read_text().split()[1]) < 5, (
        "the module waited for the disk"
    )


def test_a_run_that_ends_on_a_full_disk_has_its_true_end_and_its_gap(server):
    disk = inside(server.process.pid, server.data_dir)
    run_id = ask(
        server, "", "POST", json={"code": CODE + "sys.exit(3)", "cwd": str(server.root_dir)}
    ).json()["run_id"]
    until(lambda: ask(server, f"/{run_id}").json()["lines"] > 1000)
    fill(disk)
    before = printed(server)
    until(lambda: printed(server) > before + 2000)
    fill(disk)  # the run's own reserve is all that is left to it
    ask(server, f"/{run_id}/input", "POST", json={"eof": True})
    until(lambda: ask(server, f"/{run_id}").json()["status"] in ENDED)
    run = ask(server, f"/{run_id}").json()
    assert (run["status"], run["exit_code"]) == ("failed", 3)
    lines, told = all_lines(server, run_id), gaps(server, run_id)
    assert [int(line["message"][:8]) for line in lines] == list(range(run["lines"]))
    assert sum(gap["lines"] for gap in told) == int(
        (server.root_dir / "progress").read_text().split()[0]
    ) + 1 - len(lines)
    assert told[-1]["before"] == len(lines)


def test_a_supervisor_killed_on_a_full_disk_leaves_a_failed_run_that_can_be_read(server):
    disk = inside(server.process.pid, server.data_dir)
    run_id = ask(server, "", "POST", json={"code": CODE, "cwd": str(server.root_dir)}).json()[
        "run_id"
    ]
    until(lambda: ask(server, f"/{run_id}").json()["lines"] > 1000)
    fill(disk)
    pid = requests.models.complexjson.loads((disk / "runs" / run_id / "run.json").read_text())[
        "supervisor_pid"
    ]
    fill(disk)
    os.kill(pid, 9)
    until(lambda: ask(server, f"/{run_id}").json()["status"] in ENDED)
    run, lines = ask(server, f"/{run_id}").json(), all_lines(server, run_id)
    assert run["status"] == "failed"
    assert run["error_message"].startswith("its supervisor was killed")
    assert [int(line["message"][:8]) for line in lines[:1000]] == list(range(1000))
    assert len(lines) == run["lines"]


def test_a_run_over_its_own_limit_continues_and_the_gap_says_what_is_missing(data_dir):
    engine = Engine(data_dir, limits=Limits(max_run_bytes=1 << 20))
    code = "for i in range(400_000): print(f'{i:09}')"
    run = ended(engine, engine.launch(LaunchSpec(code=code, unbuffered=False)).run_id)
    with engine.reader(run.run_id) as reader:
        (gap,) = reader.gaps(0, 1 << 40)
    assert (run.status, run.exit_code) == ("completed", 0)
    assert (gap.before, gap.lines, gap.bytes, gap.reason) == (
        run.lines,
        400_000 - run.lines,
        10 * (400_000 - run.lines),
        "run-limit",
    )
    assert 1 << 20 <= run.bytes < 2 << 20
    engine.close()
