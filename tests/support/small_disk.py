"""A file system of some MiB that really is full when it is full (ENOSPC): a tmpfs in a mount namespace of its own, so nothing has to be taken down.

`unshare` needs root, or user namespaces, or a `sudo` without password; a machine of continuous integration has one of them.
"""

from __future__ import annotations

import errno
import functools
import shutil
import subprocess
from pathlib import Path

_WAYS = (("unshare", "-m"), ("unshare", "-rm"), ("sudo", "-n", "-E", "unshare", "-m"))
_MOUNT = 'mount -t tmpfs -o size="$1" none "$2" && shift 2 && exec "$@"'


@functools.cache
def _way() -> tuple[str, ...]:
    """The command that may mount here. Raises RuntimeError where none may."""
    said = []
    for way in _WAYS:
        if shutil.which(way[0]):
            done = subprocess.run([*way, "sh", "-c", _MOUNT, "sh", "1m", "/mnt", "true"], capture_output=True, check=False, text=True)
            if done.returncode == 0:
                return way
            said.append(f"{' '.join(way)}: {done.stderr.strip()}")
    raise RuntimeError("a small disk cannot be mounted here, as these tests need: " + "; ".join(said))


def command(folder: Path, size: int) -> tuple[str, ...]:
    """What to start a process by, so that it and its children find an empty file system of `size` bytes at `folder`, which exists."""
    return (*_way(), "sh", "-c", _MOUNT, "sh", str(size), str(folder))


def inside(pid: int, path: Path) -> Path:
    """The path by which we see what the process sees as `path`."""
    return Path(f"/proc/{pid}/root{path}")


def fill(folder: Path) -> Path:
    """Writes a file that takes all that is free in `folder`, whoever else writes there; to be deleted when the disk shall have room again."""
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
