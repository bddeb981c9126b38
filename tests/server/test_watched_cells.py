"""Watched cells and their server: kernels side by side, its limits, its end in their middle."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
import requests
from support.jupyter_process import JupyterProcess, until
from support.kernel import running
from support.shells import Shells
from support.waiting import WAIT_SECONDS

pytestmark = pytest.mark.slow  # a server and kernels

LIMIT = 1 << 16
NOT_NEEDED = "('jupyter_server', 'ipywidgets', 'anywidget', 're2', 'inotify_simple', 'stringzilla')"
LEAN = f"import sys\nfor name in {NOT_NEEDED}: sys.modules[name] = None  # cannot be imported"
LINES = 20_000
PRINTS = f"for number in range({LINES}): print(number, 'x' * 90)"
WAIT = "import os, time\nprint('begin')\nwhile not os.path.exists('{go}'): time.sleep(0.01)\n"


@pytest.fixture
def server(tmp_path):
    server = JupyterProcess.start(tmp_path, f"--PrismQApp.max_run_bytes={LIMIT}")
    yield server
    server.stop()


def request(server, method, path):
    answer = requests.request(
        method, f"{server.url}{path}", headers=server.headers, timeout=WAIT_SECONDS
    )
    assert answer.ok, answer.text
    return answer.json()


def test_kernels_of_one_notebook_and_another_are_told_apart(server, tmp_path):
    """One lacks all that only the server and the viewer as a widget need."""
    env = {"PRISMQ_CONNECTION_FILE": str(server.connection_file)}
    names = ("a.ipynb", "a.ipynb", "b/")  # a folder: the client has named no file
    with ExitStack() as stack:
        all_shells = [
            Shells(stack.enter_context(running(tmp_path, JPY_SESSION_NAME=name, **env)))
            for name in names
        ]
        for shells in all_shells:
            assert shells.run(None, LEAN).error == ""
        runs = [
            shells.watch(None, WAIT.format(go=tmp_path / f"go{number}") + PRINTS)
            for number, shells in enumerate(all_shells)
        ]
        infos = [request(server, "GET", f"api/runs/{run_id}") for _, run_id in runs]
        assert [info["notebook"] for info in infos] == ["a.ipynb", "a.ipynb", None]
        assert [info["module_name"] for info in infos] == ["a [2]", "a [2]", "cell [2]"]
        request(server, "DELETE", f"api/runs/{runs[0][1]}")
        assert all_shells[0].kernel.ended(runs[0][1]).status == "cancelled"
        assert request(server, "GET", f"api/runs/{runs[1][1]}")["status"] == "running"
        for number in (1, 2):
            (tmp_path / f"go{number}").touch()
            request_id, run_id = runs[number]
            shown = all_shells[number].finish(request_id)
            run = all_shells[number].kernel.ended(run_id)
            assert run.status == "completed"
            assert len(kernel_log := all_shells[number].kernel.log(run_id)) < LINES
            assert kernel_log[1] == "0 " + "x" * 90
            # what the log does not take is in the cell
            assert "not in the log (run limit). It is shown here." in shown.streams["stderr"]
            assert f"\n{LINES - 1} x" in shown.streams["stdout"]


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_cell_outlives_the_server_of_a_kernel_that_is_not_its_child(server, tmp_path, end):
    with running(tmp_path, PRISMQ_CONNECTION_FILE=str(server.connection_file)) as kernel:
        shells = Shells(kernel)
        cell, run_id = shells.watch(
            None, WAIT.format(go=tmp_path / "go") + "print('meanwhile')\ntime.sleep(1000)"
        )
        getattr(server, end)()
        (tmp_path / "go").touch()
        until(lambda: kernel.log(run_id) == ["begin", "meanwhile"], "its output")
        server.launch()
        (listed,) = request(server, "GET", "api/runs")["runs"]
        assert (listed["run_id"], listed["status"], listed["lines"]) == (run_id, "running", 2)
        request(server, "DELETE", f"api/runs/{run_id}")
        assert kernel.ended(run_id).status == "cancelled"
        assert shells.finish(cell).error == "KeyboardInterrupt: "
        assert len(shells.run(None, "%%watch\nprint('next')").runs) == 1
