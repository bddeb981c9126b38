"""The cost of live output: lines of Python workers below pipes, and the check for waiting input.

    python tests/benchmarks/live.py [--lines 1200] [--prints 300000] [--seconds 10] [--json FILE]

Workers: 8 processes print so many lines together, in `print` calls of several arguments; torn is
what is no whole line of one of them. Prints: one process, per second of its own clock. The peers
are what `print` does without us into the same pipes: PYTHONUNBUFFERED=1 (live, and torn), and the
interpreter's own block buffering (none is seen before 8 kB, and some are torn where blocks end).

Idle: processor time of the supervisor, in percent of one core, while nothing is printed and its
tree has so many processes below one another; it looks once a second whether one waits for input.
The limit is 1% by construction. The peer is a run whose only process sleeps.
"""

from __future__ import annotations

import os
import re
import sys
import time
from contextlib import suppress
from typing import Any

import psutil
from common import arguments, report, workspace
from support.runs import ended, escalate, lines, until

from prismq_nb.common.models import LaunchSpec
from prismq_nb.engine.engine import Engine

WORKERS = 8
DEPTHS = (1, 10, 100, 400)
WORKER = """
import sys, time
for number in range(int(sys.argv[2])):
    print("worker", sys.argv[1], "says", number, "x" * 40)
    time.sleep(0.0005)
"""
FOREMAN = """
import subprocess, sys
words = [sys.executable, "-c", sys.argv[1]]
workers = [subprocess.Popen([*words, str(n), sys.argv[3]]) for n in range(int(sys.argv[2]))]
for worker in workers:
    worker.wait()
"""
PRINTER = """
import sys, time
count, begin = int(sys.argv[1]), time.perf_counter()
for number in range(count):
    print("line", number)
print(count / (time.perf_counter() - begin), file=sys.stderr)
"""
WAYS: dict[str, dict[str, Any]] = {
    "ours": {},
    "PYTHONUNBUFFERED=1": {"env": {"PYTHONUNBUFFERED": "1"}, "unbuffered": False},
    "blocks": {"unbuffered": False},
}
# Each process starts the next one and waits for it; the last one sleeps.
CHAIN = 'if [ $0 -gt 1 ]; then sh -c "$1" $(($0 - 1)) "$1"; true; else sleep 999; fi'


def torn(engine: Engine, count: int, way: dict[str, Any]) -> tuple[int, int]:
    """Torn lines, and all lines."""
    command = [sys.executable, "-c", FOREMAN, WORKER, str(WORKERS), str(count // WORKERS)]
    run = ended(engine, engine.launch(LaunchSpec(command=command, **way)).run_id)
    with engine.reader(run.run_id) as reader:
        found = lines(reader)
    whole = re.compile(rb"worker \d says \d+ x{40}")
    return sum(whole.fullmatch(line) is None for line in found), len(found)


def speed(engine: Engine, count: int, way: dict[str, Any]) -> float:
    """Prints per second."""
    command = [sys.executable, "-c", PRINTER, str(count)]
    run = ended(engine, engine.launch(LaunchSpec(command=command, **way)).run_id)
    with engine.reader(run.run_id) as reader:
        return next(float(line) for line in lines(reader) if not line.startswith(b"line "))


def idle(engine: Engine, depth: int, seconds: float) -> list[float]:
    """Percent of a core that the supervisors of two quiet runs use: with pipes, with a terminal."""
    command = ["sh", "-c", CHAIN, str(depth), CHAIN]
    specs = [LaunchSpec(command=command, terminal=on) for on in (False, True)]
    runs = [engine.launch(spec).run_id for spec in specs]
    until(lambda: all(supervisor_of(run_id, depth) for run_id in runs), what="the trees")
    found = [each for run_id in runs if (each := supervisor_of(run_id, depth))]
    time.sleep(2)  # the checks at their start are over
    begin = [used(each) for each in found]
    time.sleep(seconds)
    shares = [100 * (used(each) - at) / seconds for each, at in zip(found, begin, strict=True)]
    for run_id in runs:
        escalate(engine, run_id)
        ended(engine, run_id)
    return shares


def used(process: psutil.Process) -> float:
    """Its processor time in seconds."""
    return sum(process.cpu_times()[:2])


def supervisor_of(run_id: str, depth: int) -> psutil.Process | None:
    """The supervisor of a run, when all of its tree has started."""
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):  # that of an earlier run
            if any(run_id in word for word in child.cmdline()):
                return child if len(child.children(recursive=True)) >= depth else None
    return None


def main() -> None:
    """Measure and report."""
    options = arguments(__doc__, lines=1200, prints=300_000, seconds=10)
    for name in ("PYTHONUNBUFFERED", "PYTHONPATH"):
        os.environ.pop(name, None)
    workers: list[dict[str, Any]] = []
    quiet: list[dict[str, Any]] = []
    with workspace() as folder:
        engine = Engine(folder / "data")
        try:
            for name, way in WAYS.items():
                broken, count = torn(engine, options.lines, way)
                rate = speed(engine, options.prints, way) / 1e3
                columns = {"print": name, "torn": broken, "lines": count, "k prints/s": rate}
                workers.append(columns)
            for depth in DEPTHS:
                pipes, terminal = idle(engine, depth, options.seconds)
                row = {"processes": depth, "pipes, % of a core": pipes}
                quiet.append(row | {"terminal, % of a core": terminal})
        finally:
            engine.close()
    report("lines of 8 Python workers, prints of one, below pipes", workers, options.json)
    to = options.json.with_suffix(".idle.json") if options.json else None
    report("supervisor of an idle run", quiet, to)


if __name__ == "__main__":
    main()
