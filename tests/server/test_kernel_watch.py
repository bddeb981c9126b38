"""Watched cells are told that their kernel is restarted or shut down, before it is."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import jupyter_client
import psutil
import pytest
import requests
from support.cells import MadeCell
from support.jupyter_process import JupyterProcess
from support.runs import until
from support.waiting import WAIT_SECONDS

from prismq_nb.engine.engine import Engine
from prismq_nb.server import kernel_watch
from prismq_nb.server.kernel_watch import KernelWatch

TOLD_SHUT_DOWN = [{"op": "kernel", "event": "shut down"}]
CULLING = [
    f"--MappingKernelManager.{option}"
    for option in ("cull_idle_timeout=1", "cull_interval=1", "cull_connected=True")
]


class Manager:
    """A kernel manager that records what is done to it."""

    def __init__(self, done):
        self.done = done

    async def restart_kernel(self, kernel_id, now=False):
        self.done.append(("restart", kernel_id, now))
        return "restarted"

    async def shutdown_kernel(self, kernel_id, now=False, restart=False):  # noqa: ARG002
        self.done.append(("shutdown", kernel_id, now))

    def list_kernel_ids(self):
        return ["k1", "k2"]


class BlockingManager(Manager):
    """The same with a method that is not a coroutine."""

    def shutdown_kernel(self, kernel_id, now=False):
        self.done.append(("shutdown", kernel_id, now))


@pytest.fixture
def pool():
    pool = ThreadPoolExecutor(1)
    yield pool
    pool.shutdown()


@pytest.fixture
def watch(pool):
    """Make a started watch of a manager; both record what happens in `done`."""

    def make(done, manager=None, tell=None):
        def record(kernel_ids, *, restart):
            done.append(("told", list(kernel_ids), restart))

        manager = manager or Manager(done)
        found = KernelWatch(manager, tell or record, pool, logging.getLogger("test"))
        found.start()
        return found, manager

    return make


async def test_cells_are_told_first(watch):
    done = []
    _, manager = watch(done)
    assert await manager.restart_kernel("k1", now=True) == "restarted"
    await manager.shutdown_kernel(kernel_id="k2")
    assert done == [
        *(("told", ["k1"], True), ("restart", "k1", True)),
        *(("told", ["k2"], False), ("shutdown", "k2", False)),
    ]


async def test_a_manager_that_blocks_stays_so(watch):
    done = []
    _, manager = watch(done, BlockingManager(done))
    manager.shutdown_kernel("k1", True)
    assert done == [("told", ["k1"], False), ("shutdown", "k1", True)]


async def test_a_failure_stops_no_restart(watch, caplog):
    def fail(_, *, restart):
        raise OSError(f"no disk {restart}")

    done = []
    found, manager = watch(done, tell=fail)
    await manager.restart_kernel("k1")
    await found.tell_all()
    assert done == [("restart", "k1", False)]
    assert [line for line in caplog.messages if "no disk" in line] == [
        "prismq_nb: cells cannot be told that their kernel ends: no disk True",
        "prismq_nb: cells cannot be told that their kernel ends: no disk False",
    ]


async def test_a_slow_disk_holds_up_no_restart(watch, monkeypatch):
    monkeypatch.setattr(kernel_watch, "TELL_SECONDS", 0.01)
    free = threading.Event()
    done = []
    found, manager = watch(done, tell=lambda _, *, restart: free.wait())  # noqa: ARG005
    try:
        await asyncio.wait_for(manager.restart_kernel("k1"), WAIT_SECONDS)
        await asyncio.wait_for(found.tell_all(), WAIT_SECONDS)
        assert done == [("restart", "k1", False)]
    finally:
        free.set()


async def test_a_pool_that_is_shut_down_holds_up_no_restart(watch, pool):
    done = []
    _, manager = watch(done)
    pool.shutdown()
    await manager.restart_kernel("k1")
    assert done == [("restart", "k1", False)]


async def test_a_restart_that_fails_fails_as_before(watch):
    done = []
    manager = Manager(done)

    async def missing(kernel_id, now=False):
        raise KeyError(kernel_id, now)

    manager.restart_kernel = missing
    watch(done, manager)
    with pytest.raises(KeyError):
        await manager.restart_kernel("k1")
    assert done == [("told", ["k1"], True)]


async def test_the_end_of_the_server_tells_all_and_puts_the_methods_back(watch):
    done = []
    found, manager = watch(done)
    await found.tell_all()
    found.close()
    await manager.shutdown_kernel("k1")
    assert done == [("told", ["k1", "k2"], False), ("shutdown", "k1", False)]
    assert vars(manager) == {"done": done}


async def test_what_others_have_wrapped_since_stays(watch):
    done = []
    found, manager = watch(done)
    inner = manager.restart_kernel

    async def outer(kernel_id):
        done.append("outer")
        return await inner(kernel_id)

    manager.restart_kernel = outer
    found.close()
    await manager.restart_kernel("k1")
    assert done == ["outer", ("told", ["k1"], True), ("restart", "k1", False)]


# A real cell. Its supervisor may be suspended: then all it knows is what was written to its FIFO.
WATCHED = """
import pathlib, time, prismq_nb
with prismq_nb.watch("training") as run:
    print("epoch 1", flush=True)
    pathlib.Path({path!r}).write_text(run.run_id + "\\n")
    time.sleep(600)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = JupyterProcess.start(tmp_path_factory.mktemp("jupyter"))
    yield server
    server.stop()


