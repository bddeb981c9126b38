"""How often neighbouring lines of the two streams are swapped, by the pause between them.

    python tests/benchmarks/order.py [--lines 1000] [--json FILE]

A program prints numbered lines on stdout and stderr in turns, with so long a pause between two.
With pipes the streams are apart and their order is by read; with ``merge=True`` it is exact. The
last row is a shell's ``echo`` four times without any pause, again and again.
"""

from __future__ import annotations

import sys
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from common import arguments, report, workspace
from support.runs import ended, lines

from prismq_nb.engine.engine import Engine
from prismq_nb.models import LaunchSpec

if TYPE_CHECKING:
    from pathlib import Path

PRODUCER = """
import os, sys, time
count, pause = int(sys.argv[1]), float(sys.argv[2])
due = time.perf_counter()
for number in range(count):
    os.write(1 + number % 2, b"%d\\n" % number)
    due += pause
    if pause:
        time.sleep(max(0.0, due - time.perf_counter()))
"""
ECHOES = """
for i in $(seq {count}); do
  n=$((4 * i)); echo $n; echo $((n+1)) >&2; echo $((n+2)); echo $((n+3)) >&2; sleep 0.02
done
"""
PAUSES_MS = (0.0, 0.1, 0.5, 1.0, 2.0, 5.0, 20.0)


def swapped(engine: Engine, spec: LaunchSpec) -> tuple[float, float]:
    """Percent of neighbours in the wrong order, and the longest line number that was passed."""
    run = ended(engine, engine.launch(spec).run_id)
    with engine.reader(run.run_id) as reader:
        numbers = [int(line) for line in lines(reader)]
    pairs = list(pairwise(numbers))
    wrong = sum(after < before for before, after in pairs)
    places = {number: place for place, number in enumerate(sorted(numbers))}
    moved = max(abs(place - places[number]) for place, number in enumerate(numbers))
    return 100 * wrong / len(pairs), float(moved)


def measure(folder: Path, count: int) -> list[dict[str, Any]]:
    """All rows."""
    script = folder / "turns.py"
    script.write_text(PRODUCER)
    engine = Engine(folder / "data")
    rows = []
    try:
        for pause in PAUSES_MS:
            number = max(100, min(count, int(5000 / pause))) if pause else count
            command = [sys.executable, "-S", str(script), str(number), str(pause / 1000)]
            rows.append(row(engine, f"{pause:g} ms", number, command))
        echoes = ["bash", "-c", ECHOES.format(count=max(10, count // 20))]
        rows.append(row(engine, "4 echoes", 4 * max(10, count // 20), echoes))
    finally:
        engine.close()
    return rows


def row(engine: Engine, name: str, count: int, command: list[str]) -> dict[str, Any]:
    """One row: with two pipes, and with one."""
    apart, moved = swapped(engine, LaunchSpec(command=command))
    merged, _ = swapped(engine, LaunchSpec(command=command, merge=True))
    return {
        "pause": name,
        "lines": count,
        "swapped %": apart,
        "places moved": moved,
        "merge=True %": merged,
    }


def main() -> None:
    """Measure and report."""
    options = arguments(__doc__, lines=1000)
    with workspace() as folder:
        rows = measure(folder, options.lines)
    report("order of two streams", rows, options.json)


if __name__ == "__main__":
    main()
