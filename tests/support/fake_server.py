"""A tiny server that implements the contract, and can be told to misbehave.

It can drop streams, refuse, or move to another port with another secret.

For what a real server does only in a failure. That the contract itself is met is tested against the
real one (test_real_server.py).
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from tornado import web
from tornado.httpserver import HTTPServer
from tornado.iostream import StreamClosedError
from tornado.testing import bind_unused_port

from prismq_nb.common.base.state import parse_iso
from support.waiting import WAIT_SECONDS

RUN_ID = "run_20251031_120000_collect_abc123"
T = TypeVar("T")


def record(**changes: object) -> dict[str, Any]:
    """A run as the API shows it."""
    run = {
        "run_id": RUN_ID,
        "module_id": "collect",
        "module_name": "collect",
        "status": "running",
        "created_at": "2025-10-31T12:00:00.000000Z",
    }
    return run | changes


def line(number: int, message: str | None = None, level: str = "INFO") -> dict[str, Any]:
    """A line as the API shows it."""
    text = f"line {number}" if message is None else message
    return {
        "line": number,
        "timestamp": f"2025-10-31T12:00:{number % 60:02d}.{number:06d}Z",
        "level": level,
        "message": text,
        "stream": "stdout",
    }


def event(name: str, data: object, event_id: int | None = None) -> bytes:
    """One event on the wire."""
    head = "" if event_id is None else f"id: {event_id}\n"
    return f"{head}event: {name}\ndata: {json.dumps(data)}\n\n".encode()


def _columns(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """Lines as an event ``logs`` has them, cut after 100 characters so that tests need no long
    ones.
    """
    stretches = [(each["line"], parse_iso(each["timestamp"]), each["stream"]) for each in lines]
    texts = [each["message"] for each in lines]
    found = {
        "first": lines[0]["line"],
        "stretches": stretches,
        "levels": "".join(each["level"][0] for each in lines),
        "texts": [text[:100] for text in texts],
    }
    cut = [(each["line"], len(each["message"])) for each in lines if len(each["message"]) > 100]
    prompts = [each["line"] for each in lines if each.get("prompt")]
    return found | ({"cut": cut} if cut else {}) | ({"prompts": prompts} if prompts else {})


class FakeServer:
    """One run, in memory.

    Its state may be set from the test's thread at any time; the server reads it.

    Attributes:
        run: the answer to "how is the run".
        lines: its log; `gaps`: gap objects by the line that they stand before.
        batch_lines: lines of one event; None: this server is older than `batch=true`, and sends an
            event per line.
        drops: for each stream that is opened, after how many events it is cut (None: not at all);
            used up from the front.
        answers: for the next requests, (status, body, headers) instead of the real answer; used up
            from the front.
        requests: what was asked: method, path with query, headers, body.
    """

    def __init__(self, connection_file: Path, env_names: list[str] | None = None) -> None:
        self.connection_file = connection_file
        self.env_names = env_names or []
        self.run = record()
        self.lines: list[dict[str, Any]] = []
        self.gaps: dict[int, dict[str, Any]] = {}
        self.batch_lines: int | None = None
        self.stream_error: str | None = None
        self.drops: list[int | None] = []
        self.answers: list[tuple[int, bytes, dict[str, str]]] = []
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.secret = "first-secret"
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._server: HTTPServer | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.listen()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/base"

    def bodies(self, method: str = "POST") -> list[Any]:
        """The JSON bodies that were sent."""
        return [json.loads(body) for verb, _, _, body in self.requests if verb == method]

    def finish(self, status: str = "completed", exit_code: int = 0) -> None:
        """End the run."""
        self.run = record(
            status=status, exit_code=exit_code, lines=len(self.lines), levels={"complete": True}
        )

    def listen(self) -> None:
        """Start listening on a new port, and write the connection file."""

        def start() -> None:
            sock, self.port = bind_unused_port()
            handlers = [(r"(?:/hub)?/base/api/runs(/.*)?", _Handler, {"fake": self})]
            self._server = HTTPServer(web.Application(handlers))  # type: ignore[arg-type]
            self._server.add_socket(sock)

        self._on_loop(start)
        self.write_connection_file()

    def write_connection_file(self) -> None:
        """Tell kernels where it is."""
        content = {
            "version": 1,
            "url": f"{self.url}/",
            "secret": self.secret,
            "pid": 1,
            "env_names": self.env_names,
        }
        self.connection_file.write_text(json.dumps(content))

    def hang_up(self) -> None:
        """Die: stop listening and cut all connections, without a word."""

        async def stop() -> None:
            assert self._server is not None
            self._server.stop()
            await self._server.close_all_connections()

        asyncio.run_coroutine_threadsafe(stop(), self._loop).result(WAIT_SECONDS)

    def restart(self, secret: str = "second-secret") -> None:
        """Come back elsewhere with another secret."""
        self.secret = secret
        self.listen()

    def close(self) -> None:
        self.hang_up()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(WAIT_SECONDS)
        self._loop.close()

    def _on_loop(self, call: Callable[[], None]) -> None:
        async def run() -> None:
            call()

        asyncio.run_coroutine_threadsafe(run(), self._loop).result(WAIT_SECONDS)


class _Handler(web.RequestHandler):
    def initialize(self, fake: FakeServer) -> None:
        self.fake = fake

    async def prepare(self) -> None:
        fake, request = self.fake, self.request
        fake.requests.append(
            (str(request.method), request.uri or "", dict(request.headers), request.body)
        )
        if fake.answers:
            status, body, headers = fake.answers.pop(0)
            self.set_status(status)
            for name, value in headers.items():
                self.set_header(name, value)
            self.finish(body or None)
        elif request.headers.get("Authorization") != f"prismq {fake.secret}":
            self._fail(403, "Forbidden", None)

    def _fail(self, status: int, message: str, reason: str | None) -> None:
        self.set_status(status)
        self.finish({"message": message, "reason": reason})

    async def get(self, rest: str | None) -> None:
        fake = self.fake
        if rest is None:
            self.finish({"runs": [fake.run], "total": 1, "limit": 50, "offset": 0})
        elif not rest.startswith(f"/{RUN_ID}"):
            self._fail(404, f"There is no run {rest[1:]}.", "RunNotFound")
        elif rest.endswith("/logs"):
            tail, total = int(self.get_argument("tail", "500")), len(fake.lines)
            if self.get_argument("limit", "") == "1":
                after = int(self.get_argument("after"))
                page = {
                    "run_id": RUN_ID,
                    "logs": [fake.lines[after + 1]],
                    "total_lines": total,
                    "truncated": True,
                    "next_after": after + 1,
                }
                self.finish(page)
                return
            self.finish(
                {
                    "run_id": RUN_ID,
                    "logs": fake.lines[-tail:],
                    "total_lines": total,
                    "truncated": total > tail,
                    "next_after": total - 1,
                }
            )
        elif rest.endswith("/logs/stream"):
            await self._stream()
        elif rest.endswith("/logs/download"):
            self.set_header("Content-Type", "text/plain; charset=utf-8")
            self.finish(
                "".join(
                    f"[{each['timestamp']}] [{each['level']}] [stdout] {each['message']}\n"
                    for each in fake.lines
                )
            )
        else:
            self.finish(fake.run)

    def post(self, rest: str | None) -> None:
        self.set_status(202)
        self.finish(self.fake.run if rest is None else {})

    def delete(self, _rest: str | None) -> None:
        if self.get_argument("purge", ""):
            self.set_status(204)
        elif self.fake.run["status"] == "running":
            self.fake.run = record(stopping=True)
            self.set_status(202)
            self.finish(self.fake.run)
        else:
            self._fail(409, "The run has ended.", "RunEnded")

    async def _stream(self) -> None:
        fake = self.fake
        self.set_header("Content-Type", "text/event-stream; charset=utf-8")
        drop = fake.drops.pop(0) if fake.drops else None
        cursor = (
            int(self.request.headers.get("Last-Event-ID", self.get_argument("after", "-1"))) + 1
        )
        sent = 0
        try:
            await self.flush()
            while drop is None or sent < drop:
                if cursor in fake.gaps:
                    self.write(event("gap", fake.gaps[cursor]))
                if cursor < len(fake.lines):
                    if fake.batch_lines is None or not self.get_argument("batch", ""):
                        self.write(event("log", fake.lines[cursor], cursor))
                        cursor += 1
                    else:
                        some = fake.lines[cursor : cursor + fake.batch_lines]
                        cursor += len(some)
                        self.write(event("logs", _columns(some), cursor - 1))
                    sent += 1
                elif fake.stream_error is not None:
                    self.write(event("error", {"error": fake.stream_error}))
                    break
                elif fake.run["status"] != "running":
                    self.write(
                        event(
                            "complete",
                            {
                                "status": fake.run["status"],
                                "exit_code": fake.run["exit_code"],
                                "total_lines": cursor,
                            },
                            cursor,
                        )
                    )
                    break
                else:
                    await asyncio.sleep(0.001)
                await self.flush()
        except StreamClosedError:
            return
        if drop is not None and self.request.connection is not None:
            self.request.connection.stream.close()  # type: ignore[attr-defined]
