"""A real `jupyter server` in its own process, on a free port, with its own directories.

For nbval, and for tests that kill it.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import requests

from support.ports import free_ports
from support.waiting import WAIT_SECONDS

SHADOW = Path(__file__).parent / "shadow"
# Installed for other tests; a server without an application starts in a third of the time.
OTHER_EXTENSIONS = (
    "jupyter_lsp",
    "jupyter_server_terminals",
    "jupyterlab",
    "notebook",
    "notebook_shim",
)
STOP_SECONDS = 60.0
T = TypeVar("T")


def until(condition: Callable[[], T | None], what: str, seconds: float = WAIT_SECONDS) -> T:
    """The first true value of `condition`; fail with `what` if none comes in time."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not happen within {seconds:g} s")
        time.sleep(0.01)  # between two checks of the condition
    return value


def _pid_in(path: Path) -> int | None:
    """The process that wrote a connection file; None if the file is gone meanwhile."""
    try:
        return int(json.loads(path.read_text())["pid"])
    except FileNotFoundError:
        return None


@dataclass
class JupyterProcess:
    """One Jupyter server; its directories outlive it, so that it can be restarted on the same runs.

    Attributes:
        token: of the server, for its REST API.
        options: more of the command line.
        url: its address, with a slash at the end.
        prefix: a command that starts it, such as ``nohup``; it must end up in the same process.
        port: where it is to listen; 0: anywhere.
        module: ``jupyter_server``, ``jupyterlab`` or ``notebook``; `python`: its interpreter.
        connection_file: what prismq_nb wrote for its kernels.
    """

    home: Path
    token: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    options: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    module: str = "jupyter_server"
    python: str = sys.executable
    prefix: tuple[str, ...] = ()
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    url: str = ""

    @classmethod
    def start(
        cls, home: Path | None = None, *options: str, env: Mapping[str, str] | None = None
    ) -> JupyterProcess:
        """Start a server; return when it responds and kernels can find it."""
        server = cls(
            home or Path(tempfile.mkdtemp(prefix="prismq-jupyter-")), options=options, env=env or {}
        )
        server.launch()
        return server

    @property
    def data_dir(self) -> Path:
        return self.home / "data"

    @property
    def runtime_dir(self) -> Path:
        return self.home / "runtime"

    @property
    def root_dir(self) -> Path:
        return self.home / "root"

    @property
    def log(self) -> str:
        return (self.home / "jupyter.log").read_text(errors="replace")

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"token {self.token}"}

    @property
    def connection_file(self) -> Path:
        """The connection file of the server that runs now, for its kernels.

        Jupyter's own routes respond some milliseconds before it is written. Until then the file of
        a killed server may be there, so one that names this process is waited for.
        """
        assert self.process is not None
        pid = self.process.pid
        folder = self.data_dir / "connections"

        def written() -> Path | None:
            paths = folder.glob("*.json")
            return next((path for path in paths if _pid_in(path) == pid), None)

        return until(written, f"a connection file of process {pid} in {folder}")

    def launch(self) -> None:
        """Start it (again), and wait until it responds and kernels can find it."""
        for folder in (self.data_dir, self.runtime_dir, self.root_dir):
            folder.mkdir(parents=True, exist_ok=True)
        command = [*self.prefix, self.python, "-m", self.module, "--no-browser"]
        if not any(option.startswith("--ServerApp.sock=") for option in self.options):
            # Not 0: jupyter_server did not always say which port that became. A port that is taken
            # meanwhile does no harm: the server takes another one, and its file names it.
            port = self.port or free_ports(1)[0]
            command += [f"--ServerApp.port={port}", "--ServerApp.ip=127.0.0.1"]
        extensions = {"prismq_nb": True} | dict.fromkeys(
            OTHER_EXTENSIONS * (self.module == "jupyter_server"), False
        )
        command += [
            f"--ServerApp.jpserver_extensions={extensions}",
            f"--ServerApp.root_dir={self.root_dir}",
            *self.options,
        ]
        # root is everybody in a container or a user namespace
        command.append("--allow-root")
        own = {
            "JUPYTER_TOKEN": self.token,
            "JUPYTER_RUNTIME_DIR": str(self.runtime_dir),
            "PRISMQ_DATA_DIR": str(self.data_dir),
        }
        env = {**os.environ, **own, **self.env}
        env.pop("PRISMQ_CONNECTION_FILE", None)
        env["PYTHONPATH"] = os.pathsep.join(
            filter(None, [str(SHADOW.parents[2]), str(SHADOW), env.get("PYTHONPATH")])
        )
        with (self.home / "jupyter.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, env=env, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        try:
            until(self._answers, "The Jupyter server's first answer")
            if not self.token:  # our routes, which respond once the file is written, need a login
                _ = self.connection_file
        except BaseException:
            self.kill()
            raise

    def _answers(self) -> bool:
        """Whether it is up. Its file appears some ms before its port accepts."""
        assert self.process is not None
        if self.process.poll() is not None:
            raise RuntimeError(
                f"The Jupyter server ended at once with {self.process.returncode}:\n{self.log}"
            )
        try:
            self.url = json.loads(
                (self.runtime_dir / f"jpserver-{self.process.pid}.json").read_text()
            )["url"]
            # without a token, the one path that needs no login
            path, headers = ("api/runs", self.headers) if self.token else ("api", {})
            status = requests.get(
                f"{self.url}{path}", headers=headers, timeout=WAIT_SECONDS
            ).status_code
        except (OSError, ValueError, LookupError):
            return False
        # also where the data directory cannot be used
        return status in (requests.codes.ok, requests.codes.insufficient_storage)

    def kill(self) -> None:
        """End it like the kernel's out-of-memory killer."""
        self._end(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)

    def end_runs(self) -> None:
        """End everything that still runs, so that no test leaves work behind for the next."""

        def rest() -> list[str]:
            answer = requests.get(
                f"{self.url}api/runs",
                params={"status": "running", "limit": 1000},
                headers=self.headers,
                timeout=WAIT_SECONDS,
            )
            return [run["run_id"] for run in answer.json()["runs"]]

        for run_id in rest() * 3:  # each one escalates
            requests.delete(
                f"{self.url}api/runs/{run_id}", headers=self.headers, timeout=WAIT_SECONDS
            )
        until(lambda: not rest(), "the end of all runs")

    def stop(self) -> None:
        """End it cleanly."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self.process is None:
            return
        self.process.send_signal(how)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def remove(self) -> None:
        """Delete its directories."""
        shutil.rmtree(self.home, ignore_errors=True)
