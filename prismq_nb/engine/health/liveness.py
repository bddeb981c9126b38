"""Whether a run that says it goes on does: here, on another machine, or not any more.

On a local file system the lock alone decides, whatever host name or boot identity say. A lock file
can be removed or replaced under a live supervisor, though, and a copy has a lock of its own: so a
free lock counts only where no supervisor works in this very directory. On a network file system
another boot identity means another machine, of which nothing can be known from here.

One question (`look`), a few system calls while the run goes on. Decides nothing; signals nobody.
"""

from __future__ import annotations

import contextlib
import enum
import os
from typing import TYPE_CHECKING

from prismq_nb.capture.processes import identity as processes
from prismq_nb.capture.processes.info import boot_identity
from prismq_nb.common.base import state
from prismq_nb.common.base.regular_files import open_fifo
from prismq_nb.engine.files import file_system
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.layout import lock

if TYPE_CHECKING:
    from pathlib import Path

    from prismq_nb.engine.files.run_directory import RunFiles

FRESH_SECONDS = 30.0
"""Three heartbeats: a supervisor that wrote one so recently has not ended."""


class Life(enum.Enum):
    """Where a run goes on. ELSEWHERE: on another machine, perhaps."""

    HERE = "here"
    ELSEWHERE = "elsewhere"
    DEAD = "dead"


def look(files: RunFiles) -> Life:
    """Find out whether a run whose state is not an end goes on.

    Raises:
        OSError: the directory is gone, or its file system has no locks.
    """
    if is_elsewhere(files):
        return Life.ELSEWHERE
    if not lock.is_free(files.path) and not shares_files(files):
        return Life.HERE
    return Life.HERE if is_supervised(files) else Life.DEAD


def is_elsewhere(files: RunFiles) -> bool:
    """Whether a run was started on another machine, on a file system that both may have."""
    own, started = boot_identity(), _recorded(files, "boot")
    if started is not None:
        return started != own and file_system.is_network(files.path)
    host = _recorded(files, "host")
    return host not in (None, os.uname().nodename) and file_system.is_network(files.path)


def host_of(files: RunFiles) -> str | None:
    """Return the name of the machine that a run was started on."""
    return _recorded(files, "host")


def last_heard(files: RunFiles) -> int | None:
    """Return the time of the last heartbeat, in µs since the epoch."""
    for name in (state.HEARTBEAT, "started"):
        time = files.state().get(name)
        if isinstance(time, int) and 0 < time < 1 << 53:
            return time
    return None


def is_copy(files: RunFiles) -> bool:
    """Whether the directory is not the one that the run was started in."""
    recorded = _recorded(files, "directory")
    return recorded is not None and recorded != processes.directory_identity(files.path)


def shares_files(files: RunFiles) -> bool:
    """Whether the directory is a copy made of hard links.

    Its files, its lock among them, are then the run's own: nothing may be written to them, and the
    lock says nothing about the copy.
    """
    recorded = _recorded(files, "directory")
    if recorded is None:
        return False
    inode = processes.directory_identity(files.path).partition(":")[2]
    linked = any(_links(files.path / name) > 1 for name in (fmt.LOCK, fmt.LOG, fmt.INDEX))
    return linked and recorded.partition(":")[2] != inode


def rebooted(files: RunFiles) -> bool:
    """Whether the machine was booted since the run was started (or it is another machine)."""
    return _recorded(files, "boot") != boot_identity()


def is_supervised(files: RunFiles) -> bool:
    """Whether a supervisor lives that works in this directory, whatever its lock says."""
    if processes.supervisor_in(processes.directory_identity(files.path)) is not None:
        return True
    heard = last_heard(files)
    fresh = heard is not None and abs(state.now() - heard) < FRESH_SECONDS * state.MICROSECONDS
    if not fresh or shares_files(files):
        return False
    return _is_read(files.path / fmt.CONTROL)  # by one in another container of this machine


def _is_read(fifo: Path) -> bool:
    """Whether somebody has a FIFO open for reading."""
    try:
        os.close(open_fifo(fifo))
    except OSError:
        return False
    return True


def _recorded(files: RunFiles, name: str) -> str | None:
    """Return a text of the run's state, or of its launch where the state does not have it."""
    for record in (files.state(), files.launch):
        value = record.get(name)
        if isinstance(value, str) and value:
            return value
    return None


def _links(path: Path) -> int:
    with contextlib.suppress(OSError):
        return os.lstat(path).st_nlink
    return 0
