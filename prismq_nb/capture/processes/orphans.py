"""A supervisor as the parent of its run's orphans: reap them, and outlive the last one.

A process that a module leaves behind becomes the supervisor's child. Nobody else would reap it if
Jupyter is process 1 of a container. Standard library only.
"""

from __future__ import annotations

import contextlib
import os
import signal


def reap() -> dict[int, int]:
    """Reap all children that have ended; return their wait statuses by process id."""
    ended: dict[int, int] = {}
    try:
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            ended.update([found])
    except ChildProcessError:  # there is none left
        pass
    return ended


def wait_for_descendants() -> None:
    """Release everything, then wait until the last descendant has ended.

    Takes no processor time. The run has ended: its files are closed, its lock is free, and its
    directory may be purged. SIGTERM ends this process as it ends any other.
    """
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    os.chdir("/")
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    for name in os.listdir("/dev/fd"):  # not up to SC_OPEN_MAX, which may be a billion
        if int(name) > 2:  # noqa: PLR2004 - stderr
            with contextlib.suppress(OSError):
                os.close(int(name))
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return
