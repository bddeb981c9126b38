"""Limits on disk usage: which ended runs to purge, and what one run may store.

Pure. Runs are purged oldest end first. A run that has not ended is never purged, nor is a pinned
one (`Engine.keep`). One that was read within the last hour is spared this time, and no newer one is
purged in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from prismq_nb.capture.pipes.storage import MAX_RUN_BYTES
from prismq_nb.common.base.state import MICROSECONDS

SPARED_SECONDS = 3600
"""Time after the last read during which a run is not purged."""
_DAY_US = 86_400 * MICROSECONDS


class Retention(NamedTuple):
    """How much to keep; 0: no limit.

    Attributes:
        runs: ended runs, without pinned ones.
        days: days since their end.
        bytes: bytes on disk of all runs together. Active and pinned runs count, but are never
            purged.
    """

    runs: int = 200
    days: float = 30.0
    bytes: int = 20 << 30


class Limits(NamedTuple):
    """What one run may store; see `capture/pipes/storage.py`.

    Attributes:
        min_free_bytes: storing pauses while less than this is free; None: 1 GiB or 5% of the file
            system, whichever is smaller.
        max_run_bytes: a run stores no more than this.
    """

    min_free_bytes: int | None = None
    max_run_bytes: int = MAX_RUN_BYTES


class RetainedRun(NamedTuple):
    """A run as retention sees it.

    Attributes:
        run_id: its id.
        ended: when it ended, µs since the epoch; None: it has not.
        bytes: its bytes on disk.
        pinned: it must be kept.
    """

    run_id: str
    ended: int | None
    bytes: int
    pinned: bool = False


def runs_to_purge(
    runs: Iterable[RetainedRun],
    limits: Retention,
    now_us: int,
    last_read: Callable[[str], int],
) -> list[str]:
    """Return the ids of the runs to purge, oldest end first.

    Args:
        runs: all runs.
        limits: how much to keep.
        now_us: µs since the epoch.
        last_read: from the id of a run to when it was last read, µs since the epoch; 0: never.
            Called for runs above the limits only: it reads the disk.
    """
    runs = list(runs)
    ended = sorted((run.ended, run) for run in runs if run.ended is not None and not run.pinned)
    count, size = len(ended), sum(run.bytes for run in runs)
    gone: list[str] = []
    for end, run in ended:
        old = limits.days and now_us - end > limits.days * _DAY_US
        if not (
            old or (limits.runs and count > limits.runs) or (limits.bytes and size > limits.bytes)
        ):
            break
        # a spared run counts as purged: it will be, and no other goes in its place
        count, size = count - 1, size - run.bytes
        if now_us - last_read(run.run_id) >= SPARED_SECONDS * MICROSECONDS:
            gone.append(run.run_id)
    return gone
