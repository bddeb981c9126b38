"""The state of one run as its feed last read it, and whether a new read is due.

Reading ``run.json`` and asking whether the supervisor is alive costs more than reading the index,
so it is done only where the file has changed or the supervisor may have died. Belongs to one event
loop.
"""

from __future__ import annotations

import asyncio
from enum import IntFlag
from typing import TYPE_CHECKING

from prismq_nb.common.base.state import ENDED

if TYPE_CHECKING:
    from prismq_nb.common.models import RunInfo
    from prismq_nb.engine.engine import Engine

MIN_READ_SECONDS = 0.05
"""Minimum time between two reads of the state, unless the directory has changed."""
STALE_SECONDS = 1.0
"""Read a state that has not changed again after this time: the supervisor may be dead."""
RECHECK_SECONDS = 2.0
"""After the index was closed, read the state at every refresh for this long: a killed process
releases its files one after the other, and its lock perhaps last."""


class News(IntFlag):
    """What has changed in a run since its feed last looked.

    Attributes:
        LINES: there are new lines.
        DETAILS: what only pages show: counts, usage, unfinished text.
        REST: what every subscriber reports: state, progress, gaps, the end.
    """

    LINES = 1
    DETAILS = 2
    REST = 4


class RunState:
    """The last known state of a run.

    Attributes:
        run: the run as last read.
        module_ended: its module has ended, so `run` has its status and exit code.
        ended: its output has ended, too: `run` is final.
    """

    def __init__(self, engine: Engine, run_id: str) -> None:
        """Read the state. Must be called on the event loop.

        Raises:
            RunNotFound: there is no such run.
        """
        self.run: RunInfo = engine.get(run_id)
        self.ended = self.module_ended = False
        self._engine = engine
        self._run_id = run_id
        self._clock = asyncio.get_running_loop().time
        self._read_s = self._clock()
        self._due_s = self._stale_s = self._recheck_until_s = 0.0
        self._fingerprint: object = None
        self._content: object = None

    @property
    def duration_seconds(self) -> float | None:
        """Seconds from the run's start until now or its end; None: it has not started."""
        seconds = self.run.duration_seconds
        if seconds is None or self.run.status in ENDED:
            return seconds
        return seconds + self._clock() - self._read_s

    @property
    def is_due(self) -> bool:
        """Whether `read` should be called now."""
        return self._clock() >= self._due_s

    @property
    def is_rechecked(self) -> bool:
        """Whether the supervisor may just have been killed."""
        return self._clock() < self._recheck_until_s

    def expire(self) -> None:
        """Read the state at the next refresh: the run directory has changed."""
        self._due_s = 0.0

    def recheck(self) -> None:
        """Read the state at every refresh for `RECHECK_SECONDS`."""
        self._recheck_until_s = self._clock() + RECHECK_SECONDS

    def read(self, *, notified: bool) -> News:
        """Read the state where it may have changed.

        Call it before reading the lines, so that all of them are there when it says that the run
        has ended.

        Args:
            notified: changes of the directory are notified, so an unchanged file is only read
                where nobody holds the run's lock any more.

        Raises:
            RunNotFound: the run was purged.
        """
        now_s = self._clock()
        self._due_s = now_s + MIN_READ_SECONDS
        if not self._has_changed() and not self._is_stale(now_s, notified=notified):
            return News(0)
        self._stale_s = now_s + STALE_SECONDS
        before, self.run, self._read_s = self.run, self._engine.get(self._run_id), now_s
        self.module_ended = self.run.status in ENDED
        ended, self.ended = self.ended, self.module_ended and not self.run.output_open
        if _state(before) != _state(self.run) or ended != self.ended:
            return News.REST
        return News.DETAILS if _details(before) != _details(self.run) else News(0)

    def _has_changed(self) -> bool:
        """Return whether the state has changed, apart from its heartbeat."""
        fingerprint = self._engine.state_fingerprint(self._run_id)
        if fingerprint == self._fingerprint:
            return False
        self._fingerprint = fingerprint
        before = self._content
        self._content = self._engine.state_without_heartbeat(self._run_id)
        return before != self._content

    def _is_stale(self, now_s: float, *, notified: bool) -> bool:
        if self.is_rechecked and not self.ended:
            return True
        if now_s < self._stale_s:
            return False
        if not notified or self._fingerprint is None:
            return True
        self._stale_s = now_s + STALE_SECONDS
        return not self.ended and self._engine.is_abandoned(self._run_id)


def _state(run: RunInfo) -> tuple[object, ...]:
    """Return what every subscriber reports.

    Not the duration, which always changes, nor the lines, which the journal has sooner.
    """
    progress = (run.progress_percent, run.items_processed, run.items_total)
    reading = (run.terminal, run.takes_input, run.waiting_for_input, run.hides_input)
    left = (run.output_open, run.background, run.notes)
    return (run.status, run.stopping, run.exit_code, run.started_at, progress, reading, left)


def _details(run: RunInfo) -> tuple[object, ...]:
    return (run.cpu_percent, run.memory_bytes, run.bytes, run.levels, run.records)
