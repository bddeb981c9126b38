"""Watched cells: what the engine says of them, and that it never signals their kernel."""

from __future__ import annotations

import json

import pytest
from support.cells import CODE, KERNEL, MadeCell, living
from support.waiting import WAIT_SECONDS

from prismq_nb.capture.base import control
from prismq_nb.capture.processes.info import start_identity
from prismq_nb.client.local import LocalClient
from prismq_nb.client.run.run import Run
from prismq_nb.common.base.state import write_json
from prismq_nb.engine.engine import Engine
from prismq_nb.engine.files import file_system
from prismq_nb.engine.store.retention import Retention
from prismq_nb.errors import InputClosed, NotRepeatable, RunActive, RunEnded
from prismq_nb.journal.layout import format as fmt

KEPT = "; the cell may still be running in its kernel"


@pytest.fixture
def cell(data_dir):
    cell = MadeCell(data_dir)
    cell.running(None)
    yield cell
    cell.deafen()


@pytest.fixture
def kernel(cell):
    """A live process, which a damaged or edited run.json names in every way that there is."""
    kernel = living(cell)
    kernel.stdout.readline()
    pid = {"pid": kernel.pid, "pid_started": start_identity(kernel.pid)}
    cell.running(kernel.pid, supervisor_pid=kernel.pid, **pid)
    yield kernel
    kernel.kill()
    kernel.communicate()


def lives(kernel) -> bool:
    """Whether the process works: it answers, and ends by itself."""
    answer, _ = kernel.communicate(b"on\n")
    return (answer, kernel.returncode) == (b"on\n", 0)


def settled(engine, run_id):
    engine.wait_for_repair(run_id)
    return engine.get(run_id)


def test_a_cell_says_where_it_runs(cell, engine):
    run = engine.get(cell.run_id)
    assert (run.kind, run.kernel_id, run.notebook, run.cell_id) == (
        *("cell", KERNEL, "train.ipynb", "c0ffee"),
    )
    (listed,) = engine.list().runs
    assert (listed.kind, listed.kernel_id, listed.notebook) == ("cell", KERNEL, "train.ipynb")
    assert (run.takes_input, run.waiting_for_input) == (False, False)


def test_a_launch_is_no_cell(run, engine):
    info = engine.get(run.run_id)
    assert (info.kind, info.kernel_id, info.notebook, info.cell_id) == ("launch", None, None, None)


@pytest.mark.parametrize("wrong", [7, ["x"], {"a": 1}, True, 1.5, "x" * 5000])
def test_damaged_fields_are_unknown(data_dir, engine, wrong):
    cell = MadeCell(data_dir, kernel_id=wrong, notebook=wrong, cell_id=wrong)
    run = engine.get(cell.run_id)
    assert (run.kind, run.kernel_id, run.notebook, run.cell_id) == ("cell", None, None, None)
    cell.deafen()


def test_a_launch_of_a_cell_has_its_code_and_no_line_for_a_shell(cell, engine):
    launch = engine.launch_of(cell.run_id)
    assert (launch.kind, launch.code, launch.shell, launch.command) == ("cell", CODE, None, "")
    assert (launch.cwd, launch.interpreter, launch.masked) == ("/home/ann", None, False)


def test_a_long_code_is_cut_and_masked_code_says_so(data_dir, engine):
    cell = MadeCell(data_dir, code="key = '******'\n" + "x" * 200_000)
    launch = engine.launch_of(cell.run_id)
    assert (len(launch.code), launch.abridged, launch.masked) == (100_000, True, True)
    cell.deafen()


RESTARTS = {
    "notebook": ({}, "run the cell again in 'train.ipynb'"),
    "kernel": ({"notebook": None}, "run the cell again"),
    "program": ({"notebook": None, "kernel_id": None}, "run that code again where it ran"),
}


@pytest.mark.parametrize(("fields", "remedy"), RESTARTS.values(), ids=RESTARTS)
@pytest.mark.parametrize("ended", [False, True])
def test_a_cell_is_not_restarted(data_dir, engine, fields, remedy, ended):
    cell = MadeCell(data_dir, **fields)
    if ended:
        cell.end()
    text = f"{cell.run_id} is a watched cell, which cannot be started again from here: {remedy}"
    with pytest.raises(NotRepeatable) as caught:
        engine.restart(cell.run_id)
    assert str(caught.value) == text
    attempts = engine.attempts(cell.run_id)
    assert (attempts.can_restart, attempts.restart_problem) == (False, text)
    assert [one.run_id for one in attempts.attempts] == [cell.run_id]
    cell.deafen()


def test_python_says_the_same(cell, data_dir):
    run = Run(client := LocalClient(data_dir), client.get(cell.run_id))
    assert (run.kind, run.kernel_id, run.notebook, run.can_restart) == (
        *("cell", KERNEL, "train.ipynb", False),
    )
    with pytest.raises(NotRepeatable, match=r"run the cell again in 'train\.ipynb'"):
        run.restart()
    run.stop()
    assert [one["op"] for one in cell.told()] == ["stop"]


def test_a_cell_takes_no_input_from_here(cell, engine):
    with pytest.raises(InputClosed, match="answer in the field below the cell"):
        engine.send(cell.run_id, "yes\n")
    assert cell.told() == []


