"""Throughput of capture, against ``cat > file`` in the same run.

    python tests/benchmarks/capture.py [--lines 3000000] [--pairs 9] [--json FILE]

Each pair runs the same producer (lines of 100 bytes, as fast as it can) once into ``cat > file``
and once as a run, by turns the one and the other first; the ratio of a pair is what counts, as the
machine may be shared. Capture here is the whole thing: timestamps, index, journal, exit status. Its
time is the run's own, from before its exec to its end, when every line is stored and indexed;
neither side waits for the disk (the journal is synced after that, and the next begins when it is).
Other peers that store or forward lines are measured where they are installed (apt: s6,
daemontools), each once per round. TMPDIR says on which disk.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
from common import arguments, median, producer, report, timed, workspace
from support.runs import ended, until

from prismq_nb.common.base.state import read_json
from prismq_nb.common.models import LaunchSpec
from prismq_nb.engine.engine import Engine
from prismq_nb.journal.layout.format import STATE

ROUNDS_OF_OTHERS = 3
READLINE_SHARE = 30
"""The readline loop gets so many times fewer lines: it is slow."""
RATES = (50_000, 100_000, 200_000, 300_000, 400_000, 600_000)
STEADY = """
import os, sys, time
rate, written, begin = int(sys.argv[1]), 0, time.perf_counter()
while (passed := time.perf_counter() - begin) < 3:
    due = int(passed * rate)
    os.write(1, (b"x" * 99 + b"\\n") * (due - written))
    written = due
    time.sleep(0.001)
"""
READLINE = """
import asyncio, sys, time
async def main():
    child = await asyncio.create_subprocess_exec(*sys.argv[2:], stdout=asyncio.subprocess.PIPE)
    with open(sys.argv[1], "w") as log:
        while line := await child.stdout.readline():
            log.write(f"{time.time()} {line.decode()}")
            log.flush()
    await child.wait()
asyncio.run(main())
"""


def piped(folder: Path, command: list[str], sink: str) -> float:
    """Seconds of ``command 2>&1 | sink``; ``{}`` in `sink` is a path that is deleted afterwards."""
    path = folder / "sink"
    line = f"{shlex.join(command)} 2>&1 | {sink.format(shlex.quote(str(path)))}"
    seconds = timed(lambda: subprocess.run(line, shell=True, check=True, stdout=subprocess.DEVNULL))
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    return seconds


def capture(engine: Engine, command: list[str], lines: int, **options: Any) -> tuple[float, float]:
    """Seconds of the run, and from its end until all levels were known."""
    run = ended(engine, engine.launch(LaunchSpec(command=command, **options)).run_id)
    supervisor = (read_json(engine.data_dir / "runs" / run.run_id / STATE) or {})["supervisor_pid"]
    assert run.lines == lines, run
    levels = timed(lambda: until(lambda: engine.get(run.run_id).levels["complete"], seconds=600))
    until(
        lambda: not psutil.pid_exists(supervisor),
        what="end of the supervisor, which syncs the journal and would disturb what comes next",
    )
    engine.purge(run.run_id)
    assert run.duration_seconds is not None
    return run.duration_seconds, levels


def keeps_up(engine: Engine) -> int:
    """The most lines per second, of `RATES`, at which levels are at most 0.1 s behind.

    The first half second, in which a run's patterns are compiled, does not count.
    """
    best = 0
    for rate in RATES:
        run_id = engine.launch(LaunchSpec(code=STEADY, args=[str(rate)])).run_id
        behind: list[int] = []
        with engine.reader(run_id) as reader:
            while not engine.get(run_id).completed_at:
                lines = reader.refresh()
                if lines > rate // 2:
                    behind.append(lines - reader.level_counts()[1])
                time.sleep(0.05)
        if max(behind) < rate / 10:
            best = rate
    return best


def peers() -> dict[str, str]:
    """Name -> shell command that reads the lines."""
    found = {"tee file": "tee {}"}
    if shutil.which("s6-log"):
        found["s6-log T (timestamps)"] = "s6-log -b n2 s268435455 T {}"
    if shutil.which("multilog"):
        found["multilog t (timestamps)"] = "multilog t n2 s16777215 {}"
    return found


def readline(folder: Path, lines: int) -> float:
    """Seconds of an asyncio loop that reads, stamps and writes each line."""
    path = folder / "readline.log"
    return timed(
        lambda: subprocess.run(
            [sys.executable, "-c", READLINE, str(path), *producer(folder, lines)], check=True
        )
    )


def main() -> None:
    """Measure and report."""
    options = arguments(__doc__, lines=3_000_000, pairs=9)
    lines = options.lines
    with workspace() as folder:
        engine = Engine(folder / "data")
        plain, mixed = producer(folder, lines), producer(folder, lines, mixed=True)
        cases: dict[str, tuple[list[str], dict[str, Any]]] = {
            "prismq_nb": (plain, {}),
            "  stdout and stderr mixed": (mixed, {}),
            "  merge=True": (mixed, {"merge": True}),
            "  with mask": (plain, {"mask": ["some-secret-value"]}),
            "  with 100 masks": (
                plain,
                {"mask": [f"{number * 7919:x}-Secret-{number:03}" for number in range(100)]},
            ),
        }
        for command in (plain, mixed):  # warms caches
            capture(engine, command, lines)
        others = peers()
        ratios: dict[str, list[float]] = {name: [] for name in [*cases, *others]}
        seconds: dict[str, list[float]] = {name: [] for name in ["cat > file", *ratios]}
        levels: list[float] = []
        for number in range(options.pairs):
            for name, (command, how) in list(cases.items())[
                : None if number < ROUNDS_OF_OTHERS else 2
            ]:
                cat = piped(folder, command, "cat > {}") if number % 2 == 0 else 0.0
                taken, later = capture(engine, command, lines, **how)
                cat = cat or piped(folder, command, "cat > {}")
                seconds["cat > file"].append(cat)
                seconds[name].append(taken)
                ratios[name].append(cat / taken)
                if name == "prismq_nb":
                    levels.append(later)
            for name, sink in others.items() if number < ROUNDS_OF_OTHERS else ():
                seconds[name].append(piped(folder, plain, sink))
                ratios[name].append(median(seconds["cat > file"]) / seconds[name][-1])
        few = max(1, lines // READLINE_SHARE)
        slow = few / readline(folder, few)
        inline = keeps_up(engine)
        engine.close()
    rates = {name: lines / median(values) for name, values in seconds.items()}
    rows = [
        {
            "what": name,
            "M lines/s": rate / 1e6,
            "of cat": median(ratios[name]) if name in ratios else 1.0,
        }
        for name, rate in rates.items()
    ]
    rows.append(
        {
            "what": "asyncio readline loop",
            "M lines/s": slow / 1e6,
            "of cat": slow / rates["cat > file"],
        }
    )
    done = lines / (median(seconds["prismq_nb"]) + median(levels))
    rows.append(
        {
            "what": "lines with their levels, from exec to the last level",
            "M lines/s": done / 1e6,
            "of cat": done / rates["cat > file"],
        }
    )
    rows.append(
        {
            "what": "levels keep up with",
            "M lines/s": inline / 1e6,
            "of cat": inline / rates["cat > file"],
        }
    )
    report("capture of 100-byte lines", rows, options.json)


if __name__ == "__main__":
    main()
