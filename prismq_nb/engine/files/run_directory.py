"""One run directory as the engine sees it: its launch and its newest state.

Read and cache; make no decisions. Whatever the directory has become, nothing raises unless its
docstring says so; `problem` says what is wrong.
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

from prismq_nb.capture.run_directory import MAX_LAUNCH_BYTES
from prismq_nb.common.base import state
from prismq_nb.common.base.regular_files import open_regular
from prismq_nb.engine.files import directory_scan, lenient
from prismq_nb.engine.files.removal import remove
from prismq_nb.journal.layout import format as fmt

RUN_ID = re.compile(r"run_\d{8}_\d{6}_[A-Za-z0-9_-]{1,40}_[0-9a-f]{6}\Z", re.ASCII)
LAUNCH_VERSION = 1
_READ = "read"
_READ_SECONDS = 60.0
"""Minimum time between two updates of the mark that the log was read."""


class RunFiles:
    """One run directory.

    Attributes:
        run_id: the run's id, which is the directory's name.
        launch: the valid fields of ``launch.json``.
        created: when the run was requested, µs since the epoch.
        repaired: fingerprint of its files after the last repair, or when they were last found
            whole; None: neither yet.
        probe_due_s: when its liveness may be probed next, in monotonic seconds.
    """

    def __init__(self, path: str | Path, launch: dict[str, Any] | None = None) -> None:
        """Read ``launch.json``, unless `launch` is given."""
        self._dir = os.fspath(path)
        self.run_id = self._dir.rpartition("/")[2]
        self._launch_problem: str | None = None
        self._launch_seen: lenient.FileIdentity | None = None
        if launch is None:
            read = lenient.read(f"{self._dir}/{fmt.LAUNCH}", MAX_LAUNCH_BYTES)
            launch, self._launch_problem = read.values, read.problem
            self._launch_seen = read.seen
        self.launch = launch
        self.created: int = launch.get("created") or _created(self.path)
        self.probe_due_s = 0.0
        self.repaired: tuple[object, ...] | None = None
        self._state: dict[str, Any] = {}
        self._state_problem: str | None = None
        self._override: dict[str, Any] = {}
        self._seen: lenient.FileIdentity | None = None
        self._scan = directory_scan.NOT_SCANNED
        self._marked_s = float("-inf")
        self._frozen = False

    @cached_property
    def path(self) -> Path:
        """The directory's path."""
        return Path(self._dir)

    def scan(self) -> directory_scan.DirectoryScan:
        """Return what is in the directory; scan again if it has changed."""
        if not self._frozen:
            self._scan = directory_scan.scan(self._dir, self._scan)
        return self._scan

    def freeze(self) -> None:
        """Read the files and show that moment from now on. For lists, which read each run once."""
        self.scan()
        self._read_state()
        self._frozen = True

    @property
    def is_cell(self) -> bool:
        """Whether it is a watched cell: its process is a kernel, which nothing here may signal.

        Either of its files says so, because the other may be damaged.
        """
        return self.launch.get("kind") == state.CELL or "kernel_pid" in self.state()

    @property
    def restart_of(self) -> str | None:
        """Id of the run that it was restarted from, which may be purged; None: it was launched."""
        return self._id("restart_of")

    @property
    def first_attempt(self) -> str:
        """Id of the first attempt of its launch, which may be purged."""
        return self._id("first_attempt") or self.run_id

    def _id(self, field: str) -> str | None:
        value = self.launch.get(field, "")
        return value if RUN_ID.match(value) else None

    @property
    def fingerprint(self) -> tuple[object, ...] | None:
        """The `fingerprint` of its files when they were read; None: they may change unnoticed."""
        fingerprint = self._scan.fingerprint
        return None if fingerprint is None else (fingerprint, self._launch_seen, self._seen)

    @property
    def changed(self) -> int:
        """When its files last changed, µs since the epoch, as far as they were read; 0: unknown."""
        seen = [identity[2] for identity in (self._launch_seen, self._seen) if identity is not None]
        return max(self._scan.changed_ns, *seen, 0) // 1000

    @property
    def problem(self) -> str | None:
        """What is wrong with its files; None: nothing that is known."""
        found = self.scan()
        if not found.readable:
            return found.problem
        launch = self._launch_problem
        if launch is None and "module_name" not in self.launch:
            launch = f"{fmt.LAUNCH} is damaged: it does not say what was launched"
        problems = (launch, self._state_problem, found.problem)
        return "; ".join(dict.fromkeys(text for text in problems if text)) or None

    def state(self) -> dict[str, Any]:
        """Return the newest ``run.json``; empty before the child was started."""
        if self._frozen:
            return self._state
        try:
            seen = lenient.file_identity(os.lstat(f"{self._dir}/{fmt.STATE}"))
        except OSError:
            return self._state
        if seen != self._seen:
            self._read_state()
        return self._state

    def _read_state(self) -> None:
        """Read ``run.json``; keep the last state if the file is not a JSON object."""
        read = lenient.read(f"{self._dir}/{fmt.STATE}", lenient.MAX_STATE_BYTES)
        self._state_problem = None if read.missing else read.problem
        if read.whole:
            self._state, self._seen = read.values | self._override, read.seen

    def write(self, value: dict[str, Any]) -> None:
        """Replace ``run.json``; the caller holds the run's lock.

        Raises:
            OSError: it cannot be written.
        """
        self._override = {}
        state.write_json(self.path / fmt.STATE, value)

    def override(self, fields: dict[str, Any]) -> None:
        """Show the state with these fields, which could not be written, in this process."""
        self._override = fields
        self._state = self._state | fields

    @property
    def status(self) -> str:
        """One of `state.STATUSES`; a status that this version does not know becomes ``queued``."""
        return self.status_in(self.state())

    def status_in(self, fields: dict[str, Any]) -> str:
        """Return the status in a state that was read before; reading twice may see two moments."""
        if not self._scan.readable:
            return state.FAILED
        status = fields.get("status")
        if status in state.STATUSES:
            return str(status)
        # a watched cell prints while its supervisor starts
        return state.RUNNING if self.launch.get("kind") == "cell" else state.QUEUED

    @property
    def started(self) -> int | None:
        """When its child was started, µs since the epoch; None: not yet."""
        return self.state().get("started") or None

    @property
    def is_open(self) -> bool:
        """Whether its module has ended while its log may still grow."""
        fields = self.state()
        return fields.get("output_open") is True and self.status_in(fields) in state.ENDED

    @property
    def is_final(self) -> bool:
        """Whether its module and its output have ended."""
        fields = self.state()
        return self.status_in(fields) in state.ENDED and fields.get("output_open") is not True

    @property
    def ended(self) -> int | None:
        """When its module and its output had ended, µs since the epoch; None: not yet."""
        if not self.is_final:
            return None
        fields = self.state()
        completed: int = fields.get("output_ended") or fields.get("completed", self.created)
        return completed

    @property
    def pinned(self) -> bool:
        """Whether retention must keep it."""
        return self.scan().pinned

    def pin(self, keep: bool) -> None:
        """Pin or release it.

        Raises:
            OSError: the mark cannot be written.
        """
        path = self.path / directory_scan.PIN
        if not keep:
            remove(path)
        elif not os.path.lexists(path):
            os.close(open_regular(path, os.O_WRONLY | os.O_CREAT))
        self._scan = directory_scan.NOT_SCANNED

    def mark_read(self) -> None:
        """Record that its log is being read. A failure, as on a full disk, is ignored."""
        now_s = time.monotonic()
        if now_s - self._marked_s < _READ_SECONDS or self.status not in state.ENDED:
            return
        self._marked_s = now_s
        if self._scan.linked:
            return
        with contextlib.suppress(OSError):
            fd = open_regular(self.path / _READ, os.O_WRONLY | os.O_CREAT)
            try:
                os.utime(fd)
            finally:
                os.close(fd)

    @property
    def newer(self) -> str | None:
        """Why a run of a later version cannot be read; None: it can."""
        for name, own, read in (
            (fmt.LAUNCH, LAUNCH_VERSION, self.launch),
            (fmt.STATE, fmt.VERSION, self.state()),
        ):
            version = read.get("version", own)
            if version > own:
                return (
                    f"a newer prismq_nb made this run ({name} has version {version}, this one reads"
                    f" version {own}): update prismq_nb to read it"
                )
        return None


