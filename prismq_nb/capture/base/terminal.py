"""Pseudo-terminals and pipes through `ioctl`; `fcntl` and `termios` exist on POSIX only.

A run has one pseudo-terminal for stdin and stdout, which is its controlling terminal, and one for
stderr. The supervisor leads their session: the terminal of a leader that exits is hung up, so if
the module were the leader, every process that it leaves behind would lose its output. Standard
library only.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import struct
import sys
import termios
from typing import NamedTuple

LINE_BYTES = 4095 if sys.platform == "linux" else 1023
"""In canonical mode, a terminal drops what exceeds this in one line (Linux: N_TTY_BUF_SIZE - 1;
macOS and the BSDs: MAX_INPUT - 1)."""
READ_BYTES = 4096
"""Maximum size of one read of a pseudo-terminal."""
_TIOCGPTN = 0x80045430  # ioctl_tty(2): the number of a pseudo-terminal, on Linux
_INT = struct.Struct("i")
_IUTF8 = getattr(termios, "IUTF8", 0o40000)  # Python 3.13; the value is that of Linux and macOS
_INPUT_FLAGS, _OUTPUT_FLAGS, _LOCAL_FLAGS, _CHARACTERS = 0, 1, 3, 6  # of termios.tcgetattr


class Modes(NamedTuple):
    """How a terminal treats its input (termios(3)).

    Attributes:
        canonical: it collects whole lines (ICANON).
        echo: it prints what it is sent (ECHO).
    """

    canonical: bool
    echo: bool

    @property
    def hides(self) -> bool:
        """Whether a line can be typed that is not shown: the program asks for a password."""
        return self.canonical and not self.echo


class Terminal:
    """The supervisor's ends of a run's one or two pseudo-terminals.

    It holds the far ends as well, until `let_go`: without them, a program that closes all of its
    own and opens ``/dev/tty`` later would have ended its output.

    Attributes:
        main: our end of the controlling one; `error`: that of stderr, None if both are one.
        ends: the far ends, for stdin, stdout and stderr; -1 once they are closed.
        size: columns and rows.
    """

    def __init__(self, columns: int, rows: int, *, merge: bool) -> None:
        """Open them with `columns` by `rows` character cells.

        Raises:
            OSError: no pseudo-terminal is available.
        """
        self.main, end = _open(columns, rows)
        self.size = columns, rows
        self.error: int | None = None
        self.ends: tuple[int, int, int] = (end, end, end)
        if not merge:
            try:
                self.error, error_end = _open(columns, rows)
            except OSError:
                self.close()
                raise
            self.ends = (end, end, error_end)

    def acquire(self) -> None:
        """Make the main one the controlling terminal of this process, the session's leader.

        From here on, the signals of a terminal are ignored.

        Raises:
            OSError: the system refuses.
        """
        if os.getsid(0) != os.getpid():
            os.setsid()
        for number in (signal.SIGHUP, signal.SIGTTOU, signal.SIGTTIN, signal.SIGTSTP):
            signal.signal(number, signal.SIG_IGN)
        fcntl.ioctl(self.ends[0], termios.TIOCSCTTY, 0)

    def put_in_foreground(self, group: int) -> None:
        """Let a process group of the session read the terminal and receive its Ctrl-C."""
        with contextlib.suppress(OSError):  # its processes have ended
            os.tcsetpgrp(self.main, group)

    def foreground(self) -> int:
        """Return the id of the foreground process group; 0 if there is none."""
        try:
            return os.tcgetpgrp(self.main)
        except OSError:
            return 0

    def let_go(self) -> None:
        """Close the far ends: from now on a stream ends when its last other holder has gone."""
        for fd in set(self.ends):
            with contextlib.suppress(OSError):
                os.close(fd)
        self.ends = (-1, -1, -1)

    def prepare_exit(self) -> None:
        """Keep the exit of this process, the session's leader, from killing background processes.

        The kernel hangs up a leader's terminal and signals the foreground group (SIGHUP), which is
        our own from here on. Call it before the last descriptors are closed.
        """
        self.put_in_foreground(os.getpgrp())

    def close(self) -> None:
        """Close both ends of everything."""
        self.let_go()
        for fd in (self.main, self.error):
            if fd is not None:
                with contextlib.suppress(OSError):
                    os.close(fd)


def _open(columns: int, rows: int) -> tuple[int, int]:
    """Open a pseudo-terminal that changes no byte of the output; return our end and the far one."""
    ours, theirs = os.openpty()
    try:
        settings = termios.tcgetattr(theirs)
        settings[_INPUT_FLAGS] = (settings[_INPUT_FLAGS] | _IUTF8) & ~(termios.IXON | termios.IXOFF)
        settings[_OUTPUT_FLAGS] &= ~termios.OPOST
        settings[_LOCAL_FLAGS] |= termios.ECHO
        characters = settings[_CHARACTERS]
        characters[termios.VSUSP] = bytes([os.fpathconf(theirs, "PC_VDISABLE") & 0xFF])
        termios.tcsetattr(theirs, termios.TCSANOW, settings)
        _set_size(theirs, rows, columns)
    except (termios.error, OSError) as error:
        os.close(ours)
        os.close(theirs)
        raise OSError(*error.args[:2]) from None
    return ours, theirs


def far_end(fd: int) -> str | None:
    """Return what a link in ``/proc/PID/fd`` shows for the other end of `fd`.

    None if it is neither a pipe nor our end of a terminal, or the system cannot say.
    """
    with contextlib.suppress(OSError):
        name = os.readlink(f"/proc/self/fd/{fd}")
        if name.startswith("pipe:"):
            return name
        if name.endswith("/ptmx"):
            number = fcntl.ioctl(fd, _TIOCGPTN, bytes(4))
            return f"/dev/pts/{int.from_bytes(number, sys.byteorder)}"
    return None


def modes(fd: int) -> Modes | None:
    """Return how the terminal behind `fd` treats its input; None if it is not a terminal."""
    try:
        flags = termios.tcgetattr(fd)[_LOCAL_FLAGS]
    except termios.error:
        return None
    return Modes(bool(flags & termios.ICANON), bool(flags & termios.ECHO))


def _set_size(fd: int, rows: int, columns: int) -> None:
    """Set the size of a new terminal, in character cells (ioctl_tty(2), TIOCSWINSZ)."""
    with contextlib.suppress(OSError, struct.error):
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def unread(fd: int) -> int:
    """Return the bytes in the pipe behind `fd`, by either end; 0 if the system does not tell."""
    try:
        return int(_INT.unpack(fcntl.ioctl(fd, termios.FIONREAD, bytes(_INT.size)))[0])
    except OSError:
        return 0


def takes_lines(fd: int) -> bool:
    """Whether the terminal behind `fd` collects whole lines (is in canonical mode)."""
    found = modes(fd)
    return found is not None and found.canonical


def capacity(fd: int) -> int | None:
    """Return the capacity in bytes of the pipe behind `fd`; None if the system does not tell."""
    get = getattr(fcntl, "F_GETPIPE_SZ", None)  # Linux only
    if get is None:
        return None
    try:
        return fcntl.fcntl(fd, get)
    except OSError:
        return None


def widen(fd: int, size: int) -> None:
    """Set the capacity of the pipe behind `fd` (pipe(7)).

    Nothing happens if the system or the user's budget does not allow it.
    """
    with contextlib.suppress(OSError, AttributeError):
        fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, size)
