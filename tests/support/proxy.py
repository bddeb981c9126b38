"""A proxy before a Jupyter server, like a hub's.

It answers for an absent server, and keeps streams open.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress

from tornado import web
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPHeaders
from tornado.iostream import StreamClosedError
from tornado.testing import bind_unused_port

from support.waiting import WAIT_SECONDS

LOGIN_PAGE = b"<!DOCTYPE html><title>Sign in</title><form><input name=password></form>"
_OWN = ("Connection", "Content-Encoding", "Content-Length", "Keep-Alive", "Transfer-Encoding")
"""Headers of one connection, which are not passed on."""


def refuse(status: int, body: bytes = b"", **headers: str) -> Callable[[web.RequestHandler], bool]:
    """Respond with a status."""

    def answer(handler: web.RequestHandler) -> bool:
        handler.set_status(status)
        for name, value in headers.items():
            handler.set_header(name.replace("_", "-"), value)
        handler.finish(body)
        return True

    return answer


REFUSALS = {
    "403": refuse(403, b'{"message": "Forbidden"}', Content_Type="application/json"),
    "424": refuse(
        424, b'{"status": 424, "message": "server not running"}', Content_Type="application/json"
    ),
    "502": refuse(502, b"<html>Bad Gateway</html>", Content_Type="text/html"),
    "503": refuse(503, b"<html>Service Unavailable</html>", Content_Type="text/html"),
    "redirect": refuse(302, b"", Location="https://login.example/?next=x"),
    "login-page": refuse(200, LOGIN_PAGE, Content_Type="text/html; charset=utf-8"),
    "429": refuse(
        429,
        b'{"message": "too many streams", "reason": "TooManyStreams"}',
        Content_Type="application/json",
        Retry_After="2",
    ),
}


def only(methods: str, refusal: str) -> Callable[[web.RequestHandler], bool]:
    """Refuse requests of some methods only."""

    def answer(handler: web.RequestHandler) -> bool:
        return handler.request.method in methods.split() and REFUSALS[refusal](handler)

    return answer


class Proxy:
    """The proxy, in its own thread.

    Attributes:
        answer: answers a request instead of the server, or returns False; None: the server answers
            all.
        away: the status where the server does not answer; JupyterHub's are 424 and 503.
        asked: method and path of all requests.
    """

    def __init__(self, target: str, away: int = 503) -> None:
        self.target = target
        self.away = away
        self.answer: Callable[[web.RequestHandler], bool] | None = None
        self.asked: list[str] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port = self._run(self._listen())

    @property
    def url(self) -> str:
        """Its address, without a path."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def streams(self) -> int:
        """How often a stream was asked for."""
        return sum("/stream?" in path for path in self.asked)

    def close(self) -> None:
        self._run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(WAIT_SECONDS)
        self._loop.close()

    def _run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(WAIT_SECONDS)

    async def _listen(self) -> int:
        sock, port = bind_unused_port()
        AsyncHTTPClient.configure(None, max_clients=100)
        self.client = AsyncHTTPClient(force_instance=True)
        self._server = HTTPServer(web.Application([(r"/.*", _Handler, {"proxy": self})]))
        self._server.add_socket(sock)
        return int(port)

    async def _stop(self) -> None:
        self._server.stop()
        await self._server.close_all_connections()
        self.client.close()


class _Handler(web.RequestHandler):
    SUPPORTED_METHODS = ("GET", "HEAD", "POST", "DELETE", "PATCH", "PUT", "OPTIONS")

    def initialize(self, proxy: Proxy) -> None:
        self.proxy = proxy

    async def _handle(self) -> None:
        proxy, request = self.proxy, self.request
        proxy.asked.append(f"{request.method} {request.uri}")
        if proxy.answer and proxy.answer(self):
            return
        self.clear_header("Content-Type")
        upstream = HTTPRequest(
            proxy.target + str(request.uri),
            method=str(request.method),
            headers=_passed(request.headers),
            body=request.body or None,
            allow_nonstandard_methods=True,
            follow_redirects=False,
            request_timeout=0,
            decompress_response=False,
            header_callback=self._header,
            streaming_callback=self._chunk,
        )
        with suppress(OSError, HTTPClientError, StreamClosedError):
            await proxy.client.fetch(upstream, raise_error=False)
        if (
            "text/event-stream" in self._headers.get("Content-Type", "")
            and self.get_status() == 200
        ):
            await asyncio.Event().wait()  # it does not tell that the server is gone
        if not self._headers_written and self.get_status() == 200 and not self._started:
            self.set_status(proxy.away)
        if not self._finished:
            self.finish()

    get = head = post = delete = patch = put = options = _handle  # type: ignore[assignment]

    def prepare(self) -> None:
        self._started = False

    def _header(self, line: str) -> None:
        if line.startswith("HTTP/"):
            self._started = True
            self.set_status(int(line.split()[1]))
        elif ":" in line:
            name, _, value = line.partition(":")
            if name.title() not in _OWN:
                self.add_header(name, value.strip())

    def _chunk(self, chunk: bytes) -> None:
        self.write(chunk)
        self.flush()

    def compute_etag(self) -> None:
        return None


def _passed(headers: HTTPHeaders) -> HTTPHeaders:
    passed = HTTPHeaders()
    for name, value in headers.get_all():
        if name not in (*_OWN, "Accept-Encoding"):
            passed.add(name, value)
    return passed