@pytest.fixture
def own_server(tmp_path):
    """Start a server for one test."""
    servers = []

    def start(*options):
        servers.append(JupyterProcess.start(tmp_path / "jupyter", *options))
        return servers[0]

    yield start
    for server in servers:
        server.stop()


def start_session(server):
    """A session with its kernel."""
    body = {"path": "train.ipynb", "name": "", "type": "notebook", "kernel": {"name": "python3"}}
    answer = requests.post(
        f"{server.url}api/sessions", headers=server.headers, json=body, timeout=WAIT_SECONDS
    )
    return answer.json()


def request(server, method, path):
    return requests.request(
        method, f"{server.url}{path}", headers=server.headers, timeout=WAIT_SECONDS
    )


def run_of(server, run_id):
    return request(server, "GET", f"api/runs/{run_id}").json()


def ended(server, run_id):
    until(lambda: run_of(server, run_id)["status"] != "running")
    return run_of(server, run_id)


def watched(server, kernel_id):
    """Start a watched cell in a kernel. Return its run and the process of its supervisor."""
    mark = server.home / f"{kernel_id}.run"
    client = jupyter_client.BlockingKernelClient(
        connection_file=str(server.runtime_dir / f"kernel-{kernel_id}.json")
    )
    client.load_connection_file()
    client.start_channels()
    client.execute(WATCHED.format(path=str(mark)))
    until(lambda: mark.is_file() and mark.read_text().endswith("\n"))
    client.stop_channels()
    run_id = mark.read_text().strip()
    until(lambda: run_of(server, run_id).get("lines") == 1)
    state = json.loads((server.data_dir / "runs" / run_id / "run.json").read_text())
    return run_id, psutil.Process(state["supervisor_pid"])


@pytest.fixture
def session(server):
    session = start_session(server)
    yield session
    request(server, "DELETE", f"api/kernels/{session['kernel']['id']}")


ENDS = {
    "restart": ("POST", "api/kernels/{kernel}/restart", "the kernel was restarted"),
    "shutdown": ("DELETE", "api/kernels/{kernel}", "the kernel was shut down"),
    "end of the session": ("DELETE", "api/sessions/{session}", "the kernel was shut down"),
}


@pytest.mark.slow
@pytest.mark.parametrize("suspended", [False, True], ids=["awake", "suspended"])
@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_a_cell_says_how_its_kernel_ended(server, session, end, suspended):
    method, path, message = end
    kernel = session["kernel"]["id"]
    run_id, supervisor = watched(server, kernel)
    if suspended:
        supervisor.suspend()
    answer = request(server, method, path.format(kernel=kernel, session=session["id"]))
    supervisor.resume()
    assert answer.status_code < 300
    run = ended(server, run_id)
    assert (run["kind"], run["kernel_id"], run["status"]) == ("cell", kernel, "failed")
    assert (run["end_reason"], run["error_message"], run["lines"]) == ("kernel_lost", message, 1)


@pytest.mark.slow
def test_an_interrupt_is_no_end_of_the_kernel(server, session):
    kernel = session["kernel"]["id"]
    run_id, _ = watched(server, kernel)
    assert request(server, "POST", f"api/kernels/{kernel}/interrupt").status_code == 204
    run = ended(server, run_id)
    assert (run["status"], run["end_reason"]) == ("cancelled", "stopped")


@pytest.mark.slow
def test_culling_shuts_a_kernel_down(own_server):
    server = own_server(*CULLING)
    cell = MadeCell(server.data_dir, kernel_id=start_session(server)["kernel"]["id"])
    cell.running(None)
    until(lambda: cell.told() == TOLD_SHUT_DOWN)
    cell.deafen()


@pytest.mark.slow
def test_the_end_of_the_server_shuts_its_kernels_down(own_server):
    server = own_server()
    run_id, _ = watched(server, start_session(server)["kernel"]["id"])
    server.stop()
    assert "continues without the server" not in server.log
    assert "kernel_watch" not in server.log  # ipykernel has tracebacks of its own there
    engine = Engine(server.data_dir)
    until(lambda: engine.get(run_id).status != "running")
    run = engine.get(run_id)
    assert (run.end_reason, run.error_message) == ("kernel_lost", "the kernel was shut down")
    engine.close()
