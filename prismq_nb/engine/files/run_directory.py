"""One run directory as the engine knows it: its launch, and its newest state.

Read and cache; make no decisions. Whatever the directory has become, nothing here raises but
what is said to, and `problem` says what is wrong with it.
"""

from __future__ import annotations

import calendar
import contextlib
import os
import re
import time
from functools import cached_property
from pathlib import Path
from typing import Any

from prismq_nb.common.base import state
from prismq_nb.common.base.regular_files import open_regular
from prismq_nb.engine.files import lenient, survey
from prismq_nb.engine.files.removal import remove
from prismq_nb.journal.layout import format as fmt

RUN_ID = re.compile(r"run_\d{8}_\d{6}_[A-Za-z0-9_-]{1,40}_[0-9a-f]{6}\Z", re.ASCII)
LAUNCH_VERSION = 1
_READ = "read"
_READ_SECONDS = 60.0
"""A reader leaves its mark at most this often."""


class RunFiles:
    """One run directory.

    Attributes:
        run_id: the run's id, which is the directory's name.
        launch: ``launch.json``, as far as it is whole.
        repaired: what its files looked like after the last repair, or when they were last found
            whole; None before that.
        look_due: when it may next be looked at closer whether it lives, of the monotonic clock.
    """

    def __init__(self, path: str | Path, launch: dict[str, Any] | None = None) -> None:
        """Read the launch, unless it is given."""
        self._dir = os.fspath(path)
        self.run_id = self._dir.rpartition("/")[2]
        self._launch_problem: str | None = None
        self._launch_seen: lenient.Identity | None = None
        if launch is None:
            read = lenient.read(f"{self._dir}/{fmt.LAUNCH}", lenient.MAX_LAUNCH_BYTES)
            launch, self._launch_problem = read.values, read.problem
            self._launch_seen = read.seen
        self.launch = launch
        self.created: int = launch.get("created") or _created(self.path)
        self.look_due = 0.0
        self.repaired: tuple[object, ...] | None = None
        self._state: dict[str, Any] = {}
        self._state_problem: str | None = None
        self._override: dict[str, Any] = {}
        self._seen: lenient.Identity | None = None
        self._survey = survey.NOTHING
        self._marked = float("-inf")
        self._frozen = False

    @cached_property
    def path(self) -> Path:
        """Where it is."""
        return Path(self._dir)

    def survey(self) -> survey.Survey:
        """What stands in the directory; looked at again when the directory has changed."""
        if not self._frozen:
            self._survey = survey.survey(self._dir, self._survey)
        return self._survey

    def freeze(self) -> None:
        """Look once, and from then on show that moment: a list looks at each run once."""
        self.survey()
        self._read_state()
        self._frozen = True

    @property
    def restart_of(self) -> str | None:
        """Id of the run that it was started again from, which may be gone; None: it was launched."""
        return self._id("restart_of")

    @property
    def first_attempt(self) -> str:
        """Id that all attempts of one launch share: that of the first, which may be gone."""
        return self._id("first_attempt") or self.run_id

    def _id(self, field: str) -> str | None:
        value = self.launch.get(field, "")
        return value if RUN_ID.match(value) else None

    @property
    def mark(self) -> tuple[object, ...] | None:
        """What `glance` gave when its files were read; None where they may change unnoticed."""
        mark = self._survey.mark
        return None if mark is None else (mark, self._launch_seen, self._seen)

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
        if self._frozen:
            return self._state
        try:
            seen = lenient.identity(os.lstat(f"{self._dir}/{fmt.STATE}"))
        except OSError:
            return self._state
        if seen != self._seen:
            self._read_state()
        return self._state

    def _read_state(self) -> None:
        """Read ``run.json``; a file that is no JSON object leaves the state as it was."""
        read = lenient.read(f"{self._dir}/{fmt.STATE}", lenient.MAX_STATE_BYTES)
        self._state_problem = None if read.missing else read.problem
        if read.whole:
            self._state, self._seen = read.values | self._override, read.seen

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
    def is_open(self) -> bool:
        """Whether its module has ended and its log may still grow."""
        now = self.state()
        return now.get("output_open") is True and self.status_in(now) in state.ENDED

    @property
    def is_final(self) -> bool:
        """Whether it has ended and its log has, too."""
        now = self.state()
        return self.status_in(now) in state.ENDED and now.get("output_open") is not True

    @property
    def ended(self) -> int | None:
        """When its module and its output had ended, µs since the epoch; None before that."""
        if not self.is_final:
            return None
        now = self.state()
        completed: int = now.get("output_ended") or now.get("completed", self.created)
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
        """Note that its log is being read; reading goes on where the disk is full."""
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


def glance(run_dir: str) -> tuple[object, ...] | None:
    """What a run directory and its two JSON files look like from outside: three `lstat`."""
    mark = survey.mark(run_dir)
    return None if mark is None else (mark, *(_identity(f"{run_dir}/{name}") for name in (fmt.LAUNCH, fmt.STATE)))


def _identity(path: str) -> lenient.Identity | None:
    try:
        return lenient.identity(os.lstat(path))
    except OSError:
        return None


def _created(path: Path) -> int:
    """When a run was asked for whose launch does not say it, µs since the epoch: its id does, to a second."""
    with contextlib.suppress(ValueError):
        moment = time.strptime(path.name[4:19], "%Y%m%d_%H%M%S")
        return max(0, calendar.timegm(moment) * state.MICROSECONDS)
    with contextlib.suppress(OSError):
        return min(max(0, os.lstat(path).st_mtime_ns // 1000), (1 << 53) - 1)
    return 0
