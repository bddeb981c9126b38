"""The cost of reading a journal of any size: in the reader, and over HTTP with the server's memory.

    python tests/benchmarks/size.py [--lines 100000000] [--rounds 200] [--json FILE]

100 million lines take 10 GB in $TMPDIR for as long as it runs (--lines 1000000 shows the same, only
smaller). The journal is written by the real writer in the chunks of a module that prints in bulk.
Peers, in the same run: `tail -n 500` of the log, and `os.pread` of the bytes of 500 lines whose
offset is already known, which is the minimum.
"""

from __future__ import annotations

import os
import random
import subprocess
import time
from collections.abc import Callable
from typing import Any

from common import LINE, arguments, median, percentile, report, timed, workspace
from support.bulk import fill
from support.journals import MadeRun
from support.probe import Watched

from prismq_nb.common.base.state import iso, parse_iso
from prismq_nb.engine.read.poll import LogQuery
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.reader import JournalReader

PAGE = 500
BLOCK_LINES = 10_000


def poll(reader: JournalReader, **parameters: Any) -> None:
    """One poll without a server."""
    query = LogQuery(reader, "run", **parameters)
    while not query.step():
        pass
    assert len(query.page().logs) == PAGE


def main() -> None:
    """Measure and report."""
    options = arguments(__doc__, lines=100_000_000, rounds=200)
    chance = random.Random(3)
    with workspace() as folder:
        run = MadeRun(folder)
        seconds = timed(lambda: fill(run, options.lines, LINE * BLOCK_LINES))
        log, index = run.path / fmt.LOG, run.path / fmt.INDEX
        print(
            f"{options.lines:,} lines, {log.stat().st_size / 1e9:.2f} GB, written in"
            f" {seconds:.0f} s"
        )
        print(
            f"index: {index.stat().st_size:,} bytes,"
            f" {100 * index.stat().st_size / log.stat().st_size:.3f}% of the log"
        )
        with (
            JournalReader(run.path) as reader,
            open(log, "rb") as file,
            Watched(folder / "home", folder) as server,
        ):
            last = reader.total_lines - PAGE - 1
            stamp = {
                n: reader.spans(n, 1)[0].stamp
                for n in (chance.randrange(last) for _ in range(options.rounds))
            }

            def ask(**query: Any) -> None:
                assert server.get(f"{run.run_id}/logs", **query).content.count(b'"line":') == PAGE

            def pread() -> None:
                assert len(
                    os.pread(file.fileno(), PAGE * len(LINE), chance.randrange(last) * len(LINE))
                ) == PAGE * len(LINE)

            def since() -> str:
                return iso(stamp[chance.choice(list(stamp))])

            ways: list[tuple[str, Callable[[], object]]] = [
                ("os.pread at a known offset", pread),
                (
                    "tail -n 500",
                    lambda: subprocess.run(
                        ["tail", "-n", str(PAGE), str(log)], stdout=subprocess.DEVNULL, check=True
                    ),
                ),
                ("tail, reader", lambda: poll(reader, tail=PAGE)),
                (
                    "any lines, reader",
                    lambda: poll(reader, after=chance.randrange(last), limit=PAGE),
                ),
                ("since, reader", lambda: poll(reader, since=parse_iso(since()), limit=PAGE)),
                ("tail, HTTP", lambda: ask(tail=PAGE)),
                ("any lines, HTTP", lambda: ask(after=chance.randrange(last), limit=PAGE)),
                ("since, HTTP", lambda: ask(since=since(), limit=PAGE)),
            ]
            for _, work in ways:
                for _ in range(20):
                    work()  # warm: code, caches, the server's own arenas
            before = server.rss
            rows = [row(name, work, options.rounds, server) for name, work in ways]
            grown = server.rss - before
    report(f"500 lines of {options.lines:,}", rows, options.json)
    print(
        f"memory of the server: {before / 1e6:.1f} MB before, {grown / 1e6:+.2f} MB after"
        f" {3 * options.rounds} requests"
    )


def row(name: str, work: Callable[[], object], rounds: int, server: Watched) -> dict[str, Any]:
    """One way, some rounds.

    Processor time, of the server where it is involved, depends less on what else the machine does.
    """

    def cpu() -> float:
        return server.cpu if "HTTP" in name else time.process_time()

    before = cpu()
    times = [timed(work) for _ in range(rounds)]
    used = (cpu() - before) / rounds
    return {
        "500 lines": name,
        "median ms": median(times) * 1e3,
        "p99 ms": percentile(times, 99) * 1e3,
        "cpu ms": used * 1e3,
    }


if __name__ == "__main__":
    main()
