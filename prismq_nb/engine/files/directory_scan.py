"""Scan a run directory: what kinds of files it has, and whether it can be read at all.

One `scandir`, which opens no file. It is repeated when the directory has changed.
"""

from __future__ import annotations

import os
import stat
import time
from itertools import islice
from typing import NamedTuple

from prismq_nb.common.base.regular_files import kind_of
from prismq_nb.engine.files import supervisor_log
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.layout import usage

PIN = "keep"
NOTICE = "notice.json"
_REGULAR = {
    *(fmt.LAUNCH, fmt.STATE, fmt.LOCK, fmt.LOG, fmt.INDEX, fmt.LEVELS, fmt.GAPS, fmt.PART),
    *(*fmt.UNFINISHED, fmt.CONTROL_STATE, fmt.RESERVE),
    *(usage.FILE, PIN, "read", NOTICE, supervisor_log.FILE),
}
_EXPECTED = dict.fromkeys(_REGULAR, stat.S_IFREG) | {
    fmt.CONTROL: stat.S_IFIFO,
    "code": stat.S_IFDIR,
    "artifacts": stat.S_IFDIR,
}
_MAX_ENTRIES = 4096
"""A program may create a million files; ours are among the oldest, which come first."""
YOUNG_NS = 2_000_000_000
"""A directory that changed so recently may change again within the resolution of its mtime."""


class DirectoryScan(NamedTuple):
    """The result of a scan.

    Attributes:
        fingerprint: changes when a name in the directory changes. None: it may not, because the
            last change is too recent or there is no such directory.
        readable: it is a readable directory, or a link to one.
        linked: it is a symbolic link: its target is shown, and never written to.
        pinned: retention must keep it.
        problem: what is wrong; None: nothing.
        changed_ns: when its names last changed, ns since the epoch; 0: unknown.
    """

    fingerprint: tuple[int, ...] | None
    readable: bool = True
    linked: bool = False
    pinned: bool = False
    problem: str | None = None
    changed_ns: int = 0


NOT_SCANNED = DirectoryScan(None)
"""The value before the first scan."""


def scan(path: str, known: DirectoryScan = NOT_SCANNED) -> DirectoryScan:
    """Scan a run directory; return `known`, the last scan, if nothing has changed."""
    try:
        own, found = _status(path)
    except OSError as error:
        linked = os.path.islink(path)
        return DirectoryScan(None, readable=False, linked=linked, problem=_unreadable(path, error))
    linked = found is not own
    if not stat.S_ISDIR(found.st_mode):
        problem = f"its directory is {kind_of(found.st_mode)}"
        return DirectoryScan(None, readable=False, linked=linked, problem=problem)
    now = _fingerprint(own, found)
    if now is not None and now == known.fingerprint:
        return known
    try:
        pinned, odd = _entries(path)
    except OSError as error:
        return DirectoryScan(None, readable=False, linked=linked, problem=_unreadable(path, error))
    if linked:
        odd.insert(0, "its directory is a symbolic link, so it is only read")
    return DirectoryScan(now, True, linked, pinned, "; ".join(odd) or None, found.st_ctime_ns)


def fingerprint(path: str) -> tuple[int, ...] | None:
    """Return the present `DirectoryScan.fingerprint`."""
    try:
        return _fingerprint(*_status(path))
    except OSError:
        return None


def _status(path: str) -> tuple[os.stat_result, os.stat_result]:
    """Return the status of a directory, and of its target if it is a symbolic link."""
    own = os.lstat(path)
    return own, os.stat(path) if stat.S_ISLNK(own.st_mode) else own


def _fingerprint(own: os.stat_result, found: os.stat_result) -> tuple[int, ...] | None:
    if time.time_ns() - found.st_mtime_ns < YOUNG_NS:
        return None
    return (own.st_ino, own.st_ctime_ns, found.st_ino, found.st_mtime_ns, found.st_ctime_ns)


def _entries(path: str) -> tuple[bool, list[str]]:
    """Return whether the run is pinned, and which of its files are of the wrong kind."""
    pinned, odd = False, []
    with os.scandir(path) as entries:
        for entry in islice(entries, _MAX_ENTRIES):
            expected = _EXPECTED.get(entry.name)
            if expected is None:
                continue
            pinned = pinned or entry.name == PIN
            if expected == stat.S_IFREG and entry.is_file(follow_symlinks=False):
                continue
            if expected == stat.S_IFDIR and entry.is_dir(follow_symlinks=False):
                continue
            mode = entry.stat(follow_symlinks=False).st_mode
            if stat.S_IFMT(mode) != expected:
                odd.append(f"{entry.name} is {kind_of(mode)}")
    return pinned, sorted(odd)


def _unreadable(path: str, error: OSError) -> str:
    if os.path.islink(path):
        return "its directory is a broken symbolic link"
    return f"its directory cannot be read: {error.strerror}"
