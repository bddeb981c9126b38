"""``kill -9`` at random moments: stored output stays, and the reported end is true.

Of the server, the supervisor, both, the child and a grandchild.

Each round starts a run whose child and grandchild print numbered lines while a reader watches,
kills a process at a moment that the seed decides (also while the run is still being started), lets
an engine read, and then compares the journal with what the reader had seen. ``--seed`` repeats a
failed round; ``--whole`` does 100 of them.
"""

from __future__ import annotations

import os
import random
import re
import signal
import time
from typing import NamedTuple

import psutil
import pytest
import requests
from support.engine_host import EngineHost
from support.jupyter_process import JupyterProcess
from support.processes import processes_of
from support.runs import lines, spans, until
from support.waiting import WAIT_SECONDS

from prismq_nb.common.base import state
from prismq_nb.engine.engine import Engine
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.reader import JournalReader

VICTIMS = ("server", "supervisor", "both", "child", "grandchild")
# stdout: whole lines of two processes, each in one write, in bursts; stderr: lines in two writes,
# so that there is unfinished text at any time.
CODE = """
import os, random, sys, time
choose = random.Random(int(sys.argv[1]))
child = os.fork() != 0
name = b"c" if child else b"g"
burst = 0
for i in range(400):
    os.write(1, b"%s %d %s\\n" % (name, i, b"x" * choose.randrange(60)))
    if child:
        os.write(2, b"e %d" % i)
        if i % 5 == 0: time.sleep(choose.random() * 0.01)
        os.write(2, b" end\\n")
    if choose.random() < 0.03: time.sleep(choose.random() * 0.04)
if child: os.wait()
"""


class Run(NamedTuple):
    """What a round has started: where it is, and its processes."""

    path: str
    supervisor: psutil.Process | None
    child: psutil.Process | None
    grandchild: psutil.Process | None


def process(pid):
    """None if there is no such process; psutil takes None for the current one."""
    try:
        return psutil.Process(pid) if pid else None
    except psutil.Error:
        return None


def is_supervisor(one):
    try:
        return any("boot.py" in word for word in one.cmdline())
    except psutil.Error:  # a zombie, or gone
        return False


def look(data_dir, server):
    """The newest run and its processes, as far as there are any yet."""
    paths = [path for path in (data_dir / "runs").iterdir() if path.name.startswith("run_")]
    path = max(paths, key=lambda path: path.stat().st_ctime_ns, default=data_dir / "runs" / "none")
    now = state.read_json(path / fmt.STATE) or {}
    supervisor, child = process(now.get("supervisor_pid")), process(now.get("pid"))
    if supervisor is None:  # not recorded yet: the server's child
        supervisor = next(
            (one for one in psutil.Process(server).children() if is_supervisor(one)), None
        )
    try:
        children = child.children() if child else []
    except psutil.NoSuchProcess:
        children = []
    return Run(str(path), supervisor, child, children[0] if children else None)


def kill(*processes):
    """Kill them at once, and return whether there was any."""
    there = [one for one in processes if one is not None]
    for one in there:
        try:
            one.kill()
        except psutil.NoSuchProcess:
            continue
    return bool(there)


def numbers(found, name):
    """The numbers of one printer's lines, in their order."""
    return [int(match[1]) for line in found if (match := re.match(rb"%s (\d+)( |$)" % name, line))]


class Watch:
    """A reader during the round: every line that it has seen stored."""

    def __init__(self, data_dir):
        self._dir = data_dir / "runs"
        self.seen = {}
        self._readers = {}

    def look(self):
        for path in self._dir.iterdir():
            if path.name.startswith("run_"):
                reader = self._readers.setdefault(path.name, JournalReader(path))
                seen = self.seen.setdefault(path.name, [])
                seen += lines(reader, len(seen))

    def close(self):
        for reader in self._readers.values():
            reader.close()


def is_over(run):
    """Whether a run has ended, and no process is left that prints."""
    return run.status in state.ENDED and not run.output_open


def check(engine, run_id, seen, victim, log):
    """Check everything that must hold of a run that has ended, whichever process was killed."""
    run = engine.get(run_id)
    with engine.reader(run_id) as reader:
        stored = spans(reader)
        found = [line for span in stored for line in span.data.split(b"\n")[: span.line_count]]
        assert reader.total_lines == run.lines == len(found)
        assert reader.pending() == (b"", b"")
    assert found[: len(seen)] == seen, "lines that were stored have changed"
    stamps = [span.stamp + i for span in stored for i in range(span.line_count)]
    assert stamps == sorted(set(stamps))
    assert (engine.data_dir / "runs" / run_id / fmt.LOG).read_bytes().startswith(log), (
        "bytes of the log are gone"
    )
    for name, whole in (
        (b"c", victim == "server"),
        (b"g", victim in ("server", "child")),
        (b"e", victim in ("server", "grandchild")),
    ):
        got = numbers(found, name)
        assert got == list(range(len(got))), "a line is missing or doubled"
        if whole and run.status == "completed":
            assert len(got) == 400, name
    until(lambda: not processes_of(run_id), what="no process left")
    return run


