"""Start the supervisor of this process's cells. It starts beside the first cell, which goes on."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys

import prismq_nb
from prismq_nb.capture.cells import boot
from prismq_nb.capture.cells.link import Link
from prismq_nb.capture.processes.info import start_identity
from prismq_nb.cell.streams import high

_INHERITED = (
    *("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "LC_CTYPE"),
    *("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"),
)
"""What an interpreter may need to start; nothing else of the environment is its business."""
_ALLOCATION = {"MALLOC_MMAP_THRESHOLD_": str(128 << 10)}  # as of other supervisors


def start() -> tuple[Link, subprocess.Popen[bytes]]:
    """Start it, and return the connection, and a process that ends once it runs by itself.

    Raises:
        OSError: it cannot be started.
    """
    # Above the standard streams: those may be closed in this process, but not in that one
    ours, theirs = (socket.socket(fileno=high(end.detach())) for end in socket.socketpair())
    own = -1
    with contextlib.suppress(AttributeError, OSError):  # macOS, or Linux before 5.3
        own = high(os.pidfd_open(os.getpid()))
    package_parent = os.path.dirname(os.path.dirname(prismq_nb.__file__))
    try:
        process = subprocess.Popen(
            [
                # A shell, which ends at once, is waited for here: else the program's own wait(2)
                # for all its children would find an interpreter that starts
                *("/bin/sh", "-c", '"$@" &', "sh"),
                *(sys.executable, "-I", "-S", str(boot.__file__), package_parent),
                *(str(theirs.fileno()), str(os.getpid())),
                *(str(start_identity(os.getpid())), str(own)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in _INHERITED if name in os.environ} | _ALLOCATION,
            cwd="/",
            start_new_session=True,
            pass_fds=(theirs.fileno(), *([own] if own >= 0 else [])),
        )
    except BaseException:
        ours.close()
        raise
    finally:
        theirs.close()
        if own >= 0:
            os.close(own)
    process.wait()
    return Link(ours), process
