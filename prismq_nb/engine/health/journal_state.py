"""Compare a run's journal with its state, without reading the log."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from prismq_nb.common.base.regular_files import open_regular
from prismq_nb.journal.layout import format as fmt

if TYPE_CHECKING:
    from pathlib import Path

    from prismq_nb.engine.files.run_directory import RunFiles


def is_whole(files: RunFiles) -> bool:
    """Return whether an ended run's index and log are as long as its state and its index say."""
    wanted = files.state().get("lines", 0)
    try:
        index = open_regular(files.path / fmt.INDEX)
    except FileNotFoundError:
        return not wanted
    try:
        fmt.check_header(os.pread(index, fmt.RECORD_BYTES, 0))
        size = os.fstat(index).st_size
        if size == fmt.RECORD_BYTES:
            return not wanted
        last = fmt.unpack(os.pread(index, fmt.RECORD_BYTES, size - fmt.RECORD_BYTES))
        return (
            last is not None
            and last.first + last.lines == wanted
            and os.lstat(files.path / fmt.LOG).st_size >= last.log_end
        )
    except FileNotFoundError:
        return False
    except fmt.NewerIndex:
        return True
    except fmt.BadIndex:
        return False
    finally:
        os.close(index)


def fingerprint(path: Path) -> tuple[object, ...]:
    """Return a value that changes when the log, the index or the state is written or replaced."""
    found: list[object] = []
    for name in (fmt.LOG, fmt.INDEX, fmt.STATE):
        try:
            stat = os.lstat(path / name)
        except FileNotFoundError:
            found.append(None)
        else:
            found.append((stat.st_ino, stat.st_size, stat.st_mtime_ns))
    return tuple(found)
