"""Cells that run at the same time in one kernel: in its main shell and in subshells."""

from __future__ import annotations

from queue import Empty
from typing import TYPE_CHECKING, Any

from support.jupyter_process import until
from support.kernel import Kernel, Outcome
from support.waiting import WAIT_SECONDS

if TYPE_CHECKING:
    from jupyter_client import BlockingKernelClient


class Shells:
    """The shells of one kernel; None is the main one."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self._client: BlockingKernelClient = kernel.client
        self._said: dict[str, list[dict[str, Any]]] = {}

    def create(self) -> str:
        """Create a subshell (ipykernel 7), and return its id."""
        self._client.control_channel.send(self._client.session.msg("create_subshell_request", {}))
        answer = self._client.get_control_msg(timeout=WAIT_SECONDS)
        return str(answer["content"]["subshell_id"])

    def start(self, shell: str | None, code: str) -> str:
        """Start a cell; return the id of the request."""
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}}
        message = self._client.session.msg("execute_request", {**content, "allow_stdin": False})
        if shell is not None:
            message["header"]["subshell_id"] = shell
        self._client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def run(self, shell: str | None, code: str) -> Outcome:
        """Run a cell to its end."""
        return self.finish(self.start(shell, code))

    def watch(self, shell: str | None, code: str) -> tuple[str, str]:
        """Start a watched cell that prints; return the ids of the request and of its run."""
        request = self.start(shell, f"%%watch\n{code}")
        (run_id,) = until(lambda: self.so_far(request).runs, "the run")
        until(lambda: self.kernel.log(run_id), "its first line")
        return request, run_id

    def finish(self, request: str) -> Outcome:
        """Wait until a cell has ended."""
        until(lambda: self.so_far(request).status, "the end of the cell")
        return self.so_far(request)

    def so_far(self, request: str) -> Outcome:
        """What a cell has sent."""
        try:
            while True:
                message = self._client.get_iopub_msg(timeout=0.01)
                self._said.setdefault(message["parent_header"].get("msg_id"), []).append(message)
        except Empty:
            pass
        outcome = Outcome()
        for message in self._said.get(request, []):
            content, kind = message["content"], message["msg_type"]
            if kind == "stream":
                outcome.streams[content["name"]] += content["text"]
            elif kind in ("display_data", "execute_result"):
                outcome.shown.append(content["data"])
            elif kind == "error":
                outcome.error = f"{content['ename']}: {content['evalue']}"
            elif kind == "status" and content["execution_state"] == "idle":
                outcome.status = "idle"
        return outcome
