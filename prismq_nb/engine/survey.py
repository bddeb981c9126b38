"""Look at what stands in a run directory: which kinds of files, and whether it can be read at all.

One `scandir`, which opens none of the files; it is done again when the directory has changed.
"""

from __future__ import annotations

import os
import stat
import time
from itertools import islice
from typing import NamedTuple

from prismq_nb.journal import format as fmt
from prismq_nb.journal import usage
from prismq_nb.journal.regular import kind_of

PIN = "keep"
_REGULAR = {
    *(fmt.LAUNCH, fmt.STATE, fmt.LOCK, fmt.LOG, fmt.INDEX, fmt.LEVELS, fmt.GAPS, fmt.PART),
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
        mark: of the directory's own status; differs after a name in it has changed.
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
        own = os.lstat(path)
        linked = stat.S_ISLNK(own.st_mode)
        found = os.stat(path) if linked else own
    except OSError as error:
        return Survey(None, readable=False, problem=_unreadable(path, error))
    if not stat.S_ISDIR(found.st_mode):
        problem = f"its directory is {kind_of(found.st_mode)}"
        return Survey(None, readable=False, linked=linked, problem=problem)
    mark = (own.st_ino, own.st_mtime_ns, found.st_ino, found.st_mtime_ns, found.st_mode)
    if mark == known.mark:
        return known
    try:
        pinned, odd = _entries(path)
    except OSError as error:
        return Survey(None, readable=False, linked=linked, problem=_unreadable(path, error))
    if linked:
        odd.insert(0, "its directory is a symbolic link, so it is only read")
    young = time.time_ns() - found.st_mtime_ns < _YOUNG_NS
    return Survey(None if young else mark, True, linked, pinned, "; ".join(odd) or None)


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
        return "its directory is a symbolic link that leads nowhere"
    return f"its directory cannot be read: {error.strerror}"
