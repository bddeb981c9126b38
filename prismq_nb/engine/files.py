"""One run directory as the engine knows it: its launch, and its newest state.

Read and cache; make no decisions. Whatever the directory has become, nothing here raises but
what is said to, and `problem` says what is wrong with it.
"""

from __future__ import annotations

import calendar
import contextlib
import os
import time
from pathlib import Path
from typing import Any

from prismq_nb.engine import lenient, survey
from prismq_nb.engine.removal import remove
from prismq_nb.journal import format as fmt
from prismq_nb.journal import state
from prismq_nb.journal.regular import open_regular

LAUNCH_VERSION = 1
_READ = "read"
_READ_SECONDS = 60.0
"""A reader leaves its mark at most this often."""


class RunFiles:
    """One run directory.

    Attributes:
        path: where it is.
        launch: ``launch.json``, as far as it is whole.
        repaired: what its files looked like after the last repair, or when they were last found
            whole; None before that.
    """

    def __init__(self, path: Path, launch: dict[str, Any] | None = None) -> None:
        """Read the launch, unless it is given."""
        self.path = path
        self._dir = os.fspath(path)
        self._launch_problem: str | None = None
        if launch is None:
            read = lenient.read(f"{self._dir}/{fmt.LAUNCH}", lenient.MAX_LAUNCH_BYTES)
            launch, self._launch_problem = read.values, read.problem
        self.launch = launch
        self.created = launch.get("created") or _created(path)
        self.repaired: tuple[object, ...] | None = None
        self._state: dict[str, Any] = {}
        self._state_problem: str | None = None
        self._override: dict[str, Any] = {}
        self._seen: tuple[int, int, int] | None = None
        self._survey = survey.NOTHING
        self._marked = float("-inf")

    @property
    def run_id(self) -> str:
        """The run's id, which is the directory's name."""
        return self.path.name

    def survey(self) -> survey.Survey:
        """What stands in the directory; looked at again when the directory has changed."""
        self._survey = survey.survey(self._dir, self._survey)
        return self._survey

    @property
    def problem(self) -> str | None:
        """What is wrong with its files, in words; None where nothing is known to be."""
        found = self.survey()
        if not found.readable:
            return found.problem
        launch = self._launch_problem
        if launch is None and "module_name" not in self.launch:
            launch = f"{fmt.LAUNCH} is damaged: it does not say what was launched"
        problems = (launch, self._state_problem, found.problem)
        return "; ".join(dict.fromkeys(text for text in problems if text)) or None

    def state(self) -> dict[str, Any]:
        """The newest ``run.json``; empty before the child was started."""
        path = f"{self._dir}/{fmt.STATE}"
        try:
            stat = os.lstat(path)
        except OSError:
            return self._state
        seen = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        if seen != self._seen:
            read = lenient.read(path, lenient.MAX_STATE_BYTES)
            self._state_problem = read.problem
            if read.whole:
                self._state, self._seen = read.values | self._override, seen
        return self._state

    def write(self, value: dict[str, Any]) -> None:
        """Put a new ``run.json`` in place; the caller holds the lock. Raises OSError."""
        self._override = {}
        state.write_json(self.path / fmt.STATE, value)

    def override(self, fields: dict[str, Any]) -> None:
        """Show the state with these fields in it, because it could not be written: for as long as this process lives."""
        self._override = fields
        self._state = self._state | fields

    @property
    def status(self) -> str:
        """One of `state.STATUSES`; a state that this version does not know counts as none."""
        return self.status_in(self.state())

    def status_in(self, now: dict[str, Any]) -> str:
        """`status`, of a state that was read before: to read twice may see two moments."""
        if not self._survey.readable:
            return state.FAILED
        status = now.get("status")
        return status if status in state.STATUSES else state.QUEUED

    @property
    def started(self) -> int | None:
        """When its child was started, µs since the epoch; None when it was not yet."""
        return self.state().get("started") or None

    @property
    def ended(self) -> int | None:
        """When it ended, µs since the epoch; None when it has not."""
        if self.status not in state.ENDED:
            return None
        completed: int = self.state().get("completed", self.created)
        return completed

    @property
    def pinned(self) -> bool:
        """Whether a person wants it kept whatever retention says."""
        return self.survey().pinned

    def pin(self, keep: bool) -> None:
        """Pin it, or release it. Raises OSError."""
        path = self.path / survey.PIN
        if not keep:
            remove(path)
        elif not os.path.lexists(path):
            os.close(open_regular(path, os.O_WRONLY | os.O_CREAT))
        self._survey = survey.NOTHING

    def mark_read(self) -> None:
        """Note that its log is being read; a disk that takes no mark is no reason not to read."""
        now = time.monotonic()
        if now - self._marked < _READ_SECONDS or self.status not in state.ENDED:
            return
        self._marked = now
        if self._survey.linked:
            return
        with contextlib.suppress(OSError):
            fd = open_regular(self.path / _READ, os.O_WRONLY | os.O_CREAT)
            try:
                os.utime(fd)
            finally:
                os.close(fd)

    @property
    def newer(self) -> str | None:
        """What to say where a later version made this run; None where this version can read it."""
        for name, own, read in ((fmt.LAUNCH, LAUNCH_VERSION, self.launch), (fmt.STATE, fmt.VERSION, self.state())):
            version = read.get("version", own)
            if version > own:
                return f"a newer prismq_nb made this run ({name} has version {version}, this one reads version {own}): update prismq_nb to read it"
        return None


def last_read(run_dir: str) -> int:
    """When somebody read a run's log for the last time, µs since the epoch, to a minute; 0: never."""
    with contextlib.suppress(OSError):
        return os.lstat(f"{run_dir}/{_READ}").st_mtime_ns // 1000
    return 0


def _created(path: Path) -> int:
    """When a run was asked for whose launch does not say it, µs since the epoch: its id does, to a second."""
    with contextlib.suppress(ValueError):
        moment = time.strptime(path.name[4:19], "%Y%m%d_%H%M%S")
        return max(0, calendar.timegm(moment) * state.MICROSECONDS)
    with contextlib.suppress(OSError):
        return min(max(0, os.lstat(path).st_mtime_ns // 1000), (1 << 53) - 1)
    return 0
