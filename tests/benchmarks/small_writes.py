"""The cost of many small writes, few, and none.

Processor time of supervisor and server, and how late a line is.

    python tests/benchmarks/small_writes.py [--seconds 5] [--rate 10000] [--json FILE]

Each row is a run of a producer that writes so many single lines per second, under a real Jupyter
server. Processor time (percent of one core) is the kernel's count, in ns on Linux, for the
supervisor and for the server, while nobody watches. A line carries the time of its write, which
gives its age: when a reader of the journal has it (which reads every 0.2 ms), and when an SSE
client has it. The limits in the same run are the producer's own processor time, and that of the
minimum of a capturing process in Python: sleep as long as the supervisor does between two reads,
read, and append.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import psutil
import requests
from common import arguments, median, percentile, report, workspace
from support.jupyter_process import JupyterProcess
from support.runs import until

from prismq_nb.capture.pipes.pacing import BUSY_GATHER_SECONDS
from prismq_nb.common.base import state
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.reader import JournalReader

PRODUCER = """
import os, sys, time
rate, step = int(sys.argv[1]), 0.001
begin = time.perf_counter(); written = 0
while True:
    due = int((time.perf_counter() - begin) * rate) if rate else 0
    while written < due:
        os.write(1, b"written at %d %s\\n" % (time.time_ns(), b"x" * 65))
        written += 1
    time.sleep(max(step, 0.5 / rate) if rate else 3600)
"""


LEAST = f"""
import os, sys, time
log = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)
while data := os.read(0, 65536):
    os.write(log, data)
    time.sleep({BUSY_GATHER_SECONDS})
"""


def busy(process: psutil.Process) -> float:
    """Seconds of processor time so far."""
    threads = list(Path(f"/proc/{process.pid}/task").glob("*/schedstat"))
    if threads:
        return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9
    times = process.cpu_times()  # in ticks of 10 ms
    return float(times.user + times.system)


def least(script: Path, rate: int, seconds: float) -> float:
    """Percent of one core that `LEAST` takes for the same lines."""
    with subprocess.Popen(
        [sys.executable, "-S", str(script), str(rate)], stdout=subprocess.PIPE
    ) as source:
        log = script.with_name("least.log")
        with subprocess.Popen(
            [sys.executable, "-S", "-c", LEAST, str(log)], stdin=source.stdout
        ) as sink:
            time.sleep(1.0)
            (percent,) = costs([psutil.Process(sink.pid)], seconds)
            source.kill()
            sink.kill()
    return percent


def costs(processes: list[psutil.Process], seconds: float) -> list[float]:
    """Percent of one core that each takes over so many seconds."""
    before = [busy(process) for process in processes]
    begin = time.perf_counter()
    time.sleep(seconds)
    passed = time.perf_counter() - begin
    return [
        100 * (busy(process) - old) / passed for process, old in zip(processes, before, strict=True)
    ]


def journal_ages(folder: Path, seconds: float) -> list[float]:
    """Seconds from a line's write until a reader of the journal has it."""
    found: list[float] = []
    end = time.perf_counter() + seconds
    with JournalReader(folder) as reader:
        seen = reader.refresh()
        while time.perf_counter() < end:
            total = reader.refresh()
            now = time.time_ns()
            if total > seen:
                found += [
                    (now - written(line)) / 1e9
                    for span in reader.spans(seen, total - seen)
                    for line in span.data.splitlines()
                ]
                seen = total
            time.sleep(0.0002)
    return found


def written(line: bytes) -> int:
    """The time at which a line says that it was written, ns since the epoch."""
    return int(line.split(b"written at ")[1].split(b" ")[0])


def sse_ages(server: JupyterProcess, run_id: str, seconds: float) -> list[float]:
    """Seconds from a line's write until an SSE client has it."""
    found: list[float] = []
    url = f"{server.url}api/runs/{run_id}/logs/stream?tail=1"
    with requests.get(url, headers=server.headers, stream=True, timeout=30) as response:
        timer = threading.Timer(seconds, response.close)
        timer.start()
        try:
            for line in response.iter_lines(chunk_size=None):
                now = time.time_ns()
                if line.startswith(b"data:") and b'"message":"' in line:
                    found.append((now - written(line)) / 1e9)
        # closed by the timer
        except (requests.RequestException, AttributeError, ValueError, OSError):
            pass
        timer.cancel()
    return found[1:]


def measure(server: JupyterProcess, script: Path, rate: int, seconds: float) -> dict[str, Any]:
    """One row."""
    import prismq_nb

    run = prismq_nb.launch(script, args=[str(rate)])
    path = server.data_dir / "runs" / run.run_id / fmt.STATE
    until(lambda: state.read_json(path) is not None)
    told = state.read_json(path) or {}
    processes = [
        psutil.Process(told["supervisor_pid"]),
        psutil.Process(server.process.pid),
        psutil.Process(told["pid"]),
    ]
    time.sleep(1.0)  # its imports and the first samples are over
    supervisor, jupyter, producer = costs(processes, seconds)
    late = journal_ages(path.parent, seconds) if rate else []
    floor = least(script, rate, seconds) if rate else 0.0
    shown = sse_ages(server, run.run_id, seconds) if rate else []
    memory = processes[0].memory_info().rss
    run.stop()
    run.wait()
    return {
        "lines/s": rate,
        "supervisor %": supervisor,
        "server %": jupyter,
        "producer %": producer,
        "read + append %": floor,
        "journal p50 ms": median(late) * 1e3 if late else 0.0,
        "p99 ms": percentile(late, 99) * 1e3 if late else 0.0,
        "SSE p50 ms": median(shown) * 1e3 if shown else 0.0,
        "SSE p99 ms": percentile(shown, 99) * 1e3 if shown else 0.0,
        "RSS MB": memory / 1e6,
    }


def main() -> None:
    """Measure and report."""
    options = arguments(__doc__, seconds=5, rate=10_000)
    with workspace() as folder:
        script = folder / "lines.py"
        script.write_text(PRODUCER)
        server = JupyterProcess.start(folder / "home")
        try:
            os.environ["PRISMQ_CONNECTION_FILE"] = str(server.connection_file)
            rows = [
                measure(server, script, rate, options.seconds) for rate in (0, 1, 100, options.rate)
            ]
        finally:
            server.stop()
    report("single writes", rows, options.json)


if __name__ == "__main__":
    main()
