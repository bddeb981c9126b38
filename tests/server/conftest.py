"""A Jupyter server with the extension in the test's own event loop, and a client for it.

The client does not raise on an error status.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import pytest
from support.batches import expanded
from support.waiting import WAIT_SECONDS
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.httputil import HTTPHeaders
from traitlets.config import Config

if TYPE_CHECKING:
    from prismq_nb.server.app import PrismQApp


@dataclass
class Answer:
    """A response."""

    status: int
    headers: HTTPHeaders
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Event:
    """One server-sent event, parsed as the WHATWG standard says."""

    name: str = "message"
    id: str | None = None
    text: str = ""

    @property
    def data(self) -> Any:
        return json.loads(self.text)


@dataclass
class Events:
    """A stream being read: the events so far, and waiting for more."""

    task: asyncio.Task[Answer]
    events: list[Event] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    retry: str | None = None
    _rest: bytes = b""
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    def feed(self, chunk: bytes) -> None:
        *blocks, self._rest = (self._rest + chunk).split(b"\n\n")
        for block in blocks:
            event, lines = Event(), []
            for line in block.decode().split("\n"):
                name, _, value = line.partition(":")
                value = value.removeprefix(" ")
                if not name:
                    self.comments.append(value)
                elif name == "event":
                    event.name = value
                elif name == "id":
                    event.id = value
                elif name == "data":
                    lines.append(value)
                elif name == "retry":
                    self.retry = value
            if lines:
                event.text = "\n".join(lines)
                self.events.append(event)
        self._more.set()

    async def until(self, condition: Callable[[Events], object]) -> Events:
        """Wait until `condition` holds of the events so far. Fail if the stream ends first, or
        after `WAIT_SECONDS`.
        """
        deadline = asyncio.get_running_loop().time() + WAIT_SECONDS
        while not condition(self):
            assert not self.task.done(), (
                f"the stream ended with {[event.name for event in self.events][-5:]}"
            )
            assert asyncio.get_running_loop().time() < deadline, (
                f"only {len(self.events)} events came"
            )
            self._more.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._more.wait(), 1)
        return self

    async def end(self) -> Answer:
        """Wait until the server ends the stream."""
        return await asyncio.wait_for(self.task, WAIT_SECONDS)

    async def leave(self) -> None:
        """Close the connection."""
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await self.task

    def named(self, name: str) -> list[Any]:
        """The data of all events of one type."""
        return [event.data for event in self.events if event.name == name]

    @property
    def lines(self) -> list[dict[str, Any]]:
        """All lines, whether they came one by one or in batches."""
        found: list[dict[str, Any]] = []
        for event in self.events:
            found += (
                [event.data]
                if event.name == "log"
                else expanded(event.data)
                if event.name == "logs"
                else ()
            )
        return found


class Head:
    """The head of a response, as it arrives.

    Attributes:
        stream: it is that of a stream, whose body has no end.
    """

    def __init__(self) -> None:
        self.stream: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._status = 0
        self._headers = HTTPHeaders()

    def line(self, line: str) -> None:
        """Take a line."""
        if line.startswith("HTTP/"):
            self._status = int(line.split()[1])
        elif line.strip():
            self._headers.parse_line(line)
        elif self._headers.get("Content-Type", "").startswith("text/event-stream"):
            self.stream.set_result(Answer(self._status, self._headers, b""))


class Api:
    """Requests to the server under test, with its token unless told otherwise."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.token = token
        self._streams: list[Events] = []

    async def __call__(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        raw: bytes | None = None,
        headers: dict[str, str] | None = None,
        **query: Any,
    ) -> Answer:
        """A request to ``/api/runs`` + `path`; ``/metrics`` and ``/api/...`` are whole paths.

        `body` is sent as JSON, `raw` as it is.
        """
        client = AsyncHTTPClient(force_instance=True)
        endless = Head()
        asked = self.request(method, path, body=body, raw=raw, headers=headers, query=query)
        if method == "GET" and path.partition("?")[0] == "/events":
            asked.header_callback = endless.line
        fetch = asyncio.ensure_future(client.fetch(asked, raise_error=False))
        try:
            await asyncio.wait({fetch, endless.stream}, return_when=asyncio.FIRST_COMPLETED)
            if endless.stream.done():
                fetch.cancel()
                return endless.stream.result()
            response = await fetch
        finally:
            client.close()
        return Answer(response.code, response.headers, response.body or b"")

    def request(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        raw: bytes | None = None,
        headers: dict[str, str] | None = None,
        query: Any = (),
        **more: Any,
    ) -> HTTPRequest:
        is_whole = path.startswith("/api/") or path == "/metrics"
        url = f"{self.url}{path}" if is_whole else f"{self.url}/api/runs{path}"
        if query:
            url += "?" + urlencode(query, doseq=True)
        sent = HTTPHeaders({"Authorization": f"token {self.token}"} if self.token else {})
        sent.update(headers or {})
        data = json.dumps(body).encode() if body is not None else raw
        if data is None and method in ("POST", "PUT", "PATCH"):
            data = b""
        return HTTPRequest(
            url,
            method=method,
            headers=sent,
            body=data,
            allow_nonstandard_methods=True,
            request_timeout=WAIT_SECONDS,
            follow_redirects=False,
            **more,
        )

    def stream(self, path: str, *, headers: dict[str, str] | None = None, **query: Any) -> Events:
        """Open a stream on its own connection, which is closed by `leave`, and keep reading it."""
        events: Events

        async def read() -> Answer:
            request = self.request("GET", path, headers=headers, query=query)
            url = urlsplit(request.url)
            reader, writer = await asyncio.open_connection(url.hostname, url.port)
            try:
                lines = [
                    f"GET {request.url.removeprefix(f'http://{url.netloc}')} HTTP/1.0",
                    f"Host: {url.netloc}",
                ]  # 1.0: the body is not chunked
                lines += [f"{name}: {value}" for name, value in request.headers.get_all()]
                writer.write("\r\n".join((*lines, "", "")).encode())
                head, _, rest = (
                    (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").partition("\r\n")
                )
                status = int(head.split()[1])
                received = HTTPHeaders.parse(rest)
                while chunk := await reader.read(1 << 16):
                    events.feed(chunk)
                return Answer(status, received, events._rest)
            finally:
                writer.close()

        events = Events(asyncio.ensure_future(read()))
        self._streams.append(events)
        return events

    async def launch(self, code: str, **spec: Any) -> str:
        """Start a run and return its id."""
        answer = await self("POST", "", body={"code": code, **spec})
        assert answer.status == 202, answer.body
        return str(answer.json["run_id"])

    async def ended(self, run_id: str) -> dict[str, Any]:
        """The run, when it has ended."""
        deadline = asyncio.get_running_loop().time() + WAIT_SECONDS
        while (run := (await self("GET", f"/{run_id}")).json)["status"] in ("queued", "running"):
            assert asyncio.get_running_loop().time() < deadline
            await asyncio.sleep(0.01)  # between two polls
        return dict(run)

    async def finished(self, code: str, **spec: Any) -> str:
        """Start a run, wait for its end, and return its id."""
        run_id = await self.launch(code, **spec)
        await self.ended(run_id)
        return run_id

    async def close(self) -> None:
        for stream in self._streams:
            await stream.leave()


@pytest.fixture
def jp_server_config(data_dir: Path) -> Config:
    """Enable the extension, with its runs in the test's own directory."""
    return Config(
        {
            "ServerApp": {
                # the latter is pytest-jupyter's default, and a fifth of the start
                "jpserver_extensions": {"prismq_nb": True, "jupyter_server_terminals": False}
            },
            "PrismQApp": {"data_dir": str(data_dir)},
        }
    )


@pytest.fixture
def extension(jp_serverapp: Any) -> PrismQApp:
    """The running extension."""
    (app,) = jp_serverapp.extension_manager.extension_apps["prismq_nb"]
    return app


@pytest.fixture
def api(
    jp_serverapp: Any,
    http_server_client: Any,
    jp_base_url: str,
    extension: Any,
    jp_asyncio_loop: Any,
) -> Iterator[Api]:
    """The server, for requests."""
    client = Api(
        f"http://127.0.0.1:{jp_serverapp.port}{jp_base_url.rstrip('/')}",
        jp_serverapp.identity_provider.token,
    )
    yield client
    jp_asyncio_loop.run_until_complete(client.close())
