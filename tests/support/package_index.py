"""A package index on this machine whose one wheel comes in two parts, the second on demand."""

from __future__ import annotations

import io
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from support.waiting import WAIT_SECONDS

WHEEL = "heavy-1.0-py3-none-any.whl"
CONTENT_BYTES = 2_000_000


def wheel() -> bytes:
    """A wheel of 2 MB: pip draws a bar for what is larger than 40 kB."""
    files = {
        "heavy.bin": bytes(CONTENT_BYTES),
        "heavy-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: heavy\nVersion: 1.0\n",
        "heavy-1.0.dist-info/WHEEL": (
            b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        ),
        "heavy-1.0.dist-info/RECORD": b"",
    }
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stored.getvalue()


class PackageIndex:
    """``simple`` of an index with the package ``heavy``; a context manager.

    Attributes:
        go_on: to be set for the rest of the wheel; before, a bit more than half of it is sent.
    """

    def __init__(self) -> None:
        self.go_on = threading.Event()
        content, go_on = wheel(), self.go_on

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                page = f'<a href="/{WHEEL}">{WHEEL}</a>'.encode()
                body, kind = (
                    (content, "application/zip")
                    if self.path.endswith(".whl")
                    else (page, "text/html")
                )
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                half = len(body) * 6 // 10
                self.wfile.write(body[:half])
                if body is content:
                    self.wfile.flush()
                    go_on.wait(WAIT_SECONDS)
                self.wfile.write(body[half:])

            def log_message(self, *_: object) -> None:
                """Log nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/simple/"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.go_on.set()
        self._server.shutdown()
        self._server.server_close()
