"""Identify a process: when it started, what its environment says, whom it descends from.

A process id alone proves nothing: ids are reused, and files that name them are copied and edited.
So a `Process` carries its start time, and `send` compares it before it signals. Standard library
only.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from typing import NamedTuple

from prismq_nb.capture.base.terminal import far_end
from prismq_nb.capture.processes.info import (
    LINUX,
    TICKS_PER_SECOND,
    Process,
    arguments,
    children_of_self,
    environment,
    pids,
    read_process,
    snapshot,
    working_directory,
)

RUN_ID_VARIABLE = "PRISMQ_RUN_ID"
DIRECTORY_VARIABLE = "PRISMQ_RUN_DIRECTORY"
"""Holds `directory_identity` of the run's directory: a copy of the directory proves nothing."""

_CLOCK_SLACK_SECONDS = 1.0
_SCANS = 3
_SUPERVISORS = (b"/capture/boot.py", b"/capture/cells/boot.py")


class RunIdentity(NamedTuple):
    """What a process must have to be taken for one of a run. All three count together.

    Attributes:
        run_id: its `RUN_ID_VARIABLE`.
        directory: its `DIRECTORY_VARIABLE`.
        since: it started no earlier (seconds, see `boot_seconds`); None: unknown, proves nothing.
    """

    run_id: str
    directory: str
    since: float | None


class MarkedProcesses(NamedTuple):
    """Processes whose environment names a run: `proved` to be its own, or only `doubtful`."""

    proved: list[Process]
    doubtful: list[Process]


def directory_identity(path: str | os.PathLike[str]) -> str:
    """Return device and inode.

    Equal through symbolic links, bind mounts and renames, not in a copy.

    Raises:
        OSError: the directory does not exist.
    """
    stat = os.stat(path)
    return f"{stat.st_dev}:{stat.st_ino}"


def below(root: int) -> list[Process]:
    """Return the living descendants of `root`, without nested supervisors and their trees.

    A process whose parent dies during the scan has no known parent until it is read again: then the
    scan is repeated. Costs a few ms: for stopping only.
    """
    known: dict[int, Process] = {}
    for _ in range(_SCANS):
        known = snapshot()
        if all(process.parent in known or process.parent == 0 for process in known.values()):
            break
    children: dict[int, list[Process]] = {}
    for process in known.values():
        children.setdefault(process.parent, []).append(process)
    found: list[Process] = []
    waiting = [root]
    while waiting:
        for process in children.pop(waiting.pop(), []):
            if not process.zombie and not is_supervisor(process.pid):
                found.append(process)
                waiting.append(process.pid)
    return found


def own_children() -> list[Process]:
    """Return the visible children of this process, including those that have ended.

    No child's id is reused before this process has reaped it, so these are safe to signal.
    """
    found = (read_process(pid) for pid in children_of_self())
    return [process for process in found if process is not None]


def is_supervisor(pid: int) -> bool:
    """Whether a process is the supervisor of some run, or of watched cells."""
    try:
        words = [*arguments(pid), b"", b"", b"", b""]
    except OSError:
        return False
    return words[1:3] == [b"-I", b"-S"] and words[3].endswith(_SUPERVISORS)


def supervisor_in(directory: str) -> int | None:
    """Return the id of the living supervisor whose working directory is this one, if any.

    Args:
        directory: a `directory_identity`.
    """
    for pid in pids():
        try:
            if directory_identity(working_directory(pid)) == directory and is_supervisor(pid):
                return pid
        except OSError:
            continue  # ended meanwhile, or another user's
    return None


def marked_processes(identity: RunIdentity) -> MarkedProcesses:
    """Return the processes whose environment names the run, except this process."""
    run_id = f"{RUN_ID_VARIABLE}={identity.run_id}".encode()
    directory = f"{DIRECTORY_VARIABLE}={identity.directory}".encode()
    found = MarkedProcesses([], [])
    for pid in pids():
        process = read_process(pid)
        if process is None or process.zombie or pid == os.getpid():
            continue
        try:
            found_in = environment(pid)
        except OSError:
            continue  # ended meanwhile, or another user's
        if run_id in found_in:
            proved = directory in found_in and _started_since(process, identity.since)
            (found.proved if proved else found.doubtful).append(process)
    return found


def _started_since(process: Process, since: float | None) -> bool:
    if since is None:
        return False
    return process.started / TICKS_PER_SECOND >= since - _CLOCK_SLACK_SECONDS


def send(process: Process, number: int) -> bool:
    """Send a signal to exactly this process, not to a later one with its id (pidfd_send_signal(2)).

    Returns:
        False if the system refuses, as it does for another user's process.
    """
    handle = None
    with contextlib.suppress(AttributeError, OSError):  # macOS, or Linux before 5.3
        handle = os.pidfd_open(process.pid)
    try:
        now = read_process(process.pid)
        if now is None or now.started != process.started:
            return True
        if handle is None:
            os.kill(process.pid, number)
        else:
            signal.pidfd_send_signal(handle, number)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    finally:
        if handle is not None:
            os.close(handle)
    return True


def kill(identity: RunIdentity, leader: Process | None = None) -> MarkedProcesses:
    """SIGKILL what is left of a run whose supervisor is dead.

    Args:
        identity: what a process must have.
        leader: the run's own child; its process group is ended too if it has the same.

    Returns:
        Those that were signalled, and those that name the run but are not proved to belong to it.
    """
    found = marked_processes(identity)
    if leader is not None and leader in found.proved and leader.group == leader.pid:
        signal_group(leader.pid, signal.SIGKILL)
    gone = dict.fromkeys(found.proved)
    for _ in range(10):  # one that forks while we look is found in the next round
        if not found.proved:
            break
        for process in found.proved:
            send(process, signal.SIGKILL)
        time.sleep(0.002)  # a killed process keeps its environment until it is torn down
        found = marked_processes(identity)
        gone |= dict.fromkeys(found.proved)
    return MarkedProcesses(list(gone), found.doubtful)


def signal_group(pgid: int, number: int) -> bool:
    """Send a signal to a process group. Returns False if the group is empty."""
    try:
        os.killpg(pgid, number)
    except ProcessLookupError:
        return False
    except PermissionError:  # a member that changed its user; the others got it
        return True
    return True


def holders(fds: list[int], among: list[int] | None = None) -> list[Process]:
    """Return other processes that hold the far ends of these pipes or pseudo-terminals open.

    Linux only; empty elsewhere. Reads every descriptor of every process: for a run's end only.

    Args:
        fds: our ends.
        among: process ids to examine; None: all.
    """
    names = {name for name in map(far_end, fds) if name}
    found: list[Process] = []
    for pid in (pids() if among is None else among) if names and LINUX else []:
        with contextlib.suppress(OSError):
            folder = f"/proc/{pid}/fd"
            if pid != os.getpid() and any(_link(folder, fd) in names for fd in os.listdir(folder)):
                process = read_process(pid)
                found += [process] if process is not None else []
    return found


def _link(folder: str, name: str) -> str:
    try:
        return os.readlink(f"{folder}/{name}")
    except OSError:
        return ""
