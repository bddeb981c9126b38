"""Clients of a server in a process of their own, so that what they cost is not taken for the server's.

    python crowd.py probe HOST PORT HEAD              asks for one path again and again; prints the seconds of each answer
    python crowd.py read HOST PORT HEAD COUNT RATE    opens COUNT connections and reads RATE bytes/s of each (0: none, -1: all)

HEAD is the request as JSON: a string with its line ends, or a list of which each connection takes the next one. Both end with their stdin.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

PROBE_SECONDS = 0.02
"""Between two questions of a probe."""
_DRIP_SECONDS = 0.5


async def probe(host: str, port: int, head: str) -> list[float]:
    """Seconds of each answer, over one connection that is kept."""
    found: list[float] = []
    reader, writer = await asyncio.open_connection(host, port)
    while True:
        begin = time.perf_counter()
        writer.write(head.encode())
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.split(b" ", 2)[1] == b"200", answer
        sizes = [line for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        await reader.readexactly(int(sizes[0].split(b":")[1]))
        found.append(time.perf_counter() - begin)
        if ENDED.is_set():
            return found
        await asyncio.sleep(PROBE_SECONDS)


class Reader(asyncio.Protocol):
    """One connection; it asks again when its answer has ended."""

    def __init__(self, head: bytes, rate: int) -> None:
        self.size = 0
        self._head, self._rate = head, rate

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        transport.write(self._head)
        if self._rate == 0:
            transport.pause_reading()

    def data_received(self, data: bytes) -> None:
        self.size += len(data)
        if self._rate > 0:
            self._transport.pause_reading()
            asyncio.get_running_loop().call_later(max(_DRIP_SECONDS, len(data) / self._rate), self._transport.resume_reading)


async def read(host: str, port: int, heads: list[str], count: int, rate: int) -> list[float]:
    """Bytes per second that each connection got; one whose answer ended is opened again, so the load stays."""
    loop, begin = asyncio.get_running_loop(), time.perf_counter()

    async def one(number: int) -> float:
        size = 0
        while not ENDED.is_set():
            gone = loop.create_future()
            reader = Reader(heads[number % len(heads)].encode(), rate)
            reader.connection_lost = lambda _, gone=gone: gone.done() or gone.set_result(None)  # type: ignore[method-assign]
            transport, _ = await loop.create_connection(lambda reader=reader: reader, host, port)
            ended = asyncio.ensure_future(ENDED.wait())
            await asyncio.wait([gone, ended], return_when=asyncio.FIRST_COMPLETED)
            ended.cancel()
            transport.abort()
            size += reader.size
        return size / (time.perf_counter() - begin)

    return await asyncio.gather(*(one(number) for number in range(count)))


async def main() -> None:
    """Does what the command line says until stdin ends."""
    global ENDED  # noqa: PLW0603 - one event for the process
    ENDED = asyncio.Event()
    asyncio.get_running_loop().add_reader(0, ENDED.set)
    what, host, port, head = sys.argv[1:5]
    if what == "probe":
        found = await probe(host, int(port), json.loads(head))
    else:
        found = await read(host, int(port), json.loads(head), int(sys.argv[5]), int(sys.argv[6]))
    print(json.dumps(found))


if __name__ == "__main__":
    asyncio.run(main())
