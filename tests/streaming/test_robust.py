"""Clients that do not read, read a byte at a time, or vanish: nobody else notices, and who comes back gets everything."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import psutil
from streaming.api import Api, Subscriber, values
from streaming.vanish import TIMEOUT_SECONDS
from support.jupyter_process import JupyterProcess
from support.namespaces import unshare

LINES = 40_000
FLOOD = f"input()\nfor i in range({LINES}): print(i, 'x' * 93)"
SLOW = 4


def rest(subscriber: Subscriber) -> list[int]:
    """Numbers of all lines that are still to come."""
    numbers: list[int] = []
    while True:
        events = subscriber.read()
        numbers += [line["line"] for line in values(events, "log")]
        if values(events, "complete"):
            subscriber.drop()
            return numbers


def test_who_does_not_read_costs_little_and_gets_everything_later(api: Api, server: JupyterProcess):
    run_id = api.launch(FLOOD)
    path = f"api/runs/{run_id}/logs/stream?after=-1"
    asleep = [Subscriber(api, path, buffer_bytes=4096) for _ in range(SLOW)]
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
    assert seen == list(range(LINES))
    # The feed's own buffer is in it: 10,000 lines, decoded and encoded.
    assert process.memory_info().rss - before < 24e6 + SLOW * 1e6
    for subscriber in (*asleep, dripping):
        assert rest(subscriber) == list(range(LINES))


def test_who_vanished_is_found():
    """In a network namespace of its own, whose network is switched off: nothing tells the server."""
    command = [*unshare("--net"), sys.executable, str(Path(__file__).parent / "vanish.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["seconds"] < 10 * TIMEOUT_SECONDS
