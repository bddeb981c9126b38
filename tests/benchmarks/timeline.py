"""The cost of the timeline of a log of any size.

The first request, the next one of a live run, and the event loop meanwhile.

    python tests/benchmarks/timeline.py [--lines 100000000] [--rounds 5] [--json FILE]

The index has a record per 100 lines and the sidecar a mix of all levels, which is the most work;
the log itself is sparse, since nobody reads it. There is no peer: without an index one would have
to read the log.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from common import arguments, median, percentile, report, workspace
from support.journals import MadeRun
from support.probe import Watched

from prismq_nb.common.log_models import Timeline
from prismq_nb.engine.engine import Engine
from prismq_nb.engine.read.timeline import Timelines
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.levels.sidecar import SidecarWriter

CHUNK_LINES, LINE_BYTES = 100, 100
MEAN_PAUSE_MICROS = 100_000


def fill(run: MadeRun, lines: int) -> None:
    """Give a run an index and levels as if it had printed so many lines, over days."""
    chance = random.Random(3)
    run.writer.close(run.now)
    size = CHUNK_LINES * LINE_BYTES
    with (run.path / fmt.INDEX).open("wb", buffering=1 << 20) as index:
        index.write(fmt.header(run.now))
        for number in range(lines // CHUNK_LINES):
            run.now += chance.randrange(2 * MEAN_PAUSE_MICROS)
            index.write(
                fmt.pack(
                    number * size,
                    (number + 1) * size,
                    number * CHUNK_LINES,
                    CHUNK_LINES,
                    fmt.STDOUT,
                    run.now,
                    run.now,
                )
            )
    os.truncate(run.path / fmt.LOG, lines * LINE_BYTES)
    sidecar, mixed = (
        SidecarWriter(run.path),
        bytes(chance.choices([0, 1, 1, 1, 1, 1, 2, 3, 4], k=1 << 20)),
    )
    for done in range(0, lines, len(mixed)):
        sidecar.append(mixed[: lines - done])
    sidecar.close()
    run.state("completed", exit_code=0, completed=run.now, lines=lines)


def ask(engine: Engine, run: MadeRun, buckets: int) -> Timeline:
    """One request without a server."""
    with engine.timeline(run.run_id, buckets) as query:
        while not query.done:
            query.step()
        return query.timeline()


def main() -> None:
    """Measure and report."""
    options = arguments(__doc__, lines=100_000_000, rounds=5)
    with workspace() as folder:
        run = MadeRun(folder)
        fill(run, options.lines)
        engine = Engine(folder)

        def first(buckets: int) -> None:
            engine._timelines = Timelines()  # the cache is empty
            assert sum(ask(engine, run, buckets).lines) == options.lines

        ways: list[tuple[str, Callable[[], object]]] = [
            ("240 buckets, first request", lambda: first(240)),
            ("2000 buckets, first request", lambda: first(2000)),
            ("2000 buckets, again", lambda: ask(engine, run, 2000)),
        ]
        rows = [row(name, work, options.rounds) for name, work in ways]
        report(f"time line of {options.lines:,} lines", rows, options.json)
        print(loop_lateness(folder, run, options.rounds))


def row(name: str, work: Callable[[], object], rounds: int) -> dict[str, Any]:
    """One way, some rounds; processor time, which does not depend on what else the machine does."""
    times = []
    for _ in range(rounds):
        begin = time.process_time()
        work()
        times.append(time.process_time() - begin)
    return {
        "time line": name,
        "cpu ms, median": median(times) * 1e3,
        "cpu ms, least": min(times) * 1e3,
    }


def loop_lateness(folder: Path, run: MadeRun, rounds: int) -> str:
    """How late the event loop is while a server counts, and while it does nothing."""
    with Watched(folder / "home", folder) as server:
        idle = server.lateness(lambda: time.sleep(1))

        def count() -> None:
            # another number of buckets each time, so that little is cached
            for number in range(rounds):
                assert server.get(
                    f"{run.run_id}/logs/timeline", buckets=2000 - 300 * (number % 6)
                ).json()["complete"]

        busy = server.lateness(count)
    return (
        f"event loop: p99 {percentile(busy, 99) * 1e3:.1f} ms late while it counts,"
        f" {percentile(idle, 99) * 1e3:.1f} ms idle"
    )


if __name__ == "__main__":
    main()
