"""Remove a run directory, or whatever is in its place.

`shutil.rmtree` will not do: it recurses, so directories nested a thousand deep break it, and it
stops at a directory that its owner made unreadable.
"""

from __future__ import annotations

import contextlib
import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def remove(path: Path) -> None:
    """Remove a file, a symbolic link (never its target) or a directory with its content.

    Subdirectories are first moved beside `path`, under its name and a number, so depth costs
    nothing. A process that is killed meanwhile leaves some of them behind.

    Raises:
        OSError: something could not be removed; everything else was.
    """
    try:
        if not stat.S_ISDIR(os.lstat(path).st_mode):
            path.unlink()
            return
    except FileNotFoundError:
        return
    waiting, count = [str(path)], 0
    failure: OSError | None = None
    while waiting:
        folder = waiting.pop()
        try:
            for hoisted in _empty(folder, str(path), count):
                waiting.append(hoisted)
                count += 1
            os.rmdir(folder)
        except FileNotFoundError:
            continue
        except OSError as error:
            failure = failure or error
    if failure is not None:
        raise failure


def _empty(folder: str, beside: str, count: int) -> list[str]:
    """Unlink a directory's files and move its subdirectories to ``beside.N``, from N = `count`."""
    fd = _open(folder)
    moved: list[str] = []
    failure: OSError | None = None
    try:
        for entry in _entries(fd):
            try:
                if not entry.is_dir(follow_symlinks=False):
                    os.unlink(entry.name, dir_fd=fd)
                    continue
                target = f"{beside}.{count + len(moved)}"
                os.rename(entry.name, target, src_dir_fd=fd)
                moved.append(target)
            except OSError as error:
                failure = error
    finally:
        os.close(fd)
    if failure is not None and not moved:
        raise failure
    return moved


def _entries(fd: int) -> list[os.DirEntry[str]]:
    with os.scandir(fd) as found:
        return list(found)


def _open(folder: str) -> int:
    """Open a directory, and make it writable for its owner."""
    try:
        fd = os.open(folder, _DIRECTORY)
    except PermissionError:
        os.chmod(folder, stat.S_IRWXU)
        fd = os.open(folder, _DIRECTORY)
    with contextlib.suppress(OSError):
        if os.fstat(fd).st_mode & stat.S_IRWXU != stat.S_IRWXU:
            os.fchmod(fd, stat.S_IRWXU)
    return fd
