"""Search the logs of many runs, newest run first, in bounded steps.

Several *lanes* search a run each, so that as many threads can work at once; what they find is given
in the order of the runs. Pure: no threads, no asyncio, no HTTP; the caller passes what opens a log.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from prismq_nb.common.base.terminal.text import plain
from prismq_nb.common.log_models import RunHits
from prismq_nb.engine.read.level_search import LevelSearch
from prismq_nb.engine.read.line_lookup import LineLookup
from prismq_nb.engine.read.search import LogSearch, Unreadable
from prismq_nb.errors import RunNotFound, RunUnreadable
from prismq_nb.journal.layout.format import BadIndex

if TYPE_CHECKING:
    import re2

    from prismq_nb.common.log_models import LogLine
    from prismq_nb.common.models import RunInfo
    from prismq_nb.journal.reader import JournalReader
    from prismq_nb.journal.search.terms import LineFilter

DEFAULT_HITS: Final = 1_000
"""Hits that are counted in each run unless it is said otherwise."""
MAX_HITS: Final = 1_000_000
"""Maximum number of hits counted in each run."""
DEFAULT_LINES: Final = 3
"""Lines that are given of each run unless it is said otherwise."""
MAX_LINES: Final = 20
"""Maximum number of lines given of each run."""
MAX_MESSAGE_CHARS: Final = 1_000
"""Maximum length of a line that is given."""
_BEFORE_CHARS: Final = 200
"""What is shown of a longer line in front of the match."""
_TEXT_BYTES: Final = 256 << 10
"""The lines of a run end once they had this much text, before they were cut."""
_MAX_WAITING: Final = 64
"""Results that may wait for the one of an earlier run; they take up to 4 kB per line."""
STEP_SECONDS: Final = 0.005
"""A step ends after this time, and after what takes up to 10 ms more."""
_PIECE_BYTES: Final = 256 << 10
"""What `first_candidate` reads at once: it stays in the processor's cache."""
_CONTROLS: Final = (0x1B, 0x0D, 0x08, 0xC2)
"""Bytes without which a line is searched as it is stored: ESC, CR, backspace, and the first byte of
C1 control characters (see `common.base.terminal.text.searchable`)."""


@dataclass(frozen=True)
class HitsQuery:
    """What to find in each run.

    Attributes:
        matcher: returns a new filter of lines, because each thread needs its own; None: any line.
        levels: None: any.
        records: only the first line of each record has a level.
        max_hits: count no more hits than this in a run, 1 to `MAX_HITS`.
        with_lines: give so many of the first lines of a run, 0 to `MAX_LINES`.
        limit: end after so many runs with hits; None: search all.
    """

    matcher: Callable[[], LineFilter | None]
    levels: frozenset[int] | None = None
    records: bool = False
    max_hits: int = DEFAULT_HITS
    with_lines: int = DEFAULT_LINES
    limit: int | None = None


class Logs(NamedTuple):
    """How the search reaches the runs; all functions are called in its threads.

    Attributes:
        open: opens the journal of a run, by its id. Raises RunNotFound, RunUnreadable.
        info: returns what a list shows of a run; None: there is no such run any more.
    """

    open: Callable[[str], JournalReader]
    info: Callable[[str], RunInfo | None]


