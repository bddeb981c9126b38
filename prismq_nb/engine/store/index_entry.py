"""`IndexEntry`: what the index keeps of one run, to filter and sort lists."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from prismq_nb.common.base import module_key, state
from prismq_nb.engine.files.notice_state import is_due
from prismq_nb.engine.store.rows import ARGUMENTS_CHARS
from prismq_nb.engine.store.run_info import effective_status
from prismq_nb.engine.store.stored_origin import stored_origin

if TYPE_CHECKING:
    from prismq_nb.engine.files.run_directory import RunFiles

MOMENT = slice(4, 19)
"""Where a run id has the time of the request, to a second."""
UNSURE = hash(None)
_TEXT_CHARS = 1000
_ERROR = 3
"""Where counts by level begin that are errors: of ERROR and CRITICAL."""


class IndexEntry:
    """One run in the index. Times are in µs since the epoch.

    Attributes:
        run_id: its id.
        order: sort key of lists, newest last: when it was created is its second item.
        module_id: id of its module.
        module_key: what it is a run of.
        notebook: path of the notebook that started it.
        name: its name, for sorting.
        text: what `q` searches, in lower case.
        status: its status.
        started: when it started; None: not yet.
        completed: when its module ended; None: it has not.
        ended: when its output had ended as well; None: it has not.
        changed: when its files changed; only for ended runs.
        lines: lines stored; `bytes`: bytes of output stored; both as the supervisor wrote last.
        lag_seconds: of a running run, the time since then, when it was last looked at.
        errors: records of the levels ERROR and CRITICAL.
        pinned: retention must keep it.
        row: what a list shows of it, packed; None: read its files.
        fingerprint: hash of `fingerprint` of its files.
        first_attempt: id of the first attempt of its launch.
        attempt: its number among them.
        notice_due: somebody is to be notified of its end, and nothing is known of that yet.
    """

    __slots__ = (
        *("attempt", "changed", "completed", "ended", "errors", "fingerprint", "first_attempt"),
        *("module_id", "module_key", "name", "notebook", "notice_due", "order", "pinned", "row"),
        "run_id",
        *("started", "status", "text", "lines", "bytes", "lag_seconds"),
    )

    def __init__(self, run_id: str) -> None:
        """Know only the id."""
        self.run_id = run_id
        self.order = (run_id[MOMENT], 0, run_id)
        self.module_id = self.name = self.text = self.status = ""
        self.module_key: str | None = None
        self.notebook: str | None = None
        self.started: int | None = None
        self.completed: int | None = None
        self.ended: int | None = None
        self.changed = self.errors = self.lines = self.bytes = 0
        self.lag_seconds = 0.0
        self.pinned = False
        self.row: bytes | None = None
        self.fingerprint = UNSURE
        self.first_attempt, self.attempt = run_id, 1
        self.notice_due = False

    @classmethod
    def of(cls, files: RunFiles) -> IndexEntry:
        """Return the entry of a run, without `row`, `ended` and `pinned`."""
        entry, launch = cls(files.run_id), files.launch
        entry.fingerprint = hash(files.fingerprint)
        entry.order = (files.run_id[MOMENT], files.created, files.run_id)
        entry.first_attempt, entry.attempt = files.first_attempt, launch.get("attempt", 1)
        entry.module_id = sys.intern(launch.get("module_id", "unknown"))
        entry.module_key = _interned(module_key.stored(launch))
        entry.notebook = _interned(stored_origin(launch).notebook)
        name = launch.get("module_name", "")[:_TEXT_CHARS]
        entry.name = sys.intern(name.casefold())
        arguments = launch.get("arguments", "")[:ARGUMENTS_CHARS]
        entry.text = f"{files.run_id}\n{name}\n{arguments}".lower()
        entry.update(files)
        entry.status = effective_status(files)
        entry.changed = files.changed
        entry.notice_due = is_due(files)
        return entry

    def update(self, files: RunFiles) -> None:
        """Take over what changes while a run is active."""
        fields = files.state()
        self.status = files.status_in(fields)
        self.started = fields.get("started") or None
        self.completed = fields.get("completed") or None
        self.lines, self.bytes = fields.get("lines", 0), fields.get("bytes", 0)
        heartbeat = fields.get("heartbeat") if self.status == state.RUNNING else None
        lag_us = 0 if heartbeat is None else max(0, state.now_us() - heartbeat)
        self.lag_seconds = lag_us / state.MICROSECONDS
        self.errors = sum((fields.get("records") or fields.get("levels") or ())[_ERROR:])

    def seconds(self, now_us: int) -> float | None:
        """Return its duration, until now if it goes on; None: it has not started."""
        if self.started is None:
            return None
        return ((self.completed or now_us) - self.started) / state.MICROSECONDS


def _interned(text: str | None) -> str | None:
    return None if text is None else sys.intern(text)
