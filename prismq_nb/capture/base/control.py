"""The way in to a running supervisor: a FIFO ``control`` in the run directory.

Standard library only.

It takes JSON lines:

    {"op": "stop", "at": 12.3}
    {"op": "input", "data": "<base64>", "of": "<transfer>", "at": 324, "more": true}
    {"op": "eof", "of": "<transfer>", "at": 400}     (both: "secret": true, see `Stdin.add`)
    {"op": "count", "of": "<question>"}
    {"op": "kernel", "event": "restarted"}           (of a watched cell; or "shut down")

A FIFO, and never a signal to a process id read from a file: whoever may write the run directory
may control the run, and opening it for writing fails when no supervisor is there. One line is at
most `LINE_BYTES`, which the kernel writes whole or not at all (PIPE_BUF is 512 or more by POSIX),
so lines of several writers never mix.

Input longer than a line is a *transfer* of several lines: `at` is the offset of a line's bytes in
it. The supervisor passes it on when the line without `more` has arrived (`Inbox`), so a sender that
dies half-way, or finds the FIFO full, has sent nothing.

``count`` makes the supervisor write a `Report` to ``control.json``, which senders also lock.
"""

from __future__ import annotations

import binascii
import contextlib
import json
import os
import time
from typing import Any, NamedTuple

from prismq_nb.common.base.descriptors import is_same, replace
from prismq_nb.common.base.regular_files import open_fifo, open_regular
from prismq_nb.journal.layout import format as fmt

LINE_BYTES = 512
KERNEL_EVENTS = RESTARTED, SHUT_DOWN = "restarted", "shut down"
"""What can happen to a kernel; see `kernel_line`."""
INPUT_BYTES = 65_536
"""Maximum size of one transfer, and of what waits for the module."""
_INPUT_BYTES_A_LINE = 312
_REPORT_BYTES = 128


class NobodyListens(Exception):
    """No supervisor has the FIFO open."""


class Full(Exception):
    """The supervisor has not yet read what was sent before."""


class Report(NamedTuple):
    """The state of the module's stdin when the supervisor was asked.

    Attributes:
        of: the request that it answers; empty before the first.
        waiting: bytes that the module has not read.
        open: it takes input: neither the module nor an earlier ``eof`` has closed it.
        column: bytes of the unfinished line if a terminal takes whole lines; otherwise None.
        held: a secret is among what waits; it is held until the terminal hides what is typed.
    """

    of: str = ""
    waiting: int = 0
    open: bool = True
    column: int | None = None
    held: bool = False


class ControlReader:
    """The supervisor's end of the FIFO."""

    def __init__(self, run_dir: str | os.PathLike[str]) -> None:
        """Create the FIFO and the report.

        Raises:
            OSError: the file system has no FIFOs, or the files cannot be created.
        """
        self._path = os.path.join(run_dir, fmt.CONTROL)
        self.fd = self._make()
        self._rest = b""
        self._report_path = report_path(run_dir)
        self._report = open_regular(self._report_path, os.O_RDWR | os.O_CREAT)
        self.report(Report())

    def _make(self) -> int:
        os.mkfifo(self._path, 0o600)
        # We hold a writing end, so that the last client's close is not an end of file.
        return os.open(self._path, os.O_RDWR | os.O_NONBLOCK)

    def renew(self) -> None:
        """Create the FIFO and the report again if ours were removed or replaced.

        `fd` keeps its number.

        Raises:
            OSError: they cannot be created.
        """
        if not is_same(self._path, self.fd):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._path)
            replace(self.fd, self._make())
        if not is_same(self._report_path, self._report):
            replace(self._report, open_regular(self._report_path, os.O_RDWR | os.O_CREAT))
            self.report(self._last)

    def close(self) -> None:
        """Close the FIFO and the report; the files stay, and nobody can send any more."""
        for fd in (self.fd, self._report):
            with contextlib.suppress(OSError):
                os.close(fd)

    def commands(self) -> list[dict[str, Any]]:
        """Return the commands that have arrived; lines that are not JSON objects are dropped."""
        try:
            data = self._rest + os.read(self.fd, 65_536)
        except BlockingIOError:
            return []
        *lines, rest = data.split(b"\n")
        self._rest = rest[: LINE_BYTES + 1]  # a longer line cannot be a command
        commands: list[dict[str, Any]] = []
        for line in lines:
            if len(line) > LINE_BYTES:
                continue  # nesting that deep would end the interpreter's recursion
            try:
                value = json.loads(line)
            except ValueError:
                continue
            if isinstance(value, dict):
                commands.append(value)
        return commands

    def report(self, report: Report) -> None:
        """Overwrite the last report, which needs no space on the disk.

        Raises:
            OSError: the disk is broken; senders then rely on what they see of the FIFO.
        """
        self._last = report
        data = json.dumps(report._asdict()).encode()
        os.pwrite(self._report, data.ljust(_REPORT_BYTES - 1) + b"\n", 0)


