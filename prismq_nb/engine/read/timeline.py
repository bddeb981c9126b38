"""A histogram of a run's lines by arrival time and level, from index and sidecar, not the log.

Buckets are on a grid that begins with the run and whose width is a power of two in µs. So when a
run grows, the borders of wider buckets are known already, and the rest takes a few binary searches:
a request for a live run only adds what is new. All work is done in steps of about 10 ms, for a
thread. Knows no HTTP.
"""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, Self

from prismq_nb.common.base.state import MICROSECONDS, iso
from prismq_nb.common.log_models import Timeline
from prismq_nb.journal.arrivals import ArrivalSearch
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.levels.classifier import Level
from prismq_nb.journal.levels.sidecar import SidecarReader
from prismq_nb.journal.levels.sums import Counts, LevelSums

if TYPE_CHECKING:
    from pathlib import Path

    from prismq_nb.journal.reader import JournalReader

MAX_BUCKETS, DEFAULT_BUCKETS = 2000, 240
STEP_SECONDS = 0.01
REMEMBERED_RUNS = 16
"""Runs whose borders are cached: 0.1 MB each for viewers, at most 1 MB."""
REMEMBERED_BORDERS = MAX_BUCKETS + 1


class Extent(NamedTuple):
    """What a timeline covers, µs since the epoch: origin of its grid, begin, exclusive end."""

    origin: int
    begin: int
    end: int


class _Border(NamedTuple):
    """Number of the first line that arrived at a moment or later, and levels before it."""

    line: int
    counts: Counts


class _Memory:
    """What is cached of one run's journal: final borders by their moment."""

    def __init__(self, identity: object) -> None:
        self.identity = identity
        self.lock = threading.Lock()
        self.sums = LevelSums()
        self.borders: dict[int, _Border] = {}


class TimelineQuery:
    """One histogram in progress.

    Call `step` until `done`, then `timeline`. Close it in any case, or use it in a ``with``
    statement.
    """

    def __init__(
        self, run_dir: Path, reader: JournalReader, memory: _Memory, extent: Extent, buckets: int
    ) -> None:
        """Start a histogram of what `reader` has now, with at most `buckets` buckets.

        The query closes the reader.
        """
        self._run_id = run_dir.name
        self._reader = reader
        self._sidecar = SidecarReader(run_dir)
        self._memory = memory
        self._arrivals = ArrivalSearch(reader)
        self._total = reader.total_lines
        self._known = min(self._sidecar.lines(), self._total)
        self._begin, self._width, count = grid(extent, buckets)
        self._moments = [self._begin + place * self._width for place in range(count + 1)]
        self._borders: list[_Border] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the files."""
        self._reader.close()
        self._sidecar.close()

    @property
    def done(self) -> bool:
        """Whether all borders are found."""
        return len(self._borders) == len(self._moments)

    def step(self) -> None:
        """Work for about 10 ms."""
        end = time.perf_counter() + STEP_SECONDS
        with self._memory.lock:
            while not self.done and time.perf_counter() < end:
                self._borders.append(self._border(self._moments[len(self._borders)]))

    def timeline(self) -> Timeline:
        """Return the histogram."""
        if len(self._memory.borders) > REMEMBERED_BORDERS:
            self._memory.borders = (
                dict(zip(self._moments, self._borders, strict=True))
                if self._known == self._total
                else {}
            )
        pairs = list(pairwise(self._borders))
        return Timeline(
            run_id=self._run_id,
            begin=iso(self._begin),
            bucket_seconds=self._width / MICROSECONDS,
            total_lines=self._total,
            complete=self._known == self._total,
            first_lines=[one.line for one, _ in pairs],
            lines=[two.line - one.line for one, two in pairs],
            levels={
                level.name: [max(0, two.counts[level] - one.counts[level]) for one, two in pairs]
                for level in Level
            },
        )

    def _border(self, moment: int) -> _Border:
        known = self._memory.borders.get(moment)
        if known is not None and known.line <= self._total:
            return known
        line = self._arrivals.first_line(moment)
        final = line is not None and line <= self._known
        before = self._borders[-1].line if self._borders else 0
        # if the clock was set back, no line is lost
        line = self._total if line is None else max(line, before)
        border = _Border(line, self._memory.sums.before(min(line, self._known), self._sidecar))
        if final:
            self._memory.borders[moment] = border
        return border


class Timelines:
    """Caches the borders of the most recently requested runs. Thread-safe."""

    def __init__(self) -> None:
        self._memories: OrderedDict[str, _Memory] = OrderedDict()
        self._lock = threading.Lock()

    def memory(self, run_dir: Path) -> _Memory:
        """Return what is cached of a run; empty if recovery has replaced its index."""
        try:
            stat = os.stat(run_dir / fmt.INDEX)
            identity: object = (stat.st_dev, stat.st_ino)
        except OSError:
            identity = None
        with self._lock:
            memory = self._memories.get(run_dir.name)
            if memory is None or memory.identity != identity:
                memory = self._memories[run_dir.name] = _Memory(identity)
            self._memories.move_to_end(run_dir.name)
            while len(self._memories) > REMEMBERED_RUNS:
                self._memories.popitem(last=False)
        return memory


def extent(
    reader: JournalReader, started: int, now: int, begin: int | None = None, end: int | None = None
) -> Extent:
    """Return what to show of a run.

    Args:
        reader: reader of its journal.
        started: when it was started, µs since the epoch.
        now: when it ended, or the present time.
        begin: start; default: the run's start.
        end: end (exclusive); default: the run's end, but not before its last line.
    """
    arrived = ArrivalSearch(reader).time_range()
    origin, last = (
        (min(started, arrived[0]), max(now, arrived[1] + 1))
        if arrived
        else (started, max(now, started))
    )
    low = origin if begin is None else min(max(begin, origin), last)
    high = last if end is None else min(end, last)
    return Extent(origin, low, max(low, high))


def grid(extent: Extent, buckets: int) -> tuple[int, int, int]:
    """Return the narrowest grid on which at most `buckets` buckets cover the extent.

    Returns:
        Its begin and its bucket width, both in µs, and the number of buckets.
    """
    origin, begin, end = extent
    width = 1
    while True:
        low, high = (begin - origin) // width, -((origin - end) // width)
        if high - low <= buckets:
            return origin + low * width, width, high - low
        width *= 2
