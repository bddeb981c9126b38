"""Watched cells written by a test: their directory, and a process in the place of a kernel."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from prismq_nb.capture.base.control import ControlReader
from prismq_nb.capture.processes.identity import (
    DIRECTORY_VARIABLE,
    RUN_ID_VARIABLE,
    directory_identity,
)
from prismq_nb.capture.processes.info import boot_identity, boot_seconds, start_identity
from prismq_nb.common.base.state import write_json
from prismq_nb.journal.layout import format as fmt
from support.journals import MadeRun

KERNEL = "5b0f2a9e-6a4c-4e8e-9c53-0d7f3c1b2a10"
CODE = "for epoch in range(90):\n    train(epoch)"


class MadeCell(MadeRun):
    """A watched cell that holds its lock and reads its FIFO, as its supervisor does.

    Attributes:
        control: its end of the FIFO.
    """

    def __init__(
        self, data_dir: Path, *, name: str = "training", listens: bool = True, **launch: Any
    ) -> None:
        super().__init__(data_dir, f"run_20251031_120000_{name}_abc123")
        here = {"host": os.uname().nodename, "boot": boot_identity()}
        self.origin = here | {"directory": directory_identity(self.path)}
        self.launch = {
            **json.loads((self.path / fmt.LAUNCH).read_text()),
            "version": 1,
            "module_id": "training",
            "module_name": "training",
            "argv": [],
            "command_line": "",
            "args": [],
            "parameters": {},
            "arguments": "",
            "encoding": "utf-8",
            "timeout": None,
            "cwd": "/home/ann",
            "kind": "cell",
            "kernel_id": KERNEL,
            "notebook": "train.ipynb",
            "cell_id": "c0ffee",
            "code": CODE,
            "boot_seconds": boot_seconds() - 60,
            **self.origin,
            **launch,
        }
        write_json(self.path / fmt.LAUNCH, self.launch)
        self.control = ControlReader(self.path) if listens else None

    def running(self, kernel: int | None, **more: Any) -> None:
        """Write ``run.json`` of a running cell of this kernel."""
        named = {} if kernel is None else {"kernel_pid": kernel}
        started = {"kernel_started": start_identity(kernel)} if kernel else {}
        self.state(
            "running", heartbeat=time.time_ns() // 1000, **self.origin, **named, **started, **more
        )

    def told(self) -> list[dict[str, Any]]:
        """What came through the FIFO since the last call."""
        assert self.control is not None
        return self.control.commands()

    def deafen(self) -> None:
        """Close the FIFO and release the lock, as the death of its supervisor does."""
        if self.control is not None:
            os.close(self.control.fd)
            self.control = None
        self.unlock()


def living(run: MadeCell) -> subprocess.Popen[bytes]:
    """A process that carries everything by which a leftover process of a run is recognised."""
    marks = {RUN_ID_VARIABLE: run.run_id, DIRECTORY_VARIABLE: directory_identity(run.path)}
    return subprocess.Popen(
        [sys.executable, "-c", "print(flush=True); print(input())"],
        env={**os.environ, **marks},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
