"""Requests of the streaming tests, and a subscriber whose every read is under the test's
control.
"""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests
from support.runs import until
from support.waiting import WAIT_SECONDS

from prismq_nb.client.http.sse import Event, Parser


@dataclass
class Api:
    """A server, through its REST API."""

    url: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"token {self.token}"}

    def launch(self, code: str, **fields: object) -> str:
        answer = requests.post(
            f"{self.url}api/runs",
            json={"code": code, **fields},
            headers=self.headers,
            timeout=WAIT_SECONDS,
        )
        assert answer.status_code == 202, answer.text
        return answer.json()["run_id"]

    def get(self, path: str) -> dict:
        answer = requests.get(f"{self.url}{path}", headers=self.headers, timeout=WAIT_SECONDS)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def send(self, run_id: str, text: str) -> None:
        answer = requests.post(
            f"{self.url}api/runs/{run_id}/input",
            json={"text": text},
            headers=self.headers,
            timeout=WAIT_SECONDS,
        )
        assert answer.status_code == 202, answer.text

    def stop(self, run_id: str) -> None:
        answer = requests.delete(
            f"{self.url}api/runs/{run_id}", headers=self.headers, timeout=WAIT_SECONDS
        )
        assert answer.status_code == 202, answer.text
        self.wait(run_id)

    def wait(self, run_id: str) -> dict:
        until(lambda: self.get(f"api/runs/{run_id}")["status"] not in {"queued", "running"})
        return self.get(f"api/runs/{run_id}")

    def logs(self, run_id: str) -> list[dict]:
        """Every line, by polling."""
        lines: list[dict] = []
        while True:
            page = self.get(f"api/runs/{run_id}/logs?after={len(lines) - 1}")
            lines += page["logs"]
            if not page["truncated"]:
                return lines

    def stream_url(self, run_id: str, query: str = "after=-1") -> str:
        return f"{self.url}api/runs/{run_id}/logs/stream?{query}"


class Subscriber:
    """One connection to a stream, on a bare socket: it reads exactly as many bytes as told.

    Attributes:
        status: of the answer.
        closed: the server ended the connection.
    """

    def __init__(
        self,
        api: Api,
        path: str,
        headers: dict[str, str] | None = None,
        *,
        buffer_bytes: int | None = None,
    ) -> None:
        """Connect and read the head of the response.

        `buffer_bytes`: of the socket, so that little is in transit.
        """
        where = urlsplit(api.url)
        self.socket = socket.socket(socket.AF_INET)
        if buffer_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer_bytes)
        self.socket.settimeout(WAIT_SECONDS)
        self.socket.connect(("127.0.0.1", where.port))
        lines = [
            f"GET {where.path}{path} HTTP/1.1",
            f"Host: {where.netloc}",
            *(f"{k}: {v}" for k, v in (api.headers | (headers or {})).items()),
        ]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        self._raw = b""
        while b"\r\n\r\n" not in self._raw:
            self._raw += self._receive(1)
        self.status = int(self._raw.split(b" ", 2)[1])
        self._raw = b""
        self._parser = Parser()
        self.closed = False

    def read(self, size: int = 65536) -> list[Event]:
        """The events that the next bytes complete: wait for some, and return immediately when there
        are.
        """
        self._raw += self._receive(size)
        return [event for chunk in self._chunks() for event in self._parser.feed(chunk)]

    def drop(self) -> None:
        """Close it without a word."""
        self.socket.close()

    def _receive(self, size: int) -> bytes:
        data = self.socket.recv(size)
        self.closed = not data
        return data

    def _chunks(self) -> list[bytes]:
        """What the chunked coding (RFC 9112, section 7.1) holds so far."""
        found = []
        while b"\r\n" in self._raw:
            head, _, rest = self._raw.partition(b"\r\n")
            size = int(head, 16)
            if size == 0:
                self.closed = True
                break
            if len(rest) < size + 2:
                break
            found.append(rest[:size])
            self._raw = rest[size + 2 :]
        return found


def values(events: list[Event], name: str) -> list[dict]:
    """The data of the events of one name."""
    return [json.loads(event.data) for event in events if event.name == name]
