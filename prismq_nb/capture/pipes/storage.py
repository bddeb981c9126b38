"""Decide when a run's output may be stored: minimum free disk space, maximum size of a run.

Reading never stops, so the module neither blocks nor dies because of a full disk. What is not
stored is counted (`JournalWriter.pause`). Standard library only.
"""

from __future__ import annotations

import os

from prismq_nb.journal.layout.format import GAP_REASONS

MIN_FREE_BYTES = 1 << 30
MIN_FREE_SHARE = 0.05
MAX_RUN_BYTES = 100 << 30
_CHECK_BYTES = 256 << 20
_DISK_FULL, _RUN_LIMIT = GAP_REASONS.index("disk-full"), GAP_REASONS.index("run-limit")


class StoragePolicy:
    """Watches the file system of one run directory."""

    def __init__(
        self,
        run_dir: str | os.PathLike[str],
        *,
        min_free_bytes: int | None = None,
        max_run_bytes: int | None = None,
    ) -> None:
        """Set limits in bytes.

        Args:
            run_dir: where the journal is.
            min_free_bytes: storing pauses below it; None: 1 GiB or 5% of the file system, whichever
                is less.
            max_run_bytes: storing pauses for good above it; None: 100 GiB.
        """
        self._run_dir = run_dir
        self._min_free = min_free_bytes
        self._max_run = MAX_RUN_BYTES if max_run_bytes is None else max_run_bytes

    def bytes_until_check(self, stored: int) -> int:
        """Return how many bytes may be stored before `refusal` should be called again."""
        return max(0, min(_CHECK_BYTES, self._max_run - stored))

    def refusal(self, stored: int) -> int | None:
        """Return why nothing may be stored now, as an index into `GAP_REASONS`; None if it may.

        Costs one statvfs(3).

        Args:
            stored: bytes of the run's log so far.
        """
        if stored >= self._max_run:
            return _RUN_LIMIT
        try:
            stat = os.statvfs(self._run_dir)
        except OSError:
            return None
        least = self._min_free
        if least is None:
            least = min(MIN_FREE_BYTES, int(stat.f_blocks * stat.f_frsize * MIN_FREE_SHARE))
        return _DISK_FULL if stat.f_bavail * stat.f_frsize < least else None
