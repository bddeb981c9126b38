"""The way in to a running supervisor: a FIFO ``control`` in the run directory that takes JSON lines. Standard library only.

    {"op": "stop"}                          {"op": "input", "data": "<base64>"}
    {"op": "eof"}                           {"op": "resize", "rows": 40, "columns": 120}

A FIFO, and never a signal to a process id read from a file: whoever may write the run directory may control the run, and opening it for writing
fails when no supervisor is there. One line is at most `LINE_BYTES`, which the kernel writes whole or not at all (PIPE_BUF is 512 or more by POSIX).
"""

from __future__ import annotations

import binascii
import json
import os
from collections.abc import Sequence
from typing import Any

from prismq_nb.journal import format as fmt
from prismq_nb.journal.regular import open_fifo

LINE_BYTES = 512
_INPUT_BYTES = 300


class NobodyListens(Exception):
    """No supervisor has the FIFO open."""


class Full(Exception):
    """The supervisor has not read what was sent before."""


class ControlReader:
    """The supervisor's end."""

    def __init__(self, run_dir: str | os.PathLike[str]) -> None:
        """Makes the FIFO. Raises OSError where the file system has none."""
        path = os.path.join(run_dir, fmt.CONTROL)
        os.mkfifo(path, 0o600)
        self.fd = os.open(path, os.O_RDWR | os.O_NONBLOCK)  # a writer of our own, so that the last client's close is no end of file
        self._rest = b""

    def commands(self) -> list[dict[str, Any]]:
        """What has arrived; lines that are no JSON object are dropped."""
        try:
            data = self._rest + os.read(self.fd, 65_536)
        except BlockingIOError:
            return []
        *lines, rest = data.split(b"\n")
        self._rest = rest[: LINE_BYTES + 1]  # a line that is too long is no command, however long it gets
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


def input_lines(data: bytes, *, eof: bool) -> list[bytes]:
    """Control lines that send `data` to the module's stdin, and close it after where `eof` is set."""
    pieces = [data[at : at + _INPUT_BYTES] for at in range(0, len(data), _INPUT_BYTES)]
    lines = [_line({"op": "input", "data": binascii.b2a_base64(piece, newline=False).decode()}) for piece in pieces]
    return lines + [_line({"op": "eof"})] * eof


def stop_line() -> bytes:
    """The control line that stops the run; a second one escalates."""
    return _line({"op": "stop"})


def send(run_dir: str | os.PathLike[str], lines: Sequence[bytes]) -> None:
    """Writes control lines.

    Raises:
        NobodyListens: there is no supervisor.
        Full: the FIFO takes no more; lines before it were taken.
    """
    try:
        fd = open_fifo(os.path.join(run_dir, fmt.CONTROL))
    except OSError as error:
        raise NobodyListens from error
    try:
        for line in lines:
            os.write(fd, line)
    except BlockingIOError as error:
        raise Full from error
    except BrokenPipeError as error:
        raise NobodyListens from error
    finally:
        os.close(fd)


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value).encode() + b"\n"
