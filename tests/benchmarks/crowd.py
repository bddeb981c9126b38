"""Clients in their own process, so that their cost is not mistaken for the server's.

    python crowd.py probe HOST PORT HEAD              asks again and again; prints each delay in s
    python crowd.py read HOST PORT HEADS COUNT RATE   COUNT connections that read RATE bytes/s each

HEAD is the request as JSON, HEADS a list of which each connection takes the next one. RATE: 0 reads
nothing, -1 all that comes. Both end with their stdin.
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
    """Seconds of each response, over one connection that is kept open."""
    found: list[float] = []
    reader, writer = await asyncio.open_connection(host, port)
    while True:
        begin = time.perf_counter()
        writer.write(head.encode())
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.split(b" ", 2)[1] == b"200", answer
        size = answer.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
        await reader.readexactly(int(size))
        found.append(time.perf_counter() - begin)
        if ENDED.is_set():
            return found
        await asyncio.sleep(PROBE_SECONDS)


class Reader(asyncio.Protocol):
    """One connection; it repeats its request when the response has ended."""

    def __init__(self, head: bytes, rate: int, gone: asyncio.Future[None]) -> None:
        self.size = 0
        self._gone = gone
        self._head, self._rate = head, rate

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        transport.write(self._head)
        if self._rate == 0:
            transport.pause_reading()

    def connection_lost(self, _: Exception | None) -> None:
        if not self._gone.done():
            self._gone.set_result(None)

    def data_received(self, data: bytes) -> None:
        self.size += len(data)
        if self._rate > 0:
            self._transport.pause_reading()
            pause = max(_DRIP_SECONDS, len(data) / self._rate)
            asyncio.get_running_loop().call_later(pause, self._transport.resume_reading)


async def read(host: str, port: int, heads: list[str], count: int, rate: int) -> list[float]:
    """Bytes per second of each connection; one whose response has ended is reopened."""
    loop, begin = asyncio.get_running_loop(), time.perf_counter()

    async def one(number: int) -> float:
        size = 0
        while not ENDED.is_set():
            gone = loop.create_future()
            reader = Reader(heads[number % len(heads)].encode(), rate, gone)
            transport, _ = await loop.create_connection(lambda reader=reader: reader, host, port)
            ended = asyncio.ensure_future(ENDED.wait())
            await asyncio.wait([gone, ended], return_when=asyncio.FIRST_COMPLETED)
            ended.cancel()
            transport.abort()
            size += reader.size
        return size / (time.perf_counter() - begin)

    return await asyncio.gather(*(one(number) for number in range(count)))


async def main() -> None:
    """Do what the command line says until stdin ends."""
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
