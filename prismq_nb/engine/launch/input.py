"""Send input to a run's module: all of it or nothing, however many senders there are.

Senders take turns by a lock, ask the supervisor how much input waits, check that the FIFO has room,
and only then write. The supervisor drops what a sender has not written completely. Input is never
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
from prismq_nb.errors import (
    BodyTooLarge,
    InputClosed,
    InputFull,
    InvalidRequest,
    RunEnded,
    RunUnreadable,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FIFO_BYTES = 256 * 1024
"""Size of the FIFO from the first long input on, if the system allows it."""
TURN_SECONDS = 2.0
"""Longest wait of a sender for its turn."""
ANSWER_SECONDS = 0.5
"""Time in which a supervisor must read what it was sent. A stopped one takes longer; then the
content of its FIFO tells how much input waits."""
_POLL_SECONDS = 0.001
_RESERVED_BYTES = 16 * 1024
"""Room in the FIFO for other commands: a stop must always fit."""


def send_input(run_dir: Path, text: str, *, eof: bool, secret: bool = False) -> bool:
    """Write to a module's stdin, and close it afterwards if `eof` is set.

    A `secret` is given to a terminal only while its echo is off.

    Returns:
        Whether the secret is held, in the supervisor's memory, until the program asks for it.

    Raises:
        InvalidRequest: `text` cannot be sent as it is.
        BodyTooLarge: `text` is longer than `INPUT_BYTES` in UTF-8.
        InputFull: too much input waits, or others keep sending; nothing was sent.
        InputClosed: the module's stdin is closed.
        RunEnded: the run has no supervisor any more.
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
        raise InvalidRequest(lone_surrogate("text", error), parameter="text") from None
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
        """Return the state of the module's stdin, and whether the supervisor has just reported it.

        If the supervisor does not answer in time, the content of the FIFO counts as waiting input.
        """
        deadline = time.monotonic() + ANSWER_SECONDS
        while sent := unread(self.fd):  # a second request would only fill the FIFO
            if time.monotonic() > deadline:
                report = control.read_report(self._report_fd) or Report()
                return report._replace(waiting=report.waiting + sent * 3 // 4), False
            time.sleep(_POLL_SECONDS)
        question = os.urandom(6).hex()
        try:
            os.write(self.fd, control.count_line(question))
        except BlockingIOError:  # if the system does not tell how full the FIFO is
            raise InputFull(f"{self.run_id} does not take input now: {_LATER}") from None
        while True:
            report = control.read_report(self._report_fd) or Report()
            if report.of == question:
                return report, True
            if time.monotonic() > deadline:
                return report, False
            time.sleep(_POLL_SECONDS)

    def holds_secret(self) -> bool:
        """Return whether a written secret is held; False if the supervisor does not say."""
        try:
            report, current = self.ask()
        except InputFull:  # it was accepted all the same
            return False
        return current and report.held

    def fits(self, size: int) -> bool:
        """Return whether the FIFO has room for lines of `size` bytes in total; widen it if needed.

        A page of a pipe holds whole lines, so up to `LINE_BYTES` of each page stay unused.
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
        """Write lines as the supervisor reads them. Raises `InputFull` if it stops reading."""
        poll = select.poll()
        poll.register(self.fd, select.POLLOUT)
        for line in lines:
            deadline = time.monotonic() + ANSWER_SECONDS
            while True:
                try:
                    os.write(self.fd, line)
                    break
                except BlockingIOError:  # POLLOUT may be set while less than a line fits
                    if time.monotonic() > deadline:
                        raise InputFull(f"{self.run_id} accepted none of it: {_LATER}") from None
                    poll.poll(1000 * ANSWER_SECONDS)
                    time.sleep(_POLL_SECONDS)


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
    """Refuse lines that a terminal would cut: in line mode it drops the rest of a long line."""
    lengths = [len(line) for line in data.replace(b"\r", b"\n").replace(b"\4", b"\n").split(b"\n")]
    lengths[0] += column
    if max(lengths) > TERMINAL_LINE_BYTES:
        raise InvalidRequest(
            f"text makes a line of {max(lengths):,} bytes, and the run's terminal takes lines of at"
            f" most {TERMINAL_LINE_BYTES:,}: send shorter lines, or launch it with terminal=False,"
            " stdin=True",
            parameter="text",
        )


@contextlib.contextmanager
def _turn(run_dir: Path) -> Iterator[int]:
    """Hold the lock of all senders; yield the descriptor of its file, which has the report."""
    try:
        fd = open_regular(control.report_path(run_dir), os.O_RDWR | os.O_CREAT)
    except OSError as error:
        raise RunUnreadable(
            f"{run_dir.name} cannot be sent input, because its directory is damaged: {error}"
        ) from error
    try:
        deadline = time.monotonic() + TURN_SECONDS
        while True:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise InputFull(
                        f"{run_dir.name} is receiving input from other senders; nothing was sent:"
                        " send again later"
                    ) from None
                time.sleep(_POLL_SECONDS)
        yield fd
    finally:
        os.close(fd)