EXPECTED = {
    "server": {("completed", 0, None), ("failed", None, "its supervisor never started")},
    "supervisor": {
        ("failed", None, "its supervisor was killed"),
        ("failed", None, "its supervisor never started"),
    },
    "child": {("failed", -9, "killed by SIGKILL")},
    "grandchild": {("completed", 0, None)},
}
EXPECTED["both"] = EXPECTED["supervisor"]


@pytest.mark.timeout(1200)
def test_after_a_kill_at_a_random_moment_stored_output_stays_and_the_end_is_true(
    data_dir, seed, whole
):
    rounds = 100 if whole else 10
    host, engine = EngineHost(data_dir), Engine(data_dir)
    ends: dict[str, int] = {}
    try:
        for number in range(rounds):
            choose = random.Random(f"{seed}/{number}")
            victim = VICTIMS[number % len(VICTIMS)]
            early = victim in ("server", "supervisor", "both") and choose.random() < 0.3
            watch, before = Watch(data_dir), set(os.listdir(data_dir / "runs"))
            host.ask(code=CODE, args=[str(choose.random())[2:]], unbuffered=False)
            if not early:
                host.answer()
            deadline = time.monotonic() + choose.random() * (0.15 if early else 0.4)
            while time.monotonic() < deadline:
                watch.look()
            run = look(data_dir, host.process.pid)
            if victim in ("server", "both"):
                host.kill()
            kill(
                *{
                    "supervisor": [run.supervisor],
                    "both": [run.supervisor],
                    "child": [run.child],
                    "grandchild": [run.grandchild],
                }.get(victim, [])
            )
            print(f"round {number} of seed {seed}: {victim} killed{' early' if early else ''}")
            new = [
                name
                for name in os.listdir(data_dir / "runs")
                if name.startswith("run_") and name not in before
            ]
            logs = {name: _read(data_dir / "runs" / name / fmt.LOG) for name in new}
            watch.look()
            if victim in ("server", "both"):
                host = EngineHost(data_dir)
            elif early:
                host.stop()
                host = EngineHost(data_dir)
            for run_id in os.listdir(data_dir / "runs"):
                if run_id.startswith("run_") and run_id not in before:
                    until(
                        lambda run_id=run_id: is_over(engine.get(run_id)), what=f"end of {run_id}"
                    )
                    end = check(
                        engine, run_id, watch.seen.get(run_id, []), victim, logs.get(run_id, b"")
                    )
                    told = (
                        end.status,
                        end.exit_code,
                        end.error_message and end.error_message.partition(":")[0],
                    )
                    assert told in EXPECTED[victim] | (
                        {("completed", 0, None)}
                        if victim != "child" or run.child is None
                        else set()
                    ), (victim, told)
                    ends[f"{victim}: {end.status}, {end.error_message}"] = (
                        ends.get(f"{victim}: {end.status}, {end.error_message}", 0) + 1
                    )
            watch.close()
        print(ends)
    finally:
        host.kill()
        engine.close()


def _read(path):
    return path.read_bytes() if path.exists() else b""


@pytest.mark.parametrize("victim", ["supervisor", "both"])
def test_a_jupyter_server_reports_a_killed_supervisor_and_continues(tmp_path, seed, victim):
    choose = random.Random(f"{seed}/{victim}")
    server = JupyterProcess.start(tmp_path)
    try:

        def ask(path, method="GET", **more):
            return requests.request(
                method,
                f"{server.url}api/runs{path}",
                headers=server.headers,
                timeout=WAIT_SECONDS,
                **more,
            ).json()

        run_id = ask("", "POST", json={"code": CODE, "args": ["1"], "unbuffered": False})["run_id"]
        time.sleep(choose.random() * 0.4)  # the moment is what the seed decides
        supervisor = look(server.data_dir, server.process.pid).supervisor
        before = ask(f"/{run_id}/logs?after=-1")["logs"]
        if victim == "both":
            server.kill()
        os.kill(supervisor.pid, signal.SIGKILL)
        if victim == "both":
            server.launch()
        until(lambda: ask(f"/{run_id}")["status"] in state.ENDED, what="the end of the run")
        run, logs = ask(f"/{run_id}"), ask(f"/{run_id}/logs?after=-1")["logs"]
        assert (run["status"], run["error_message"]) in {
            ("failed", "its supervisor was killed"),
            ("completed", None),
        }
        assert logs[: len(before)] == before
        assert [log["line"] for log in logs] == list(range(run["lines"]))
        assert not processes_of(run_id)
    finally:
        server.stop()
