"""Ten thousand ended runs in a few seconds, for tests and benchmarks of many runs."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from prismq_nb.journal.layout import format as fmt

T0 = (int(time.time()) - 86_400) * 1_000_000 + 123_456
"""Yesterday: old runs are kept for some days only."""
STATUSES = ("completed", "failed", "cancelled")
MODULES, NAMES = 20, 50


def run_id(number: int) -> str:
    """The id of run `number`: each is a second younger than the one before."""
    moment = time.gmtime(T0 // 1_000_000 + number)
    return f"run_{time.strftime('%Y%m%d_%H%M%S', moment)}_made_{number:06x}"


def make(data_dir: Path, count: int, first: int = 0) -> list[str]:
    """Make run directories as ended runs leave them, and return their ids, oldest first."""
    runs = data_dir / "runs"
    runs.mkdir(mode=0o700, parents=True, exist_ok=True)
    index = fmt.header(T0)
    for number in range(first, first + count):
        folder = f"{runs}/{run_id(number)}"
        os.mkdir(folder, 0o700)
        created = T0 + number * 1_000_000
        for name, content in (
            (fmt.LAUNCH, _launch(number, created)),
            (fmt.STATE, _state(number, created)),
            (fmt.LOCK, b""),
            (fmt.LOG, b""),
            (fmt.INDEX, index),
            (fmt.LEVELS, b""),
            ("supervisor.log", b""),
        ):
            fd = os.open(f"{folder}/{name}", os.O_WRONLY | os.O_CREAT, 0o600)
            os.write(fd, content)
            os.close(fd)
    return [run_id(number) for number in range(first, first + count)]


def settle(data_dir: Path) -> None:
    """Make all directories look an hour old, as they are unless a test has just made them."""
    old = time.time() - 3600
    for folder in [*(data_dir / "runs").iterdir(), data_dir / "runs"]:
        os.utime(folder, (old, old))


def _launch(number: int, created: int) -> bytes:
    launch = {
        "version": 1,
        "kind": "code",
        "run_id": run_id(number),
        "created": created,
        "module_id": f"module-{number % MODULES}",
        "module_name": f"Job {number % NAMES}",
        "module_key": f"script:/home/somebody/project/{number % MODULES}.py",
        "origin": {
            "kind": "notebook",
            "notebook": "/home/somebody/project/a.ipynb",
            "cell_id": None,
            "run_id": None,
        },
        "host": os.uname().nodename,
        "cwd": "/home/somebody/project",
        "argv": ["/usr/bin/python3", "(code)"],
        "command_line": "/usr/bin/python3 '(code)'",
        "parameters": {"max-results": number, "source": "channel"},
        "args": [],
        "arguments": f"--max-results={number} --source=channel",
        "spec": {"code": "print('hello')\n" * 20},
        "environment": {},
    }
    return json.dumps(launch, indent=1).encode()


def _state(number: int, created: int) -> bytes:
    status = STATUSES[number % len(STATUSES)]
    state = {
        "version": 1,
        "run_id": run_id(number),
        "status": status,
        "pid": 4_000_000,
        "pid_started": "1",
        "boot": "none",
        "host": os.uname().nodename,
        "supervisor_pid": 4_000_001,
        "started": created + 40_000,
        "completed": created + 5_000_000,
        "exit_code": {"completed": 0, "failed": 1, "cancelled": -2}[status],
        "error_message": "exit code 1: ValueError: no such channel" if status == "failed" else None,
        "stopping": False,
        "lines": 0,
        "bytes": 0,
        "levels": [0, 0, 0, 0, 0],
        "levels_done": 0,
        "input_waiting": 0,
        "heartbeat": created + 5_000_000,
    }
    return json.dumps(state, indent=1).encode()
