"""A real IPython kernel for tests: what its cells send, and the runs in its data directory."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_client.manager import KernelManager

from prismq_nb.common.models import RunInfo
from prismq_nb.engine.engine import Engine
from support.jupyter_process import until
from support.waiting import WAIT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_client import BlockingKernelClient

RUN = "application/vnd.prismq.run+json"


@dataclass
class Outcome:
    """What a cell sent.

    Attributes:
        status: ``ok``, ``error`` or ``aborted``.
        streams: texts of stdout and stderr.
        shown: MIME bundles of displayed things, also of the result; `runs`: ids of runs in them.
        error: name and text of its error.
        order: types of its messages that show something.
    """

    status: str = ""
    streams: dict[str, str] = field(default_factory=lambda: {"stdout": "", "stderr": ""})
    shown: list[dict[str, Any]] = field(default_factory=list)
    error: str = ""
    order: list[str] = field(default_factory=list)

    @property
    def runs(self) -> list[str]:
        return [data[RUN]["run_id"] for data in self.shown if RUN in data]


@dataclass
class Kernel:
    """A kernel whose data directory is its own."""

    manager: KernelManager
    client: BlockingKernelClient
    engine: Engine

    def run(self, code: str, *, wait: float = WAIT_SECONDS) -> Outcome:
        """Run a cell, and return what it sent until it was idle again."""
        outcome = Outcome()

        def hear(message: dict[str, Any]) -> None:
            content, kind = message["content"], message["msg_type"]
            if kind in ("stream", "display_data", "execute_result", "error"):
                outcome.order.append(kind)
            if kind == "stream":
                outcome.streams[content["name"]] += content["text"]
            elif kind in ("display_data", "execute_result"):
                outcome.shown.append(content["data"])
            elif kind == "error":
                outcome.error = f"{content['ename']}: {content['evalue']}"

        # ipykernel 6 aborts what comes right behind a cell that failed, unless told not to.
        reply = self.client.execute_interactive(
            code, stop_on_error=False, timeout=wait, output_hook=hear
        )
        outcome.status = reply["content"]["status"]
        return outcome

    def start(self, code: str) -> None:
        """Start a cell without waiting for it."""
        self.client.execute(code)

    def runs(self) -> list[RunInfo]:
        """Return all runs, oldest first."""
        return self.engine.list(limit=1000).runs[::-1]

    def ended(self, run_id: str) -> RunInfo:
        """Wait for the end of a run, and for its counts."""

        def end() -> RunInfo | None:
            self.engine.wait_for_repair(run_id)
            run = self.engine.get(run_id)
            return run if run.completed_at and run.levels["complete"] else None

        return until(end, f"the end of {run_id}")

    def log(self, run_id: str) -> list[str]:
        """Return the lines of a run."""
        path = self.engine.log_path(run_id)  # it appears a moment after the run
        return path.read_text(errors="replace").splitlines() if path.exists() else []


def python_with(home: Path, requirement: str) -> str:
    """Return the interpreter of a new environment, which borrows every other package of ours."""
    subprocess.run([sys.executable, "-m", "venv", str(home / "venv")], check=True)
    python = home / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", requirement], check=True)
    script = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = subprocess.run([python, "-c", script], check=True, capture_output=True, text=True)
    ours = [sysconfig.get_path("purelib"), str(Path(__file__).parents[2])]
    Path(site.stdout.strip(), "borrowed.pth").write_text("\n".join(ours) + "\n")
    return str(python)


@contextmanager
def running(home: Path, python: str = sys.executable, **env: str) -> Iterator[Kernel]:
    """Start a kernel as a Jupyter session does, without a server unless `env` names one."""
    data_dir = home / "data"
    manager = KernelManager(kernel_name="python3")
    assert manager.kernel_spec is not None
    manager.kernel_spec.argv[0] = python
    own = {"PRISMQ_DATA_DIR": str(data_dir), "PRISMQ_CONNECTION_FILE": ""}
    given = {**own, "JPY_SESSION_NAME": "analysis.ipynb", **env}
    manager.start_kernel(env={**os.environ, **given}, cwd=str(home))
    client = manager.client()
    client.start_channels(hb=False)  # on a busy machine a late heartbeat counts as a death
    engine = Engine(data_dir)
    try:
        client.wait_for_ready(timeout=WAIT_SECONDS)
        yield Kernel(manager, client, engine)
    finally:
        engine.close()
        client.stop_channels()
        manager.shutdown_kernel(now=True)
