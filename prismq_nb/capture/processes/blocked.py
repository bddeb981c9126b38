"""Find out which system calls the threads of a process are blocked in, on Linux (proc(5)).

``/proc/PID/task/TID/syscall`` names the system call that a thread sleeps in. It can be read for
descendants of this process, unless they changed their user (``sudo``). Elsewhere nothing is known.
Standard library only.
"""

from __future__ import annotations

import os
import select
import struct
import sys
from collections.abc import Iterator
from typing import NamedTuple

from prismq_nb.capture.processes.tree import read_proc

_READ, _POLL, _SELECT, _EPOLL = "read", "poll", "select", "epoll"
_GENERIC = {63: _READ, 65: _READ, 73: _POLL, 72: _SELECT, 22: _EPOLL, 441: _EPOLL}
_CALLS = {
    "x86_64": {
        0: _READ,
        19: _READ,
        7: _POLL,
        271: _POLL,
        23: _SELECT,
        270: _SELECT,
        232: _EPOLL,
        281: _EPOLL,
        441: _EPOLL,
    },
    "aarch64": _GENERIC,
    "riscv64": _GENERIC,
    "ppc64le": {
        3: _READ,
        145: _READ,
        167: _POLL,
        281: _POLL,
        142: _SELECT,
        280: _SELECT,
        238: _EPOLL,
        303: _EPOLL,
        441: _EPOLL,
    },
}.get(os.uname().machine if sys.platform == "linux" else "", {})
"""System calls that wait for input, by number (the kernel's ``syscall.tbl`` of each machine)."""
_POLLFD = struct.Struct("ihh")
_MAX_DESCRIPTORS, _MAX_THREADS, _MAX_PROCESSES = 64, 64, 500
_STATE, _GROUP, _SESSION, _UTIME, _STIME, _THREADS = (
    0,
    2,
    3,
    11,
    12,
    17,
)  # fields of stat behind the name


class Task(NamedTuple):
    """A process as it was seen.

    Attributes:
        pid: process id; `group`, `session`: its process group and session.
        name: its short name.
        state: a letter; ``S`` sleeps, ``T`` is stopped.
        threads: number of threads.
        ticks: processor time so far, in units of `info.TICKS_PER_SECOND`.
    """

    pid: int
    group: int
    session: int
    name: str
    state: str
    threads: int
    ticks: int


def is_known() -> bool:
    """Whether this system tells what a thread is blocked in."""
    return bool(_CALLS) and os.path.exists(f"/proc/self/task/{os.getpid()}/syscall")


def descendants() -> Iterator[Task]:
    """Iterate over the processes below this one, `_MAX_PROCESSES` at most; some may have ended."""
    waiting = _children(os.getpid())
    for _ in range(_MAX_PROCESSES):
        if not waiting:
            return
        pid = waiting.pop(0)
        try:
            head, _, tail = read_proc(f"/proc/{pid}/stat").rpartition(b")")
            fields = tail.split()
        except OSError:
            continue
        yield Task(
            pid=pid,
            group=int(fields[_GROUP]),
            session=int(fields[_SESSION]),
            name=head.partition(b"(")[2].decode("utf-8", "replace"),
            state=fields[_STATE].decode(),
            threads=int(fields[_THREADS]),
            ticks=int(fields[_UTIME]) + int(fields[_STIME]),
        )
        waiting += _children(pid)


def awaited(pid: int, files: frozenset[str]) -> str | None:
    """Return how a process waits for one of these files to have input.

    Args:
        pid: a process.
        files: what a link in ``/proc/PID/fd`` shows for them.

    Returns:
        ``read``: a thread is blocked reading it; ``ready``: it waits until it can be read; None:
        neither.

    Raises:
        PermissionError: the process has another user.
    """
    best = None
    for thread in _threads(pid):
        try:
            call, *words = read_proc(f"/proc/{pid}/task/{thread}/syscall").split()
        except (FileNotFoundError, ProcessLookupError, ValueError):
            continue
        kind = _CALLS.get(int(call)) if words and call.isdigit() else None
        if kind is None:
            continue
        try:
            fds = _descriptors(pid, kind, [int(word, 16) for word in words[:2]])
            if any(_link(pid, fd) in files for fd in fds):
                if kind == _READ:
                    return "read"
                best = "ready"
        except (FileNotFoundError, ProcessLookupError, ValueError, struct.error):
            continue
    return best


def _descriptors(pid: int, kind: str, words: list[int]) -> list[int]:
    """Return the descriptors that a system call with these arguments waits to read."""
    first, second = words
    if kind == _READ:
        return [first]
    if kind == _EPOLL:
        lines = read_proc(f"/proc/{pid}/fdinfo/{first}").splitlines()
        watched = [line.split() for line in lines if line.startswith(b"tfd:")]
        some = watched[:_MAX_DESCRIPTORS]
        return [int(words[1]) for words in some if int(words[3], 16) & select.POLLIN]
    if kind == _POLL:
        data = _memory(pid, first, min(second, _MAX_DESCRIPTORS) * _POLLFD.size)
        return [fd for fd, events, _ in _POLLFD.iter_unpack(data) if events & select.POLLIN]
    count = min(first, _MAX_DESCRIPTORS)
    bits = int.from_bytes(_memory(pid, second, 8), sys.byteorder) if second else 0
    return [fd for fd in range(count) if bits >> fd & 1]


def _memory(pid: int, address: int, size: int) -> bytes:
    fd = os.open(f"/proc/{pid}/mem", os.O_RDONLY)
    try:
        return os.pread(fd, size, address)
    except (OSError, OverflowError):
        return b""
    finally:
        os.close(fd)


def _children(pid: int) -> list[int]:
    """Return the children of all its threads: each thread has its own."""
    found: list[int] = []
    for thread in _threads(pid):
        try:
            found += map(int, read_proc(f"/proc/{pid}/task/{thread}/children").split())
        except OSError:
            continue
    return found


def _threads(pid: int) -> list[str]:
    try:
        return os.listdir(f"/proc/{pid}/task")[:_MAX_THREADS]
    except OSError:
        return []


def _link(pid: int, fd: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/fd/{fd}")
    except (FileNotFoundError, ProcessLookupError):
        return ""
