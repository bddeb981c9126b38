"""Descriptors 1 and 2 of this process: replaced, put back, and what they were before.

There is one pair in a process, so this is its one state. Nobody waits under its lock.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import threading
from typing import TYPE_CHECKING, NamedTuple

from prismq_nb.cell.owned import Identity, identity

if TYPE_CHECKING:
    from collections.abc import Sequence

_STDOUT = 1
_REOPENED = os.O_WRONLY | os.O_APPEND | os.O_NOCTTY
_SAVED_FROM = 10
_lock = threading.Lock()


class _Saved(NamedTuple):
    """What a descriptor was: a copy of it, -1 if it was closed, and its file; what it is now."""

    copy: int
    identity: Identity | None
    path: str
    end: Identity | None


_saved: dict[int, _Saved] = {}


def replace(ends: tuple[int, int]) -> None:
    """Make them copies of `ends`.

    Raises:
        OSError: a descriptor cannot be copied; call `put_back` then.
    """
    with _lock:
        for number, end in enumerate(ends):
            _saved[number] = _save(_STDOUT + number, end)
            os.dup2(end, _STDOUT + number)


def put_back(numbers: Sequence[int] = (0, 1)) -> None:
    """Undo `replace` for some, unless the program has replaced them itself. Never raises."""
    with _lock:
        for number in numbers:
            if (saved := _saved.pop(number, None)) is not None:
                with contextlib.suppress(OSError):
                    _put_back(_STDOUT + number, saved)


def original(number: int) -> int:
    """Return a copy of what descriptor 1 (`number` 0) or 2 is without `replace`; -1 if closed."""
    with _lock:
        saved = _saved.get(number)
        if saved is None:
            return _copy(_STDOUT + number)
        return _copy(saved.copy) if identity(saved.copy) == saved.identity else -1


def _save(fd: int, end: int) -> _Saved:
    try:
        path = os.readlink(f"/proc/self/fd/{fd}")
    except OSError:
        path = ""
    return _Saved(copy := _copy(fd), identity(copy), path, identity(end))


def _copy(fd: int) -> int:
    """Return a copy of a descriptor; -1 if it is closed."""
    try:
        return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _SAVED_FROM)
    except OSError:
        return -1


def _put_back(fd: int, saved: _Saved) -> None:
    """Make `fd` what it was before, unless it is something else by now. Raises OSError."""
    is_there = identity(saved.copy) == saved.identity  # else the program has closed it
    try:
        if identity(fd) not in (None, saved.end):
            return
        if saved.copy < 0:
            os.close(fd)  # as it was
        elif is_there:
            os.dup2(saved.copy, fd)
        else:
            _reopen(fd, saved)
    finally:
        if is_there and saved.copy >= 0:
            os.close(saved.copy)


def _reopen(fd: int, saved: _Saved) -> None:
    """Open the file or terminal that `fd` was. Raises OSError: that is not possible."""
    mode = os.stat(saved.path).st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISCHR(mode):
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))  # opening a FIFO may wait
    again = os.open(saved.path, _REOPENED)
    try:
        if identity(again) == saved.identity:
            os.dup2(again, fd)
    finally:
        os.close(again)


def _after_fork() -> None:
    global _lock  # noqa: PLW0603 - another thread may have held it
    _lock = threading.Lock()
    for saved in _saved.values():
        if saved.copy >= 0 and identity(saved.copy) == saved.identity:
            os.close(saved.copy)
    _saved.clear()  # they stay what they are


os.register_at_fork(after_in_child=_after_fork)
