"""Terminals and pipes as `ioctl` sees them: `fcntl` and `termios` are only there on POSIX.

Standard library only.
"""

from __future__ import annotations

import contextlib
import fcntl
import struct
import sys
import termios

LINE_BYTES = 4095 if sys.platform == "linux" else 1023
"""A terminal that takes whole lines drops what is beyond this in one (Linux: N_TTY_BUF_SIZE - 1;
macOS and the BSDs: MAX_INPUT - 1)."""
_INT = struct.Struct("i")


def resize(fd: int, rows: int, columns: int) -> None:
    """Set the size of the terminal behind `fd`, in character cells; the module gets SIGWINCH.

    A terminal that is gone is left alone.
    """
    with contextlib.suppress(OSError, struct.error):
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def unread(fd: int) -> int:
    """Bytes in the pipe behind `fd`, by either end; 0 where the system does not tell."""
    try:
        return int(_INT.unpack(fcntl.ioctl(fd, termios.FIONREAD, bytes(_INT.size)))[0])
    except OSError:
        return 0


def takes_lines(fd: int) -> bool:
    """Whether the terminal behind `fd` collects whole lines (is in canonical mode)."""
    try:
        return bool(termios.tcgetattr(fd)[3] & termios.ICANON)
    except termios.error:
        return False


def capacity(fd: int) -> int | None:
    """Bytes that the pipe behind `fd` holds; None where the system does not tell."""
    get = getattr(fcntl, "F_GETPIPE_SZ", None)  # Linux only
    if get is None:
        return None
    try:
        return fcntl.fcntl(fd, get)
    except OSError:
        return None


def widen(fd: int, size: int) -> None:
    """Let the pipe behind `fd` hold `size` bytes, where the system and the user's budget allow."""
    with contextlib.suppress(OSError, AttributeError):
        fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, size)
