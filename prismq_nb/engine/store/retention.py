"""What may stand on disk: which ended runs a data directory no longer keeps, by age, count and bytes, and what one run may take.

Pure: it is told about runs and names those that go. The oldest finished go first. A run that has not ended never goes, nor one that a person has
pinned (`Engine.keep`); one that somebody has read within the last hour is spared this time, and no newer one goes in its place.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from prismq_nb.capture.pipes.storage import MAX_RUN_BYTES
from prismq_nb.common.base.state import MICROSECONDS

SPARED_SECONDS = 3600
"""After it was read for the last time."""
_DAY = 86_400 * MICROSECONDS


class Retention(NamedTuple):
    """How much is kept; 0 stands for no limit.

    Attributes:
        runs: ended runs, pinned ones not counted.
        days: since their end.
        bytes: on disk, of all runs together: those that go on and pinned ones count, but cannot go.
    """

    runs: int = 200
    days: float = 30.0
    bytes: int = 20 << 30


class Limits(NamedTuple):
    """What one run may take of the disk; see `capture/pipes/storage.py`.

    Attributes:
        min_free_bytes: storing pauses while less than this is free; None: 1 GiB or 5% of the file system, the smaller.
        max_run_bytes: a run stores no more than this.
    """

    min_free_bytes: int | None = None
    max_run_bytes: int = MAX_RUN_BYTES


class Kept(NamedTuple):
    """A run as retention sees it.

    Attributes:
        run_id: its id.
        ended: when it ended, µs since the epoch; None when it has not.
        bytes: on disk.
        pinned: a person wants to keep it.
        read: when it was read last, µs since the epoch; 0: never.
    """

    run_id: str
    ended: int | None
    bytes: int
    pinned: bool = False
    read: int = 0


def surplus(runs: Iterable[Kept], limits: Retention, now: int) -> list[str]:
    """Ids of the runs that go now, oldest end first; `now` in µs since the epoch."""
    runs = list(runs)
    ended = sorted((run.ended, run) for run in runs if run.ended is not None and not run.pinned)
    count, size = len(ended), sum(run.bytes for run in runs)
    gone: list[str] = []
    for end, run in ended:
        old = limits.days and now - end > limits.days * _DAY
        if not (old or (limits.runs and count > limits.runs) or (limits.bytes and size > limits.bytes)):
            break
        count, size = count - 1, size - run.bytes  # a spared one counts as gone: it will be, and nobody else pays for it
        if now - run.read >= SPARED_SECONDS * MICROSECONDS:
            gone.append(run.run_id)
    return gone
