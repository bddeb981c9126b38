"""Create the directory of a run: complete before it has its name, and locked before others see it.

Standard library only: a kernel that watches a cell creates one in a millisecond, without the
engine.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import time
from typing import Any, NamedTuple

from prismq_nb.capture.processes.identity import directory_identity
from prismq_nb.common.base import state
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.layout import lock

NEW_PREFIX = ".new-"
"""Prefix of directories that are being created."""
MAX_LAUNCH_BYTES = 16 << 20
"""Longest ``launch.json`` that is read or written; it holds source text and parameters."""
NAME_LENGTH = 40
"""Maximum number of characters of a name in a run id."""


class TooLarge(Exception):
    """What describes the run is longer than anything that is read back."""


class CreatedRun(NamedTuple):
    """A new run directory.

    Attributes:
        run_id: its name.
        path: where it is.
        lock_fd: descriptor of its lock. The caller closes it after the supervisor got a copy.
        launch: the content of its ``launch.json``.
    """

    run_id: str
    path: str
    lock_fd: int
    launch: dict[str, Any]


def create(
    runs_dir: str, slug: str, launch: dict[str, Any], created: int | None = None
) -> CreatedRun:
    """Create a locked run directory with ``launch.json`` under a temporary name, and rename it.

    Args:
        runs_dir: directory of all runs.
        slug: the run's name as part of its id, see `slug`.
        launch: what describes the run; times and ids are added here.
        created: when it began, in µs since the epoch; None: now.

    Raises:
        OSError: it cannot be created; nothing is left of it.
        TooLarge: `launch` exceeds `MAX_LAUNCH_BYTES`.
    """
    created = state.now_us() if created is None else created
    temporary = os.path.join(runs_dir, f"{NEW_PREFIX}{secrets.token_hex(8)}")
    lock_fd = None
    try:
        os.mkdir(temporary, mode=0o700)
        lock_fd = lock.acquire_file(os.path.join(temporary, fmt.LOCK))
        assert lock_fd is not None  # nobody else knows its name
        known = {"created": created, "directory": directory_identity(temporary)}
        return _place(runs_dir, temporary, slug, launch | known, lock_fd)
    except BaseException:
        if lock_fd is not None:
            os.close(lock_fd)
        _remove(temporary)
        raise


def _place(
    runs_dir: str, temporary: str, slug: str, launch: dict[str, Any], lock_fd: int
) -> CreatedRun:
    stamp = time.strftime("%Y%m%d_%H%M%S", time.gmtime(launch["created"] // state.MICROSECONDS))
    described = os.path.join(temporary, fmt.LAUNCH)
    while True:
        run_id = f"run_{stamp}_{slug}_{secrets.token_hex(3)}"
        whole = launch | {"run_id": run_id}
        state.write_json(described, whole)
        if os.stat(described).st_size > MAX_LAUNCH_BYTES:
            raise TooLarge
        path = os.path.join(runs_dir, run_id)
        if not os.path.exists(path):
            os.rename(temporary, path)
            return CreatedRun(run_id, path, lock_fd, whole)


def slug(name: str) -> str:
    """Return a name as part of a run id.

    Other characters than ``[A-Za-z0-9_-]`` become ``-``; at most `NAME_LENGTH` are left.
    """
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")[:NAME_LENGTH] or "run"


def _remove(path: str) -> None:
    """Delete a directory that did not become a run.

    It needs no descriptor, because there may be none left.
    """
    with contextlib.suppress(OSError):
        for name in (fmt.LOCK, fmt.LAUNCH):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(os.path.join(path, name))
        os.rmdir(path)
    shutil.rmtree(path, ignore_errors=True)
