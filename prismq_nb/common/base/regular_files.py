"""Open the files of a data directory safely, whatever they have become.

Programs can put anything in the place of a run's file. A plain `open` of a FIFO waits for ever, a
device may have side effects, a symbolic link may lead into another run, and a sparse file may be
huge. So every file of a data directory is opened here (open(2): O_NONBLOCK, O_NOFOLLOW, O_NOCTTY).
Standard library only.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat

AnyPath = str | os.PathLike[str]

MAX_WHOLE_BYTES = 16 << 20
"""Maximum size of a file that is read whole."""
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
    """A file's name belongs to something other than a regular file; the text says what."""

    def __str__(self) -> str:
        return str(self.strerror)


class TooLong(OSError):
    """A file is longer than anything that is written under its name."""

    def __str__(self) -> str:
        return str(self.strerror)


def kind_of(mode: int) -> str:
    """Return in words what a file of mode `st_mode` is."""
    return _KINDS.get(stat.S_IFMT(mode), "a regular file")


def open_regular(path: AnyPath, flags: int = os.O_RDONLY, mode: int = 0o600) -> int:
    """Open a regular file without ever waiting; the last component of `path` may not be a link.

    Returns:
        A descriptor that child processes do not inherit.

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
    """Open a file as `open_regular` does; also return its status.

    Raises:
        NotRegular, OSError: as `open_regular`.
    """
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
    """Open the writing end of a FIFO without waiting; links are not followed.

    Raises:
        OSError: nobody reads it (ENXIO), or it is not a FIFO.
    """
    fd = os.open(path, os.O_WRONLY | _SAFE)
    if stat.S_ISFIFO(os.fstat(fd).st_mode):
        return fd
    os.close(fd)
    raise OSError(errno.ENXIO, f"{os.path.basename(path)} is not a FIFO")


def read_bounded(path: AnyPath, limit: int = MAX_WHOLE_BYTES) -> bytes:
    """Return the content of a regular file.

    Args:
        path: of the file.
        limit: maximum size in bytes.

    Raises:
        TooLong: it has more than `limit` bytes.
        NotRegular, OSError: as `open_regular`.
    """
    return read_with_status(path, limit)[0]


def read_with_status(path: AnyPath, limit: int) -> tuple[bytes, os.stat_result]:
    """Read a file as `read_bounded` does; also return the status it had before it was read.

    Raises:
        TooLong, NotRegular, OSError: as `read_bounded`.
    """
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
    """Return the last `limit` bytes of a regular file, or all if it is shorter.

    Raises:
        NotRegular, OSError: as `open_regular`.
    """
    fd = open_regular(path)
    try:
        return os.pread(fd, limit, max(0, os.fstat(fd).st_size - limit))
    finally:
        os.close(fd)


def _refused(path: AnyPath, error: OSError) -> OSError:
    """Return an error that says what is in the file's place, if that is why it cannot be opened."""
    if error.errno in (errno.ELOOP, errno.EMLINK, errno.ENXIO, errno.EISDIR, errno.EOPNOTSUPP):
        with contextlib.suppress(OSError):
            found = os.lstat(path).st_mode
            if not stat.S_ISREG(found):
                return _not_regular(path, found)
    return error


def _not_regular(path: AnyPath, mode: int) -> NotRegular:
    return NotRegular(errno.EINVAL, f"{os.path.basename(path)} is {kind_of(mode)}")
