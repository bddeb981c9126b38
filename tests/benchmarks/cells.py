"""What watching a block of code costs, beside the same block without it, in the same process.

    python tests/benchmarks/cells.py [--lines 200000] [--rounds 50] [--json FILE]

A script and a kernel, each in rounds that alternate: lines of five values printed per second (a
script prints into `/dev/null`, the cell through the kernel's protocol), the processor time of a
line in µs (of the process, and where it is watched of its supervisor), and the time to begin and to
end a block that prints one line, in ms: the first of a process, imports and the start of the
supervisor included, and the median of the later ones.

The last column is what ``%watch on`` adds to the time of a cell that does nothing, in ms.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from common import arguments, median, report, workspace

# isort: split
# `common` makes the others importable.
from support.kernel import Kernel, running

CODE = """
import contextlib, glob, json, os, sys, time
lines, rounds = {lines}, {rounds}
begun = time.perf_counter()
import prismq_nb
imported = time.perf_counter()
first = prismq_nb.watch("first", echo=False)
first.__enter__()
first_s = time.perf_counter() - imported
first.__exit__(None, None, None)
begins, ends = [], []
for _ in range(rounds):
    at = time.perf_counter()
    with prismq_nb.watch("one", echo=False):
        begins.append(time.perf_counter() - at)
        print("line")
        at = time.perf_counter()
    ends.append(time.perf_counter() - at)
with open(max(glob.glob({data!r} + "/runs/*/run.json"))) as file:
    supervisor = json.load(file)["supervisor_pid"]

def processor_seconds():
    "Of this process, and of its supervisor (proc_pid_stat(5))."
    with open(f"/proc/{{supervisor}}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")

rates = {{"plain": [], "watched": []}}
cpu = {{"plain": [], "watched": []}}
for _ in range(3):
    for kind in rates:
        block = prismq_nb.watch("flood", echo=False) if kind == "watched" else None
        at, used = time.perf_counter(), processor_seconds()
        with block or contextlib.nullcontext():
            for number in range(lines):
                print("step", number, "loss", 0.25, "of the second pass over the data")
        rates[kind].append(lines / (time.perf_counter() - at))
        cpu[kind].append((processor_seconds() - used) / lines)
found = [imported - begun, first_s, begins, ends, rates, cpu]
with open({to!r}, "w") as file:
    json.dump(found, file)
"""
QUICK = """
import json, time
shell, times = get_ipython(), {"off": [], "on --after 30": []}
for _ in range(4):
    for state, of in times.items():
        shell.run_line_magic("watch", state)
        for _ in range(100):
            at = time.perf_counter()
            shell.run_cell("pass")
            of.append(time.perf_counter() - at)
shell.run_line_magic("watch", "off")
print(json.dumps(list(times.values())))
"""
"""A cell that runs cells which do nothing."""


def figures(name: str, path: Path) -> dict[str, Any]:
    """A row of the table, from what the code has measured."""
    imported, first, begins, ends, rates, cpu = json.loads(path.read_text())
    plain, watched = median(rates["plain"]), median(rates["watched"])
    return {
        "where": name,
        "import ms": 1000 * imported,
        "first begin ms": 1000 * first,
        "begin ms": 1000 * median(begins),
        "end ms": 1000 * median(ends),
        "plain lines/s": round(plain),
        "watched lines/s": round(watched),
        "watched/plain": watched / plain,
        "plain CPU us": 1e6 * median(cpu["plain"]),
        "watched CPU us": 1e6 * median(cpu["watched"]),
    }


def unwatched(kernel: Kernel) -> float:
    """What ``%watch on`` costs a cell that is not watched, in ms."""
    shown = kernel.run(QUICK)
    off, on = json.loads(shown.streams["stdout"].splitlines()[-1])
    return 1000 * (median(on) - median(off))


def main() -> None:
    """Measure and report."""
    given = arguments(__doc__, lines=200_000, rounds=50)
    with workspace() as folder:
        rows = []
        for name in ("script", "kernel"):
            to = folder / f"{name}.json"
            cost: float | str = "-"
            data_dir = str(folder / ("script" if name == "script" else "data"))
            code = CODE.format(lines=given.lines, rounds=given.rounds, to=str(to), data=data_dir)
            if name == "script":
                env = {**os.environ, "PRISMQ_DATA_DIR": data_dir}
                subprocess.run(
                    [sys.executable, "-c", code], env=env, stdout=subprocess.DEVNULL, check=True
                )
            else:
                with running(folder) as kernel:
                    shown = kernel.run(code, wait=600)
                    assert shown.status == "ok", shown
                    cost = unwatched(kernel)
            rows.append({**figures(name, to), "%watch on ms": cost})
    report("Watched blocks", rows, given.json)


if __name__ == "__main__":
    main()
