"""One run directory as the engine knows it: its launch, which never changes, and its newest state. Finds out and remembers; decides nothing."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import Any

from prismq_nb.journal import format as fmt
from prismq_nb.journal import state

LAUNCH_VERSION = 1
_PIN, _READ = "keep", "read"
_READ_SECONDS = 60.0
"""A reader leaves its mark at most this often."""


class RunFiles:
    """One run directory.

    Attributes:
        path: where it is.
        launch: ``launch.json``.
        repaired: what its files looked like after the last repair, or when they were last found whole; None before that.
    """

    def __init__(self, path: Path, launch: dict[str, Any]) -> None:
        self.path = path
        self.launch = launch
        self.repaired: tuple[object, ...] | None = None
        self._state: dict[str, Any] = {}
        self._override: dict[str, Any] = {}
        self._seen: tuple[int, int, int] | None = None
        self._marked = float("-inf")

    @property
    def run_id(self) -> str:
        """The run's id, which is the directory's name."""
        return self.path.name

    @property
    def created(self) -> int:
        """When it was asked for, µs since the epoch."""
        created = self.launch.get("created", 0)
        return created if isinstance(created, int) else 0

    def state(self) -> dict[str, Any]:
        """The newest ``run.json``; empty before the child was started."""
        try:
            stat = os.stat(self.path / fmt.STATE)
        except OSError:
            return self._state
        seen = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        if seen != self._seen:
            read = state.read_json(self.path / fmt.STATE)
            if read is not None:
                self._state, self._seen = read | self._override, seen
        return self._state

    def write(self, value: dict[str, Any]) -> None:
        """Puts a new ``run.json`` in place; the caller holds the lock. Raises OSError."""
        self._override = {}
        state.write_json(self.path / fmt.STATE, value)

    def override(self, fields: dict[str, Any]) -> None:
        """Shows the state with these fields in it, because it could not be written: for as long as this process lives."""
        self._override = fields
        self._state = self._state | fields

    @property
    def status(self) -> str:
        """One of `state.STATUSES`; a state that this version does not know counts as none."""
        return self.status_in(self.state())

    @staticmethod
    def status_in(now: dict[str, Any]) -> str:
        """`status`, of a state that was read before: to read twice may see two moments."""
        status = now.get("status")
        return status if status in state.STATUSES else state.QUEUED

    @property
    def started(self) -> int | None:
        """When its child was started, µs since the epoch; None when it was not yet."""
        started = self.state().get("started")
        return started if isinstance(started, int) and 0 < started < 1 << 53 else None

    @property
    def ended(self) -> int | None:
        """When it ended, µs since the epoch; None when it has not."""
        if self.status not in state.ENDED:
            return None
        completed = self.state().get("completed")
        return completed if isinstance(completed, int) else self.created

    @property
    def pinned(self) -> bool:
        """Whether a person wants it kept whatever retention says."""
        return (self.path / _PIN).exists()

    def pin(self, keep: bool) -> None:
        """Pins it, or lets it go again. Raises OSError."""
        if keep:
            os.close(os.open(self.path / _PIN, os.O_WRONLY | os.O_CREAT, 0o600))
        else:
            (self.path / _PIN).unlink(missing_ok=True)

    @property
    def last_read(self) -> int:
        """When somebody read its log for the last time, µs since the epoch, to a minute; 0: never."""
        with contextlib.suppress(OSError):
            return (self.path / _READ).stat().st_mtime_ns // 1000
        return 0

    def mark_read(self) -> None:
        """Says that its log is being read; a disk that takes no mark is no reason not to read."""
        now = time.monotonic()
        if now - self._marked < _READ_SECONDS or self.status not in state.ENDED:
            return
        self._marked = now
        with contextlib.suppress(OSError):
            os.close(os.open(self.path / _READ, os.O_WRONLY | os.O_CREAT, 0o600))
            os.utime(self.path / _READ)

    @property
    def newer(self) -> str | None:
        """What to tell where a later version made this run; None where this version can read it."""
        for name, own, read in ((fmt.LAUNCH, LAUNCH_VERSION, self.launch), (fmt.STATE, fmt.VERSION, self.state())):
            version = read.get("version", own)
            if isinstance(version, int) and version > own:
                return f"a newer prismq_nb made this run ({name} has version {version}, this one reads version {own}): update prismq_nb to read it"
        return None
