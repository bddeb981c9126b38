"""What a supervisor holds in its run directory so that others know it lives; renewed when lost.

Somebody may remove or replace the lock file or the control FIFO (``rm``, a restored backup). The
supervisor still holds the old ones, which nobody can see any more, so it takes the new ones.
Its working directory is the run directory: that follows when the directory is moved, and it is
what the supervisor itself shows of which directory it belongs to. Standard library only.
"""

from __future__ import annotations

import contextlib
import os

from prismq_nb.capture.base.control import ControlReader
from prismq_nb.common.base.descriptors import is_same
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.layout import lock


class Hold:
    """The lock and the control FIFO of the run in the working directory."""

    def __init__(self, lock_fd: int, control: ControlReader) -> None:
        """`lock_fd`: of the lock, held, which is ours from now on; `control`: the FIFO."""
        self._lock_fd = lock_fd
        self._control = control

    def renew(self) -> None:
        """Take the lock and make the FIFO again where those on disk are not ours. Never raises."""
        with contextlib.suppress(OSError):
            if not is_same(fmt.LOCK, self._lock_fd):
                taken = lock.acquire_file(fmt.LOCK)
                if taken is not None:  # else somebody is just asking; the next time will do
                    os.close(self._lock_fd)
                    self._lock_fd = taken
        with contextlib.suppress(OSError):
            self._control.renew()
