"""Start and watch real runs over REST, for tests that then run an example against them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import requests
from contract.examples import adapt
from support.jupyter_process import JupyterProcess, until
from support.waiting import WAIT_SECONDS

RUN_SECONDS = 60.0
ENDED = ("completed", "failed", "cancelled")


@dataclass(frozen=True)
class Api:
    """One Jupyter server, as its kernels see it."""

    server: JupyterProcess

    @property
    def url(self) -> str:
        """Its address with its base URL, without a trailing slash."""
        return self.server.url.rstrip("/")

    def request(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON of a response.

        It sends a kernel's own secret, which works with and without a token and needs no XSRF
        cookie.
        """
        secret = json.loads(self.server.connection_file.read_text())["secret"]
        response = requests.request(
            method,
            f"{self.url}/api/runs{path}",
            json=body,
            headers={"Authorization": f"prismq {secret}"},
            timeout=WAIT_SECONDS,
        )
        assert response.ok, f"{method} {path}: {response.status_code} {response.text}"
        return response.json()

    def launch(self, code: str, **spec: Any) -> str:
        """Start Python code and return the id of its run.

        The run is stopped after a minute, so that none outlives a failed test for long.
        """
        return str(
            self.request("POST", "", {"code": code, "timeout": RUN_SECONDS, **spec})["run_id"]
        )

    def run(self, run_id: str) -> dict[str, Any]:
        return dict(self.request("GET", f"/{run_id}"))

    def go(self, run_id: str) -> None:
        """Continue a run that waits in ``sys.stdin.readline()``."""
        self.request("POST", f"/{run_id}/input", {"text": "go\n"})

    def ended(self, run_id: str) -> dict[str, Any]:
        """The run, when it has ended."""
        return until(
            lambda: run if (run := self.run(run_id))["status"] in ENDED else None,
            f"the end of {run_id}",
            WAIT_SECONDS,
        )

    def finished(self, code: str, **spec: Any) -> str:
        """Run Python code to its end, which must be a good one."""
        run_id = self.launch(code, **spec)
        assert self.ended(run_id)["status"] == "completed", self.run(run_id)
        return run_id

    def logs(self, run_id: str) -> list[dict[str, Any]]:
        """All lines of a run of at most 10,000."""
        return list(self.request("GET", f"/{run_id}/logs?after=-1")["logs"])

    def adapt(self, text: str, run_id: str) -> str:
        """An example for this server and that run."""
        return adapt(text, self.url, run_id, self.server.token)
