"""An answer that takes its time: headers at once, back-pressure, keep-alive, an end in every case. Streams and downloads build on it.

Who does not read gets no more: one piece waits in the socket's buffer and nothing is made until it went out. A peer that takes nothing is given up
after `STALL_SECONDS`; one that vanished is found sooner (`peer.py`). One timer sees to both, and to
the keep-alive, for all (`upkeep.py`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from contextlib import suppress
from time import monotonic
from typing import Any

from tornado.iostream import IOStream, StreamClosedError

from prismq_nb.engine.live.wake import Wake
from prismq_nb.server.http import peer
from prismq_nb.server.http.base import BaseHandler
from prismq_nb.server.http.sse import comment

STALL_SECONDS = 600.0
"""A peer that is alive but takes no byte for so long is disconnected; it can go on where it was."""
FAILURE = "the server failed while it streamed this; its log says more"
_KEEP_ALIVE = comment("keep-alive")
EVENT_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-cache, no-transform",
    "X-Accel-Buffering": "no",
}


class StreamingHandler(BaseHandler):
    """A handler whose answer goes out piece by piece."""

    _track_activity = False  # an open viewer alone keeps no server from being culled

    def initialize(self, *args: Any, **kwargs: Any) -> None:
        """Sets up what `on_connection_close` needs."""
        super().initialize(*args, **kwargs)
        self.gone = False
        self.wake = Wake()
        self._last_sent = 0.0
        self._chunked = self.request.version == "HTTP/1.1"  # tornado's rule where no length is given (RFC 9112, section 7.1)
        self._has_comments = False

    async def begin(self, headers: Mapping[str, str]) -> None:
        """Sends status and headers now, so that a client knows that it is connected."""
        for name, value in headers.items():
            self.set_header(name, value)
        self._has_comments = headers is EVENT_HEADERS
        if self.settings.get("compress_response"):
            self.set_header("Content-Encoding", "identity")  # tornado's compression would hold pieces back
        self._prepare_socket()
        self.services.streams.add(self)
        self.services.upkeep.start()
        await self._flush()

    async def stream(self, work: Awaitable[None], failure: bytes) -> None:
        """Awaits what sends the events, and ends the connection; a client that leaves is a normal end.

        Args:
            work: sends until there is no more to send.
            failure: the event to end with if something goes wrong that was not foreseen: it is too late for a status.
        """
        try:
            await work
        except StreamClosedError:
            return
        except Exception:
            self.log.exception("%s %s failed", self.request.method, self.request.path)
            with suppress(StreamClosedError):
                await self.send(failure)
        if not self.gone:
            self.finish()

    async def send(self, data: bytes) -> None:
        """Sends a piece and waits until the socket took it; this does not let others run if it took it at once.

        Raises:
            StreamClosedError: the peer is gone.
        """
        if data:
            self.write(data)
            await self._flush()

    def push(self, data: bytes) -> bool:
        """Sends a piece at once, past the machinery of an answer; only between two `send`s, after `begin`.

        Returns:
            False if the peer has not taken what was sent before, or is gone; nothing was sent then.
        """
        stream = self._stream()
        if stream is None or not self.can_push():
            return False
        with suppress(StreamClosedError):
            stream.write(b"%x\r\n%b\r\n" % (len(data), data) if self._chunked else data)
            self._last_sent = self._now()
            return True
        return False

    def can_push(self) -> bool:
        """Whether the peer has taken all that was sent."""
        stream = self._stream()
        return stream is not None and not stream.closed() and not stream.writing()

    async def rest(self) -> None:
        """Sleeps until something is new."""
        await self.wake.sleep()

    def keep_alive(self, silence: float) -> None:
        """Send a comment to a stream of events to which nothing was sent for so many seconds."""
        if self._has_comments and self._now() - self._last_sent >= silence:
            self.push(_KEEP_ALIVE)

    def is_over(self) -> bool:
        """Whether there is nobody to send to any more, or the server stops."""
        return self.gone or self.feeds.closing

    def on_connection_close(self) -> None:
        """Wakes the handler, which sees that it can leave."""
        self.gone = True
        self.wake.ring()
        super().on_connection_close()

    def on_finish(self) -> None:
        """Forgets the connection."""
        self.services.streams.discard(self)
        self.wake.close()
        super().on_finish()

    def log_exception(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        """A client that leaves is a normal end."""
        if isinstance(error, StreamClosedError):
            self.services.streams.discard(self)
        else:
            super().log_exception(kind, error, trace)

    def hang_up(self) -> None:
        """Cuts the connection: the peer sees that something is missing, not an end."""
        if (stream := self._stream()) is not None:
            stream.close()

    def _stream(self) -> IOStream | None:
        return getattr(self.request.connection, "stream", None)

    async def _flush(self) -> None:
        self._last_sent = self._now()
        try:
            await self.flush()
        except StreamClosedError:
            self.gone = True
            raise

    def _now(self) -> float:
        return monotonic()

    def check_peer(self) -> None:
        """Disconnects a peer that has vanished, or takes nothing."""
        stream = self._stream()
        if stream is None or self._finished or stream.closed():
            return
        known = peer.info(stream.socket) if isinstance(stream, IOStream) else None
        silent = known is not None and known.quiet_seconds >= self.services.peer_timeout_seconds
        vanished = silent and known is not None and not known.answers
        if vanished or (stream.writing() and self._now() - self._last_sent >= STALL_SECONDS):
            stream.close()

    def _prepare_socket(self) -> None:
        """Sends small pieces at once (or p99 is 40 ms), and lets the kernel look for a peer that has vanished."""
        stream = self._stream()
        if stream is None:
            return
        stream.set_nodelay(True)
        peer.prepare(stream.socket, self.services.peer_timeout_seconds)
