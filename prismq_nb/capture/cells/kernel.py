"""The process whose cells are watched: whether it has ended, and how. Standard library only."""

from __future__ import annotations

import contextlib
import fcntl
import os
import struct
import time
from typing import NamedTuple

from prismq_nb.capture.processes.info import LINUX, start_identity
from prismq_nb.common.base.end_reason import EXIT, KERNEL_LOST, SIGNAL, signal_name

_STATE, _FLAGS, _STARTED, _EXIT_CODE = 0, 6, 19, 49
"""Fields of /proc/PID/stat behind the name (proc_pid_stat(5))."""
_EXITING = 0x4
"""PF_EXITING of the kernel's ``sched.h``: its exit code is known by now."""
_GET_INFO, _INFO, _HAS_EXIT_CODE = 0xC040FF0B, struct.Struct("=2Q11Ii"), 1 << 3
"""PIDFD_GET_INFO, struct pidfd_info and PIDFD_INFO_EXIT of ``linux/pidfd.h``, since Linux 6.15."""
_SIGKILL = 9
_ENDING_SECONDS, _LOOK_SECONDS = 0.2, 0.001


class Death(NamedTuple):
    """How a kernel ended.

    Attributes:
        exit_code: negative: minus the signal; None: unknown.
        end_reason: one of `END_REASONS`.
        words: for people.
    """

    exit_code: int | None
    end_reason: str
    words: str


class KernelProcess:
    """The process that prints.

    Attributes:
        pid: its process id, and `started`: what tells it from a later one with that id.
        fd: descriptor that becomes readable when it ends; -1 where there is none.
    """

    def __init__(self, pid: int, started: str, fd: int) -> None:
        """Watch a process, which describes itself: it may have ended before we began."""
        self.pid, self.started, self.fd = pid, started, fd

    def death(self) -> Death | None:
        """Return how it ended, as far as that is still known; None: it lives.

        Call it at once: its parent may ask for its exit status, which is lost then.
        """
        give_up_s = time.monotonic() + _ENDING_SECONDS
        while (stat := self._stat()) is not None:
            if stat[_STATE] in (b"Z", b"X") or int(stat[_FLAGS]) & _EXITING:
                return _death(int(stat[_EXIT_CODE]))
            if time.monotonic() > give_up_s:
                return None
            time.sleep(_LOOK_SECONDS)
        if not LINUX and self._is_alive():
            return None
        status = self._kept_status()
        return Death(None, KERNEL_LOST, "the kernel died") if status is None else _death(status)

    def _kept_status(self) -> int | None:
        """Return its wait status once its parent has it, where the system keeps it for us."""
        if self.fd < 0 or not LINUX:
            return None
        try:
            asked = _INFO.pack(_HAS_EXIT_CODE, *[0] * 13)
            mask, *_, status = _INFO.unpack(fcntl.ioctl(self.fd, _GET_INFO, asked))
        except OSError:
            return None
        return status if mask & _HAS_EXIT_CODE else None

    def _stat(self) -> list[bytes] | None:
        """Return its fields; None once its parent has asked for its status, and on macOS."""
        with contextlib.suppress(OSError, ValueError, IndexError):
            with open(f"/proc/{self.pid}/stat", "rb") as file:
                fields = file.read().rpartition(b")")[2].split()
            # `started` proves that the id was not reused
            if fields[_STARTED].decode() == self.started and len(fields) > _EXIT_CODE:
                return fields
        return None

    def _is_alive(self) -> bool:
        """Return whether it lives, where there is no /proc."""
        give_up_s = time.monotonic() + _ENDING_SECONDS
        while (started := start_identity(self.pid)) == self.started and started:
            if time.monotonic() > give_up_s:
                return True
            time.sleep(_LOOK_SECONDS)
        return False


def _death(status: int) -> Death:
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        return Death(code, EXIT, f"the kernel ended with exit code {code}")
    cause = ", as the system does when memory runs out" if code == -_SIGKILL else ""
    return Death(code, SIGNAL, f"the kernel was killed by {signal_name(-code)}{cause}")