class Inbox:
    """Joins the lines of a transfer; an interrupted transfer is dropped."""

    def __init__(self) -> None:
        self._of: object = None
        self._size = 0
        self._pieces: list[bytes] = []

    def take(self, command: dict[str, Any]) -> tuple[bytes, bool] | None:
        """Process an ``input`` or ``eof`` command.

        Returns:
            The whole input, and whether the end of input follows it; None while lines are missing.

        Raises:
            ValueError: it is malformed; its transfer is dropped.
        """
        try:
            return self._take(command)
        except (ValueError, TypeError, KeyError) as error:
            self._drop()
            raise ValueError(str(error)) from error

    def _take(self, command: dict[str, Any]) -> tuple[bytes, bool] | None:
        of, eof = command.get("of"), command["op"] == "eof"
        data = b"" if eof else binascii.a2b_base64(command["data"])
        if of is None:  # one line by itself
            return data, eof
        if of != self._of:
            self._drop()
            self._of = of
        if command["at"] != self._size:
            raise ValueError("a line is missing")
        self._size += len(data)
        if self._size > INPUT_BYTES:
            raise ValueError(f"a transfer exceeds {INPUT_BYTES:,} bytes")
        self._pieces.append(data)
        if command.get("more"):
            return None
        whole = b"".join(self._pieces)
        self._drop()
        return whole, eof

    def _drop(self) -> None:
        self._of, self._size = None, 0
        self._pieces.clear()


def report_path(run_dir: str | os.PathLike[str]) -> str:
    """Return the path of the report."""
    return os.path.join(run_dir, fmt.CONTROL_STATE)


def read_report(fd: int) -> Report | None:
    """Return the last report in an open file; None if it is half written, or not a report."""
    try:
        value = json.loads(os.pread(fd, _REPORT_BYTES, 0))
        of, waiting, is_open, column = (value[name] for name in Report._fields[:4])
        column, held = None if column is None else int(column), value.get("held") is True
        return Report(str(of), int(waiting), bool(is_open), column, held)
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None


def input_lines(data: bytes, *, eof: bool, secret: bool = False) -> list[bytes]:
    """Return the lines of a transfer.

    Args:
        data: for the module's stdin.
        eof: its end follows.
        secret: see `Stdin.add`.
    """
    of = os.urandom(6).hex()
    marks = {"secret": True} if secret else {}
    lines: list[bytes] = []
    for at in range(0, len(data), _INPUT_BYTES_A_LINE):
        piece = data[at : at + _INPUT_BYTES_A_LINE]
        text = binascii.b2a_base64(piece, newline=False).decode()
        more = eof or at + len(piece) < len(data)
        lines.append(
            _line({"op": "input", "data": text, "of": of, "at": at, "more": more, **marks})
        )
    return lines + [_line({"op": "eof", "of": of, "at": len(data), **marks})] * eof


def count_line(of: str) -> bytes:
    """Return the line that requests a `Report`, which will carry `of`."""
    return _line({"op": "count", "of": of})


def stop_line(at: float | None = None) -> bytes:
    """Return the control line that stops the run; another one escalates.

    Args:
        at: when it was requested, in seconds of the system's monotonic clock; default: now.
    """
    return _line({"op": "stop", "at": time.monotonic() if at is None else at})


def kernel_line(event: str) -> bytes:
    """Return the control line that says what is about to happen to the kernel of a watched cell.

    However the cell ends then, that is why.

    Args:
        event: `RESTARTED` or `SHUT_DOWN`.
    """
    return _line({"op": "kernel", "event": event})


def open_writer(run_dir: str | os.PathLike[str]) -> int:
    """Return a non-blocking descriptor that writes to the FIFO; the caller closes it.

    Raises:
        NobodyListens: there is no supervisor.
    """
    try:
        return open_fifo(os.path.join(run_dir, fmt.CONTROL))
    except OSError as error:
        raise NobodyListens from error


def send(run_dir: str | os.PathLike[str], line: bytes) -> None:
    """Write one control line.

    Raises:
        NobodyListens: there is no supervisor.
        Full: the FIFO takes no more.
    """
    fd = open_writer(run_dir)
    try:
        os.write(fd, line)
    except BlockingIOError as error:
        raise Full from error
    except BrokenPipeError as error:
        raise NobodyListens from error
    finally:
        os.close(fd)


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"
