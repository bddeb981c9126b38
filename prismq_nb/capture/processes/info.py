"""What the system says about processes: the only place where Linux and macOS differ in that.

Linux shows it in ``/proc`` (proc(5)). Elsewhere psutil does, imported when it is first needed,
because a starting supervisor must not wait for it. On Linux standard library only.
"""

from __future__ import annotations

import os
import sys
import time
from functools import cache
from typing import NamedTuple

LINUX = sys.platform == "linux"
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class Process(NamedTuple):
    """A process as it was seen; `pid` and `started` together identify it for good.

    Attributes:
        pid: process id; `parent`, `group`: ids of its parent and its process group.
        started: ticks (SC_CLK_TCK per second) since boot; elsewhere since the epoch.
        name: its short name.
        zombie: it has ended and waits to be reaped.
    """

    pid: int
    parent: int
    group: int
    started: int
    name: str
    zombie: bool = False

    def __str__(self) -> str:
        return f"process {self.pid} ({self.name})"


@cache
def boot_identity() -> str:
    """Return a text that changes when the machine boots; empty if the system has none."""
    if not LINUX:
        said = os.popen("sysctl -n kern.bootsessionuuid 2>/dev/null")  # noqa: S605, S607 - constant
        return said.read().strip()
    try:
        return _read("/proc/sys/kernel/random/boot_id").decode().strip()
    except OSError:
        return ""


def boot_seconds() -> float:
    """Return the current time, in seconds, of the clock that `Process.started` counts by."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if sys.platform == "linux" else time.time()


def start_identity(pid: int) -> str | None:
    """Return what tells this process from a later one with its id; None if it does not exist."""
    process = read_process(pid)
    return None if process is None else str(process.started)


def read_process(pid: int) -> Process | None:
    """Return a process; None if it does not exist."""
    if not LINUX:
        return _read_by_psutil(pid)
    try:
        return _parse(pid, _read(f"/proc/{pid}/stat"))
    except (OSError, ValueError):
        return None


def _parse(pid: int, stat: bytes) -> Process:
    head, _, tail = stat.rpartition(b")")  # the name may hold anything, parentheses included
    fields = tail.split()
    name = head.partition(b"(")[2].decode("utf-8", "replace")
    threads = int(fields[17])
    dead = fields[0] in (b"Z", b"X") and threads <= 1  # else only its first thread has ended
    return Process(pid, int(fields[1]), int(fields[2]), int(fields[19]), name, dead)


def snapshot() -> dict[int, Process]:
    """Return all processes by id; those that end meanwhile may be missing."""
    found = (read_process(pid) for pid in pids())
    return {process.pid: process for process in found if process is not None}


def pids() -> list[int]:
    """Return the ids of all visible processes."""
    if LINUX:
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]
    import psutil  # noqa: PLC0415 - only where there is no /proc

    return psutil.pids()


def children_of_self() -> list[int]:
    """Return the ids of this process's children; during many forks some may be missing.

    Much faster than `snapshot`, so that even a process that lives for 0.1 ms is found.
    """
    try:
        tasks = os.listdir("/proc/self/task")
        return [
            int(pid) for task in tasks for pid in _read(f"/proc/self/task/{task}/children").split()
        ]
    except OSError:  # macOS, or a kernel without CONFIG_PROC_CHILDREN
        return [one.pid for one in snapshot().values() if one.parent == os.getpid()]


def environment(pid: int) -> list[bytes]:
    """Return the environment that a process was started with.

    Raises:
        OSError: it has ended, or belongs to another user.
    """
    if LINUX:
        return _read(f"/proc/{pid}/environ").split(b"\0")
    import psutil  # noqa: PLC0415 - only where there is no /proc

    try:
        return [f"{key}={value}".encode() for key, value in psutil.Process(pid).environ().items()]
    except psutil.Error as error:
        raise OSError(str(error)) from None


def arguments(pid: int) -> list[bytes]:
    """Return the argument vector of a process.

    Raises:
        OSError: it has ended, or belongs to another user.
    """
    if LINUX:
        return _read(f"/proc/{pid}/cmdline").split(b"\0")
    import psutil  # noqa: PLC0415 - only where there is no /proc

    try:
        return [os.fsencode(word) for word in psutil.Process(pid).cmdline()]
    except psutil.Error as error:
        raise OSError(str(error)) from None


def working_directory(pid: int) -> str:
    """Return a path that leads to the working directory of a process.

    Raises:
        OSError: it has ended, or belongs to another user.
    """
    if LINUX:
        return f"/proc/{pid}/cwd"  # leads to the inode itself, wherever it was moved to
    import psutil  # noqa: PLC0415 - only where there is no /proc

    try:
        return psutil.Process(pid).cwd()
    except psutil.Error as error:
        raise OSError(str(error)) from None


def _read_by_psutil(pid: int) -> Process | None:
    import psutil  # noqa: PLC0415 - only where there is no /proc

    try:
        one = psutil.Process(pid)
        with one.oneshot():
            started = int(one.create_time() * TICKS_PER_SECOND)
            dead = one.status() == psutil.STATUS_ZOMBIE
            return Process(pid, one.ppid(), os.getpgid(pid), started, one.name(), dead)
    except (psutil.Error, OSError):
        return None


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()
