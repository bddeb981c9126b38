"""The connection of a kernel with the supervisor of its cells: JSON lines over a socket pair.

From the kernel:

    {"op": "begin", "run": {...}}    a run begins; the descriptors of its lock, of its stdout and of
                                     its stderr come with it (unix(7), SCM_RIGHTS). Inside another
                                     run, it has a marker
    {"op": "earlier", "stream": 0, "time": ..., "data": "<base64>"}    what was printed before the
                                     cell was watched, and when (µs since the epoch)
    {"op": "row", "run_id": "...", "marker": "...", "stream": 0, "data": "<base64>"}    text behind
                                     what was printed, which is not echoed
    {"op": "end", "run_id": "...", "marker": "...", "outcome": {...}}    the newest run ends
    {"op": "ping"}
    {"op": "slow"}          output is brought into the cell, but slowly
    {"op": "leave"}         the kernel goes on without the supervisor

From the supervisor:

    {"op": "marking", "marker": "..."}    print the marker on both streams: what comes before it is
                                          the run's
    {"op": "done", "marker": "..."}       the run has ended, or another one has begun inside it
    {"op": "interrupt", "run_id": "..."}                  a person stopped the run
    {"op": "echo", "stream": 0, "data": "<base64>"}       output that belongs into the cell, too
    {"op": "failed", "run_id": "...", "error": "..."}     the run cannot be stored any more
    {"op": "pong"}

The other side's end shows as the end of the stream. Standard library only.
"""

from __future__ import annotations

import _thread
import array
import binascii
import errno
import json
import os
import socket
from typing import Any

_READ_BYTES = 65_536
"""More would be mapped into memory and unmapped for each message, as its length is unknown."""
_MAX_DESCRIPTORS = 16
_DESCRIPTOR = array.array("i").itemsize
DATA_BYTES = 65_536
"""Maximum number of bytes of output in one message."""


class Link:
    """One end of the connection. Sends without waiting; what does not fit is kept. Thread-safe.

    Attributes:
        fd: descriptor to poll.
    """

    def __init__(self, end: socket.socket) -> None:
        """Use `end` from now on."""
        end.setblocking(False)
        self._socket = end
        self.fd = end.fileno()
        self._inode = os.fstat(self.fd).st_ino
        self._received = b""
        self._descriptors: list[int] = []
        self._unsent = bytearray()
        self._sending = _thread.allocate_lock()

    @property
    def unsent(self) -> int:
        """Bytes that wait to be sent."""
        return len(self._unsent)

    def send(self, message: dict[str, Any]) -> None:
        """Send a message, or keep it until `flush`.

        Raises:
            OSError: the other side has gone.
        """
        with self._sending:
            self._unsent += _line(message)
            self._flush()

    def send_with(self, message: dict[str, Any], descriptors: list[int]) -> None:
        """Send a message with descriptors, at once.

        Raises:
            OSError: the other side has gone, or does not read (BlockingIOError).
        """
        line = _line(message)
        with self._sending:
            if not self._flush():
                raise BlockingIOError
            self._check()
            sent = socket.send_fds(self._socket, [line], descriptors)
            self._unsent += line[sent:]

    def flush(self) -> bool:
        """Send what was kept; return whether nothing is left.

        Raises:
            OSError: the other side has gone.
        """
        with self._sending:
            return self._flush()

    def _flush(self) -> bool:
        if self._unsent:
            self._check()
        while self._unsent:
            try:
                sent = self._socket.send(self._unsent)
            except BlockingIOError:
                return False
            del self._unsent[:sent]
        return True

    def receive(self) -> list[dict[str, Any]]:
        """Return the messages that have arrived.

        Raises:
            EOFError: the other side has gone.
        """
        try:
            self._check()
            data, ancillary, _, _ = self._socket.recvmsg(
                _READ_BYTES, socket.CMSG_LEN(_MAX_DESCRIPTORS * _DESCRIPTOR)
            )
        except BlockingIOError:
            return []
        except OSError as error:
            raise EOFError from error
        for level, kind, content in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                whole = len(content) - len(content) % _DESCRIPTOR
                self._descriptors += array.array("i", content[:whole])
        if not data:
            raise EOFError
        *lines, self._received = (self._received + data).split(b"\n")
        return [json.loads(line) for line in lines]

    def take_descriptors(self, count: int) -> list[int]:
        """Return the oldest descriptors that came with messages; child processes inherit none."""
        taken, self._descriptors = self._descriptors[:count], self._descriptors[count:]
        for fd in taken:
            os.set_inheritable(fd, False)
        return taken

    def close(self) -> None:
        """Close this end."""
        if self.is_ours:
            self._socket.close()
        else:
            self._socket.detach()

    @property
    def is_ours(self) -> bool:
        """Whether the program has not closed our end."""
        try:
            self._check()
        except OSError:
            return False
        return True

    def _check(self) -> None:
        """Check that the program has not closed our end. Raises OSError: it has, or so have we."""
        if os.fstat(self._socket.fileno()).st_ino != self._inode:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))


def encode(data: bytes) -> str:
    """Return bytes as they are in a message."""
    return binascii.b2a_base64(data, newline=False).decode()


def decode(text: str) -> bytes:
    """Return the bytes of a message."""
    return binascii.a2b_base64(text)


def _line(message: dict[str, Any]) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"
