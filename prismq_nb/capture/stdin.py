"""The module's stdin: what was sent and not taken yet waits here.

So a module that does not read never blocks its supervisor. Standard library only.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
from typing import TYPE_CHECKING, Any

from prismq_nb.capture.control import Inbox, Report
from prismq_nb.capture.terminal import takes_lines, unread

if TYPE_CHECKING:
    from prismq_nb.capture.control import ControlReader

INPUT_OPERATIONS = frozenset(("input", "eof", "count"))
"""Control commands that are the module's stdin's."""
_END_OF_TRANSMISSION = b"\x04"
_LINE_ENDS = re.compile(rb"[\n\r\x04]")


class Stdin:
    """Feeds a non-blocking descriptor, the module's stdin.

    Attributes:
        fd: the descriptor; -1 once it is closed.
    """

    def __init__(self, fd: int, poll: select.poll, control: ControlReader, *, pty: bool) -> None:
        """Report at once that nothing waits.

        Args:
            fd: the module's stdin.
            poll: where it waits to be writable while something is left over.
            control: where to report.
            pty: it is a terminal.
        """
        self.fd = fd
        self._control = control
        self._inbox = Inbox()
        self._asked = ""
        self._poll = poll
        self._pty = pty
        self._buffer = b""
        self._ends = False
        self._column = 0
        self._report()

    @property
    def waiting(self) -> int:
        """Bytes that the module has not read, as far as the system tells."""
        return len(self._buffer) + (unread(self.fd) if self.fd >= 0 and not self._pty else 0)

    def obey(self, command: dict[str, Any]) -> None:
        """Carry out one of `INPUT_OPERATIONS`. Raises ValueError where it is malformed."""
        if command["op"] == "count":
            self._asked = str(command.get("of"))
        elif (whole := self._inbox.take(command)) is None:
            return
        else:
            data, eof = whole
            self.add(data)
            if eof:
                self.end()
        self._report()

    def _report(self) -> None:
        column = self._column if self._pty and self.fd >= 0 and takes_lines(self.fd) else None
        with contextlib.suppress(OSError):  # the run goes on although its disk is broken
            self._control.report(Report(self._asked, self.waiting, self._is_open(), column))

    def add(self, data: bytes) -> None:
        """Send bytes, now or as soon as the module takes them."""
        self._buffer += data
        ends = [match.end() for match in _LINE_ENDS.finditer(data)]
        self._column = len(data) - ends[-1] if ends else self._column + len(data)
        self.feed()

    def end(self) -> None:
        """Close stdin after what was sent (a terminal gets its end-of-file character)."""
        self._ends = True
        self.feed()

    def feed(self) -> None:
        """Write as much as goes."""
        if self.fd < 0:
            self._buffer = b""
            return
        try:
            while self._buffer:
                self._buffer = self._buffer[os.write(self.fd, self._buffer) :]
            if self._ends and self._pty:
                # In an unfinished line the first only sends the line.
                while self._column >= 0:
                    os.write(self.fd, _END_OF_TRANSMISSION)
                    self._column = 0 if self._column else -1
                self._column = 0
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

    def _is_open(self) -> bool:
        """False when nothing that is sent now could be read."""
        if self.fd < 0 or (self._ends and not self._pty):
            return False
        poll = select.poll()
        poll.register(self.fd, 0)  # POLLERR is always reported: nobody has the other end open
        return self._pty or not poll.poll(0)
