"""Parse server-sent events (WHATWG HTML standard, section 9.2.6).

Pure: bytes in, events out. `sseclient-py` is a blocking iterator over a whole response; `follow`
needs the last id even if the connection breaks within an event.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_LINE_END = re.compile(rb"\r\n|\n|\r")
_BOM = b"\xef\xbb\xbf"


class Event(NamedTuple):
    """One event; `id` is None if the event has none."""

    name: str
    data: bytes
    id: str | None


class Parser:
    """An incremental parser, fed with chunks of any size."""

    def __init__(self) -> None:
        self._rest = b""
        self._started = False
        self._after_return = False
        self._clear()

    def _clear(self) -> None:
        self._name = ""
        self._data: list[bytes] = []
        self._id: str | None = None

    def feed(self, chunk: bytes) -> list[Event]:
        """Return the events that `chunk` completes; an unfinished line waits for the next chunk."""
        if self._after_return and chunk:  # the previous chunk ended with the \r of this \n
            chunk = chunk.removeprefix(b"\n")
            self._after_return = False
        data = self._rest + chunk
        if not self._started:
            if len(data) < len(_BOM) and _BOM.startswith(data):
                self._rest = data
                return []
            self._started = True
            data = data.removeprefix(_BOM)
        self._after_return = self._after_return or data.endswith(b"\r")
        lines = _LINE_END.split(data) if b"\r" in data else data.split(b"\n")
        self._rest = lines.pop()
        return [event for line in lines if (event := self._line(line)) is not None]

    def _line(self, line: bytes) -> Event | None:
        if not line:
            return self._dispatch()
        name, _, value = line.partition(b":")  # a comment has an empty name
        value = value.removeprefix(b" ")
        if name == b"data":
            self._data.append(value)
        elif name == b"id":
            if b"\0" not in value:
                self._id = value.decode("utf-8", "replace")
        elif name == b"event":
            self._name = value.decode("utf-8", "replace")
        return None

    def _dispatch(self) -> Event | None:
        event = (
            Event(self._name or "message", b"\n".join(self._data), self._id) if self._data else None
        )
        self._clear()
        return event
