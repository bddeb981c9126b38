"""Throughput of capture from terminals, against a bare reader of two pseudo-terminals.

    python tests/benchmarks/terminal.py [--lines 300000] [--pairs 5] [--json FILE]

The peer is the limit of the kernel's terminal layer as seen from Python: the same producer on two
pseudo-terminals without output processing, read by a loop that does nothing but append to a file.
Pairs alternate; the ratio of a pair is what counts, as the machine may be shared. Pipes stand
beside it.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
import termios
import time
from pathlib import Path

from common import arguments, median, producer, report, workspace
from support.runs import ended

from prismq_nb.common.models import LaunchSpec
from prismq_nb.engine.engine import Engine

READ_BYTES = 64 << 10


def bare_terminals() -> tuple[tuple[int, int], tuple[int, int]]:
    """Two pseudo-terminals, (ours, theirs) each, that change no byte of output."""
    pairs = (os.openpty(), os.openpty())
    for _, theirs in pairs:
        modes = termios.tcgetattr(theirs)
        modes[1] &= ~termios.OPOST
        termios.tcsetattr(theirs, termios.TCSANOW, modes)
    return pairs


def bare(folder: Path, command: list[str], size: int) -> float:
    """Seconds until all output of the command is in a file, by the barest possible loop."""
    path = folder / "bare"
    (main, their_main), (error, their_error) = bare_terminals()
    begin = time.perf_counter()
    child = subprocess.Popen(
        command, stdin=their_main, stdout=their_main, stderr=their_error, start_new_session=True
    )
    os.close(their_main)
    os.close(their_error)
    poll = select.poll()
    for fd in (main, error):
        poll.register(fd, select.POLLIN)
    left, stored = 2, 0
    with path.open("wb", buffering=0) as log:
        while left:
            for fd, _ in poll.poll():
                try:
                    data = os.read(fd, READ_BYTES)
                except OSError:  # EIO: nobody has the far end open
                    data = b""
                stored += log.write(data)
                if not data:
                    poll.unregister(fd)
                    os.close(fd)
                    left -= 1
    child.wait()
    seconds = time.perf_counter() - begin
    assert stored == size, (stored, size)
    path.unlink()
    return seconds


def capture(engine: Engine, command: list[str], lines: int, *, terminal: bool) -> float:
    """Seconds of the run, until every line was stored."""
    spec = LaunchSpec(command=command, terminal=terminal)
    run = ended(engine, engine.launch(spec).run_id)
    assert (run.lines, run.terminal is not None) == (lines, terminal), run
    engine.purge(run.run_id)
    assert run.duration_seconds is not None
    return run.duration_seconds


def main() -> None:
    """Measure and report."""
    options = arguments(__doc__, lines=300_000, pairs=5)
    lines = options.lines
    rows = []
    with workspace() as folder:
        engine = Engine(folder / "data")
        for what, mixed in (("", False), (", stdout and stderr mixed", True)):
            command = producer(folder, lines, mixed=mixed)
            seconds: dict[str, list[float]] = {"bare reader": [], "terminal": [], "pipes": []}
            for number in range(options.pairs + 1):
                runs = {
                    "bare reader": lambda c=command: bare(folder, c, 100 * lines),
                    "terminal": lambda c=command: capture(engine, c, lines, terminal=True),
                    "pipes": lambda c=command: capture(engine, c, lines, terminal=False),
                }
                for name in runs if number % 2 else reversed(runs):
                    taken = runs[name]()
                    if number:  # the first round warms caches
                        seconds[name].append(taken)
            peer = seconds["bare reader"]
            for name, values in seconds.items():
                ratios = [one / other for one, other in zip(peer, values, strict=True)]
                rate = lines / median(values) / 1e6
                rows.append(
                    {"what": name + what, "M lines/s": rate, "of a bare reader": median(ratios)}
                )
        engine.close()
    report("capture of 100-byte lines from terminals", rows, options.json)


if __name__ == "__main__":
    sys.exit(main())
