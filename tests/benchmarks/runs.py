"""The cost of lists with many runs: ``python tests/benchmarks/runs.py [--runs 10000] [--json
FILE]``.

A real engine on directories made here, beside two peers in the same process: `scandir` and three
`stat` of each directory, which is the least that a list without an index could do, and a query of
an SQLite table with the same rows. Processor times where a machine's load would matter.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import os
import sqlite3
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

import psutil

sys.path.insert(0, str(Path(__file__).parent.parent))

from support import many_runs

from prismq_nb.engine.engine import Engine

QUERIES = {
    "page of 50": {},
    "page of 1000": {"limit": 1000},
    "q": {"q": "job 33"},
    "q, 1000 of them": {"q": "job", "limit": 1000, "offset": 4000},
    "status": {"status": "failed"},
    "module": {"module_id": "module-3"},
    "running": {"status": "running"},
    "two statuses": {"status": "failed,cancelled"},
    "module key": {"module_key": "script:/home/somebody/project/3.py"},
    "previous of a module": {
        "module_key": "script:/home/somebody/project/3.py",
        "before": "2100-01-01",
        "limit": 1,
    },
    "sorted by name": {"sort": "name"},
    "sorted by duration": {"sort": "-duration"},
    "sorted by errors": {"sort": "-errors"},
    "everything": {
        "q": "job",
        "status": "failed,completed",
        "since": "2000-01-01",
        "changed_since": "2000-01-01",
        "notebook": "/home/somebody/project/a.ipynb",
        "sort": "-duration",
    },
}
TARGETS = {"first list": 1000.0, "60 at once": 2000.0} | dict.fromkeys(QUERIES, 50.0)


class Lateness:
    """How late a thread that sleeps 1 ms at a time is woken: the delay of an event loop."""

    def __init__(self) -> None:
        self.late: list[float] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.is_set():
            begin = time.perf_counter()
            time.sleep(0.001)
            self.late.append(time.perf_counter() - begin - 0.001)

    def ms(self, share: float) -> float:
        return 1000 * sorted(self.late)[int(share * (len(self.late) - 1))]


def timed(call) -> tuple[float, float]:
    """Wall and processor time of a call, ms."""
    begin, cpu = time.perf_counter(), time.process_time()
    call()
    return 1000 * (time.perf_counter() - begin), 1000 * (time.process_time() - cpu)


def scan(runs: Path) -> None:
    """The peer: read every directory."""
    for entry in os.scandir(runs):
        for name in ("", "/launch.json", "/run.json"):
            os.stat(entry.path + name)


def table(engine: Engine) -> sqlite3.Connection:
    """The other peer: the same rows in SQLite."""
    base = sqlite3.connect(":memory:")
    base.execute("CREATE TABLE runs (id, created, module, name, status, row)")
    base.execute("CREATE INDEX by_created ON runs (created)")
    for entry in engine._store.index.entries():
        name = entry.text.partition("\n")[2]
        values = (entry.run_id, entry.order[1], entry.module_id, name, entry.status, entry.row)
        base.execute("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?)", values)
    return base


def measure(data_dir: Path) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    process = psutil.Process()

    def note(name: str, call) -> None:
        wall, cpu = timed(call)
        found[name] = {"wall_ms": wall, "cpu_ms": cpu}

    note("peer: scan of all directories", lambda: scan(data_dir / "runs"))
    gc.collect()
    before = process.memory_info().rss
    engine = Engine(data_dir)
    with Lateness() as lateness:
        note("first list", engine.list)
        note("first filter", lambda: engine.list(q="job 33"))
    found["first list"]["lateness_p99_ms"] = lateness.ms(0.99)
    gc.collect()
    found["memory"] = {"MB": (process.memory_info().rss - before) / 1e6}
    for name, query in QUERIES.items():
        calls = [timed(lambda query=query: engine.list(**query)) for _ in range(20)]
        wall, cpu = sorted(calls)[len(calls) // 2]
        found[name] = {"wall_ms": wall, "cpu_ms": cpu}
    with ThreadPoolExecutor(8) as pool:
        note("60 at once", lambda: [*pool.map(lambda _: engine.list(limit=1000), range(60))])
    base = table(engine)
    query = "SELECT * FROM runs WHERE name LIKE '%job 33%' ORDER BY created DESC LIMIT 50"
    note("peer: SQLite, q", lambda: base.execute(query).fetchall())
    cpu = time.process_time()
    time.sleep(10)
    found["idle"] = {"percent of a core": 10 * (time.process_time() - cpu)}
    engine.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder)
        many_runs.make(data_dir, arguments.runs)
        many_runs.settle(data_dir)
        found = measure(data_dir)
    print(f"{arguments.runs} runs")
    for name, values in found.items():
        row = "  ".join(f"{value:10.2f} {unit}" for unit, value in values.items())
        target = f"  (target {TARGETS[name]:g} ms)" if name in TARGETS else ""
        print(f"{name:32}{row}{target}")
    if arguments.json:
        with contextlib.suppress(FileExistsError):
            arguments.json.parent.mkdir(parents=True)
        arguments.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
