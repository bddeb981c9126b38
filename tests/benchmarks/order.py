"""How often lines of the two streams of a program are swapped, by the pause between them.

    python tests/benchmarks/order.py [--lines 1000] [--echoes 200] [--rounds 3] [--json FILE]

A program prints numbered lines on stdout and stderr in turns. "swapped" is the share of lines
printed one after the other that stand the other way round in the log: 0 is exact, 50 is all of one
stream before all of the other. The peer in the same run is the barest reader there is: a loop that
polls, reads, and keeps what it read in memory. ``merge=True`` gives the exact order. Nothing but
the time of reading tells the order of two pipes or two terminals, so what the bare reader shows is
the limit of the machine. The busy reader is the same loop with 0.4 ms of work after what it read,
about as much as storing it takes: a process that worked is not put before its writer by the
system's scheduler any more. The last row is a shell's ``echo`` four times without a pause: the
share of such groups that are not in exact order. Rounds alternate; figures are means.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from common import arguments, report, workspace
from support.runs import ended, lines
from terminal import READ_BYTES, bare_terminals

from prismq_nb.common.models import LaunchSpec
from prismq_nb.engine.engine import Engine

if TYPE_CHECKING:
    from collections.abc import Callable

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
GROUP = 4
ECHOES = """
for i in $(seq {count}); do
  n=$((4 * (i - 1))); echo $n; echo $((n+1)) >&2; echo $((n+2)); echo $((n+3)) >&2; sleep 0.005
done
"""
PAUSES_MS = (0.0, 0.2, 1.0, 2.0, 5.0)
LONGEST_SECONDS = 2.0
BUSY_SECONDS = 0.0004


def swapped(numbers: list[int]) -> float:
    """Percent of lines printed one after the other that are swapped."""
    places = {number: place for place, number in enumerate(numbers)}
    assert sorted(places) == list(range(len(numbers))), numbers
    wrong = sum(places[after] < places[before] for before, after in pairwise(range(len(numbers))))
    return 100 * wrong / (len(numbers) - 1)


def disordered(numbers: list[int]) -> float:
    """Percent of groups of `GROUP` lines that are not in exact order."""
    starts = range(0, len(numbers), GROUP)
    wrong = sum(numbers[at : at + GROUP] != list(range(at, at + GROUP)) for at in starts)
    return 100 * wrong / len(starts)


def captured(engine: Engine, command: list[str], **options: Any) -> list[int]:
    """The numbers in the order of the log of a run."""
    run = ended(engine, engine.launch(LaunchSpec(command=command, **options)).run_id)
    with engine.reader(run.run_id) as reader:
        numbers = [int(line) for line in lines(reader)]
    engine.purge(run.run_id)
    return numbers


def bare(command: list[str], *, terminal: bool, work: float = 0.0) -> list[int]:
    """The numbers in the order in which a loop that does nothing else reads them.

    Args:
        command: prints them.
        terminal: on two terminals, else into two pipes.
        work: seconds for which the loop is busy whenever it has read all that was there.
    """
    (main, out), (error, err) = bare_terminals() if terminal else (os.pipe(), os.pipe())
    child = subprocess.Popen(command, stdout=out, stderr=err, start_new_session=True)
    os.close(out)
    os.close(err)
    poll = select.poll()
    for fd in (main, error):
        poll.register(fd, select.POLLIN)
    left, found = 2, []
    while left:
        for fd, _ in poll.poll():
            try:
                data = os.read(fd, READ_BYTES)
            except OSError:  # EIO: nobody has the far end open
                data = b""
            found.append(data)
            if not data:
                poll.unregister(fd)
                os.close(fd)
                left -= 1
        if work and not poll.poll(0):
            busy_until = time.perf_counter() + work
            while time.perf_counter() < busy_until:
                pass
    child.wait()
    return [int(word) for word in b"".join(found).split()]


def ways(engine: Engine) -> dict[str, Callable[[list[str]], list[int]]]:
    """Name of a column -> what reads a command's numbers."""
    found: dict[str, Callable[[list[str]], list[int]]] = {}
    for name, terminal in (("pipes", False), ("terminal", True)):
        found |= {
            name: lambda c, t=terminal: captured(engine, c, terminal=t),
            f"{name}: bare reader": lambda c, t=terminal: bare(c, terminal=t),
            f"{name}: busy reader": lambda c, t=terminal: bare(c, terminal=t, work=BUSY_SECONDS),
            f"{name}: merge=True": lambda c, t=terminal: captured(
                engine, c, terminal=t, merge=True
            ),
        }
    return found


def commands(count: int, echoes: int) -> dict[str, tuple[list[str], Callable[[list[int]], float]]]:
    """Name of a row -> its command, and what makes a percentage of the order of its numbers."""
    found: dict[str, tuple[list[str], Callable[[list[int]], float]]] = {}
    for pause in PAUSES_MS:
        number = min(count, int(1000 * LONGEST_SECONDS / pause)) if pause else count
        words = [sys.executable, "-S", "-c", PRODUCER, str(number), str(pause / 1000)]
        found[f"swapped %, pause of {pause:g} ms"] = words, swapped
    script = ECHOES.format(count=echoes)
    found["4 echoes not in exact order %"] = ["bash", "-c", script], disordered
    return found


def main() -> None:
    """Measure and report."""
    options = arguments(__doc__, lines=1000, echoes=200, rounds=3)
    with workspace() as folder:
        engine = Engine(folder / "data")
        columns = ways(engine)
        rows = []
        for what, (command, judge) in commands(options.lines, options.echoes).items():
            sums = dict.fromkeys(columns, 0.0)
            for number in range(options.rounds):
                for name in columns if number % 2 else reversed(columns):
                    sums[name] += judge(columns[name](command))
            means = {name: value / options.rounds for name, value in sums.items()}
            rows.append({"what": what, **means})
        engine.close()
    report("order of two streams", rows, options.json)


if __name__ == "__main__":
    main()
