"""The thread that serves watched cells: it hears the supervisor, and reads what no run reads.

Leftover programs of an earlier cell print into the terminals, and so does everything once the
supervisor is lost: that is brought into the cell. The thread must not be held up by code that waits
to print, because what it reads is what ends such a wait. So it takes no lock under which anybody
waits, and flushes nothing.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import struct
import termios
import threading
import time
from typing import TYPE_CHECKING, Any, Protocol

from prismq_nb.capture.cells.link import Link, decode
from prismq_nb.capture.cells.marker import MarkerFilter, new_marker
from prismq_nb.cell import supervisor_process
from prismq_nb.cell.owned import Identity, identity
from prismq_nb.cell.streams import high

if TYPE_CHECKING:
    import subprocess

    from prismq_nb.cell.request import Request
    from prismq_nb.cell.streams import Streams

STUCK_SECONDS = 5.0
"""A supervisor that says nothing for this long while it is waited for is given up."""
START_SECONDS = 15.0
"""The same for one that has just been started, on a busy machine."""
SETTLE_SECONDS = 0.5
"""Longest wait for output that the system still moves, at the end of a cell that is not watched."""
_TICK_SECONDS, _UNSENT_SECONDS, _READ_BYTES = 0.5, 0.01, 65_536
_INT = struct.Struct("i")


class Owner(Protocol):
    """Whom the thread serves. Its functions are called without locks."""

    def interrupt(self, run_id: str) -> None:
        """Interrupt the code of a run."""

    def take(self, stream: int, data: bytes) -> None:
        """Bring output into the cell."""

    def on_failed(self, run_id: str, why: str) -> None:
        """Do without a run, which cannot be stored."""

    def on_lost(self, why: str, *, may_read: bool) -> None:
        """Do without the supervisor, which is gone; it may go on to read its streams."""


class Service:
    """The thread, and the connection with the supervisor.

    Attributes:
        link: the connection; None: there is no supervisor.
    """

    def __init__(self, owner: Owner) -> None:
        """Start nothing."""
        self._owner = owner
        self._lock = threading.Lock()  # nobody waits under it
        self.link: Link | None = None
        self._starting: subprocess.Popen[bytes] | None = None
        self._known: list[Streams] = []
        self._taken: Streams | None = None
        self._request: Request | None = None
        self._silent_since: float | None = None
        self._next_ping = 0.0
        self._filter: MarkerFilter | None = None
        self._settled = threading.Event()
        self._idle = threading.Event()  # nothing is being brought into the cell
        self._idle.set()
        self._has_heard = False
        self._thread: threading.Thread | None = None
        self._wake_read = self._wake_write = -1
        self._wake_identity: Identity | None = None

    # For those who begin and end cells, one at a time

    def start(self) -> None:
        """Start the thread, unless it runs. Raises RuntimeError: no thread can be started."""
        if self._thread is None:
            self._open_wake()
            thread = threading.Thread(target=self._work, name="prismq-cells", daemon=True)
            thread.start()
            self._thread = thread

    def connected(self) -> Link:
        """Return the connection to the supervisor, which is started if there is none.

        Raises:
            OSError: it cannot be started.
        """
        link = self.link
        if link is None:
            link, self._starting = supervisor_process.start()
            self._has_heard, self._silent_since = False, None
            self.link = link
            self.start()
            self.wake()
        return link

    def serve(self, streams: Streams) -> None:
        """Read streams from now on, whenever the supervisor does not."""
        with self._lock:
            if streams not in self._known:
                self._known = [*self._known, streams]
        self.wake()

    def hand_over(self, streams: Streams | None) -> None:
        """Leave streams to the supervisor, and no others; what was read of them is in the cell."""
        with self._lock:
            self._taken = streams
            self._request = None
        self.wake()
        if threading.current_thread() is not self._thread:
            self._idle.wait(SETTLE_SECONDS)

    def release(self) -> None:
        """Read everything again."""
        with self._lock:
            self._taken = None
        self.wake()

    def begin(self, request: Request) -> None:
        """Expect the answers to a request that is about to be sent."""
        with self._lock:
            self._request = request
        if self.link is None:  # lost meanwhile
            request.answer("")
        self.wake()

    def settle(self, streams: Streams) -> None:
        """Wait until what was printed before is in the cell, unless a run takes it."""
        if streams not in self._untaken() or not streams.are_ours:
            return
        marker = new_marker()
        self._settled.clear()
        self._filter = MarkerFilter(list(streams.ours), marker)
        for end in streams.ends:
            with contextlib.suppress(OSError):
                os.write(end, marker)
        self._settled.wait(SETTLE_SECONDS)
        kept, self._filter = self._filter, None
        for stream, fd in enumerate(streams.ours):
            if rest := kept.rest(fd):
                self._owner.take(stream, rest)

    def say_slow(self) -> None:
        """Tell the supervisor that the cell takes its output slowly. Never raises."""
        if (link := self.link) is not None:
            with contextlib.suppress(OSError):
                link.send({"op": "slow"})

    def wake(self) -> None:
        """Let the thread look around."""
        # both ends of a pipe have one identity
        if self._thread is not None and identity(self._wake_write) == self._wake_identity:
            with contextlib.suppress(OSError):
                os.write(self._wake_write, b"\0")

    def forget(self) -> None:
        """Close this fork's copies, so that the supervisor sees the process end."""
        if self.link is not None:
            self.link.close()
            self.link = None
        for fd in [fd for streams in self._known for fd in streams.ours]:
            with contextlib.suppress(OSError):
                os.close(fd)

    # The thread

    def _open_wake(self) -> None:
        self._wake_read, self._wake_write = (high(fd) for fd in os.pipe())
        for fd in (self._wake_read, self._wake_write):
            os.set_blocking(fd, False)
        self._wake_identity = identity(self._wake_read)

    def _work(self) -> None:
        while True:
            try:
                self._turn()
            except Exception as error:  # noqa: BLE001 - code that waits to print relies on us
                self._lose(f"an error occurred ({error!r})")
                time.sleep(_UNSENT_SECONDS)

    def _turn(self) -> None:
        if (starting := self._starting) is not None and starting.poll() is not None:
            self._starting = None
        self._renew()
        link = self.link
        poll = select.poll()
        poll.register(self._wake_read, select.POLLIN)
        if link is not None:
            poll.register(link.fd, select.POLLIN)
        for streams in self._untaken():
            for fd in streams.ours:
                poll.register(fd, select.POLLIN)
        ready = dict(poll.poll(self._wait_ms(link)))
        if self._wake_read in ready and identity(self._wake_read) == self._wake_identity:
            with contextlib.suppress(OSError):
                os.read(self._wake_read, 4096)
        if link is not None:
            if link.unsent:
                with contextlib.suppress(OSError):
                    link.flush()
            if link.fd in ready:
                self._hear(link)
        self._read_output(ready)
        self._check()

    def _renew(self) -> None:
        """Do without descriptors that the program has closed."""
        found = {identity(self._wake_read), identity(self._wake_write)}
        if found != {self._wake_identity}:
            self._open_wake()
        with self._lock:
            self._known = [streams for streams in self._known if streams.can_be_read]

    def _wait_ms(self, link: Link | None) -> float | None:
        if link is not None and link.unsent:
            return 1000 * _UNSENT_SECONDS
        if self._starting is not None:
            return 10
        is_awaited = link is not None and (self._taken is not None or self._request is not None)
        return 1000 * _TICK_SECONDS if is_awaited else None

    def _hear(self, link: Link) -> None:
        try:
            messages = link.receive()
        except EOFError:
            if link.is_ours:
                self._lose("its supervisor has ended")
            else:
                self._lose("the program has closed what connects its supervisor", may_read=True)
            return
        self._has_heard = True
        for message in messages:
            self._silent_since = None  # each time: bringing output into the cell may take long
            self._obey(message)
        self._silent_since = None

    def _obey(self, message: dict[str, Any]) -> None:
        operation = message["op"]
        if operation == "marking":
            self._answer(message["marker"], operation)
        elif operation == "done":
            self._done(message["marker"])
        elif operation == "interrupt":
            self._owner.interrupt(message["run_id"])
        elif operation == "echo":
            self._owner.take(message["stream"], decode(message["data"]))
        elif operation == "failed":
            self._owner.on_failed(message["run_id"], message["error"])

    def _answer(self, marker: str, words: str) -> None:
        request = self._request
        if request is not None and request.marker.decode() == marker:
            request.answer(words)

    def _done(self, marker: str) -> None:
        with self._lock:
            request = self._request
            if request is None or request.marker.decode() != marker:
                return  # nobody waited any longer
            self._request, self._taken = None, request.after
        request.answer("done")

    def _check(self) -> None:
        """Find out whether the supervisor still answers."""
        link, now = self.link, time.monotonic()
        if link is None or (self._request is None and not self._waits()):
            self._silent_since = None
        elif self._silent_since is None:
            if now < self._next_ping:
                return
            self._silent_since, self._next_ping = now, now + _TICK_SECONDS
            with contextlib.suppress(OSError):
                link.send({"op": "ping"})
        elif now - self._silent_since > (limit := self._limit()):
            with contextlib.suppress(OSError):
                link.send({"op": "leave"})
            self._lose(f"its supervisor has not answered for {limit:g} s", may_read=True)

    def _limit(self) -> float:
        return STUCK_SECONDS if self._has_heard else START_SECONDS

    def _waits(self) -> bool:
        """Return whether output waits to be read by the supervisor."""
        for fd in self._taken.ours if self._taken is not None else ():
            with contextlib.suppress(OSError):
                waiting = fcntl.ioctl(fd, termios.FIONREAD, bytes(_INT.size))
                if _INT.unpack(waiting)[0]:
                    return True
        return False

    def _lose(self, why: str, *, may_read: bool = False) -> None:
        with self._lock:
            link, self.link = self.link, None
            request, self._request = self._request, None
            self._taken = self._silent_since = None
        if link is not None:
            link.close()
        self._owner.on_lost(why, may_read=may_read)
        if request is not None:
            request.answer("")
            request.answer("")

    # Output that the supervisor does not read

    def _untaken(self) -> list[Streams]:
        taken = self._taken
        return [streams for streams in self._known if taken is None or streams.ours != taken.ours]

    def _read_output(self, ready: dict[int, int]) -> None:
        for streams in self._untaken():
            for stream, fd in enumerate(streams.ours):
                if fd in ready:
                    self._read(streams, stream, fd)

    def _read(self, streams: Streams, stream: int, fd: int) -> None:
        with self._lock:
            if self._taken is not None and self._taken.ours == streams.ours:
                return  # a run has begun
            try:
                data = os.read(fd, _READ_BYTES) if streams.can_be_read else b""
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:  # the program has closed what it does not know
                self._known = [known for known in self._known if fd not in known.ours]
                return
            self._idle.clear()
        found = self._filter
        if found is not None:
            data = found.feed(fd, data)
        if data:
            self._owner.take(stream, data)
        self._idle.set()
        if found is not None and not found.missing:
            self._settled.set()
