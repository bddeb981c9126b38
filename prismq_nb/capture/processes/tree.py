"""Processor time and memory of a process tree, from Linux's ``/proc`` (proc(5)).

Apart from psutil, which looks at every process of the machine to find the children of one (6 ms with 275 of them) and costs the supervisor 20 ms and
3 MB to import: here the kernel is asked for the children, a few files per process. Standard library only.
"""

from __future__ import annotations

import os

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 1
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 1
# Fields of stat behind the name, which stands in parentheses and may hold anything.
_UTIME, _STIME, _RSS = 11, 12, 21


def available() -> bool:
    """Whether the kernel tells children (CONFIG_PROC_CHILDREN)."""
    return os.path.exists(f"/proc/self/task/{os.getpid()}/children")


def tree(root: int) -> dict[int, tuple[float, int]]:
    """Each process of the tree below and with `root`: its seconds of processor time so far, and its resident memory in bytes.

    One that ends meanwhile is left out, or was counted already. Empty when `root` is not there.
    """
    found: dict[int, tuple[float, int]] = {}
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        try:
            fields = read_proc(f"/proc/{pid}/stat").rpartition(b")")[2].split()
            found[pid] = (int(fields[_UTIME]) + int(fields[_STIME])) / _TICKS_PER_SECOND, int(fields[_RSS]) * _PAGE_BYTES
            waiting += _children(pid)
        except OSError:
            continue
    return found


def _children(pid: int) -> list[int]:
    """Of all its threads: each has its own."""
    found: list[int] = []
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            found += map(int, read_proc(f"/proc/{pid}/task/{thread}/children").split())
        except OSError:
            continue
    return found


def read_proc(path: str) -> bytes:
    """Return the whole of a file of ``/proc``. Raises OSError."""
    fd = os.open(path, os.O_RDONLY)
    try:
        data = b""
        while piece := os.read(fd, 65_536):
            data += piece
        return data
    finally:
        os.close(fd)
