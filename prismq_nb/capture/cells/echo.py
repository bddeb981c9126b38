"""Output that goes into the cell, too: as fast as the kernel takes it. Standard library only.

A cell that takes it slowly, such as a script whose output a pager reads, slows the program down,
as it would by itself. A kernel that takes nothing at all must not be waited for: it may hold the
interpreter's lock while it waits to print.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from prismq_nb.capture.cells.link import DATA_BYTES, encode

if TYPE_CHECKING:
    from prismq_nb.capture.cells.link import Link

FULL_BYTES = 1 << 20
"""Size of what waits to be shown at which nothing more is read."""
_ROOM_BYTES = FULL_BYTES // 4
PATIENCE_SECONDS = 3.0
"""How long a kernel that gives no sign is waited for; then lines are left out in the cell."""
_DROPPED = b"\n[prismq_nb: the cell is too slow for this output; all of it is in the log]\n"


class Echo:
    """Sends output into the cell."""

    def __init__(self, link: Link) -> None:
        """Send nothing yet."""
        self._link = link
        self._is_full = self._drops = False
        self._sign_at, self._left = 0.0, 0

    def send(self, stream: int, data: bytes) -> None:
        """Send output, or leave it out, which the next that is sent says."""
        if self._drops:
            if self._link.unsent > _ROOM_BYTES:
                return
            self._drops = False
            data = _DROPPED + data
        for start in range(0, len(data), DATA_BYTES):
            piece = encode(data[start : start + DATA_BYTES])
            with contextlib.suppress(OSError):  # its end is seen by the loop
                self._link.send({"op": "echo", "stream": stream, "data": piece})

    def sign(self) -> None:
        """Note that the kernel is alive and slow."""
        self._sign_at = time.monotonic()

    def is_full(self) -> bool:
        """Return whether nothing more should be read for the time being."""
        unsent, now = self._link.unsent, time.monotonic()
        if self._drops or unsent <= _ROOM_BYTES:
            self._is_full = False
        elif not self._is_full and unsent > FULL_BYTES:
            self._is_full, self._sign_at, self._left = True, now, unsent
        elif self._is_full and unsent < self._left:
            self._sign_at, self._left = now, unsent
        elif self._is_full and now > self._sign_at + PATIENCE_SECONDS:
            self._is_full, self._drops = False, True
        return self._is_full
