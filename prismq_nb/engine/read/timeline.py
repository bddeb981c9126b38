"""Lines per time and level over a whole run, for a drawing of it: a histogram by arrival time, from the index and the sidecar, never from the log.

Buckets lie on a grid that begins with the run and whose width is a power of two of microseconds. So when a run grows, the borders of wider buckets
are among those that are known already, and what is not known is a few binary searches: a request for a live run only adds what is new. Everything
comes in steps of about 10 ms, for a thread beside an event loop. Knows no HTTP.
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
from prismq_nb.journal.arrivals import Arrivals
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
"""Runs whose borders are kept between requests: 0.1 MB each for viewers, 1 MB at most."""
REMEMBERED_BORDERS = MAX_BUCKETS + 1


class Extent(NamedTuple):
    """What a time line covers, µs since the epoch: where its grid is fixed, and from when to when (not included)."""

    origin: int
    begin: int
    end: int


class _Border(NamedTuple):
    """Number of the first line that arrived at some moment or later, and the lines of each level before it that have one."""

    line: int
    counts: Counts


class _Memory:
    """What is remembered of one run's journal: final borders by their moment."""

    def __init__(self, identity: object) -> None:
        self.identity = identity
        self.lock = threading.Lock()
        self.sums = LevelSums()
        self.borders: dict[int, _Border] = {}


class TimelineQuery:
    """One histogram in the making. Call `step` until `done`, then `timeline`; `close` it in any case, or use it in a ``with``."""

    def __init__(self, run_dir: Path, reader: JournalReader, memory: _Memory, extent: Extent, buckets: int) -> None:
        """A histogram of what is in `reader` now, which it closes, with at most so many buckets."""
        self._run_id = run_dir.name
        self._reader = reader
        self._sidecar = SidecarReader(run_dir)
        self._memory = memory
        self._arrivals = Arrivals(reader)
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
        """Closes the files."""
        self._reader.close()
        self._sidecar.close()

    @property
    def done(self) -> bool:
        """Whether all borders are found."""
        return len(self._borders) == len(self._moments)

    def step(self) -> None:
        """Works for about 10 ms."""
        end = time.perf_counter() + STEP_SECONDS
        with self._memory.lock:
            while not self.done and time.perf_counter() < end:
                self._borders.append(self._border(self._moments[len(self._borders)]))

    def timeline(self) -> Timeline:
        """The histogram."""
        if len(self._memory.borders) > REMEMBERED_BORDERS:
            self._memory.borders = dict(zip(self._moments, self._borders, strict=True)) if self._known == self._total else {}
        pairs = list(pairwise(self._borders))
        return Timeline(
            run_id=self._run_id,
            begin=iso(self._begin),
            bucket_seconds=self._width / MICROSECONDS,
            total_lines=self._total,
            complete=self._known == self._total,
            first_lines=[one.line for one, _ in pairs],
            lines=[two.line - one.line for one, two in pairs],
            levels={level.name: [max(0, two.counts[level] - one.counts[level]) for one, two in pairs] for level in Level},
        )

    def _border(self, moment: int) -> _Border:
        known = self._memory.borders.get(moment)
        if known is not None and known.line <= self._total:
            return known
        line = self._arrivals.first_line(moment)
        final = line is not None and line <= self._known
        before = self._borders[-1].line if self._borders else 0
        line = self._total if line is None else max(line, before)  # a clock that was set back loses no line
        border = _Border(line, self._memory.sums.before(min(line, self._known), self._sidecar))
        if final:
            self._memory.borders[moment] = border
        return border


class Timelines:
    """Remembers borders of the runs that were asked for last. Thread-safe."""

    def __init__(self) -> None:
        self._memories: OrderedDict[str, _Memory] = OrderedDict()
        self._lock = threading.Lock()

    def memory(self, run_dir: Path) -> _Memory:
        """What is remembered of a run; nothing any more when recovery has put another index in place."""
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


def extent(reader: JournalReader, started: int, now: int, begin: int | None = None, end: int | None = None) -> Extent:
    """What there is to draw of a run.

    Args:
        reader: of its journal.
        started: when it was started, µs since the epoch.
        now: when it ended, or the time.
        begin: from when on; default: from the start.
        end: until when (not included); default: to the end, and not before the last line.
    """
    arrived = Arrivals(reader).ends()
    origin, last = (min(started, arrived[0]), max(now, arrived[1] + 1)) if arrived else (started, max(now, started))
    low = origin if begin is None else min(max(begin, origin), last)
    high = last if end is None else min(end, last)
    return Extent(origin, low, max(low, high))


def grid(extent: Extent, buckets: int) -> tuple[int, int, int]:
    """The narrowest buckets of which `buckets` or fewer cover all: where they begin, how wide one is (both µs), and how many there are."""
    origin, begin, end = extent
    width = 1
    while True:
        low, high = (begin - origin) // width, -((origin - end) // width)
        if high - low <= buckets:
            return origin + low * width, width, high - low
        width *= 2
