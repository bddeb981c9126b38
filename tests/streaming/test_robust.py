"""Clients that do not read, read a byte at a time, or vanish affect nobody else.

Those that come back get everything.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from streaming.api import Api, Subscriber, values
from streaming.vanish import TIMEOUT_SECONDS
from support.jupyter_process import JupyterProcess
from support.namespaces import unshare

LINES = 40_000
FLOOD = f"input()\nfor i in range({LINES}): print(i, 'x' * 93)"
SLOW = 40
FOUND_SECONDS = 45
"""Within this, by default (issue 4)."""


def rest(subscriber: Subscriber) -> list[int]:
    """The numbers of all lines that are still to come."""
    numbers: list[int] = []
    while True:
        events = subscriber.read()
        numbers += [line["line"] for line in values(events, "log")]
        if values(events, "complete"):
            subscriber.drop()
            return numbers


def flooded(
    api: Api, server: JupyterProcess, asleep: int
) -> tuple[list[Subscriber], list[int], int]:
    """A flood to so many subscribers that do not read, one that reads a byte at a time, and one
    that reads everything.

    Returns: The first ones, the numbers that the last one saw, and how many bytes more the server
    uses.
    """
    run_id = api.launch(FLOOD)
    path = f"api/runs/{run_id}/logs/stream?after=-1"
    slow = [Subscriber(api, path, buffer_bytes=4096) for _ in range(asleep)]
    dripping = Subscriber(api, path, buffer_bytes=4096)
    awake = Subscriber(api, path)
    assert server.process
    process = psutil.Process(server.process.pid)
    before = process.memory_info().rss
    api.send(run_id, "\n")
    seen: list[int] = []
    while len(seen) < LINES:
        seen += [line["line"] for line in values(awake.read(), "log")]
        dripping.read(1)
    awake.drop()
    return [dripping, *slow], seen, process.memory_info().rss - before


def unsent(port: int) -> list[int]:
    """Bytes that the kernel buffers for each connection of a server on `port`.

    From ``/proc/net/tcp`` (proc_net_tcp.rst of the kernel).
    """
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return [int(row[4].split(":")[0], 16) for row in rows if int(row[1].split(":")[1], 16) == port]


def test_a_client_that_does_not_read_costs_little_and_gets_everything_later(
    api: Api, server: JupyterProcess
):
    # including the feed's own buffer: 10,000 lines, decoded and encoded
    slow, _, alone = flooded(api, server, 0)
    slow[0].drop()
    slow, seen, together = flooded(api, server, SLOW)
    assert seen == list(range(LINES))
    assert together - alone < SLOW * 500e3
    assert max(unsent(urlsplit(api.url).port or 80)) < 500e3
    for subscriber in slow[:3]:
        assert rest(subscriber) == list(range(LINES))
    for subscriber in slow:
        subscriber.drop()


@pytest.mark.timeout(400)
def test_a_vanished_client_is_detected(whole: bool):
    """In its own network namespace, whose network is switched off: nothing tells the server.

    ``--whole``: with the default timeout, and one client that had stopped reading a minute before.
    """
    options = ["--default"] if whole else []
    command = [
        *unshare("--net"),
        sys.executable,
        str(Path(__file__).parent / "vanish.py"),
        *options,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    print(done.stdout)
    assert json.loads(done.stdout.splitlines()[-1])["seconds"] < (
        FOUND_SECONDS if whole else 10 * TIMEOUT_SECONDS
    )
