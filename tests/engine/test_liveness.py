"""Runs of other machines: dead, alive here, or unreachable; and what can be done about the last."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from support.journals import MadeRun
from support.runs import lines

from prismq_nb.capture.processes.info import boot_identity
from prismq_nb.client.http.client import HttpClient
from prismq_nb.client.local import LocalClient
from prismq_nb.client.run.run import Run
from prismq_nb.common.base import state
from prismq_nb.engine.engine import Engine
from prismq_nb.engine.files import file_system
from prismq_nb.engine.store.retention import Retention
from prismq_nb.errors import (
    RunActive,
    RunEnded,
    RunUnreachable,
    WaitTimeout,
    from_wire,
)
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.layout import lock

OWN, OTHER = boot_identity(), "5d7bdff5-0000-4788-b5d0-5e10bd281eaa"
HEARD = 1_761_912_100_000_000
SINCE = "; it was last heard from at 2025-10-31T12:01:40.000000Z"
SILENCE = f"it was started on 'node7', which cannot be reached from here{SINCE}"


@pytest.fixture
def network(monkeypatch):
    """Treat every file system as a network file system."""
    monkeypatch.setattr(file_system, "is_network", lambda _: True)


@pytest.fixture
def engine(data_dir):
    engine = Engine(data_dir)
    yield engine
    engine.close()


def made(data_dir, *, held=False, **fields):
    """A run whose state says that it is running."""
    run = MadeRun(data_dir)
    run.write("one\ntwo\n")
    run.state("running", **{"heartbeat": HEARD, "boot": OTHER, "host": "node7", **fields})
    if not held:
        run.unlock()
    return run


def settled(engine, run_id):
    engine.wait_for_repair(run_id)
    return engine.get(run_id)


HERE = os.uname().nodename
CASES = {
    # on a network, boot, host, lock held: status, unreachable
    "local, free": (False, OWN, HERE, False, "failed", False),
    "local, other boot, free": (False, OTHER, HERE, False, "failed", False),
    "local, other boot and host, free": (False, OTHER, "node7", False, "failed", False),
    "local, other boot and host, held": (False, OTHER, "node7", True, "running", False),
    "local, no boot, other host, free": (False, "", "node7", False, "failed", False),
    "network, free": (True, OWN, HERE, False, "failed", False),
    "network, other host name, free": (True, OWN, "node7", False, "failed", False),
    "network, held": (True, OWN, HERE, True, "running", False),
    "network, other boot, free": (True, OTHER, "node7", False, "running", True),
    "network, other boot, same name, free": (True, OTHER, HERE, False, "running", True),
    "network, other boot, held": (True, OTHER, "node7", True, "running", True),
    "network, no boot, other host": (True, "", "node7", False, "running", True),
    "network, no boot, same host": (True, "", HERE, False, "failed", False),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_run_is_dead_here_or_unreachable(data_dir, engine, monkeypatch, case):
    network, boot, host, held, status, unreachable = case
    monkeypatch.setattr(file_system, "is_network", lambda _: network)
    made(data_dir, held=held, boot=boot, host=host)
    (listed,) = engine.list().runs
    run = settled(engine, listed.run_id)
    assert (run.status, run.unreachable, run.host) == (status, unreachable, host)


def test_an_unreachable_run_names_its_host_and_since_when(data_dir, engine, network):
    run = engine.get(made(data_dir).run_id)
    assert (run.host, run.error_message) == ("node7", SILENCE)
    assert [one.run_id for one in engine.list(status="running").runs] == [run.run_id]


ACTIONS = {
    "stop": lambda engine, run_id: engine.stop(run_id),
    "send": lambda engine, run_id: engine.send(run_id, "x"),
    "purge": lambda engine, run_id: engine.purge(run_id),
    "restart": lambda engine, run_id: engine.restart(run_id),
}


@pytest.mark.parametrize("act", ACTIONS.values(), ids=ACTIONS)
def test_nothing_can_be_requested_of_an_unreachable_run(data_dir, engine, network, act):
    run = made(data_dir)
    with pytest.raises(RunUnreachable, match=r"node7.*give it up if that machine is gone"):
        act(engine, run.run_id)
    assert engine.get(run.run_id).unreachable


def test_retention_keeps_an_unreachable_run(data_dir, engine, network):
    run = made(data_dir)
    engine.retain(Retention(runs=1, days=1e-9, bytes=1))
    engine._housekeeper.run_once()
    assert engine.get(run.run_id).unreachable


def test_the_end_of_a_run_elsewhere_is_noticed(data_dir, engine, network):
    run = made(data_dir)
    assert engine.get(run.run_id).unreachable
    run.writer.close(run.now)
    run.state("completed", exit_code=0, completed=run.now, lines=2, boot=OTHER, host="node7")
    ended = engine.get(run.run_id)
    assert (ended.status, ended.unreachable, ended.error_message) == ("completed", False, None)


def test_an_abandoned_unreachable_run_can_be_purged(data_dir, engine, network):
    run = made(data_dir)
    given_up = engine.give_up(run.run_id)
    assert (given_up.status, given_up.exit_code, given_up.unreachable) == ("failed", None, False)
    cause = "given up: it was running on 'node7', which could not be reached"
    assert given_up.error_message == cause + SINCE
    with engine.reader(run.run_id) as reader:
        assert lines(reader) == [b"one", b"two"]
    other = Engine(data_dir)
    assert other.get(run.run_id) == given_up
    other.close()
    with pytest.raises(RunEnded):
        engine.give_up(run.run_id)
    engine.purge(run.run_id)
    assert engine.list().total == 0


def test_a_run_that_holds_its_lock_cannot_be_abandoned(data_dir, engine, network):
    run = made(data_dir, held=True)
    with pytest.raises(
        RunActive, match="still holds its lock, so it is running: stop it on 'node7'"
    ):
        engine.give_up(run.run_id)
    assert state.read_json(run.path / fmt.STATE)["status"] == "running"


def test_a_local_run_cannot_be_abandoned(data_dir, engine):
    run = made(data_dir, held=True)
    with pytest.raises(RunActive, match="is running on this machine: stop it instead"):
        engine.give_up(run.run_id)


def test_the_handle_waits_for_shows_and_abandons_an_unreachable_run(data_dir, network):
    client = LocalClient(data_dir)
    run = Run(client, client.get(made(data_dir).run_id))
    assert repr(run) == f"<Run made running, unreachable on 'node7', {run.run_id}>"
    assert (run.unreachable, run.host, run.status) == (True, "node7", "running")
    with pytest.raises(WaitTimeout, match="unreachable on 'node7'"):
        run.wait(timeout=0.01)
    with pytest.raises(RunUnreachable, match="node7"):
        run.stop()
    run.give_up()
    assert (run.status, run.unreachable, repr(run)) == (
        "failed",
        False,
        f"<Run made failed, {run.run_id}>",
    )
    assert run.wait() == "failed"


def test_the_error_survives_the_wire():
    error = from_wire(409, "it is on node7", "RunUnreachable")
    assert isinstance(error, RunUnreachable)
    assert str(error) == "it is on node7"
    assert HttpClient.give_up.__doc__


@pytest.mark.skipif(sys.platform != "linux", reason="macOS tells a flag, not a number")
@pytest.mark.parametrize("path", ["/", "/proc", "/dev/shm", "/sys"])
def test_the_kind_of_a_file_system_equals_that_of_stat(monkeypatch, path):
    shown = subprocess.run(["stat", "-f", "-c", "%t", path], check=True, capture_output=True)
    number = int(shown.stdout, 16)
    monkeypatch.setattr(file_system, "NETWORK", set())
    assert not file_system.is_network(path)
    monkeypatch.setattr(file_system, "NETWORK", {number})
    assert file_system.is_network(path)


def test_a_missing_directory_is_on_no_network(tmp_path):
    assert not file_system.is_network(tmp_path / "gone")


def test_a_run_without_launch_details_is_judged_by_its_lock(data_dir, engine, network):
    run = MadeRun(data_dir)
    (run.path / fmt.LAUNCH).write_text(json.dumps({}))
    assert settled(engine, run.run_id).status == "running"
    run.unlock()
    assert lock.is_free(run.path)
    assert settled(engine, run.run_id).status == "failed"
