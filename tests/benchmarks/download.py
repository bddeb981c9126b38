"""Throughput of downloads from a real Jupyter server in three forms, and of replays as a stream.

    python tests/benchmarks/download.py [--lines 2000000] [--rounds 3] [--json FILE]

The peer is `cat` through a socket: another process sends the same file with `socket.sendall`, and
the same client reads it. "of cat" is the rate in bytes on the wire, relative to that.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from common import arguments, median, percentile, report, workspace
from support.bulk import fill
from support.journals import MadeRun
from support.probe import Watched

BLOCK_LINES = 10_000
FORMS = {
    "raw": "download?format=raw",
    "text": "download?format=text",
    "jsonl": "download?format=jsonl",
    "stream, an event per line": "stream?after=-1",
    "stream, in batches": "stream?after=-1&batch=true",
}
LINE = b"2025-10-31 12:00:00 INFO worker-3 request %09d handled".ljust(94, b".") + b"\n"
READ_BYTES = 1 << 18
CAT = """
import socket, sys
peer = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
with open(sys.argv[2], "rb", buffering=0) as file:
    while data := file.read(1 << 17):
        peer.sendall(data)
"""


def drain(peer: socket.socket, rest: int = 0) -> int:
    """Read a socket to its end; return the number of bytes."""
    buffer = bytearray(READ_BYTES)
    while count := peer.recv_into(buffer):
        rest += count
    return rest


def by_cat(log: Path) -> tuple[float, int]:
    """Seconds and bytes of `cat` through a socket, from its first byte on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        process = subprocess.Popen(
            [sys.executable, "-S", "-c", CAT, str(server.getsockname()[1]), str(log)]
        )
        peer, _ = server.accept()
        with peer:
            begin = time.perf_counter()
            size = drain(peer)
            seconds = time.perf_counter() - begin
    process.wait()
    return seconds, size


def by_http(server: Watched, run_id: str, path: str) -> tuple[float, int]:
    """Seconds and bytes of a download through a bare socket, so that the client costs no more than
    the peer's.
    """
    host, port = server.url.split("/")[2].split(":")
    begin = time.perf_counter()
    with socket.create_connection((host, int(port))) as peer:
        head = f"GET /api/runs/{run_id}/logs/{path} HTTP/1.0\r\nHost: {host}\r\n"
        peer.sendall(
            (
                head
                + "".join(f"{name}: {value}\r\n" for name, value in server.headers.items())
                + "\r\n"
            ).encode()
        )
        first = peer.recv(1 << 16)
        assert first.split(b" ", 2)[1] == b"200", first
        size = drain(peer, len(first))
    return time.perf_counter() - begin, size


def main() -> None:
    """Measure and report."""
    options = arguments(__doc__, lines=2_000_000, rounds=3)
    with workspace() as folder:
        run = MadeRun(folder)
        fill(run, options.lines, b"".join(LINE % i for i in range(BLOCK_LINES)))
        log = run.path / "output.log"
        with Watched(folder / "home", folder) as server:
            for path in FORMS.values():
                by_http(server, run.run_id, path)
            rows: list[dict[str, Any]] = []
            cats = [by_cat(log) for _ in range(options.rounds)]
            cat = median([size / seconds for seconds, size in cats])
            rows.append(
                {
                    "what": "cat | socket",
                    "lines/s": round(cat / log.stat().st_size * options.lines),
                    "MB/s": cat / 1e6,
                    "of cat": 1.0,
                }
            )
            rows[0] |= {"server us/line": 0.0, "server growth MB": 0.0, "loop late p99 ms": 0.0}
            for form, path in FORMS.items():
                before = server.rss
                times: list[tuple[float, int]] = []
                server.probe()
                spent = server.cpu
                times += [by_http(server, run.run_id, path) for _ in range(options.rounds)]
                spent = (server.cpu - spent) / options.rounds / options.lines * 1e6
                late = server.probe()["late"]
                seconds, size = median([s for s, _ in times]), times[0][1]
                row = {
                    "what": form,
                    "lines/s": round(options.lines / seconds),
                    "MB/s": size / seconds / 1e6,
                    "of cat": size / seconds / cat,
                }
                row["server us/line"] = spent
                rows.append(
                    row
                    | {
                        "server growth MB": (server.rss - before) / 1e6,
                        "loop late p99 ms": percentile(late, 99) * 1e3,
                    }
                )
    report("downloading a log", rows, options.json)


if __name__ == "__main__":
    main()
