"""Create the data directory, and say why it cannot be used."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from prismq_nb.engine.files.owner import user_name
from prismq_nb.errors import DataDirectoryUnusable, LaunchFailed, StorageFull

_FULL = frozenset((errno.ENOSPC, errno.EDQUOT))
_UNUSABLE = frozenset(
    (
        *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.ENOENT),
        *(errno.ELOOP, errno.ENAMETOOLONG, errno.EIO, errno.ESTALE, errno.ENOTCONN, errno.ENODEV),
    )
)
"""Errors of a place where no file can be created, now or later."""
_REMEDY = (
    "set the environment variable PRISMQ_DATA_DIR (for a Jupyter server also PrismQApp.data_dir) to"
    " a directory on this machine that you can write to, or make this one writable"
)


def make_ready(data_dir: Path) -> Path:
    """Create a data directory, mode 0700, if it is missing.

    Returns:
        The directory of its runs.

    Raises:
        DataDirectoryUnusable: it cannot be created or read.
        StorageFull: the disk is full.
    """
    runs_dir = data_dir / "runs"
    try:
        if not _is_readable(runs_dir):
            if not data_dir.is_absolute():  # ~user of an unknown user is not expanded
                raise FileNotFoundError(errno.ENOENT, "no such home directory", str(data_dir))
            for path in (data_dir, runs_dir):
                path.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.scandir(runs_dir):  # it must be readable
                pass
    except (OSError, ValueError) as error:
        raise unusable(data_dir, error) from error
    return runs_dir


def refusal(data_dir: Path, error: OSError) -> StorageFull | LaunchFailed | DataDirectoryUnusable:
    """Return what a launch raises when the operating system refuses a file or a pipe."""
    if error.errno in _UNUSABLE:
        return unusable(data_dir, error)
    kind = StorageFull if error.errno in _FULL else LaunchFailed
    return kind(f"cannot start a run in {str(data_dir)!r}: {error}")


def unusable(data_dir: Path, error: OSError | ValueError) -> DataDirectoryUnusable | StorageFull:
    """Return why a data directory cannot be used, and the remedy."""
    if isinstance(error, OSError) and error.errno in _FULL:
        text = f"the data directory {str(data_dir)!r} cannot be created: {error.strerror}"
        return StorageFull(text)
    return DataDirectoryUnusable(
        f"the data directory {str(data_dir)!r} cannot be used: {_reason(data_dir, error)};"
        f" {_REMEDY}"
    )


def _is_readable(path: Path) -> bool:
    return os.path.isdir(path) and os.access(path, os.R_OK | os.X_OK)


def _reason(data_dir: Path, error: OSError | ValueError) -> str:
    if not isinstance(error, OSError):
        return str(error)
    path = (
        Path(os.fsdecode(error.filename)) if isinstance(error.filename, (str, bytes)) else data_dir
    )
    try:
        for place in (*reversed(path.parents), path):
            if place.is_symlink() and not place.exists():
                return f"{str(place)!r} is a broken symbolic link"
            if place.exists() and not place.is_dir():
                return f"{str(place)!r} is not a directory"
    except OSError:  # the error itself names the cause
        pass
    said = f"{error.strerror} ({str(path)!r})"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"{said}{_owner(path)}"
    return said


def _owner(path: Path) -> str:
    """Name the owner of a directory that belongs to another user."""
    for place in (path, *path.parents):
        try:
            owner = place.stat().st_uid
        except OSError:
            continue
        if owner == os.geteuid():
            return ""
        name = user_name(owner) or f"with id {owner}"
        return f", as {str(place)!r} belongs to the user {name}"
    return ""