def last_read(run_dir: str) -> int:
    """Return when a run's log was last read, µs since the epoch, to a minute; 0: never."""
    with contextlib.suppress(OSError):
        return os.lstat(f"{run_dir}/{_READ}").st_mtime_ns // 1000
    return 0


def fingerprint(run_dir: str) -> tuple[object, ...] | None:
    """Return what a run directory and its two JSON files look like from outside: three `lstat`.

    None if the directory may change unnoticed.
    """
    fingerprint = directory_scan.fingerprint(run_dir)
    return (
        None
        if fingerprint is None
        else (fingerprint, *(_identity(f"{run_dir}/{name}") for name in (fmt.LAUNCH, fmt.STATE)))
    )


def _identity(path: str) -> lenient.FileIdentity | None:
    try:
        return lenient.file_identity(os.lstat(path))
    except OSError:
        return None


def _created(path: Path) -> int:
    """Return when a run was requested, µs since the epoch, by its id or its directory's mtime."""
    with contextlib.suppress(ValueError):
        moment = time.strptime(path.name[4:19], "%Y%m%d_%H%M%S")
        return max(0, calendar.timegm(moment) * state.MICROSECONDS)
    with contextlib.suppress(OSError):
        return min(max(0, os.lstat(path).st_mtime_ns // 1000), (1 << 53) - 1)
    return 0
