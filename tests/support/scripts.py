"""Plain Python scripts whose blocks are watched, each with a data directory of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prismq_nb.common.base.state import ENDED
from prismq_nb.engine.engine import Engine
from support.runs import output, until
from support.waiting import WAIT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prismq_nb.common.models import RunInfo

SOURCES = Path(__file__).parents[2]


class Script:
    """A script in a folder, and its runs.

    Attributes:
        data_dir: holds its runs.
    """

    def __init__(self, folder: Path, code: str, *, prefix: Sequence[str] = ()) -> None:
        """Write `code`; `prefix`: of the command that runs it."""
        self.data_dir = folder / "data"
        self.path = folder / "script.py"
        self.path.write_text(textwrap.dedent(code))
        self._prefix = prefix

    def start(self, *args: str, **options: Any) -> subprocess.Popen[bytes]:
        """Start it."""
        env = {**os.environ, "PYTHONPATH": str(SOURCES), "PRISMQ_DATA_DIR": str(self.data_dir)}
        command = [*self._prefix, sys.executable, str(self.path), *args]
        return subprocess.Popen(command, env=env | options.pop("env", {}), **options)

    def run(self, *args: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
        """Run it to its end, which must come."""
        with self.start(
            *args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options
        ) as process:
            try:
                out, error = process.communicate(timeout=WAIT_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                out, error = process.communicate()
                raise AssertionError(f"it hangs: {out[-500:]!r} {error[-2000:]!r}") from None
        return subprocess.CompletedProcess(process.args, process.returncode, out, error)

    def directories(self) -> list[Path]:
        """The directories of its runs, the oldest first."""
        return sorted(
            (path for path in self.data_dir.glob("runs/run_*")),
            key=lambda path: json.loads((path / "launch.json").read_text())["created"],
        )

    def state(self, at: int = 0) -> dict[str, Any]:
        """The state of a run, as its supervisor has written it last."""
        try:
            found: dict[str, Any] = json.loads((self.directories()[at] / "run.json").read_text())
        except (FileNotFoundError, IndexError):
            return {}
        return found

    def ended(self, at: int = 0, *, seconds: float = WAIT_SECONDS) -> dict[str, Any]:
        """The state of a run whose supervisor has written its end."""
        until(lambda: self.state(at).get("status") in ENDED, seconds=seconds, what="the end")
        return self.state(at)

    def info(self, at: int = 0) -> RunInfo:
        """What the engine says of a run, after it has repaired what is to be repaired."""
        engine = Engine(self.data_dir)
        try:
            run_id = self.directories()[at].name
            engine.wait_for_repair(run_id)
            return engine.get(run_id)
        finally:
            engine.close()

    def streams(self, at: int = 0) -> tuple[bytes, bytes]:
        """The stored bytes of stdout and of stderr of a run."""
        engine = Engine(self.data_dir)
        try:
            return output(engine, self.directories()[at].name)
        finally:
            engine.close()

    def log(self, at: int = 0) -> bytes:
        """The stored bytes of both streams."""
        return b"".join(self.streams(at))
