"""The cost of a supervisor: time to start, memory, and a hundred of them under a real Jupyter
server.

    python tests/benchmarks/supervisor.py [--rounds 20] [--lines 10000000] [--runs 100]
                                          [--json FILE]

The minimum is measured beside it: a bare interpreter that starts and ends. Memory is resident, as
reported by the kernel: after the start, and the most during a flood of `--lines` lines of 100
bytes. In the last part every run prints its own lines, all of them are compared, and a probe in the
server measures the lateness of the event loop.
"""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import requests
from common import arguments, median, percentile, producer, report, timed, workspace
from support.probe import Watched
from support.runs import ended, output, until

from prismq_nb.common.base import state
from prismq_nb.common.models import LaunchSpec
from prismq_nb.engine.engine import Engine
from prismq_nb.journal.layout import format as fmt

LINES_PER_RUN = 1000
CODE = f"import sys\nfor i in range({LINES_PER_RUN}): print(sys.argv[1], i)"
AT_ONCE = 10
"""Requests in flight; each run starts as soon as its request is served."""


def row(what: str, values: list[float], unit: str, limit: float) -> dict[str, object]:
    """One line of the table."""
    return {
        "what": what,
        "median": median(values),
        "p99": percentile(values, 99),
        "unit": unit,
        "limit": limit,
    }


def starts(engine: Engine, rounds: int) -> tuple[list[float], list[float]]:
    """Milliseconds of a bare interpreter, and of `Engine.launch` until the child runs."""
    bare = [
        1e3 * timed(lambda: subprocess.run([sys.executable, "-I", "-S", "-c", ""], check=True))
        for _ in range(rounds)
    ]
    launched = []
    for _ in range(rounds):
        begin = time.perf_counter()
        run = engine.launch(LaunchSpec(command=["true"]))
        launched.append(1e3 * (time.perf_counter() - begin))
        ended(engine, run.run_id)
        engine.purge(run.run_id)
    return bare, launched


def memory(engine: Engine, command: list[str]) -> tuple[list[float], list[float]]:
    """Megabytes of a supervisor: idle, a second after its start; and during a flood."""
    quiet, flood = [], []
    for argv, found in ((["sleep", "3"], quiet), (command, flood)):
        run = engine.launch(LaunchSpec(command=argv))
        told = state.read_json(engine.data_dir / "runs" / run.run_id / fmt.STATE) or {}
        process = psutil.Process(told["supervisor_pid"])
        try:
            while True:
                found.append(process.memory_info().rss / 1e6)
                time.sleep(0.02)
        except psutil.NoSuchProcess:
            engine.purge(run.run_id)
    return quiet[50:], flood[5:]


def crowd(folder: Path, runs: int) -> tuple[list[float], float]:
    """Milliseconds by which ticks of the server's loop were late during so many runs, and the
    seconds until all had ended.
    """
    engine = Engine(folder / "crowd")
    with Watched(folder / "home", engine.data_dir) as server, ThreadPoolExecutor(AT_ONCE) as pool:
        found: list[str] = []

        def launch(number: int) -> str:
            answer = requests.post(
                f"{server.url}api/runs",
                json={"code": CODE, "args": [f"run{number}"]},
                headers=server.headers,
                timeout=100,
            )
            answer.raise_for_status()
            return str(answer.json()["run_id"])

        def work() -> None:
            found.extend(pool.map(launch, range(runs)))
            until(lambda: all(engine.get(run_id).completed_at for run_id in found), seconds=100)

        begin = time.perf_counter()
        late = server.lateness(work)
        seconds = time.perf_counter() - begin
        for number, run_id in enumerate(found):
            assert output(engine, run_id)[0] == b"".join(
                b"run%d %d\n" % (number, i) for i in range(LINES_PER_RUN)
            ), run_id
    engine.close()
    return [1e3 * value for value in late], seconds


def main() -> None:
    """Measure and report."""
    options = arguments(__doc__, rounds=20, lines=10_000_000, runs=100)
    with workspace() as folder:
        engine = Engine(folder / "data")
        bare, launched = starts(engine, options.rounds)
        quiet, flood = memory(engine, producer(folder, options.lines))
        engine.close()
        late, seconds = crowd(folder, options.runs)
    rows = [
        row("a bare interpreter starts and ends", bare, "ms", 0.0),
        row("Engine.launch: supervisor ready, child runs", launched, "ms", 60.0),
        row("resident memory, quiet", quiet, "MB", 15.0),
        row(f"resident memory, flood of {options.lines:,} lines", flood, "MB", 20.0),
        row(f"{options.runs} runs at once: lateness of the event loop", late, "ms", 20.0),
        row(f"{options.runs} runs at once: until all had ended", [seconds], "s", 0.0),
    ]
    report("what a supervisor costs", rows, options.json)


if __name__ == "__main__":
    main()