class _Lane:
    """Searches one run after the other; used by one thread at a time."""

    def __init__(self, query: HitsQuery, logs: Logs) -> None:
        self._query, self._logs = query, logs
        self._matcher = query.matcher()
        self._work: Iterator[None] | None = None
        self.place = -1
        self.bytes_done = 0
        self.result: RunHits | None = None

    @property
    def is_busy(self) -> bool:
        """Whether it is in the middle of a run."""
        return self._work is not None

    def begin(self, place: int, run_id: str) -> None:
        """Begin with a run."""
        self.place, self.bytes_done, self.result = place, 0, None
        self._work = self._searched(run_id)

    def work(self) -> bool:
        """Work for up to some 10 ms; return whether the run is done, and `result` is set."""
        assert self._work is not None
        if next(self._work, self) is not self:
            return False
        self._work = None
        return True

    def close(self) -> None:
        """Close the files of the run that it is in."""
        if self._work is not None:
            self._work.close()  # type: ignore[attr-defined]  # it is a generator
            self._work = None

    def _searched(self, run_id: str) -> Iterator[None]:
        """Search a run; a run that is gone meanwhile has no result."""
        hits, more, error = 0, False, None
        numbers: list[int] = []
        lines: list[LogLine] = []
        try:
            with self._logs.open(run_id) as reader:
                reader.records_only = self._query.records
                search = self._search(reader, (yield from self._passed_over(reader)))
                try:
                    while not search.done and search.hits <= self._query.max_hits:
                        found = search.step()
                        numbers += found[: self._query.with_lines - len(numbers)]
                        self.bytes_done = search.bytes_done
                        yield
                except Unreadable as problem:
                    error = str(problem)
                hits = min(search.hits, self._query.max_hits)
                more = search.hits > hits
                if numbers:
                    lookup = LineLookup(reader, run_id, numbers, _TEXT_BYTES)
                    while not lookup.step():
                        yield
                    lines = [self._cut(line) for line in lookup.lines]
        except RunNotFound:
            return
        except (RunUnreadable, BadIndex, OSError) as problem:
            error = (isinstance(problem, OSError) and problem.strerror) or str(problem)
        if hits or error is not None:
            run = self._logs.info(run_id)
            if run is not None:
                self.result = RunHits(run, hits, more, lines, error)

    def _passed_over(self, reader: JournalReader) -> Generator[None, None, int]:
        """Pass over the beginning of a log that has no hit; return the line to search from."""
        if self._matcher is None or not self._matcher.literals or reader.to_utf8 is not None:
            return 0
        offset = 0
        for offset in first_candidate(reader, self._matcher.literals):
            self.bytes_done = offset
            yield
        if offset == reader.log_bytes:
            return reader.total_lines
        record = reader.record(reader.locate_end(offset))
        return 0 if record is None else record.first

    def _search(self, reader: JournalReader, first: int) -> LogSearch | LevelSearch:
        matcher, levels = self._matcher, self._query.levels
        exact, every = self._query.with_lines, self._query.max_hits + 1
        if matcher is None:
            wanted = levels or frozenset()
            return LevelSearch(reader, wanted, first=first, every=every, exact=exact)
        return LogSearch(reader, matcher, levels, first=first, every=every, exact=exact)

    def _cut(self, line: LogLine) -> LogLine:
        """Return a line as plain text; of a long one, the part with the first match."""
        text = plain(line.message)
        if len(text) > MAX_MESSAGE_CHARS:
            at = 0 if self._matcher is None else self._matcher.position(text)
            text = excerpt(text, at)
        return msgspec.structs.replace(line, message=text)


