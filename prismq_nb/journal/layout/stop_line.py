"""The line of a log at which its run was asked to stop, for readers. Standard library only."""

from __future__ import annotations

import os

from prismq_nb.common.base.state import read_json
from prismq_nb.journal.layout import format as fmt

LINES_AT_STOP = "lines_at_stop"
"""Key in ``run.json``: lines that were stored when a stop was first requested."""


class StopLine:
    """Reads ``run.json`` again if it has changed; costs one `stat` if it has not."""

    def __init__(self, run_dir: str | os.PathLike[str]) -> None:
        """Read nothing yet."""
        self._path = os.path.join(run_dir, fmt.STATE)
        self._seen = (0, 0)
        self._line: int | None = None

    def line(self) -> int | None:
        """Return the number of lines before the stop; None if no stop is known."""
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
