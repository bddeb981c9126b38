"""Run states, times, and the two JSON files of a run directory. Standard library only.

``launch.json`` is written once by the engine. ``run.json`` is written only by the holder of the
run's lock, each time whole and by rename, so a reader never sees half a state. Times on disk are µs
since the epoch; people and the API see ISO 8601.
"""

from __future__ import annotations

import errno
import json
import os
import time
from functools import lru_cache
from typing import Any

from prismq_nb.common.base.regular_files import open_regular, read_bounded

QUEUED, RUNNING, COMPLETED, FAILED, CANCELLED = (
    "queued",
    "running",
    "completed",
    "failed",
    "cancelled",
)
STATUSES = (QUEUED, RUNNING, COMPLETED, FAILED, CANCELLED)
ENDED = frozenset((COMPLETED, FAILED, CANCELLED))
CELL = "cell"
"""`kind` of a run that is a watched cell, in ``launch.json`` and in `RunInfo`."""
HEARTBEAT = "heartbeat"
"""Key in a state: the time at which its supervisor last wrote it."""

MICROSECONDS = 1_000_000
_LAST = 253_402_300_799_999_999
"""The last time that `iso` formats; a damaged file may name a later one."""


def now_us() -> int:
    """Return the time of the wall clock in µs since the epoch."""
    return time.time_ns() // 1000


@lru_cache(maxsize=256)
def _seconds(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))


def iso(stamp: int) -> str:
    """Format µs since the epoch as ISO 8601 UTC.

    There are always six digits and ``Z``, so that texts sort as times do. Times outside of the
    years 1970 to 9999 become the nearest one.
    """
    if not 0 <= stamp <= _LAST:
        stamp = min(max(stamp, 0), _LAST)
    micro = str(stamp)[-6:].zfill(6)  # a poll formats one per line: this is twice as fast as :06d
    return f"{_seconds(stamp // MICROSECONDS)}.{micro}Z"


def parse_iso(text: str) -> int:
    """Return an ISO 8601 time as µs since the epoch; without a zone it is UTC.

    A ``+`` of the zone that a URL decoder turned into a space is restored.

    Raises:
        ValueError: the text is not such a time.
    """
    # 2 ms that the supervisor, which never parses a time, need not pay
    from datetime import UTC, datetime  # noqa: PLC0415

    text = text.strip()
    if "T" in text and " " in text:
        text = text.replace(" ", "+")
    if text[-1:] in ("Z", "z"):
        text = text[:-1] + "+00:00"
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86400 + delta.seconds) * MICROSECONDS + delta.microseconds


def write_atomically(path: str | os.PathLike[str], *pieces: bytes | memoryview) -> None:
    """Replace a file by rename, with mode 0600 (rename(2)).

    It is not synced: recovery restores a state that a power cut takes.

    Raises:
        OSError: it cannot be written; what was there stays.
    """
    folder, name = os.path.split(path)
    temporary = os.path.join(folder, f".{name}.{os.getpid()}")
    fd = _create(temporary)
    try:
        try:
            for piece in pieces:
                view = memoryview(piece)
                while view:
                    view = view[os.write(fd, view) :]
        finally:
            os.close(fd)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _create(path: str) -> int:
    """Create a file; remove what a killed process with the same id left in its place."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        return os.open(path, flags, 0o600)
    except FileExistsError:
        os.unlink(path)
        return os.open(path, flags, 0o600)


def write_json(path: str | os.PathLike[str], value: dict[str, Any]) -> None:
    """Write JSON as `write_atomically` does, one key per line, readable with ``less``.

    Raises:
        OSError: as `write_atomically`.
    """
    write_atomically(path, _encode(value))


def _encode(value: dict[str, Any]) -> bytes:
    return (
        json.dumps(value, indent=1, ensure_ascii=False).encode("utf-8", "surrogateescape") + b"\n"
    )


def overwrite_json(path: str | os.PathLike[str], value: dict[str, Any]) -> None:
    """Write JSON over an existing file: its blocks exist already, so it works on a full disk.

    A reader may meet half of it, and reads again.

    Raises:
        OSError: the file is missing, or more space is needed than there is.
    """
    data = _encode(value)
    fd = open_regular(path, os.O_WRONLY)
    try:
        if os.pwrite(fd, data.ljust(os.fstat(fd).st_size), 0) < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
    finally:
        os.close(fd)


def read_json(path: str | os.PathLike[str]) -> dict[str, Any] | None:
    """Return the object in a JSON file; None if the file is missing or holds anything else."""
    try:
        value = json.loads(read_bounded(path))
    except (OSError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
