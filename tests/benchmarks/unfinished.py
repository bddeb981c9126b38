"""The cost of unfinished text: ten progress bars of 20 minutes on one page, under a real server.

    python tests/benchmarks/unfinished.py [--runs 10] [--seconds 10] [--json FILE]

Each run has printed 900 kB without a newline and redraws its bar ten times a second; all are on one
page. The answer times of `api/status` are those of another client, before the page was opened and
while it is; the bytes that a supervisor writes are those of ``/proc/<pid>/io``: what it passed to
``write``, and what reached the disk.
"""

from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path
from typing import Any

import requests
from common import arguments, median, percentile, report, workspace
from support.jupyter_process import JupyterProcess, until

CODE = """
import sys, time
bar = "\\r{0:3d}%|##########          | {0}/100 [00:01<00:01, 30.1it/s]"
for i in range(15_000): sys.stderr.write(bar.format(i % 50))
for i in range(10**9):
    sys.stderr.write(bar.format(i % 100)); sys.stderr.flush(); time.sleep(0.1)
"""


def answers(server: JupyterProcess, seconds: float) -> list[float]:
    """Seconds of each request, one after another."""
    found: list[float] = []
    end = time.monotonic() + seconds
    headers = {"Authorization": f"token {server.token}"}
    with requests.Session() as session:
        while time.monotonic() < end:
            begin = time.perf_counter()
            session.get(f"{server.url}api/status", headers=headers).raise_for_status()
            found.append(time.perf_counter() - begin)
            time.sleep(0.01)
    return found


def io_of(pid: int) -> dict[str, int]:
    """``/proc/<pid>/io``."""
    pairs = (line.split(": ") for line in Path(f"/proc/{pid}/io").read_text().splitlines())
    return {name: int(value) for name, value in pairs}


def page(server: JupyterProcess, runs: list[str], batches: list[int]) -> None:
    """Read the stream of a page with all runs until the server stops."""
    query = "&".join(f"run={run}" for run in runs)
    headers = {"Authorization": f"token {server.token}"}
    url = f"{server.url}api/runs/stream?{query}"
    try:
        with requests.get(url, headers=headers, stream=True) as answer:
            for line in answer.iter_lines(chunk_size=None):
                batches[0] += line.startswith(b"data")
    except requests.RequestException:
        return


def _row(what: str, unit: str, values: list[float]) -> dict[str, Any]:
    return {"what": what, "median": median(values), "p99": percentile(values, 99), "unit": unit}


def main() -> None:
    """Measure and report."""
    options = arguments(__doc__, runs=10, seconds=10)
    with workspace() as folder:
        server = JupyterProcess.start(folder / "home")
        try:
            os.environ["PRISMQ_CONNECTION_FILE"] = str(server.connection_file)
            import prismq_nb

            runs = [prismq_nb.launch(code=CODE) for _ in range(options.runs)]
            folders = [path for path in folder.rglob("run_*") if path.is_dir()]
            kept = [path / "stderr.part" for path in folders]
            until(lambda: all(k.exists() and k.stat().st_size > 800_000 for k in kept), "the bars")
            idle = answers(server, options.seconds)
            batches = [0]
            reader = threading.Thread(target=page, args=(server, [r.run_id for r in runs], batches))
            reader.start()
            until(lambda: batches[0] > options.runs, "batches")
            states = [json.loads((path / "run.json").read_text()) for path in folders]
            pids = [each["supervisor_pid"] for each in states]
            before, begin, at = [io_of(pid) for pid in pids], time.monotonic(), batches[0]
            busy = answers(server, options.seconds)
            seconds = time.monotonic() - begin
            after = [io_of(pid) for pid in pids]
            rate = (batches[0] - at) / seconds
            for run in runs:
                run.stop()
            for run in runs:
                run.wait()
        finally:
            server.stop()
            reader.join()
    rows = [
        _row("api/status, no page", "ms", [1e3 * each for each in idle]),
        _row("api/status, page", "ms", [1e3 * each for each in busy]),
    ]
    for name in ("wchar", "write_bytes"):
        written = [new[name] - old[name] for old, new in zip(before, after, strict=True)]
        rows.append(_row(f"supervisor, {name}", "kB/s", [each / seconds / 1e3 for each in written]))
    rows.append(_row("batches", "1/s", [rate]))
    report(f"{options.runs} progress bars on one page", rows, options.json)


if __name__ == "__main__":
    main()
