"""Open what lies in a data directory, whatever it has become.

Programs can put anything in the place of a run's file. A plain `open` of a FIFO waits for ever, a
device may have side effects, a symbolic link leads into another run, and a sparse file has no end.
So every file of a data directory is opened here. Standard library only.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat

AnyPath = str | os.PathLike[str]

MAX_WHOLE_BYTES = 16 << 20
"""Longest file that is read whole."""
_SAFE = os.O_NONBLOCK | os.O_NOFOLLOW | os.O_NOCTTY | os.O_CLOEXEC
_KINDS = {
    stat.S_IFDIR: "a directory",
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class NotRegular(OSError):
    """Something other than a regular file is in a file's place; the text names it."""

    def __str__(self) -> str:
        return str(self.strerror)


class TooLong(OSError):
    """A file is longer than anything that is written under its name."""

    def __str__(self) -> str:
        return str(self.strerror)


def kind_of(mode: int) -> str:
    """What a file of mode `st_mode` is, in words."""
    return _KINDS.get(stat.S_IFMT(mode), "a regular file")


def open_regular(path: AnyPath, flags: int = os.O_RDONLY, mode: int = 0o600) -> int:
    """Open a regular file without ever waiting; the last part of `path` is not followed.

    Returns:
        A descriptor that is not inherited by child processes.

    Raises:
        NotRegular: it is a FIFO, a socket, a device, a directory or a symbolic link.
        OSError: it cannot be opened.
    """
    return open_with_status(path, flags, mode)[0]


def open_with_status(
    path: AnyPath,
    flags: int = os.O_RDONLY,
    mode: int = 0o600,
) -> tuple[int, os.stat_result]:
    """The same, with the file's status, which was asked for anyway."""
    try:
        fd = os.open(path, flags | _SAFE, mode)
    except OSError as error:
        raise _refused(path, error) from None
    found = os.fstat(fd)
    if stat.S_ISREG(found.st_mode):
        return fd, found
    os.close(fd)
    raise _not_regular(path, found.st_mode)


def open_fifo(path: AnyPath) -> int:
    """Open the writing end of a FIFO that somebody reads, without waiting; no link is followed.

    Raises:
        OSError: nobody reads it (ENXIO), or it is something else.
    """
    fd = os.open(path, os.O_WRONLY | _SAFE)
    if stat.S_ISFIFO(os.fstat(fd).st_mode):
        return fd
    os.close(fd)
    raise OSError(errno.ENXIO, f"{os.path.basename(path)} is not a FIFO")


def read_bounded(path: AnyPath, limit: int = MAX_WHOLE_BYTES) -> bytes:
    """Return the content of a regular file.

    Raises:
        TooLong: it has more than `limit` bytes.
        NotRegular, OSError: as `open_regular`.
    """
    return read_with_status(path, limit)[0]


def read_with_status(path: AnyPath, limit: int) -> tuple[bytes, os.stat_result]:
    """The same, with the status that the file had before it was read."""
    fd, found = open_with_status(path)
    try:
        size = found.st_size
        if size > limit:
            text = f"{os.path.basename(path)} has {size:,} bytes; at most {limit:,} are read"
            raise TooLong(errno.EFBIG, text)
        data = os.read(fd, size + 1)
        while len(data) < size and (more := os.read(fd, size - len(data))):
            data += more
        return data, found
    finally:
        os.close(fd)


def read_end(path: AnyPath, limit: int) -> bytes:
    """Return the last `limit` bytes of a regular file, or all of them. Raises as `open_regular`."""
    fd = open_regular(path)
    try:
        return os.pread(fd, limit, max(0, os.fstat(fd).st_size - limit))
    finally:
        os.close(fd)


def _refused(path: AnyPath, error: OSError) -> OSError:
    """Say what is in the file's place where that is why it cannot be opened."""
    if error.errno in (errno.ELOOP, errno.EMLINK, errno.ENXIO, errno.EISDIR, errno.EOPNOTSUPP):
        with contextlib.suppress(OSError):
            found = os.lstat(path).st_mode
            if not stat.S_ISREG(found):
                return _not_regular(path, found)
    return error


def _not_regular(path: AnyPath, mode: int) -> NotRegular:
    return NotRegular(errno.EINVAL, f"{os.path.basename(path)} is {kind_of(mode)}")
