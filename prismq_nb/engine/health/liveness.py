"""Is a run alive: on this machine, perhaps on another one, or not at all?

On a local file system the lock alone decides, whatever host name and boot identity say. But a lock
file can be removed or replaced under a live supervisor, and a copy of a directory has its own lock.
So a free lock counts only if no supervisor works in this very directory. On a network file system
another boot identity means another machine, of which nothing can be known from here.

`probe` takes a few system calls while the run is alive. Makes no decisions; signals no process.
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
"""Three heartbeats. A supervisor whose last heartbeat is younger is taken to be alive."""


class Life(enum.Enum):
    """Where a run is alive. ELSEWHERE: perhaps, on another machine."""

    HERE = "here"
    ELSEWHERE = "elsewhere"
    DEAD = "dead"


def probe(files: RunFiles) -> Life:
    """Find out whether a run that has not ended by its state is alive.

    Raises:
        OSError: the directory is gone, or its file system has no locks.
    """
    if is_elsewhere(files):
        return Life.ELSEWHERE
    if not lock.is_free(files.path) and not shares_files(files):
        return Life.HERE
    return Life.HERE if is_supervised(files) else Life.DEAD


def is_elsewhere(files: RunFiles) -> bool:
    """Return whether a run was started on another machine, in a directory that both may have."""
    own, started = boot_identity(), _recorded(files, "boot")
    if started is not None:
        return started != own and file_system.is_network(files.path)
    host = _recorded(files, "host")
    return host not in (None, os.uname().nodename) and file_system.is_network(files.path)


def host_of(files: RunFiles) -> str | None:
    """Return the name of the machine that a run was started on."""
    return _recorded(files, "host")


def last_heard(files: RunFiles) -> int | None:
    """Return the time of the last heartbeat in µs since the epoch; None: unknown."""
    for name in (state.HEARTBEAT, "started"):
        time = files.state().get(name)
        if isinstance(time, int) and 0 < time < 1 << 53:
            return time
    return None


def last_heard_words(files: RunFiles) -> str:
    """Return the time of the last heartbeat as the end of a sentence; empty: unknown."""
    heard_us = last_heard(files)
    return f"; it was last heard from at {state.iso(heard_us)}" if heard_us else ""


def is_copy(files: RunFiles) -> bool:
    """Return whether the directory is not the one that the run was started in."""
    recorded = _recorded(files, "directory")
    return recorded is not None and recorded != processes.directory_identity(files.path)


def shares_files(files: RunFiles) -> bool:
    """Return whether the directory is a copy made of hard links.

    Its files, including its lock, are then the run's own. Nothing may be written to them, and the
    lock says nothing about the copy.
    """
    recorded = _recorded(files, "directory")
    if recorded is None:
        return False
    inode = processes.directory_identity(files.path).partition(":")[2]
    linked = any(_links(files.path / name) > 1 for name in (fmt.LOCK, fmt.LOG, fmt.INDEX))
    return linked and recorded.partition(":")[2] != inode


def rebooted(files: RunFiles) -> bool:
    """Return whether the machine was rebooted since the run was started, or is another machine."""
    return _recorded(files, "boot") != boot_identity()


def is_supervised(files: RunFiles) -> bool:
    """Return whether a live supervisor works in this directory, whatever the lock says."""
    if processes.supervisor_in(processes.directory_identity(files.path)) is not None:
        return True
    heard = last_heard(files)
    fresh = heard is not None and abs(state.now_us() - heard) < FRESH_SECONDS * state.MICROSECONDS
    if not fresh or shares_files(files):
        return False
    return _is_read(
        files.path / fmt.CONTROL
    )  # by a supervisor in another container of this machine


def _is_read(fifo: Path) -> bool:
    """Return whether a process has a FIFO open for reading."""
    try:
        os.close(open_fifo(fifo))
    except OSError:
        return False
    return True


def _recorded(files: RunFiles, name: str) -> str | None:
    """Return a text of the run's state, or of its launch if the state does not have it."""
    for record in (files.state(), files.launch):
        value = record.get(name)
        if isinstance(value, str) and value:
            return value
    return None


def _links(path: Path) -> int:
    with contextlib.suppress(OSError):
        return os.lstat(path).st_nlink
    return 0