class RunsSearch:
    """A search in progress through some runs.

    Call `step` of every lane, each in one thread at a time, and `take` in between, until `done`;
    `close` it in any case.

    Attributes:
        runs: number of runs to search; `bytes`: of their logs at the beginning.
        runs_done: number of runs whose results were taken, or that have none.
        found: number of results taken that have hits.
        hits: number of their hits; `unreadable`: number of results taken with an error.
        is_cut: it ended because `limit` was reached.
    """

    def __init__(
        self,
        runs: Sequence[tuple[str, int]],
        query: HitsQuery,
        logs: Logs,
        lanes: int = 1,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Open nothing yet.

        Args:
            runs: ids of the runs and the sizes of their logs in bytes, in the order of the results.
            query: what to find.
            logs: how to reach the runs.
            lanes: how many threads may work at once.
            clock: seconds, for tests.
        """
        self.runs, self.bytes = len(runs), sum(size for _, size in runs)
        self.runs_done = self.found = self.hits = self.unreadable = 0
        self.is_cut = False
        self._ids = runs
        self._limit = query.limit
        self._lanes = [_Lane(query, logs) for _ in range(lanes)]
        self._lock = threading.Lock()  # of what follows
        self._next = 0
        self._finished: dict[int, RunHits | None] = {}
        self._waiting = self._bytes_finished = 0
        self._clock = clock

    @property
    def done(self) -> bool:
        """Whether all results were taken."""
        return self.runs_done == self.runs or self.is_cut

    @property
    def bytes_done(self) -> int:
        """Approximate bytes searched, up to `bytes`."""
        busy = [lane for lane in self._lanes if lane.is_busy]
        parts = sum(min(lane.bytes_done, self._ids[lane.place][1]) for lane in busy)
        return min(self.bytes, self._bytes_finished + parts)

    def ready(self) -> list[Callable[[], None]]:
        """Return the steps that may be taken now, each in a thread of its own; one at least."""
        return [
            lambda lane=lane: self._step(lane)  # type: ignore[misc]
            for lane in self._lanes
            if lane.is_busy or (self._next < self.runs and self._waiting < _MAX_WAITING)
        ]

    def take(self) -> list[RunHits]:
        """Return what was found since the last call, in order; not while a step is being taken."""
        results: list[RunHits] = []
        while not self.done and self.runs_done in self._finished:
            result = self._finished.pop(self.runs_done)
            self.runs_done += 1
            if result is None:
                continue
            self._waiting -= 1
            results.append(result)
            self.hits += result.hits
            self.found += result.hits > 0
            self.unreadable += result.error is not None
            self.is_cut = self.found == self._limit and self.runs_done < self.runs
        return results

    def close(self) -> None:
        """Close the files; not while a step is being taken."""
        for lane in self._lanes:
            lane.close()

    def _step(self, lane: _Lane) -> None:
        """Work for about 10 ms."""
        end = self._clock() + STEP_SECONDS
        while (lane.is_busy or self._begin(lane)) and self._clock() < end:
            if lane.work():
                with self._lock:
                    self._finished[lane.place] = lane.result
                    self._waiting += lane.result is not None
                    self._bytes_finished += self._ids[lane.place][1]

    def _begin(self, lane: _Lane) -> bool:
        with self._lock:
            if self._next == self.runs or self._waiting >= _MAX_WAITING:
                return False
            place, self._next = self._next, self._next + 1
        lane.begin(place, self._ids[place][0])
        return True


def first_candidate(reader: JournalReader, literals: Sequence[re2._Regexp]) -> Iterator[int]:
    """Yield how far the bytes of a log are known to have no hit, piece by piece.

    It ends where lines must be looked at, because of a literal or of control characters. Most logs
    have no hit, and this takes half the time of a search: no records, no lines.

    Args:
        reader: reader of a log in UTF-8.
        literals: `Matcher.literals`, at least one.
    """
    offset, size = 0, reader.log_bytes
    while offset < size:
        data = reader.read_log(offset, min(size, offset + _PIECE_BYTES))
        if not data:
            offset = size  # it was cut off: the lines that are missing are empty
        else:
            is_last = offset + len(data) >= size
            end = len(data) if is_last else data.rfind(b"\n") + 1
            if end == 0 or any(byte in data for byte in _CONTROLS):
                return
            places = [
                match.start()
                for each in literals
                if (match := each.search(data, 0, end)) is not None
            ]
            if places:
                yield offset + min(places)
                return
            offset += end
        yield offset


def excerpt(text: str, at: int) -> str:
    """Return `MAX_MESSAGE_CHARS` characters of a longer text, with the one at `at` among them.

    Ellipses stand for what was cut.
    """
    start = min(max(0, at - _BEFORE_CHARS), len(text) - MAX_MESSAGE_CHARS)
    part = text[start : start + MAX_MESSAGE_CHARS]
    head = f"…{part[1:]}" if start else part
    return head if start + MAX_MESSAGE_CHARS == len(text) else f"{head[:-1]}…"
