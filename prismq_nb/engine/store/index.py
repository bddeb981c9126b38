"""All runs of a data directory in memory, for lists, filters and housekeeping.

The directories stay the truth, and other processes change them. A question checks only what may
have changed: the names, if the directory of runs has a new mtime; the active runs, which are few;
and what this process itself changed. Ended runs hardly ever change, so a thread checks each of them
every `SWEEP_SECONDS`, some at a time.

At first only names are known, and the thread reads the runs. If that takes long, a list without
filters reads only the runs that it shows; a filter reads all the rest.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING

from prismq_nb.common.base import state
from prismq_nb.engine.files.directory_scan import YOUNG_NS
from prismq_nb.engine.files.run_directory import RUN_ID, RunFiles, fingerprint
from prismq_nb.engine.store import rows
from prismq_nb.engine.store.index_entry import MOMENT, UNSURE, IndexEntry
from prismq_nb.engine.store.run_info import run_info
from prismq_nb.engine.store.totals import EndedTotals, IndexTotals

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from prismq_nb.common.models import RunInfo

SWEEP_SECONDS = 20.0
"""Time in which each ended run is checked once, if they are not too many for that."""
MAX_CHECKED = 100
"""Runs checked in one slice, about 1 ms: 0.05% of a core, so 10,000 runs take 200 s."""
SLICE_SECONDS = 2.0
"""Time between two slices of a sweep."""
LOCK_SECONDS = 0.5
"""Minimum time between two checks of the locks of active runs."""
MAX_ROWS_BYTES = 12 << 20
"""Memory for the rows of ended runs; further ones are read from disk when they are listed."""
READ_AHEAD_SECONDS = 0.85
"""How long a list without filters reads runs that it does not show, so that filters need not."""
_READ_AT_ONCE = 20
"""Runs read while holding the lock: about 2 ms."""


class RunIndex:
    """The runs in one directory. Thread-safe; every call may block for some milliseconds.

    The first call of `entries` blocks longer: it reads all runs, 50 to 100 µs each.
    """

    def __init__(
        self,
        runs_dir: Path,
        load: Callable[[str], RunFiles | None],
        schedule_repair: Callable[[RunFiles], None],
    ) -> None:
        """Read nothing yet.

        Args:
            runs_dir: directory of the run directories.
            load: returns the files of a run that is likely to be asked for again.
            schedule_repair: starts the repair of an active run if it is dead.
        """
        self._dir = os.fspath(runs_dir)
        self._load = load
        self._schedule_repair = schedule_repair
        self._locks_checked_s = float("-inf")
        self._entries: dict[str, IndexEntry] = {}
        self._sorted: list[IndexEntry] | None = None
        self._unread: set[str] = set()
        self._active: set[str] = set()
        self._attempts: dict[str, set[str]] = {}
        self._changed: set[str] = set()
        self._names: set[str] = set()
        self._names_mark: tuple[int, int, int] | None = None
        self._rows_bytes = 0
        self._ended = EndedTotals()
        self._lock = threading.RLock()
        self._closed = threading.Event()
        self._sweeper: threading.Thread | None = None

    def close(self) -> None:
        """Stop the thread."""
        self._closed.set()
        if self._sweeper is not None:
            self._sweeper.join()

    def changed(self, run_id: str) -> None:
        """Note that this process created, changed or removed a run."""
        self._changed.add(run_id)

    def __len__(self) -> int:
        """Return the number of runs.

        Raises:
            OSError: the directory of runs cannot be read.
        """
        with self._lock:
            self._refresh()
            return len(self._entries)

    def entries(self) -> list[IndexEntry]:
        """Return every run, newest first. Do not change the list or its entries.

        Raises:
            OSError: the directory of runs cannot be read.
        """
        with self._lock:
            self._refresh()
            self._read_for(float("inf"))
            return self._newest_first()

    def active(self) -> list[IndexEntry]:
        """Return every run that has not ended, or whose log may still grow.

        Raises:
            OSError: the directory of runs cannot be read.
        """
        with self._lock:
            self._refresh()
            self._read_for(float("inf"))
            active = [self._entries[run_id] for run_id in self._active]
        return [entry for entry in active if entry.status not in state.ENDED or entry.row is None]

    def attempts(self, first: str) -> list[IndexEntry]:
        """Return every attempt of a launch, oldest first; `first` is the id of the first one.

        Raises:
            OSError: the directory of runs cannot be read.
        """
        with self._lock:
            self._refresh()
            self._read_for(float("inf"))
            ids = {first, *self._attempts.get(first, ())}
            found = [entry for run_id in ids if (entry := self._entries.get(run_id)) is not None]
        return sorted(found, key=attrgetter("attempt", "order"))

    def newest(self, offset: int, limit: int) -> list[IndexEntry]:
        """Return a slice of `entries`; only this slice need be read.

        Raises:
            OSError: the directory of runs cannot be read.
        """
        with self._lock:
            self._refresh()
            self._read_for(READ_AHEAD_SECONDS)
            if self._unread:
                known = self._newest_first()[offset : offset + limit]
                moments = {
                    entry.run_id[MOMENT] for entry in known
                }  # within a second, the files decide
                for run_id in [one for one in self._unread if one[MOMENT] in moments]:
                    self._unread.discard(run_id)
                    self._read(run_id)
            return self._newest_first()[offset : offset + limit]

    def counts(self) -> Counter[str] | None:
        """Return the number of runs of each status; None: some have not been read yet.

        Raises:
            OSError: the directory of runs cannot be read.
        """
        with self._lock:
            self._refresh()
            if self._unread:
                return None
            return Counter(map(attrgetter("status"), self._entries.values()))

    def totals(self) -> IndexTotals:
        """Return totals as of the last question. Reads nothing and never waits."""
        known = (self._entries.get(run_id) for run_id in list(self._active))
        active = [entry for entry in known if entry is not None]
        return self._ended.with_active(active, runs=len(self._entries), row_bytes=self._rows_bytes)

    def _refresh(self) -> None:
        """Update everything except what the thread does."""
        self._refresh_names()
        while self._changed:
            self._read(self._changed.pop())
        self._refresh_active()
        if self._sweeper is None and not self._closed.is_set():
            self._sweeper = threading.Thread(target=self._sweep, name="prismq-index", daemon=True)
            self._sweeper.start()

    def _read_for(self, seconds: float) -> None:
        """Read unread runs for about `seconds`."""
        end = time.monotonic() + seconds
        while self._unread and time.monotonic() < end:
            self._read(self._unread.pop())

    def _newest_first(self) -> list[IndexEntry]:
        if self._sorted is None:
            self._sorted = sorted(self._entries.values(), key=attrgetter("order"), reverse=True)
        return self._sorted

    def run(self, entry: IndexEntry) -> RunInfo | None:
        """Return what a list shows of a run; None: it has been purged meanwhile."""
        if entry.row is not None:
            return rows.unpack(entry.row)
        files = self._load(entry.run_id)
        return None if files is None else rows.abridged(run_info(files))

    def _refresh_names(self) -> None:
        try:
            stat = os.stat(self._dir)
            # rsync and tar set the first back
            mark = (stat.st_ino, stat.st_mtime_ns, stat.st_ctime_ns)
            if mark == self._names_mark:
                return
            young = time.time_ns() - stat.st_mtime_ns < YOUNG_NS
            with os.scandir(self._dir) as found:
                names = {entry.name for entry in found}
        except FileNotFoundError:
            mark, young, names = None, True, set()  # all runs were removed
        new, gone = names - self._names, self._names - names
        self._names = names
        for name in filter(RUN_ID.match, gone):
            self._touch(name)
            self._forget(name)
        for name in filter(RUN_ID.match, new):
            self._touch(name)
            self._entries[name] = IndexEntry(name)
            self._unread.add(name)
            self._sorted = None
        self._names_mark = None if young else mark

    def _refresh_active(self) -> None:
        """Check which runs are still active: an `lstat` of each, and its lock from time to time."""
        now = time.monotonic()
        locks = now - self._locks_checked_s >= LOCK_SECONDS
        if locks:
            self._locks_checked_s = now
        for run_id in list(self._active):
            files = self._load(run_id)
            if files is not None and locks:
                self._schedule_repair(files)
            if files is None or files.is_final or files.newer is not None:
                self._read(run_id)
            else:
                self._entries[run_id].update(files)

    def _read(self, run_id: str) -> None:
        """Read a run's files into its entry."""
        path = f"{self._dir}/{run_id}"
        was_read = run_id not in self._unread
        before = self._entries.get(run_id)
        self._forget(run_id)
        files = RunFiles(path)
        files.freeze()
        if not files.scan().readable and not os.path.lexists(path):
            self._touch(run_id)
            return
        entry = self._entries[run_id] = IndexEntry.of(files)
        self._names.add(run_id)
        if entry.first_attempt != run_id:
            self._attempts.setdefault(entry.first_attempt, set()).add(run_id)
        if entry.status not in state.ENDED or files.is_open or files.newer is not None:
            self._active.add(run_id)
            if was_read:
                self._touch(run_id)
            return
        entry.ended, entry.pinned = files.ended, files.pinned
        if entry.ended is not None:
            self._ended.add(entry)
        row = rows.pack(rows.abridged(run_info(files)))
        if self._rows_bytes + len(row) <= MAX_ROWS_BYTES:
            entry.row = row
            self._rows_bytes += len(row)
        if was_read and (before is None or before.row != row):
            self._touch(run_id)

    def _touch(self, run_id: str) -> None:
        """Take note that what a list shows of a run may be different now."""

    def _forget(self, run_id: str) -> None:
        self._sorted = None
        self._active.discard(run_id)
        self._unread.discard(run_id)
        self._names.discard(run_id)
        if (entry := self._entries.pop(run_id, None)) is None:
            return
        if entry.row is not None:
            self._rows_bytes -= len(entry.row)
        if entry.ended is not None:
            self._ended.add(entry, -1)
        if (family := self._attempts.get(entry.first_attempt)) is not None:
            family.discard(run_id)
            if not family:
                del self._attempts[entry.first_attempt]

    def _sweep(self) -> None:
        """Read unread runs, then check all runs again and again, a slice at a time."""
        while self._unread and not self._closed.is_set():
            with self._lock:
                for run_id in list(islice(self._unread, _READ_AT_ONCE)):
                    self._unread.discard(run_id)
                    self._read(run_id)
        waiting: list[str] = []
        size = 0
        while not self._closed.wait(SLICE_SECONDS):
            if not waiting:
                waiting = list(self._entries)
                size = min(MAX_CHECKED, 1 + int(len(waiting) * SLICE_SECONDS / SWEEP_SECONDS))
            some, waiting = waiting[:size], waiting[size:]
            for run_id in some:
                entry = self._entries.get(run_id)
                mark = hash(fingerprint(f"{self._dir}/{run_id}"))
                if entry is not None and (mark == UNSURE or mark != entry.fingerprint):
                    self.changed(run_id)
