"""A long response: headers at once, backpressure, keep-alive, and an end in every case.

Streams and downloads build on it. Backpressure: nothing is produced until the previous write has
drained. A peer that accepts nothing is disconnected after `STALL_SECONDS`; a vanished one is
detected sooner (`peer.py`). One timer does both, and the keep-alive, for all
(`connection_monitor.py`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from contextlib import suppress
from time import monotonic
from typing import Any

from tornado.iostream import IOStream, StreamClosedError

from prismq_nb.engine.live.wake_event import WakeEvent
from prismq_nb.server.http import peer
from prismq_nb.server.http.base import BaseHandler
from prismq_nb.server.http.sse import comment

STALL_SECONDS = 600.0
"""A live peer that accepts no byte for this long is disconnected; it can resume where it was."""
FAILURE = "the server failed during this stream; see its log"
_KEEP_ALIVE = comment("keep-alive")
EVENT_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-cache, no-transform",
    "X-Accel-Buffering": "no",
}


class StreamingHandler(BaseHandler):
    """A handler that sends its response piece by piece."""

    _track_activity = False  # an open viewer alone does not keep a server from being culled

    def initialize(self, *args: Any, **kwargs: Any) -> None:
        """Set up what `on_connection_close` needs."""
        super().initialize(*args, **kwargs)
        self.gone = False
        self.wake = WakeEvent()
        self._last_sent = 0.0
        # tornado's rule where no length is given (RFC 9112, section 7.1)
        self._chunked = self.request.version == "HTTP/1.1"
        self._has_comments = False

    async def begin(self, headers: Mapping[str, str]) -> None:
        """Send status and headers now, so that a client knows that it is connected."""
        for name, value in headers.items():
            self.set_header(name, value)
        self._has_comments = headers is EVENT_HEADERS
        if self.settings.get("compress_response"):
            # tornado's compression would delay pieces
            self.set_header("Content-Encoding", "identity")
        self._prepare_socket()
        self.services.streams.add(self)
        self.services.monitor.start()
        await self._flush()

    async def stream(self, work: Awaitable[None], failure: bytes) -> None:
        """Await what sends the events, and end the response; a client that leaves is a normal end.

        Args:
            work: sends until there is no more to send.
            failure: the event to end with after an unforeseen error: it is too late for a status.
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
        """Send a piece and wait until it has drained; does not let others run if that is immediate.

        Raises:
            StreamClosedError: the peer is gone.
        """
        if data:
            self.write(data)
            await self._flush()

    def push(self, data: bytes) -> bool:
        """Send a piece at once, bypassing tornado; only between two `send`s, after `begin`.

        Returns:
            False: the peer has not accepted earlier data, or is gone; nothing was sent.
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
        """Return whether the peer has accepted all that was sent."""
        stream = self._stream()
        return stream is not None and not stream.closed() and not stream.writing()

    async def wait_for_changes(self) -> None:
        """Wait until something has changed."""
        await self.wake.wait()

    def keep_alive(self, silence: float) -> None:
        """Send a comment to an event stream that was silent for `silence` seconds."""
        if self._has_comments and self._now() - self._last_sent >= silence:
            self.push(_KEEP_ALIVE)

    def is_over(self) -> bool:
        """Return whether there is no client any more, or the server is stopping."""
        return self.gone or self.feeds.closing

    def on_connection_close(self) -> None:
        """Wake the handler, so that it leaves."""
        self.gone = True
        self.wake.set()
        super().on_connection_close()

    def on_finish(self) -> None:
        """Forget the connection."""
        self.services.streams.discard(self)
        self.wake.close()
        super().on_finish()

    def log_exception(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        """Ignore a client that leaves, which is a normal end."""
        if isinstance(error, StreamClosedError):
            self.services.streams.discard(self)
        else:
            super().log_exception(kind, error, trace)

    def disconnect(self) -> None:
        """Close the connection, so that the peer sees an incomplete response."""
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
        """Disconnect a peer that has vanished, or accepts nothing."""
        stream = self._stream()
        if stream is None or self._finished or stream.closed():
            return
        known = peer.info(stream.socket) if isinstance(stream, IOStream) else None
        silent = known is not None and known.quiet_seconds >= self.services.peer_timeout_seconds
        vanished = silent and known is not None and not known.answers
        if vanished or (stream.writing() and self._now() - self._last_sent >= STALL_SECONDS):
            stream.close()

    def _prepare_socket(self) -> None:
        """Send small pieces at once (or p99 is 40 ms); let the kernel detect a vanished peer."""
        stream = self._stream()
        if stream is None:
            return
        stream.set_nodelay(True)
        peer.prepare(stream.socket, self.services.peer_timeout_seconds)
