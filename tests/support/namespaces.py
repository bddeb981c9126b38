"""Start a process in its own namespace: a disk or a network that nobody else sees.

This needs root, user namespaces, or `sudo` without a password.
"""

from __future__ import annotations

import functools
import shutil
import subprocess

_WAYS = (("unshare",), ("unshare", "-r"), ("sudo", "-n", "-E", "unshare"))


@functools.cache
def unshare(option: str, *trial: str) -> tuple[str, ...]:
    """A command that starts another one.

    Args:
        option: which namespace, as of ``unshare``: ``--net``, ``--mount``.
        trial: a command that has to work in it.

    Raises:
        RuntimeError: nothing of it is allowed here; a machine of continuous integration allows one.
    """
    said = []
    for way in _WAYS:
        if shutil.which(way[0]):
            done = subprocess.run(
                [*way, option, *(trial or ("true",))], capture_output=True, check=False, text=True
            )
            if done.returncode == 0:
                return (*way, option)
            said.append(f"{' '.join(way)}: {done.stderr.strip()}")
    raise RuntimeError(
        f"unshare {option} is not allowed here, and these tests need it: " + "; ".join(said)
    )
