"""Beside a Jupyter server on a Unix socket, Python uses the server's data directory."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from support.jupyter_process import JupyterProcess, until
from support.waiting import WAIT_SECONDS

pytestmark = pytest.mark.slow  # real servers and kernels

KERNEL = """
import json, os, sys
import prismq_nb
code = "import os; print('secret' if os.environ.get('JUPYTER_TOKEN') else 'hello', input())"
run = prismq_nb.launch(code=code)
run.send("there\\n")
status = run.wait(60)
try:
    prismq_nb.connection()
except prismq_nb.errors.ServerUnreachable as error:
    said = str(error)
messages = [line.message for line in run.logs()]
found = [prismq_nb.get(run.run_id).status, len(prismq_nb.runs())]
print(json.dumps([run.run_id, status, messages, *found, said]))
"""


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=WAIT_SECONDS)
        self.path = str(path)

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class SocketServer(JupyterProcess):
    """A Jupyter server that listens on a Unix socket."""

    @property
    def sock(self) -> Path:
        return Path(self.options[0].partition("=")[2])

    def ask(self, method, path, body=None):
        connection = UnixConnection(self.sock)
        try:
            connection.request(
                method, path, None if body is None else json.dumps(body), self.headers
            )
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.log
        try:
            return self.ask("GET", "/api/runs")[0] == 200
        except OSError:
            return False


@pytest.fixture
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("s")
    server = SocketServer(folder / "home", options=(f"--ServerApp.sock={folder / 's.sock'}",))
    server.launch()
    yield server
    server.kill()


def test_a_kernel_launches_reads_and_sends_and_the_server_shows_the_run(server):
    elsewhere = {
        "PRISMQ_CONNECTION_FILE": str(server.connection_file),
        "JPY_PARENT_PID": str(server.process.pid),
    }
    env = {name: value for name, value in os.environ.items() if name != "PRISMQ_DATA_DIR"}
    env |= elsewhere | {
        "JUPYTER_RUNTIME_DIR": str(server.runtime_dir),
        "JUPYTER_TOKEN": "x",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    done = subprocess.run(
        [sys.executable, "-c", KERNEL],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        timeout=WAIT_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    run_id, status, lines, again, count, said = json.loads(done.stdout)
    assert (status, lines, again, count) == ("completed", ["hello there"], "completed", 1)
    assert "Unix sockets do not count" in said
    status, body = server.ask("GET", f"/api/runs/{run_id}/logs")
    assert (status, [line["message"] for line in json.loads(body)["logs"]]) == (
        200,
        ["hello there"],
    )
    status, body = server.ask("GET", f"/api/runs/{run_id}/logs/stream?after=-1")
    assert status == 200
    assert b"event: complete" in body
    status, body = server.ask("GET", f"/api/runs/stream?run={run_id}@0")
    assert b'"complete"' in body


def test_a_run_started_by_the_server_is_visible_from_a_kernel(server):
    status, body = server.ask("POST", "/api/runs", {"code": "print(input())"})
    assert status == 202
    run_id = json.loads(body)["run_id"]
    env = {name: value for name, value in os.environ.items() if name != "PRISMQ_DATA_DIR"}
    env |= {
        "PRISMQ_CONNECTION_FILE": str(server.connection_file),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    code = (
        f"import prismq_nb; run = prismq_nb.get({run_id!r}); run.send('x'); run.send('y',"
        " eof=True); print(run.wait(60), run.logs()[0].message)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        timeout=WAIT_SECONDS,
    )
    assert (done.stdout, done.stderr) == ("completed xy\n", "")
    until(
        lambda: json.loads(server.ask("GET", f"/api/runs/{run_id}")[1])["status"] == "completed",
        "the server's own view of it",
    )
