"""The output buffers of the C library (stdio(3)): C and Fortran programs of this process use them.

A library that printed before the first watch found that its output is a pipe, so it
collects its output in blocks. Buffers of Fortran's own run-time library cannot be reached.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_NAMES = ("__stdoutp", "__stderrp") if sys.platform == "darwin" else ("stdout", "stderr")


def flush() -> None:
    """Print what the C library holds of stdout and stderr. Never raises, but may wait."""
    _flusher()()


@cache
def _flusher() -> Callable[[], None]:
    try:
        import ctypes  # noqa: PLC0415 - some Pythons are built without it

        library = ctypes.CDLL(None)
        # Not all streams (`fflush(NULL)`): a thread that waits for input holds the lock of its own.
        files = [ctypes.c_void_p.in_dll(library, name) for name in _NAMES]
        fflush = library.fflush
    except (ImportError, OSError, ValueError, AttributeError):
        return lambda: None

    def flush_all() -> None:
        for file in files:
            fflush(file)

    return flush_all
