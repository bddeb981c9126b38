"""Look at what stands in a run directory: which kinds of files, and whether it can be read at all.

One `scandir`, which opens none of the files; it is done again when the directory has changed.
"""

from __future__ import annotations

import os
import stat
import time
from itertools import islice
from typing import NamedTuple

from prismq_nb.common.base.regular_files import kind_of
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.layout import usage

PIN = "keep"
_REGULAR = {
    *(fmt.LAUNCH, fmt.STATE, fmt.LOCK, fmt.LOG, fmt.INDEX, fmt.LEVELS, fmt.GAPS, fmt.PART),
    *(*fmt.UNFINISHED, fmt.CONTROL_STATE, fmt.RESERVE),
    *(usage.FILE, PIN, "read", "supervisor.log"),
}
_EXPECTED = dict.fromkeys(_REGULAR, stat.S_IFREG) | {
    fmt.CONTROL: stat.S_IFIFO,
    "code": stat.S_IFDIR,
    "artifacts": stat.S_IFDIR,
}
_MAX_ENTRIES = 4096
"""A program may put a million files there; ours are among the oldest, which come first."""
_YOUNG_NS = 2_000_000_000
"""A directory that changed so lately may change again within its clock's resolution."""


class Survey(NamedTuple):
    """What a run directory looks like.

    Attributes:
        mark: of the directory's own status; differs after a name in it has changed. None where
            it may not, because the last change is too young, or there is no such directory.
        readable: it is a directory, or a link to one, and may be read.
        linked: it is a symbolic link: what is behind it is shown, and never written to.
        pinned: a person wants it kept.
        problem: what is wrong, in words; None if nothing is.
    """

    mark: tuple[int, ...] | None
    readable: bool = True
    linked: bool = False
    pinned: bool = False
    problem: str | None = None


NOTHING = Survey(None)
"""Before the first look."""


def survey(path: str, known: Survey = NOTHING) -> Survey:
    """Look at a run directory; `known`, the last look, is returned where nothing has changed."""
    try:
        own, found = _status(path)
    except OSError as error:
        linked = os.path.islink(path)
        return Survey(None, readable=False, linked=linked, problem=_unreadable(path, error))
    linked = found is not own
    if not stat.S_ISDIR(found.st_mode):
        problem = f"its directory is {kind_of(found.st_mode)}"
        return Survey(None, readable=False, linked=linked, problem=problem)
    now = _mark(own, found)
    if now is not None and now == known.mark:
        return known
    try:
        pinned, odd = _entries(path)
    except OSError as error:
        return Survey(None, readable=False, linked=linked, problem=_unreadable(path, error))
    if linked:
        odd.insert(0, "its directory is a symbolic link, so it is only read")
    return Survey(now, True, linked, pinned, "; ".join(odd) or None)


def mark(path: str) -> tuple[int, ...] | None:
    """`Survey.mark` as it is now."""
    try:
        return _mark(*_status(path))
    except OSError:
        return None


def _status(path: str) -> tuple[os.stat_result, os.stat_result]:
    """Of a directory itself, and of what it leads to where it is a symbolic link."""
    own = os.lstat(path)
    return own, os.stat(path) if stat.S_ISLNK(own.st_mode) else own


def _mark(own: os.stat_result, found: os.stat_result) -> tuple[int, ...] | None:
    if time.time_ns() - found.st_mtime_ns < _YOUNG_NS:
        return None
    return (own.st_ino, own.st_ctime_ns, found.st_ino, found.st_mtime_ns, found.st_ctime_ns)


def _entries(path: str) -> tuple[bool, list[str]]:
    """Whether the run is pinned, and which of its files are not what they should be."""
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
