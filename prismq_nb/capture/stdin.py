"""The module's stdin: what was sent and not taken yet waits here, so that a module that does not read never blocks its supervisor.

Standard library only.
"""

from __future__ import annotations

import contextlib
import os
import select

_END_OF_TRANSMISSION = b"\x04"


class Stdin:
    """Feeds a non-blocking descriptor, the module's stdin.

    Attributes:
        fd: the descriptor; -1 once it is closed.
    """

    def __init__(self, fd: int, poll: select.poll, *, pty: bool) -> None:
        """`poll` is where the descriptor waits to be writable while something is left over."""
        self.fd = fd
        self._poll = poll
        self._pty = pty
        self._buffer = b""
        self._ends = False

    @property
    def waiting(self) -> int:
        """Bytes that the module has not taken."""
        return len(self._buffer)

    def add(self, data: bytes) -> None:
        """Sends bytes, now or as soon as the module takes them."""
        self._buffer += data
        self.feed()

    def end(self) -> None:
        """Closes stdin after what was sent (a terminal gets its end-of-file character)."""
        self._ends = True
        self.feed()

    def feed(self) -> None:
        """Writes as much as goes."""
        if self.fd < 0:
            self._buffer = b""
            return
        try:
            while self._buffer:
                self._buffer = self._buffer[os.write(self.fd, self._buffer) :]
            if self._ends and self._pty:
                os.write(self.fd, _END_OF_TRANSMISSION)
        except BlockingIOError:
            self._poll.register(self.fd, select.POLLOUT)
            return
        except OSError:  # the module closed its end
            self._buffer = b""
        with contextlib.suppress(KeyError):
            self._poll.unregister(self.fd)
        if self._ends and not self._pty:
            os.close(self.fd)
            self.fd = -1
        self._ends = False
