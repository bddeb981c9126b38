"""All runs of a data directory, in memory: what lists, filters and housekeeping go by.

The directories stay the truth, and other processes change them. A question looks only at what may
have changed: the names, where the directory of runs has another time than last; the runs that go
on, of which there are few; and what this process itself changed. Ended runs hardly ever change: a
thread looks at each of them every `SWEEP_SECONDS`, some at a time.

At first only names are known, and a thread reads the runs. Where that takes
long, a list without filters reads those that it shows and no more; a filter reads what is left.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING

from prismq_nb.common.base import state
from prismq_nb.engine.files.run_directory import RUN_ID, RunFiles, glance
from prismq_nb.engine.store import rows
from prismq_nb.engine.store.rows import ARGUMENTS_CHARS
from prismq_nb.engine.store.run_info import show, shown_status

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from prismq_nb.common.models import Run

SWEEP_SECONDS = 20.0
"""How long it takes until each ended run was looked at again."""
SLICE_SECONDS = 2.0
"""Between two slices of that."""
LOCK_SECONDS = 0.5
"""Between two looks whether the supervisors of the runs that go on are alive."""
MAX_ROWS_BYTES = 12 << 20
"""Memory for the rows of ended runs; those beyond it are read from disk when they are listed."""
_UNSURE = hash(None)
_YOUNG_NS = 2_000_000_000
"""What changed so lately may have changed again within the resolution of the file's time."""
_TEXT_CHARS = 1000
PATIENCE_SECONDS = 0.85
"""How long a list without filters reads runs that it does not show, so that filters need not."""
_READ_AT_ONCE = 20
"""Runs that are read before others may ask: about 2 ms."""
_MOMENT = slice(4, 19)
"""Where a run id says when the run was made, to a second."""


class Entry:
    """One run as lists know it.

    Attributes:
        run_id: its id; `order`: lists go by it, newest last.
        module_id: its module's; `text`: what `q` looks in, in lower case; `status`: its status.
        ended: when it ended, µs since the epoch; None while it goes on.
        pinned: retention leaves it alone.
        row: what a list shows of it, packed; None: to be read from its files.
        mark: of what its files look like from outside, see `glance`.
        first_attempt: what it shares with its other attempts; `attempt`: which of them it is.
    """

    __slots__ = (
        *("attempt", "ended", "first_attempt", "mark", "module_id", "order", "pinned", "row"),
        *("run_id", "status", "text"),
    )

    def __init__(self, run_id: str) -> None:
        """Know nothing but its id."""
        self.run_id = run_id
        self.order = (run_id[_MOMENT], 0, run_id)
        self.module_id = self.text = self.status = ""
        self.ended: int | None = None
        self.pinned = False
        self.row: bytes | None = None
        self.mark = _UNSURE
        self.first_attempt, self.attempt = run_id, 1


