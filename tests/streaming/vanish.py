"""Clients lose their network, and the server detects it; prints how long that took.

Run by `test_robust.py` in its own network namespace.
"""

from __future__ import annotations

import fcntl
import json
import socket
import struct
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parent.parent))

from conftest import kill_all_with
from streaming.api import Api, Subscriber
from support.jupyter_process import JupyterProcess
from support.runs import until

from prismq_nb.server.http.peer import TCP_RTO_MAX_MS

_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 0x1  # SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP
TIMEOUT_SECONDS = 2
STALLED_SECONDS = 60
"""After that the kernel by itself would ask again 40 s later."""


def loopback(*, up: bool) -> None:
    """Switch the only network on or off."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sH14x", b"lo", 0)
        (flags,) = struct.unpack("16xH14x", fcntl.ioctl(any_socket, _GET_FLAGS, request))
        fcntl.ioctl(
            any_socket,
            _SET_FLAGS,
            struct.pack("16sH14x", b"lo", flags | _UP if up else flags & ~_UP),
        )


class Connections:
    """The server's connections to some subscribers, by the port of the other end."""

    def __init__(self, server: JupyterProcess, subscribers: list[Subscriber]) -> None:
        assert server.process
        self._process = psutil.Process(server.process.pid)
        self._ports = {subscriber.socket.getsockname()[1] for subscriber in subscribers}

    def open(self) -> int:
        """How many the server has not given up."""
        process = self._process
        find = getattr(process, "net_connections", None) or process.connections  # before psutil 6
        return sum(
            one.status == psutil.CONN_ESTABLISHED and one.raddr.port in self._ports
            for one in find("tcp")
        )


def main() -> None:
    """A stream in full flow, and a silent one.

    With ``--default`` also one that was not read for a minute, where the kernel supports it.
    """
    default = "--default" in sys.argv
    loopback(up=True)
    options = [] if default else [f"--PrismQApp.peer_timeout_seconds={TIMEOUT_SECONDS}"]
    server = JupyterProcess.start(None, "--PrismQApp.keep_alive_seconds=60", *options)
    kinds: dict[str, list[Subscriber]] = {}
    try:
        api = Api(server.url, server.token)
        busy = api.launch("import time\nwhile True: print('x' * 99); time.sleep(0.005)")
        silent = api.launch("input()")
        if default and asks_often():
            flood = api.launch("for i in range(100_000): print(i, 'x' * 93)")
            kinds["stalled"] = [
                Subscriber(api, f"api/runs/{flood}/logs/stream?after=-1", buffer_bytes=4096)
            ]
            time.sleep(STALLED_SECONDS)  # the duration is what is tested
        for kind, run in (("busy", busy), ("silent", silent)):
            kinds[kind] = [Subscriber(api, f"api/runs/{run}/logs/stream")]
            kinds[kind][0].read()
        connections = {
            kind: Connections(server, subscribers) for kind, subscribers in kinds.items()
        }
        assert all(one.open() == 1 for one in connections.values())
        loopback(up=False)
        begin = time.monotonic()
        found: dict[str, float] = {}

        def all_found() -> bool:
            found.update(
                {
                    kind: time.monotonic() - begin
                    for kind, one in connections.items()
                    if kind not in found and not one.open()
                }
            )
            return len(found) == len(connections)

        until(all_found, seconds=150)
        print(json.dumps(found | {"seconds": max(found.values())}))
    finally:
        loopback(up=True)
        for subscriber in (one for several in kinds.values() for one in several):
            subscriber.drop()
        server.stop()
        kill_all_with("PRISMQ_DATA_DIR", str(server.data_dir))
        server.remove()


def asks_often() -> bool:
    """Whether this kernel can set how often to probe a peer whose window is closed (Linux 6.15)."""
    with socket.socket(socket.AF_INET) as any_socket, suppress(OSError):
        any_socket.setsockopt(socket.IPPROTO_TCP, TCP_RTO_MAX_MS, 1000)
        return True
    return False


if __name__ == "__main__":
    main()
