"""The window size of a pseudo-terminal. Apart because `fcntl` and `termios` are only there on POSIX. Standard library only."""

from __future__ import annotations

import contextlib
import fcntl
import struct
import termios


def resize(fd: int, rows: int, columns: int) -> None:
    """Sets the size of the terminal behind `fd`, in character cells; the module gets SIGWINCH. A terminal that is gone is left alone."""
    with contextlib.suppress(OSError, struct.error):
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
