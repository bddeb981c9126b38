"""The module's stdin: what was sent and not taken yet waits here.

So a module that does not read never blocks its supervisor. Standard library only.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import time
from collections import deque
from typing import TYPE_CHECKING, Any

from prismq_nb.capture.base.control import Inbox, Report
from prismq_nb.capture.base.terminal import modes, takes_lines, unread

if TYPE_CHECKING:
    from collections.abc import Callable

    from prismq_nb.capture.base.control import ControlReader
    from prismq_nb.capture.base.terminal import Terminal

INPUT_OPERATIONS = frozenset(("input", "eof", "count"))
"""Control commands for the module's stdin."""
SETTLE_SECONDS = 0.3
"""How long the next secret is held after one was read: ``getpass`` drops unread input when it turns
the echo on again."""
_END_OF_TRANSMISSION = b"\x04"
_LINE_ENDS = re.compile(rb"[\n\r\x04]")


class Stdin:
    """Feeds a non-blocking descriptor, the module's stdin.

    Attributes:
        fd: the descriptor; -1 once it is closed.
        on_answer: called before a line is given to a terminal that collects whole lines.
        on_end: called before the end is given.
    """

    def __init__(
        self,
        fd: int,
        poll: select.poll,
        control: ControlReader,
        terminal: Terminal | None = None,
    ) -> None:
        """Report that nothing waits.

        Args:
            fd: the module's stdin; -1 if it is at its end from the start.
            poll: where it waits to be writable while something is left over.
            control: where to report.
            terminal: its terminal, if it has one.
        """
        self.fd = fd
        self.on_answer: Callable[[], None] = lambda: None
        self.on_end: Callable[[], None] = lambda: None
        self._control = control
        self._inbox = Inbox()
        self._report_id = ""
        self._poll = poll
        self._terminal = terminal
        self._queue: deque[tuple[bytes, bool]] = deque()  # (what was sent, it is secret)
        self._ends = False
        self._column = 0
        self._secret_given = False
        self._settled_at = 0.0
        self._report()

    @property
    def waiting(self) -> int:
        """Bytes that the module has not read, as far as the system tells."""
        held = sum(len(data) for data, _ in self._queue)
        return held + (unread(self.fd) if self.fd >= 0 and self._terminal is None else 0)

    @property
    def has_secret_next(self) -> bool:
        """Whether a secret is next and held: call `feed` again within about 0.1 s."""
        return bool(self._queue) and self._queue[0][1] and self._terminal is not None

    @property
    def has_secret(self) -> bool:
        """Whether a secret is among what the module was not given yet."""
        return self._terminal is not None and any(secret for _, secret in self._queue)

    @property
    def is_open(self) -> bool:
        """False if nothing that is sent now could be read."""
        if self.fd < 0 or (self._ends and self._terminal is None):
            return False
        poll = select.poll()
        poll.register(self.fd, 0)  # POLLERR is always reported: nobody has the other end open
        return self._terminal is not None or not poll.poll(0)

    def handle(self, command: dict[str, Any]) -> None:
        """Carry out one of `INPUT_OPERATIONS`.

        Raises:
            ValueError: it is malformed.
        """
        if command["op"] == "count":
            self._report_id = str(command.get("of"))
        elif (whole := self._inbox.take(command)) is None:
            return
        else:
            data, eof = whole
            self.add(data, secret=bool(command.get("secret")))
            if eof:
                self.end()
        self._report()

    def _report(self) -> None:
        lines = self._terminal is not None and self.fd >= 0 and takes_lines(self.fd)
        column = self._column if lines else None
        report = Report(self._report_id, self.waiting, self.is_open, column, self.has_secret)
        with contextlib.suppress(OSError):  # the run continues although its disk is broken
            self._control.report(report)

    def add(self, data: bytes, *, secret: bool = False) -> None:
        """Send bytes, now or as soon as the module takes them.

        Args:
            data: the bytes.
            secret: a terminal is given them only while it collects lines that it does not show.
                What is sent later waits behind them.
        """
        if not data:
            return
        if secret and self._terminal is not None:
            self._queue.extend((line, True) for line in data.splitlines(keepends=True))
        else:
            self._queue.append((data, False))
        ends = [match.end() for match in _LINE_ENDS.finditer(data)]
        self._column = len(data) - ends[-1] if ends else self._column + len(data)
        self.feed()

    def end(self) -> None:
        """Close stdin after what was sent (a terminal gets its end-of-file character)."""
        self._ends = True
        self.feed()

    def drop(self) -> None:
        """Forget what was not given: nobody will ask for it any more."""
        self._queue.clear()
        self._ends = False
        self._unregister()

    def feed(self) -> None:
        """Write as much as possible."""
        if self.fd < 0:
            self._queue.clear()
            return
        try:
            while self._queue and self._may_give():
                self._give()
            if self._queue:  # a secret, held
                self._unregister()
                return
            if self._ends:
                self.on_end()
            if self._ends and self._terminal is not None:
                # In an unfinished line the first only sends the line.
                while self._column >= 0:
                    os.write(self.fd, _END_OF_TRANSMISSION)
                    self._column = 0 if self._column else -1
                self._column = 0
        except BlockingIOError:
            self._poll.register(self.fd, select.POLLOUT)
            return
        except OSError:  # the module closed its end
            self._queue.clear()
        self._unregister()
        if self._ends and self._terminal is None:
            os.close(self.fd)
            self.fd = -1
        self._ends = False

    def _unregister(self) -> None:
        with contextlib.suppress(KeyError):
            self._poll.unregister(self.fd)

    def _give(self) -> None:
        data, secret = self._queue[0]
        if self._terminal is not None and _LINE_ENDS.search(data) and takes_lines(self.fd):
            self.on_answer()
        written = os.write(self.fd, data)
        self._queue.popleft()
        if written < len(data):
            self._queue.appendleft((data[written:], secret))
        if secret:
            self._secret_given, self._settled_at = True, time.monotonic() + SETTLE_SECONDS

    def _may_give(self) -> bool:
        """Whether the next input may be given now; a secret only if nobody sees it."""
        if not self.has_secret_next:
            return True
        assert self._terminal is not None
        now = time.monotonic()
        if self._secret_given:
            if unread(self._terminal.ends[0]):  # the one before it
                self._settled_at = now + SETTLE_SECONDS
            elif self._settled_at <= now:
                self._secret_given = False
        found = modes(self.fd)
        return found is not None and found.hides and not self._secret_given
