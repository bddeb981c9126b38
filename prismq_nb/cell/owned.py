"""Whether a descriptor still is what we opened: programs close what they do not know.

Libraries that start daemons close every descriptor (`os.closerange`). The number may belong to a
file of the program by then, which must be neither read nor written.
"""

from __future__ import annotations

import os

Identity = tuple[int, int, int]


def identity(fd: int) -> Identity | None:
    """Return what a descriptor is open for; None: it is closed."""
    try:
        found = os.fstat(fd)
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_rdev
