"""Sends input to a run's module, all of it or nothing, however many clients there are.

Senders take turns by a lock, ask the supervisor how much waits, see to it that the FIFO has room,
and only then write. Whatever a sender has not written whole, the supervisor drops. Input is never
stored: it may be a password. Blocks for up to some seconds, so never on an event loop.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import time
from typing import TYPE_CHECKING

from prismq_nb.capture.base import control
from prismq_nb.capture.base.control import INPUT_BYTES, NobodyListens, Report
from prismq_nb.capture.base.terminal import LINE_BYTES as TERMINAL_LINE_BYTES
from prismq_nb.capture.base.terminal import capacity, unread, widen
from prismq_nb.common.base.regular_files import open_regular
from prismq_nb.common.spelling import lone_surrogate
from prismq_nb.errors import BodyTooLarge, InputClosed, InputFull, InvalidRequest, RunEnded, RunUnreadable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FIFO_BYTES = 256 * 1024
"""What the FIFO holds from the first long input on, where the system allows it."""
TURN_SECONDS = 2.0
"""How long a sender waits for its turn."""
ANSWER_SECONDS = 0.5
"""How long a supervisor may take to read what it was sent. A stopped one takes longer: then what
its FIFO holds tells how much waits."""
_LOOK_SECONDS = 0.001
_RESERVED_BYTES = 16 * 1024
"""Of the FIFO, for other commands: a stop must always fit."""


def send_input(run_dir: Path, text: str, *, eof: bool, secret: bool = False) -> bool:
    """Write to a module's stdin, and close it after that where `eof` is set.

    A `secret` is given to a terminal only while that does not show what is typed.

    Returns:
        Whether the secret is held, in the supervisor's memory, until the program asks for it.

    Raises:
        InvalidRequest: `text` cannot be sent as it is.
        BodyTooLarge: `text` is longer than `INPUT_BYTES`.
        InputFull: too much waits, or others keep sending; nothing was sent.
        InputClosed: the module's stdin is closed.
        RunEnded: nobody supervises the run any more.
        RunUnreadable: something else is in the place of a file of its directory.
    """
    data = _encoded(text)
    try:
        fd = control.open_writer(run_dir)
        try:
            with _turn(run_dir) as report_fd:
                channel = _Channel(run_dir.name, fd, report_fd)
                _send(channel, data, eof=eof, secret=secret)
                return secret and channel.holds_secret()
        finally:
            os.close(fd)
    except (NobodyListens, BrokenPipeError):
        raise RunEnded(f"{run_dir.name} has ended: its supervisor is gone") from None


def _encoded(text: str) -> bytes:
    try:
        data = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise InvalidRequest(lone_surrogate("text", error)) from None
    if len(data) > INPUT_BYTES:
        most = f"send at most {INPUT_BYTES:,} at once, the rest later"
        raise BodyTooLarge(f"text has {len(data):,} bytes: {most}")
    return data


class _Channel:
    """One sender's turn with one supervisor."""

    def __init__(self, run_id: str, fd: int, report_fd: int) -> None:
        self.run_id = run_id
        self.fd = fd
        self._report_fd = report_fd

    def ask(self) -> tuple[Report, bool]:
        """How the module's stdin is, and whether that is the supervisor's answer of this moment.

        Where it does not answer in time, what is in the FIFO counts as waiting.
        """
        deadline = time.monotonic() + ANSWER_SECONDS
        while sent := unread(self.fd):  # a second question would only fill the FIFO
            if time.monotonic() > deadline:
                report = control.read_report(self._report_fd) or Report()
                return report._replace(waiting=report.waiting + sent * 3 // 4), False
            time.sleep(_LOOK_SECONDS)
        question = os.urandom(6).hex()
        try:
            os.write(self.fd, control.count_line(question))
        except BlockingIOError:  # where the system does not tell what is in the FIFO
            raise InputFull(f"{self.run_id} does not take input now: {_LATER}") from None
        while True:
            report = control.read_report(self._report_fd) or Report()
            if report.of == question:
                return report, True
            if time.monotonic() > deadline:
                return report, False
            time.sleep(_LOOK_SECONDS)

    def holds_secret(self) -> bool:
        """Whether a secret that was written is held; False where the supervisor does not say."""
        try:
            report, current = self.ask()
        except InputFull:  # it was taken all the same
            return False
        return current and report.held

    def fits(self, size: int) -> bool:
        """Whether the FIFO has room for lines of `size` bytes together, widened where it must be.

        A page of a pipe holds whole lines, so up to `LINE_BYTES` of each stay unused.
        """
        used = unread(self.fd)
        for widened in (False, True):
            most = capacity(self.fd)
            if most is None:
                return False
            if size + used <= most * 7 // 8 - min(_RESERVED_BYTES, most // 4):
                return True
            if not widened:
                widen(self.fd, FIFO_BYTES)
        return False

    def write(self, lines: list[bytes]) -> None:
        """Write lines as the supervisor reads them. Raises `InputFull` where it stops to read."""
        poll = select.poll()
        poll.register(self.fd, select.POLLOUT)
        for line in lines:
            deadline = time.monotonic() + ANSWER_SECONDS
            while True:
                try:
                    os.write(self.fd, line)
                    break
                except BlockingIOError:  # POLLOUT may be set where less than a line fits
                    if time.monotonic() > deadline:
                        raise InputFull(f"{self.run_id} accepted none of it: {_LATER}") from None
                    poll.poll(1000 * ANSWER_SECONDS)
                    time.sleep(_LOOK_SECONDS)


_LATER = "its supervisor is busy or stopped; send it again later"


def _send(channel: _Channel, data: bytes, *, eof: bool, secret: bool) -> None:
    report, current = channel.ask()
    if not report.open:
        raise InputClosed(
            f"{channel.run_id} takes no input: its standard input was closed by the program, by an "
            "earlier eof, or was never open; to send input, launch it with terminal=True or "
            "stdin=True"
        )
    if report.waiting + len(data) > INPUT_BYTES:
        raise InputFull(
            f"{channel.run_id} has not read {report.waiting:,} bytes of input yet, and "
            f"{len(data):,} more would exceed the limit of {INPUT_BYTES:,}; nothing was sent: "
            "send again when it has read some"
        )
    if report.column is not None:
        _check_lines(data, report.column)
    lines = control.input_lines(data, eof=eof, secret=secret)
    if not channel.fits(sum(map(len, lines))) and not current:
        raise InputFull(f"{channel.run_id} accepted none of it: {_LATER}")
    channel.write(lines)


def _check_lines(data: bytes, column: int) -> None:
    """Refuse what a terminal would cut: in line mode it drops the rest of a long line."""
    lengths = [len(line) for line in data.replace(b"\r", b"\n").replace(b"\4", b"\n").split(b"\n")]
    lengths[0] += column
    if max(lengths) > TERMINAL_LINE_BYTES:
        raise InvalidRequest(
            f"text makes a line of {max(lengths):,} bytes, and the run's terminal takes lines of at "
            f"most {TERMINAL_LINE_BYTES:,}: send shorter lines, or launch it with terminal=False, "
            "stdin=True"
        )


@contextlib.contextmanager
def _turn(run_dir: Path) -> Iterator[int]:
    """Hold the lock of all senders; gives the file that it is on, which has the report."""
    try:
        fd = open_regular(control.report_path(run_dir), os.O_RDWR | os.O_CREAT)
    except OSError as error:
        raise RunUnreadable(f"{run_dir.name} cannot be sent input, because its directory is damaged: {error}") from error
    try:
        deadline = time.monotonic() + TURN_SECONDS
        while True:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise InputFull(f"{run_dir.name} is receiving input from other senders; nothing was sent: send again later") from None
                time.sleep(_LOOK_SECONDS)
        yield fd
    finally:
        os.close(fd)
