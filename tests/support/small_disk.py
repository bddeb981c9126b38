"""A file system of some MiB that really can be full (ENOSPC).

A tmpfs in a mount namespace, so that nothing has to be unmounted.
"""

from __future__ import annotations

import errno
from pathlib import Path

from support.namespaces import unshare

_MOUNT = 'mount -t tmpfs -o size="$1" none "$2" && shift 2 && exec "$@"'


def command(folder: Path, size: int) -> tuple[str, ...]:
    """A prefix for a command that mounts an empty file system of `size` bytes at `folder`.

    The process and its children see it; `folder` must exist.
    """
    return (
        *unshare("--mount", "sh", "-c", _MOUNT, "sh", "1m", "/mnt", "true"),
        "sh",
        "-c",
        _MOUNT,
        "sh",
        str(size),
        str(folder),
    )


def inside(pid: int, path: Path) -> Path:
    """The path by which we see what the process sees as `path`."""
    return Path(f"/proc/{pid}/root{path}")


def fill(folder: Path) -> Path:
    """Write a file that takes all free space in `folder`, whoever else writes there.

    Delete it to free the space.
    """
    path = folder / "ballast"
    with path.open("ab", buffering=0) as file:
        for size in (1 << 20, 1 << 16, 1 << 12):
            try:
                while file.write(bytes(size)):
                    pass
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
    return path
