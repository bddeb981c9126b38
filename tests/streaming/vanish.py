"""Run by `test_robust.py` in a network namespace of its own: clients lose their network, and the server finds out. Prints how long that took."""

from __future__ import annotations

import fcntl
import json
import socket
import struct
import sys
import time
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parent.parent))

from streaming.api import Api, Subscriber
from support.jupyter_process import JupyterProcess
from support.runs import until

_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 0x1  # SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP
TIMEOUT_SECONDS = 2


def loopback(*, up: bool) -> None:
    """Switches the only network that there is on or off."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sH14x", b"lo", 0)
        (flags,) = struct.unpack("16xH14x", fcntl.ioctl(any_socket, _GET_FLAGS, request))
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sH14x", b"lo", flags | _UP if up else flags & ~_UP))


def main() -> None:
    """A stream in full flow, and a silent one."""
    loopback(up=True)
    server = JupyterProcess.start(None, f"--PrismQApp.peer_timeout_seconds={TIMEOUT_SECONDS}", "--PrismQApp.keep_alive_seconds=60")
    watching: list[Subscriber] = []
    try:
        api = Api(server.url, server.token)
        busy = api.launch("import time\nwhile True: print('x' * 99); time.sleep(0.005)")
        silent = api.launch("input()")
        watching += [Subscriber(api, f"api/runs/{run}/logs/stream") for run in (busy, silent)]
        for subscriber in watching:
            subscriber.read()

        def connections() -> int:
            assert server.process
            return sum(one.status == psutil.CONN_ESTABLISHED for one in psutil.Process(server.process.pid).net_connections("tcp"))

        before = connections()
        assert before >= len(watching), before
        loopback(up=False)
        begin = time.monotonic()
        until(lambda: connections() <= before - len(watching), seconds=40)
        print(json.dumps({"seconds": time.monotonic() - begin}))
    finally:
        loopback(up=True)
        for subscriber in watching:
            subscriber.drop()
        server.stop()
        server.remove()


if __name__ == "__main__":
    main()
