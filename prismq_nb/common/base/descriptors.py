"""Descriptors: which file one is, and 0, 1 and 2 kept for what they are meant for.

A process may be started without standard streams (``python one.py <&-``). What it opens then takes
their numbers: a lock or a journal is closed when they are set up for a child, or written to by
whatever prints a warning to descriptor 2. Standard library only.
"""

from __future__ import annotations

import fcntl
import os

_STDERR = 2


def above_standard(fd: int) -> int:
    """Return `fd`, moved to 3 or higher if it took the number of a closed standard stream."""
    if fd > _STDERR:
        return fd
    try:
        return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _STDERR + 1)
    finally:
        os.close(fd)


def fill_standard() -> None:
    """Open ``/dev/null`` in the place of each standard stream that is closed."""
    while (fd := os.open(os.devnull, os.O_RDWR)) <= _STDERR:
        os.set_inheritable(fd, True)  # as standard streams are
    os.close(fd)


def is_same(path: str, fd: int) -> bool:
    """Whether `path` is the very file that is open as `fd`. A symbolic link never is."""
    try:
        return os.path.samestat(os.lstat(path), os.fstat(fd))
    except FileNotFoundError:
        return False


def replace(fd: int, new: int) -> None:
    """Put the file that is open as `new` in the place of `fd`."""
    os.dup2(new, fd, inheritable=False)
    os.close(new)
