"""Delay and cost of lines to many subscribers of one run, under a real Jupyter server.

    python tests/benchmarks/streaming.py [--seconds 8] [--json FILE]

The module writes its clock into each line of 100 bytes; the delay is from that write to the event
parsed in a client. Module, server and clients share the machine. The peer in the same run is the
least that can be done: a bare asyncio server that forwards what it reads from the module's pipe to
every connection as it comes, without storing, HTTP or a format.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
from common import arguments, percentile, report, workspace
from support.jupyter_process import JupyterProcess

CASES = ((1, 1), (1, 1000), (10, 500), (100, 500), (1000, 10))
"""Subscribers, and lines per second."""
WARM_SECONDS = 1.0
PRODUCER = """
import os, sys, time
rate = float(sys.argv[1])
due = time.time()
while True:
    due += 1 / rate
    time.sleep(max(0, due - time.time()))
    os.write(1, (b"@%d@" % time.time_ns()).ljust(99, b"x") + b"\\n")
"""


class Subscriber(asyncio.Protocol):
    """Record the delay of each line, in ms, while `measuring`."""

    measuring = False

    def __init__(self, request: bytes, delays: list[float]) -> None:
        self.connected = False
        self._request = request
        self._delays = delays
        self._rest = b""

    def connection_made(self, transport: Any) -> None:
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self.connected = True
        pieces = (self._rest + data).split(b"\n\n")
        self._rest = pieces.pop()
        if not Subscriber.measuring:
            return
        now = time.time_ns()
        for piece in pieces:
            self._delays += ((now - int(stamp)) / 1e6 for stamp in piece.split(b"@")[1::2])


def measure(
    count: int, seconds: float, pid: int, address: tuple[str, int], request: bytes
) -> dict[str, float]:
    """`watch`, on its own loop."""
    return asyncio.run(watch(count, seconds, pid, address, request))


async def watch(
    count: int, seconds: float, pid: int, address: tuple[str, int], request: bytes
) -> dict[str, float]:
    """Delays of `count` clients, and what the process `pid` used meanwhile."""
    delays: list[float] = []
    loop = asyncio.get_running_loop()
    process = psutil.Process(pid)
    memory = process.memory_info().rss
    Subscriber.measuring = False
    connections = [
        await loop.create_connection(partial(Subscriber, request, delays), *address)
        for _ in range(count)
    ]
    # a thousand events for it would disturb
    while not all(subscriber.connected for _, subscriber in connections):  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    await asyncio.sleep(WARM_SECONDS)
    Subscriber.measuring = True
    spent, begin = sum(process.cpu_times()[:2]), time.perf_counter()
    await asyncio.sleep(seconds)
    Subscriber.measuring = False
    cpu, took = sum(process.cpu_times()[:2]) - spent, time.perf_counter() - begin
    grown = process.memory_info().rss - memory
    for transport, _ in connections:
        transport.abort()
    return {
        "p50 ms": percentile(delays or [0.0], 50),
        "p99 ms": percentile(delays or [0.0], 99),
        "events/s": len(delays) / took,
        "core": cpu / took,
        "us/line/sub": cpu / max(1, len(delays)) * 1e6,
        "MB more": grown / 1e6,
    }


@contextmanager
def stream_of(
    server: JupyterProcess, script: Path, rate: float
) -> Iterator[tuple[int, tuple[str, int], bytes]]:
    """A run that prints so many lines per second: process id and address of its server, and the
    request of a subscriber.
    """
    import prismq_nb

    run = prismq_nb.launch(script, args=[str(rate)])
    url = urlsplit(f"{server.url}api/runs/{run.run_id}/logs/stream?tail=1")
    request = (
        f"GET {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\nAuthorization: token"
        f" {server.token}\r\n\r\n"
    )
    assert server.process
    try:
        yield server.process.pid, (str(url.hostname), int(url.port or 80)), request.encode()
    finally:
        run.stop()
        run.wait()


@contextmanager
def bare_forwarder(script: Path, rate: float) -> Iterator[tuple[int, tuple[str, int], bytes]]:
    """The same of the peer."""
    command = [sys.executable, "-c", PEER, sys.executable, str(script), str(rate)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        try:
            yield process.pid, ("127.0.0.1", int(process.stdout.readline())), b""
        finally:
            os.killpg(process.pid, signal.SIGKILL)


PEER = """
import asyncio, sys
async def main():
    writers = []
    connected = lambda reader, writer: writers.append(writer)
    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    module = await asyncio.create_subprocess_exec(*sys.argv[1:], stdout=asyncio.subprocess.PIPE)
    while data := await module.stdout.read(65536):
        data = data.replace(b"\\n", b"\\n\\n")
        for writer in writers:
            writer.write(data)
asyncio.run(main())
"""


def main() -> None:
    """Measure and report."""
    options = arguments(__doc__, seconds=8)
    rows = []
    with workspace() as folder:
        script = folder / "clock.py"
        script.write_text(PRODUCER)
        server = JupyterProcess.start(folder / "home")
        try:
            os.environ["PRISMQ_CONNECTION_FILE"] = str(server.connection_file)
            for count, rate in CASES:
                for what, source in (
                    ("bare forwarder", bare_forwarder(script, rate)),
                    ("prismq_nb", stream_of(server, script, rate)),
                ):
                    with source as where:
                        rows.append(
                            {"subscribers x lines/s": f"{count} x {rate}", "what": what}
                            | measure(count, options.seconds, *where)
                        )
            with stream_of(server, script, 1e-6) as where:
                for count in (1, 1000):
                    core = measure(count, options.seconds, *where)["core"]
                    print(f"\n{count} idle streams: {core:.2%} of a core")
        finally:
            server.stop()
    report("streaming", rows, options.json)


if __name__ == "__main__":
    main()
