"""Changes of the list of runs: their delay, and what following costs while nothing changes.

    python tests/benchmarks/events.py [--runs 10000] [--seconds 30] [--json FILE]

A real Jupyter server on a directory with many ended runs, and clients of `/api/runs/events`. The
delay is from the replacement of a run's state, by another process, to the event parsed in a client.
The peer in the same run is what a page would do without the events: ask for the list every 2 s.
"""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import psutil
import requests
from common import arguments, percentile, report, workspace
from support import many_runs
from support.journals import MadeRun
from support.jupyter_process import JupyterProcess

CLIENTS = 20
CHANGES, CHANGE_SECONDS = 200, 0.05
POLL_SECONDS = 2.0
MARK = b"@"
"""Around the time in the error message of the changing run."""


class Follower(asyncio.Protocol):
    """A client that notes the delay of each change, in ms."""

    def __init__(self, request: bytes, delays: list[float]) -> None:
        self.events = 0
        self._request = request
        self._delays = delays
        self._rest = b""

    def connection_made(self, transport: Any) -> None:
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        *events, self._rest = (self._rest + data).split(b"\n\n")
        self.events += len(events)
        now = time.time_ns()
        for event in events:
            self._delays += ((now - int(stamp)) / 1e6 for stamp in event.split(MARK)[1:2])


def request_of(server: JupyterProcess, path: str) -> bytes:
    url = urlsplit(f"{server.url}{path}")
    return (
        f"GET {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\nAuthorization: token"
        f" {server.token}\r\n\r\n"
    ).encode()


async def connections(server: JupyterProcess, path: str, delays: list[float]) -> list[Any]:
    url = urlsplit(server.url)
    follower = partial(Follower, request_of(server, path), delays)
    loop = asyncio.get_running_loop()
    return [await loop.create_connection(follower, url.hostname, url.port) for _ in range(CLIENTS)]


async def used(server: JupyterProcess, seconds: float) -> float:
    """Processor time of the server, in percent of a core."""
    assert server.process
    process = psutil.Process(server.process.pid)
    begin = sum(process.cpu_times()[:2])
    await asyncio.sleep(seconds)
    return 100 * (sum(process.cpu_times()[:2]) - begin) / seconds


async def polled(server: JupyterProcess, seconds: float) -> float:
    """The peer: the same while the clients poll."""
    found = await connections(server, "api/runs?limit=50", [])

    async def poll() -> None:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            for transport, _ in found:
                transport.write(request_of(server, "api/runs?limit=50"))

    polling = asyncio.ensure_future(poll())
    percent = await used(server, seconds)
    polling.cancel()
    for transport, _ in found:
        transport.abort()
    return percent


async def measure(server: JupyterProcess, seconds: float) -> list[dict[str, Any]]:
    alone = await used(server, seconds)
    asked = await polled(server, seconds)
    delays: list[float] = []
    found = await connections(server, "api/runs/events", delays)
    # they are connected at once, which is not measured
    while not all(follower.events for _, follower in found):  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    followed = await used(server, seconds)
    run = MadeRun(server.data_dir)
    await asyncio.sleep(2)
    changing = asyncio.ensure_future(used(server, CHANGES * CHANGE_SECONDS))
    for _ in range(CHANGES):
        run.state("running", error_message=f"@{time.time_ns()}@")
        await asyncio.sleep(CHANGE_SECONDS)
    busy = await changing
    for transport, _ in found:
        transport.abort()
    run.end()
    return [
        {"": "nobody asks", "percent of a core": alone, "p50 ms": "", "p99 ms": ""},
        {
            "": f"peer: {CLIENTS} ask every {POLL_SECONDS:g} s",
            "percent of a core": asked,
            "p50 ms": 500 * POLL_SECONDS,
            "p99 ms": 990 * POLL_SECONDS,
        },
        {
            "": f"{CLIENTS} follow, nothing changes",
            "percent of a core": followed,
            "p50 ms": "",
            "p99 ms": "",
        },
        {
            "": f"{CLIENTS} follow, {1 / CHANGE_SECONDS:g} changes/s",
            "percent of a core": busy,
            "p50 ms": percentile(delays, 50),
            "p99 ms": percentile(delays, 99),
        },
    ]


def main() -> None:
    """Measure and report."""
    options = arguments(__doc__, runs=10_000, seconds=30)
    with workspace() as folder:
        server = JupyterProcess.start(folder / "home", "--PrismQApp.keep_runs=0")
        try:
            many_runs.make(server.data_dir, options.runs)
            many_runs.settle(server.data_dir)
            requests.get(f"{server.url}api/runs?q=x", headers=server.headers, timeout=60)
            rows = asyncio.run(measure(server, options.seconds))
        finally:
            server.stop()
    report(f"Changes of a list of {options.runs:,} runs", rows, options.json)


if __name__ == "__main__":
    main()
