"""The line of a log at which its run was asked to stop, for those who read it. Standard library only."""

from __future__ import annotations

import os

from prismq_nb.common.base.state import read_json
from prismq_nb.journal.layout import format as fmt

__all__ = ["LINES_AT_STOP", "StopLine"]

LINES_AT_STOP = "lines_at_stop"
"""In ``run.json``: lines that were stored when a stop was first asked for."""


class StopLine:
    """Reads it again when ``run.json`` has changed: one `stat` where it has not."""

    def __init__(self, run_dir: str | os.PathLike[str]) -> None:
        """Read nothing yet."""
        self._path = os.path.join(run_dir, fmt.STATE)
        self._seen = (0, 0)
        self._line: int | None = None

    def line(self) -> int | None:
        """Return the number of lines before the stop; None: no stop is known."""
        try:
            stat = os.lstat(self._path)
        except OSError:
            return self._line
        seen = (stat.st_ino, stat.st_mtime_ns)
        if seen != self._seen:
            self._seen = seen
            found = (read_json(self._path) or {}).get(LINES_AT_STOP)
            self._line = found if type(found) is int and found >= 0 else None
        return self._line