def test_a_stop_is_one_line_in_the_fifo(cell, engine):
    assert engine.stop(cell.run_id).stopping
    assert [one["op"] for one in cell.told()] == ["stop"]


# Nothing alive is killed


def test_a_repair_says_that_the_kernel_lives_and_leaves_it_alone(cell, kernel, engine):
    cell.deafen()
    run = settled(engine, cell.run_id)
    assert (run.status, run.end_reason) == ("failed", "supervisor_lost")
    assert run.error_message == f"its supervisor was killed{KEPT}"
    assert lives(kernel)


def test_the_repair_of_a_launch_kills_what_that_of_a_cell_spares(cell, kernel, engine):
    """The process above carries every mark of a run's own."""
    launch = {**cell.launch, "kind": "code"}
    write_json(cell.path / fmt.LAUNCH, launch)
    state = json.loads((cell.path / fmt.STATE).read_text())
    del state["kernel_pid"]
    write_json(cell.path / fmt.STATE, state)
    cell.deafen()
    assert settled(engine, cell.run_id).status == "failed"
    kernel.wait(WAIT_SECONDS)  # the repair has reaped it, so its exit code is not known here


@pytest.mark.parametrize("damage", ["", "{", '{"kind": 7}', '{"kind": "code", "boot_seconds": 1}'])
def test_a_damaged_launch_does_not_cost_the_kernel(cell, kernel, engine, damage):
    (cell.path / fmt.LAUNCH).write_text(damage)
    assert engine.get(cell.run_id).kind == "cell"
    cell.deafen()
    assert settled(engine, cell.run_id).error_message.startswith("its supervisor was killed")
    assert lives(kernel)


def test_a_damaged_state_does_not_cost_the_kernel(cell, kernel, engine):
    (cell.path / fmt.STATE).write_text("{")
    cell.deafen()
    assert settled(engine, cell.run_id).status == "failed"
    assert lives(kernel)


def test_a_kernel_that_is_gone_is_not_said_to_live(cell, kernel, engine):
    kernel.kill()
    kernel.wait()
    cell.deafen()
    assert settled(engine, cell.run_id).error_message == "its supervisor was killed"


def test_a_kernel_that_nobody_knows_may_live(cell, engine):
    cell.deafen()
    assert settled(engine, cell.run_id).error_message == f"its supervisor was killed{KEPT}"


def test_nothing_that_is_asked_for_costs_the_kernel(cell, kernel, engine, monkeypatch):
    engine.stop(cell.run_id)
    with pytest.raises(RunActive):
        engine.purge(cell.run_id)
    with pytest.raises(RunActive):
        engine.give_up(cell.run_id)
    engine.kernels_end([KERNEL], restart=True)
    engine.retain(Retention(runs=1, days=1e-9, bytes=1))
    engine._housekeeper.run_once()
    engine.close()
    assert Engine(engine.data_dir).get(cell.run_id).status == "running"
    assert lives(kernel)


def test_a_cell_that_is_given_up_is_not_signalled(cell, kernel, engine, monkeypatch):
    monkeypatch.setattr(file_system, "is_network", lambda _: True)
    elsewhere = {"boot": "5d7bdff5-0000-4788-b5d0-5e10bd281eaa", "host": "node7"}
    write_json(cell.path / fmt.LAUNCH, cell.launch | elsewhere)
    state = json.loads((cell.path / fmt.STATE).read_text())
    write_json(cell.path / fmt.STATE, state | elsewhere)
    cell.deafen()
    assert engine.get(cell.run_id).unreachable
    assert engine.give_up(cell.run_id).end_reason == "given_up"
    assert lives(kernel)


def test_an_ended_cell_is_purged_without_its_kernel(cell, kernel, engine):
    cell.end("failed", 1, kernel_pid=kernel.pid, pid=kernel.pid)
    engine.purge(cell.run_id)
    assert not cell.path.exists()
    assert lives(kernel)


# The end of a kernel


@pytest.mark.parametrize(("restart", "event"), [(True, "restarted"), (False, "shut down")])
def test_cells_of_a_kernel_are_told_how_it_ends(cell, engine, restart, event):
    engine.kernels_end(["another", KERNEL], restart=restart)
    assert cell.told() == [{"op": "kernel", "event": event}]


def test_other_runs_are_told_nothing(data_dir, cell, run, engine):
    engine.kernels_end(["another", "run", ""], restart=True)
    assert cell.told() == []
    cell.end()
    engine.kernels_end([KERNEL], restart=True)
    assert cell.told() == []


def test_a_cell_that_does_not_read_holds_nothing_up(cell, engine):
    while True:
        try:
            control.send(cell.path, control.stop_line())
        except control.Full:
            break
    engine.kernels_end([KERNEL], restart=False)
    cell.deafen()
    engine.kernels_end([KERNEL], restart=False)


@pytest.mark.parametrize("message", ["the kernel was restarted", "the kernel died"])
def test_the_end_of_a_kernel_has_a_reason_of_its_own(cell, engine, message):
    cell.end("failed", None, end_reason="kernel_lost", error_message=message)
    run = engine.get(cell.run_id)
    assert (run.end_reason, run.error_detail, run.exit_code) == ("kernel_lost", message, None)
    with pytest.raises(RunEnded):
        engine.stop(cell.run_id)
