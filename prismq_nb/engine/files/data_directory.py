"""The data directory itself: making it, and saying why it cannot be used."""

from __future__ import annotations

import errno
import os
import pwd
from pathlib import Path

from prismq_nb.errors import DataDirectoryUnusable, LaunchFailed, StorageFull

_FULL = frozenset((errno.ENOSPC, errno.EDQUOT))
_UNUSABLE = frozenset(
    (
        *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.ENOENT),
        *(errno.ELOOP, errno.ENAMETOOLONG, errno.EIO, errno.ESTALE, errno.ENOTCONN, errno.ENODEV),
    )
)
"""What the operating system says of a place where no file can be made, now or ever."""
_REMEDY = (
    "set the environment variable PRISMQ_DATA_DIR (for a Jupyter server also PrismQApp.data_dir) to a "
    "directory on this machine that you can write to, or make this one writable"
)


def make_ready(data_dir: Path) -> Path:
    """Make a data directory where it is missing, mode 0700.

    Returns:
        Where its runs are.

    Raises:
        DataDirectoryUnusable: that is not possible, or it cannot be read.
        StorageFull: the disk is full.
    """
    runs_dir = data_dir / "runs"
    try:
        if not _is_readable(runs_dir):
            if not data_dir.is_absolute():  # a home directory of nobody's stays as it is
                raise FileNotFoundError(errno.ENOENT, "there is no such home directory", str(data_dir))
            for path in (data_dir, runs_dir):
                path.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.scandir(runs_dir):  # whoever may not list it may not use it
                pass
    except (OSError, ValueError) as error:
        raise unusable(data_dir, error) from error
    return runs_dir


def refusal(data_dir: Path, error: OSError) -> StorageFull | LaunchFailed | DataDirectoryUnusable:
    """What a launch raises when the operating system refuses a file or a pipe."""
    if error.errno in _UNUSABLE:
        return unusable(data_dir, error)
    kind = StorageFull if error.errno in _FULL else LaunchFailed
    return kind(f"no run can be started in {str(data_dir)!r}: {error}")


def unusable(data_dir: Path, error: OSError | ValueError) -> DataDirectoryUnusable | StorageFull:
    """Why a data directory cannot be used, and what to do."""
    if isinstance(error, OSError) and error.errno in _FULL:
        return StorageFull(f"the data directory {str(data_dir)!r} cannot be made: {error.strerror}")
    return DataDirectoryUnusable(f"the data directory {str(data_dir)!r} cannot be used: {_reason(data_dir, error)}; {_REMEDY}")


def _is_readable(path: Path) -> bool:
    return os.path.isdir(path) and os.access(path, os.R_OK | os.X_OK)


def _reason(data_dir: Path, error: OSError | ValueError) -> str:
    if not isinstance(error, OSError):
        return str(error)
    path = Path(os.fsdecode(error.filename)) if isinstance(error.filename, (str, bytes)) else data_dir
    try:
        for place in (*reversed(path.parents), path):
            if place.is_symlink() and not place.exists():
                return f"{str(place)!r} is a broken symbolic link"
            if place.exists() and not place.is_dir():
                return f"{str(place)!r} is not a directory"
    except OSError:  # the error itself says what is in the way
        pass
    said = f"{error.strerror} ({str(path)!r})"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"{said}{_owner(path)}"
    return said


def _owner(path: Path) -> str:
    """Whose the directory is, where it is not ours."""
    for place in (path, *path.parents):
        try:
            owner = place.stat().st_uid
        except OSError:
            continue
        if owner == os.geteuid():
            return ""
        try:
            name = pwd.getpwuid(owner).pw_name
        except KeyError:
            name = f"with number {owner}"
        return f", as {str(place)!r} belongs to the user {name}"
    return ""
