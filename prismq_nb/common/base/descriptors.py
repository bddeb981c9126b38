"""File descriptors: keep 0, 1 and 2 for the standard streams; compare and replace files.

A process may be started without standard streams (``python one.py <&-``). A file that it opens then
takes their numbers: a lock or a journal would be closed when streams are set up for a child, or
receive the warnings written to descriptor 2. Standard library only.
"""

from __future__ import annotations

import fcntl
import os

_STDERR = 2


def above_standard(fd: int) -> int:
    """Return `fd`, moved to 3 or higher if it took the number of a closed standard stream.

    Raises:
        OSError: no descriptor is free; `fd` is closed.
    """
    if fd > _STDERR:
        return fd
    try:
        return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _STDERR + 1)
    finally:
        os.close(fd)


def fill_standard() -> None:
    """Open ``/dev/null`` in place of each standard stream that is closed.

    Raises:
        OSError: it cannot be opened.
    """
    while (fd := os.open(os.devnull, os.O_RDWR)) <= _STDERR:
        os.set_inheritable(fd, True)  # as standard streams are
    os.close(fd)


def is_same(path: str, fd: int) -> bool:
    """Whether `path` is the file that is open as `fd`; a symbolic link never is.

    Raises:
        OSError: other than that the file is missing.
    """
    try:
        return os.path.samestat(os.lstat(path), os.fstat(fd))
    except FileNotFoundError:
        return False


def replace(fd: int, new: int) -> None:
    """Make `fd` refer to the file that is open as `new`, and close `new`."""
    os.dup2(new, fd, inheritable=False)
    os.close(new)