class RunIndex:
    """The runs below one directory. Thread-safe; every call may block for some milliseconds.

    The first call of `entries` blocks longer: it reads all runs, 50 to 100 µs each.
    """

    def __init__(
        self,
        runs_dir: Path,
        load: Callable[[str], RunFiles | None],
        see_to: Callable[[RunFiles], None],
    ) -> None:
        """Read nothing yet.

        Args:
            runs_dir: where the run directories are.
            load: gives the files of a run that is likely to be asked for again.
            see_to: begins the repair of a run that has not ended, if it is dead.
        """
        self._dir = os.fspath(runs_dir)
        self._load = load
        self._see_to = see_to
        self._seen_to = float("-inf")
        self._entries: dict[str, Entry] = {}
        self._sorted: list[Entry] | None = None
        self._unread: set[str] = set()
        self._going: set[str] = set()
        self._attempts: dict[str, set[str]] = {}
        self._changed: set[str] = set()
        self._names: set[str] = set()
        self._names_mark: tuple[int, int, int] | None = None
        self._rows_bytes = 0
        self._lock = threading.RLock()
        self._closed = threading.Event()
        self._sweeper: threading.Thread | None = None

    def close(self) -> None:
        """End the thread."""
        self._closed.set()
        if self._sweeper is not None:
            self._sweeper.join()

    def changed(self, run_id: str) -> None:
        """Note that this process made, changed or removed a run."""
        self._changed.add(run_id)

    def __len__(self) -> int:
        """How many runs there are, as of now. Raises OSError as `entries`."""
        with self._lock:
            self._look()
            return len(self._entries)

    def entries(self) -> list[Entry]:
        """Every run, newest first, as of now. The list and its entries are not to be changed.

        Raises:
            OSError: the directory of runs cannot be read.
        """
        with self._lock:
            self._look()
            self._read_for(float("inf"))
            return self._newest_first()

    def going(self) -> list[Entry]:
        """Every run that has not ended, or whose log may still grow. Raises as `entries`."""
        with self._lock:
            self._look()
            self._read_for(float("inf"))
            going = [self._entries[run_id] for run_id in self._going]
        return [entry for entry in going if entry.status not in state.ENDED or entry.row is None]

    def attempts(self, first: str) -> list[Entry]:
        """Every attempt of a launch, oldest first; `first` is the id of the first one.

        Raises:
            OSError: as `entries`.
        """
        with self._lock:
            self._look()
            self._read_for(float("inf"))
            ids = {first, *self._attempts.get(first, ())}
            found = [entry for run_id in ids if (entry := self._entries.get(run_id)) is not None]
        return sorted(found, key=attrgetter("attempt", "order"))

    def newest(self, offset: int, limit: int) -> list[Entry]:
        """A part of `entries`, for which only this part need be read. Raises as `entries`."""
        with self._lock:
            self._look()
            self._read_for(PATIENCE_SECONDS)
            if self._unread:
                known = self._newest_first()[offset : offset + limit]
                moments = {entry.run_id[_MOMENT] for entry in known}  # within one, files decide
                for run_id in [one for one in self._unread if one[_MOMENT] in moments]:
                    self._unread.discard(run_id)
                    self._read(run_id)
            return self._newest_first()[offset : offset + limit]

    def _look(self) -> None:
        """Bring everything up to date but what the thread does."""
        self._look_at_names()
        while self._changed:
            self._read(self._changed.pop())
        self._look_at_live()
        if self._sweeper is None and not self._closed.is_set():
            self._sweeper = threading.Thread(target=self._sweep, name="prismq-index", daemon=True)
            self._sweeper.start()

    def _read_for(self, seconds: float) -> None:
        """Read what was not read yet, for about so long."""
        end = time.monotonic() + seconds
        while self._unread and time.monotonic() < end:
            self._read(self._unread.pop())

    def _newest_first(self) -> list[Entry]:
        if self._sorted is None:
            self._sorted = sorted(self._entries.values(), key=attrgetter("order"), reverse=True)
        return self._sorted

    def run(self, entry: Entry) -> Run | None:
        """What a list shows of a run; None if it has gone meanwhile."""
        if entry.row is not None:
            return rows.unpack(entry.row)
        files = self._load(entry.run_id)
        return None if files is None else rows.abridged(show(files))

    def _look_at_names(self) -> None:
        try:
            stat = os.stat(self._dir)
            mark = (stat.st_ino, stat.st_mtime_ns, stat.st_ctime_ns)  # rsync and tar set the first back
            if mark == self._names_mark:
                return
            young = time.time_ns() - stat.st_mtime_ns < _YOUNG_NS
            with os.scandir(self._dir) as found:
                names = {entry.name for entry in found}
        except FileNotFoundError:
            mark, young, names = None, True, set()  # somebody removed all runs
        new, gone = names - self._names, self._names - names
        self._names = names
        for name in gone:
            self._forget(name)
        for name in filter(RUN_ID.match, new):
            self._entries[name] = Entry(name)
            self._unread.add(name)
            self._sorted = None
        self._names_mark = None if young else mark

    def _look_at_live(self) -> None:
        """Look which runs still go on: an `lstat` of each, and its lock from time to time."""
        now = time.monotonic()
        locks = now - self._seen_to >= LOCK_SECONDS
        if locks:
            self._seen_to = now
        for run_id in list(self._going):
            files = self._load(run_id)
            if files is not None and locks:
                self._see_to(files)
            if files is None or files.is_final or files.newer is not None:
                self._read(run_id)
            else:
                self._entries[run_id].status = files.status

    def _read(self, run_id: str) -> None:
        """Read a run's files into its entry."""
        path = f"{self._dir}/{run_id}"
        self._forget(run_id)
        files = RunFiles(path)
        files.freeze()
        if not files.survey().readable and not os.path.lexists(path):
            return
        entry = self._entries[run_id] = Entry(run_id)
        self._names.add(run_id)
        entry.mark, entry.order = hash(files.mark), (run_id[_MOMENT], files.created, run_id)
        entry.status = shown_status(files)
        entry.first_attempt = files.first_attempt
        entry.attempt = files.launch.get("attempt", 1)
        if entry.first_attempt != run_id:
            self._attempts.setdefault(entry.first_attempt, set()).add(run_id)
        entry.module_id = sys.intern(files.launch.get("module_id", "unknown"))
        name = files.launch.get("module_name", "")[:_TEXT_CHARS]
        arguments = files.launch.get("arguments", "")[:ARGUMENTS_CHARS]
        entry.text = f"{run_id}\n{name}\n{arguments}".lower()
        if entry.status not in state.ENDED or files.is_open or files.newer is not None:
            self._going.add(run_id)
            return
        entry.ended, entry.pinned = files.ended, files.pinned
        row = rows.pack(rows.abridged(show(files)))
        if self._rows_bytes + len(row) <= MAX_ROWS_BYTES:
            entry.row = row
            self._rows_bytes += len(row)

    def _forget(self, run_id: str) -> None:
        self._sorted = None
        self._going.discard(run_id)
        self._unread.discard(run_id)
        self._names.discard(run_id)
        if (entry := self._entries.pop(run_id, None)) is None:
            return
        if entry.row is not None:
            self._rows_bytes -= len(entry.row)
        if (family := self._attempts.get(entry.first_attempt)) is not None:
            family.discard(run_id)
            if not family:
                del self._attempts[entry.first_attempt]

    def _sweep(self) -> None:
        """Read what was not read yet; then look at all runs again and again, a slice at a time."""
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
                size = 1 + int(len(waiting) * SLICE_SECONDS / SWEEP_SECONDS)
            some, waiting = waiting[:size], waiting[size:]
            for run_id in some:
                entry = self._entries.get(run_id)
                mark = hash(glance(f"{self._dir}/{run_id}"))
                if entry is not None and (mark == _UNSURE or mark != entry.mark):
                    self._changed.add(run_id)
