"""The lock of a run directory: its holder writes; a shared lock proves that the supervisor is dead.

It is ``flock`` (flock(2)), never POSIX ``lockf``, which is lost when the process closes *any*
descriptor of the file and is not inherited by a child. A `flock` belongs to the open file
description, so the engine can take it and hand it to the supervisor. Standard library only.
"""

from __future__ import annotations

import fcntl
import os

from prismq_nb.common.base.descriptors import above_standard
from prismq_nb.common.base.regular_files import open_regular
from prismq_nb.journal.layout import format as fmt

TYPE_CHECKING = False
if TYPE_CHECKING:  # the supervisor imports neither `typing`'s constant nor `pathlib` for this
    from pathlib import Path


def acquire(run_dir: Path, *, shared: bool = False) -> int | None:
    """Take the lock of a run directory without waiting; see `acquire_file`.

    Raises:
        OSError: as `acquire_file`.
    """
    return acquire_file(run_dir / fmt.LOCK, shared=shared)


def acquire_file(path: str | Path, *, shared: bool = False) -> int | None:
    """Take the lock of a file without waiting; the file is created if it is missing.

    Returns:
        The locked descriptor (3 or higher, not inheritable; closing it releases the lock), or None
        if somebody else holds it.

    Raises:
        OSError: the directory is gone, its file system has no locks, or something other than a
            regular file has that name (`regular_files.NotRegular`).
    """
    # Read-only for a shared lock: closing a writable descriptor wakes everybody who watches the
    # directory.
    access = os.O_RDONLY if shared else os.O_RDWR
    fd = above_standard(open_regular(path, access | os.O_CREAT))
    try:
        fcntl.flock(fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    except BaseException:
        os.close(fd)
        raise
    return fd


def is_free(run_dir: Path) -> bool:
    """Whether nobody holds the lock exclusively: the supervisor is dead.

    Uses a shared lock, so that several processes may ask at once.

    Raises:
        OSError: as `acquire_file`.
    """
    fd = acquire(run_dir, shared=True)
    if fd is None:
        return False
    os.close(fd)
    return True
