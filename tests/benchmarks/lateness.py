"""How long a server keeps others waiting: its loop's lateness and `GET api/status` under load.

    python tests/benchmarks/lateness.py [--seconds 5] [--only downloads,unread] [--json FILE]

Each row is one kind of load by clients in processes of their own; the peer in the same run is the
same server with nothing to do. `late` is by how much a timer of 1 ms was late inside the server;
`status` is what another client waited for `api/status`, asked 50 times a second; `pass` is the
processor time of one pass of the event loop, which other work on the machine does not change.
Server and clients share the machine: `busy` (the processor time of everything, in cores) says
whether the clients had any left for it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import psutil
from common import percentile, report, workspace
from support.bulk import fill
from support.journals import MadeRun
from support.probe import Watched

LOG_LINES = 1_000_000
BLOCK_LINES = 10_000
LINE = b"2025-10-31 12:00:00 INFO worker-3 request %09d handled".ljust(94, b".") + b"\n"
PRINTER = """
import os, sys, time
rate, due = float(sys.argv[1]), time.time()
while True:
    due += 1 / rate
    time.sleep(max(0, due - time.time()))
    os.write(1, (b"@%d@" % time.time_ns()).ljust(99, b"x") + b"\\n")
"""
BAR = """
import sys, time
for i in range(10**9):
    sys.stderr.write("\\r%6d/1000000 [%-60s] 12.3it/s" % (i, "#" * (i // 200 % 60)))
    if i > 10_000: sys.stderr.flush(); time.sleep(0.1)
"""
HOSTILE = [
    b"x" + b' lvl="' * 400,
    b"A" * 7800 + b" level=info",
    b'level=info msg="' + b"a=b " * 2000 + b'"',
    b"\x1b" * 100_000,
]
MANY_RUNS = 10_000


class Load:
    """A server, its runs, and clients that request much of it.

    Attributes:
        server: the server; `folder`: where its runs are; `log`: the id of a run with a large log.
    """

    def __init__(self, server: Watched, folder: Path, log: str) -> None:
        self.server, self.folder, self.log = server, folder, log

    def head(self, path: str, **query: object) -> str:
        """A request as it goes over the wire."""
        url = urlsplit(self.server.url)
        target = f"{url.path}{path}" + ("?" + urlencode(query, doseq=True) if query else "")
        lines = [f"GET {target} HTTP/1.1", f"Host: {url.netloc}"]
        lines += [f"{name}: {value}" for name, value in self.server.headers.items()]
        return "\r\n".join([*lines, "", ""])

    def runs(self, path: str, **query: object) -> str:
        """A request below ``api/runs``."""
        return self.head(f"api/runs/{path}", **query)

    @contextmanager
    def clients(
        self,
        what: str,
        heads: str | list[str],
        *more: object,
    ) -> Iterator[subprocess.Popen[str]]:
        """Clients at work; see `crowd`."""
        url = urlsplit(self.server.url)
        crowd = Path(__file__).with_name("crowd.py")
        command = [sys.executable, crowd, what, url.hostname, url.port]
        command += [json.dumps(heads), *more]
        pipe, words = subprocess.PIPE, [str(word) for word in command]
        with subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True) as process:
            try:
                yield process
            finally:
                if process.poll() is None and process.stdin and not process.stdin.closed:
                    process.stdin.close()
                    process.stdin = None
                    process.wait(60)

    @contextmanager
    def crowd(self, count: int, *heads: str, rate: int = -1) -> Iterator[None]:
        """So many connections that read."""
        with self.clients("read", list(heads), count, rate):
            yield

    @contextmanager
    def run(self, code: str, *args: object) -> Iterator[str]:
        """A real run."""
        script = self.folder / "load.py"
        script.write_text(code)
        spec = {"script": str(script), "args": [str(arg) for arg in args], "python": sys.executable}
        answer = self.server.session.post(f"{self.server.url}api/runs", json=spec, timeout=60)
        run_id = answer.json()["run_id"]
        try:
            yield run_id
        finally:
            for _ in range(3):
                self.server.session.delete(f"{self.server.url}api/runs/{run_id}", timeout=60)

    def measure(self, seconds: float) -> dict[str, Any]:
        """The measurements of the server's loop and of another client, for so long."""
        self.server.probe()
        cores, spent = psutil.cpu_times(), self.server.cpu
        with self.clients("probe", self.head("api/status")) as process:
            time.sleep(seconds)
            answers = json.loads(process.communicate()[0])
        probed, spent = self.server.probe(), self.server.cpu - spent
        late, passes = probed["late"], probed["passes"]
        after = psutil.cpu_times()
        busy = sum(after) - sum(cores) - (after.idle - cores.idle) - (after.iowait - cores.iowait)
        return {
            "status p50 ms": percentile(answers, 50) * 1e3,
            "status p99 ms": percentile(answers, 99) * 1e3,
            "status max ms": max(answers) * 1e3,
            "late p99 ms": percentile(late, 99) * 1e3,
            "late max ms": max(late) * 1e3,
            "pass p99 ms": percentile(passes, 99) * 1e3,
            "pass max ms": max(passes) * 1e3,
            "server core": spent / seconds,
            "busy": busy / seconds,
        }


def idle(_: Load, __: ExitStack) -> None:
    """No load."""


def hostile(load: Load, stack: ExitStack) -> None:
    """Expensive text, through poll, stream, search, download and timeline."""
    run = MadeRun(load.folder, "run_20251031_120000_hostile_abc123")
    for _ in range(40):
        for line in HOSTILE:
            run.write(line + b"\n")
    run.end()
    stack.enter_context(
        load.crowd(
            5,
            load.runs(f"{run.run_id}/logs", tail=20),
            load.runs(f"{run.run_id}/logs/stream", after=-1),
            load.runs(f"{run.run_id}/logs/search", q="needle"),
            load.runs(f"{run.run_id}/logs/download"),
            load.runs(f"{run.run_id}/logs/timeline"),
        )
    )


def bars(load: Load, stack: ExitStack) -> None:
    """One page with ten runs that draw bars."""
    ids = [stack.enter_context(load.run(BAR)) for _ in range(10)]
    stack.enter_context(load.crowd(1, load.runs("stream", run=ids)))
    time.sleep(1)


def many_runs(load: Load, stack: ExitStack) -> None:
    """Lists of 10,000 runs, four at once."""
    for i in range(MANY_RUNS):
        run_id = f"run_20251030_120000_many_{i:06x}"
        if not (load.folder / "runs" / run_id).exists():
            MadeRun(load.folder, run_id).end()
    heads = load.head("api/runs", limit=50), load.head("api/runs", q="many_0001")
    stack.enter_context(load.crowd(4, *heads))


def downloads(load: Load, stack: ExitStack) -> None:
    """Eight downloads as text at once."""
    stack.enter_context(load.crowd(8, load.runs(f"{load.log}/logs/download", format="text")))


def filtered(load: Load, stack: ExitStack) -> None:
    """Eight downloads of the lines that match."""
    head = load.runs(f"{load.log}/logs/download", format="text", q="handled")
    stack.enter_context(load.crowd(8, head))


def unread(load: Load, stack: ExitStack) -> None:
    """500 streams of 200 lines/s that nobody reads."""
    run_id = stack.enter_context(load.run(PRINTER, 200))
    stack.enter_context(load.crowd(500, load.runs(f"{run_id}/logs/stream"), rate=0))
    time.sleep(2)


def read(load: Load, stack: ExitStack) -> None:
    """500 streams of 200 lines/s that are read."""
    run_id = stack.enter_context(load.run(PRINTER, 200))
    stack.enter_context(load.crowd(500, load.runs(f"{run_id}/logs/stream")))
    time.sleep(2)


def replays(load: Load, stack: ExitStack) -> None:
    """200 streams that replay a large log, none of them fast."""
    head = load.runs(f"{load.log}/logs/stream", after=-1)
    stack.enter_context(load.crowd(200, head, rate=100_000))


def mixture(load: Load, stack: ExitStack) -> None:
    """4 downloads, 4 searches, 2 replays, 100 live streams that are read, 100 that are not."""
    run_id = stack.enter_context(load.run(PRINTER, 100))
    stack.enter_context(load.crowd(100, load.runs(f"{run_id}/logs/stream")))
    stack.enter_context(load.crowd(100, load.runs(f"{run_id}/logs/stream"), rate=0))
    stack.enter_context(
        load.crowd(
            10,
            *(load.runs(f"{load.log}/logs/download", format=form) for form in ("text", "jsonl")),
            load.runs(f"{load.log}/logs/search", q="[0-9]+7 handled", regex="true"),
            load.runs(f"{load.log}/logs/search", q="nothing of it"),
            load.runs(f"{load.log}/logs/stream", after=-1, batch="true"),
            rate=1_000_000,
        )
    )
    time.sleep(1)


LOADS: dict[str, Callable[[Load, ExitStack], None]] = {
    "idle": idle,
    "hostile": hostile,
    "bars": bars,
    "downloads": downloads,
    "filtered": filtered,
    "unread": unread,
    "read": read,
    "replays": replays,
    "mixture": mixture,
    "many_runs": many_runs,
}


def main() -> None:
    """Measure and report."""
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--seconds", type=float, default=5, help="for each row, default: 5")
    parser.add_argument("--only", default=",".join(LOADS), help=f"some of {','.join(LOADS)}")
    options = parser.parse_args()
    names = options.only.split(",")
    if unknown := [name for name in names if name not in LOADS]:
        parser.error(f"--only: {', '.join(unknown)} is not one of {', '.join(LOADS)}")
    rows = []
    with workspace() as folder:
        run = MadeRun(folder)
        fill(run, LOG_LINES, b"".join(LINE % i for i in range(BLOCK_LINES)))
        with Watched(folder / "home", folder, "--PrismQApp.keep_runs=0") as server:
            load = Load(server, folder, run.run_id)
            for name in names:
                work = LOADS[name]
                with ExitStack() as stack:
                    work(load, stack)
                    what = (work.__doc__ or name).strip(" .")
                    rows.append({"load": what} | load.measure(options.seconds))
                    print(rows[-1], file=sys.stderr)
    report("how long others wait", rows, options.json)


if __name__ == "__main__":
    main()
