"""A run's lock and control FIFO, renewed when somebody removes them.

The lock file or the control FIFO may be removed or replaced (``rm``, a restored backup). The
supervisor then still holds the old ones, which nobody can see, so it takes the new ones. The
supervisor's working directory is the run directory: it follows when that is moved, and shows which
directory the supervisor belongs to. Standard library only.
"""

from __future__ import annotations

import contextlib
import os

from prismq_nb.capture.base.control import ControlReader
from prismq_nb.common.base.descriptors import is_same
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.layout import lock


class RunLock:
    """The lock and the control FIFO of a run."""

    def __init__(self, lock_fd: int, control: ControlReader, run_dir: str = ".") -> None:
        """Take over `lock_fd`, the descriptor of the held lock, and `control`, the FIFO.

        Args:
            lock_fd: the descriptor of the held lock.
            control: the FIFO.
            run_dir: the run directory; by default the working directory.
        """
        self._path = os.path.join(run_dir, fmt.LOCK)
        self._lock_fd = lock_fd
        self._control = control

    def renew(self) -> None:
        """Take the lock and create the FIFO again if those on disk are not ours. Never raises."""
        with contextlib.suppress(OSError):
            if not is_same(self._path, self._lock_fd):
                taken = lock.acquire_file(self._path)
                if taken is not None:  # else somebody is just asking; the next call tries again
                    os.close(self._lock_fd)
                    self._lock_fd = taken
        with contextlib.suppress(OSError):
            self._control.renew()

    def release(self) -> None:
        """Release the lock."""
        with contextlib.suppress(OSError):
            os.close(self._lock_fd)
