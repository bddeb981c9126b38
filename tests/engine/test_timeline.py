"""The timeline of a run equals counting line by line, whatever the log, its levels and the buckets.

The journals are real.
"""

from __future__ import annotations

from bisect import bisect_right
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.journals import T0, MadeRun
from support.random_cases import examples

from prismq_nb.common.base import state
from prismq_nb.common.log_models import Timeline
from prismq_nb.engine.engine import Engine
from prismq_nb.engine.read import timeline
from prismq_nb.engine.read.timeline import Extent, grid
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.levels import sidecar
from prismq_nb.journal.levels import sums as level_sums
from prismq_nb.journal.levels.classifier import Level
from prismq_nb.journal.levels.sidecar import SidecarWriter
from prismq_nb.journal.reader import JournalReader

SMALL_BLOCK = 8
MINUTE = 60 * state.MICROSECONDS
chunk = st.tuples(
    st.integers(0, 3_000_000),
    st.binary(min_size=1, max_size=30).map(lambda data: bytes(byte % 5 for byte in data)),
    st.integers(0, 3),
)
chunks = st.lists(chunk, max_size=25)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (sidecar, level_sums):
        monkeypatch.setattr(module, "BLOCK_LINES", SMALL_BLOCK)
    monkeypatch.setattr(sidecar, "_BLOCK_BYTES", sidecar._COUNTS.size + SMALL_BLOCK)


class Printed:
    """A run whose chunks come at given times and have lines of given levels."""

    def __init__(self, folder: Path) -> None:
        self.engine = Engine(folder)
        self.run = MadeRun(folder)
        self.sidecar = SidecarWriter(self.run.path)
        self.lines: list[tuple[int, int]] = []  # arrival and level of each

    def write(self, pause: int, levels: bytes, kind: int = 0) -> None:
        if kind == 1:
            self.run.lose(b"lost\n")
        if kind == 2:
            self.run.writer.mark_synced(self.run.writer.end, self.run.now)
        self.run.write(b"x\n" * len(levels), micros=pause)
        self.sidecar.append(levels)
        self.lines += [(self.run.now, level) for level in levels]

    def ask(self, buckets: int = 240, begin: int | None = None, end: int | None = None) -> Timeline:
        with self.engine.timeline(self.run.run_id, buckets, begin, end) as query:
            while not query.done:
                query.step()
            return query.timeline()


# An expectation
def check(  # noqa: PLR0917
    found: Timeline,
    lines: list[tuple[int, int]],
    begin: int,
    end: int,
    buckets: int,
    known: int | None = None,
) -> None:
    """Compare it with counting line by line."""
    low, width = state.parse_iso(found.begin), round(found.bucket_seconds * state.MICROSECONDS)
    count = len(found.lines)
    assert buckets >= count
    assert low <= begin < low + width
    assert low + count * width - width < end <= low + count * width
    assert 0 == width & (width - 1)
    known = len(lines) if known is None else known
    expected = {level.name: [0] * count for level in Level}
    totals = [0] * count
    for number, (arrival, level) in enumerate(lines):
        place = (arrival - low) // width
        if 0 <= place < count:
            totals[place] += 1
            expected[Level(level).name][place] += number < known
    assert totals == found.lines
    assert expected == found.levels
    assert found.first_lines == [
        sum(arrival < low + place * width for arrival, _ in lines) for place in range(count)
    ]
    assert (len(lines), known == len(lines)) == (found.total_lines, found.complete)


@pytest.mark.usefixtures("small_blocks")
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
    max_examples=examples(150),
)
@given(
    first=chunks,
    more=chunks,
    buckets=st.integers(1, 50),
    window=st.tuples(st.integers(-10, 50), st.integers(1, 50)),
)
@pytest.mark.slow
def test_the_timeline_equals_counting_line_by_line(
    tmp_path_factory, first, more, buckets, window
) -> None:
    printed = Printed(tmp_path_factory.mktemp("data"))
    for pause, levels, kind in first:
        printed.write(pause, levels, kind)
    now = state.now_us()
    check(printed.ask(buckets), printed.lines, T0, now, buckets)  # it still runs, for years by now
    for pause, levels, kind in more:
        printed.write(pause, levels, kind)
    printed.run.end()
    total, end = (
        len(printed.lines),
        max(printed.run.now, printed.lines[-1][0] + 1 if printed.lines else 0),
    )
    found = printed.ask(buckets)
    if end > T0:
        check(found, printed.lines, T0, end, buckets)
        assert total == sum(found.lines) == sum(map(sum, found.levels.values()))
    low, high = (
        T0 + window[0] * state.MICROSECONDS,
        T0 + (window[0] + window[1]) * state.MICROSECONDS,
    )
    part = printed.ask(buckets, low, high)
    if max(low, T0) < min(high, end):
        check(part, printed.lines, max(low, T0), min(high, end), buckets)
    else:
        assert [] == part.lines == part.first_lines


@pytest.mark.usefixtures("small_blocks")
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
    max_examples=examples(50),
)
@given(
    chunks=st.lists(chunk, min_size=1, max_size=10),
    share=st.floats(0, 1),
    buckets=st.integers(1, 20),
)
def test_lines_with_unknown_levels_are_counted_and_reported(
    tmp_path_factory, chunks, share, buckets
) -> None:
    printed = Printed(tmp_path_factory.mktemp("data"))
    for pause, levels, kind in chunks:
        printed.write(pause, levels, kind)
    printed.run.end()
    known = int(share * len(printed.lines))
    all_levels = bytes(level for _, level in printed.lines)
    printed.sidecar.close()
    printed.sidecar = SidecarWriter(printed.run.path)
    printed.sidecar.append(all_levels[:known])
    end = max(printed.run.now, printed.lines[-1][0] + 1)
    check(printed.ask(buckets), printed.lines, T0, end, buckets, known)
    printed.sidecar.append(all_levels[known:])
    # the cached part of the first is out of date
    check(printed.ask(buckets), printed.lines, T0, end, buckets)


def test_lines_of_a_damaged_record_count_with_those_before_them(data_dir) -> None:
    printed = Printed(data_dir)
    for number in range(9):
        printed.write(state.MICROSECONDS, bytes([number % 5]) * 3)
    printed.run.end()
    with (printed.run.path / fmt.INDEX).open("r+b") as index:
        for number in (0, 4, 5):
            index.seek((number + 1) * fmt.RECORD_BYTES + 8)
            index.write(b"\xff" * 8)
    with JournalReader(printed.run.path) as reader:
        records = [record for record in reader.iter_records(0) if record.lines]
    levels = [level for _, level in printed.lines]
    arrivals = [record.arrival for record in records for _ in range(record.lines)]
    check(printed.ask(64), list(zip(arrivals, levels, strict=True)), T0, printed.run.now + 1, 64)


@pytest.mark.slow
def test_a_request_for_a_live_run_adds_only_the_new_lines(data_dir, monkeypatch) -> None:
    printed = Printed(data_dir)
    for number in range(4000):
        printed.write(MINUTE, bytes([number % 5]) * 7)
    clock = printed.run.now
    monkeypatch.setattr(state, "now_us", lambda: clock)
    searches = 0
    first_line = timeline.ArrivalSearch.first_line

    def counted(self, moment):
        nonlocal searches
        searches += 1
        return first_line(self, moment)

    monkeypatch.setattr(timeline.ArrivalSearch, "first_line", counted)
    printed.ask()
    assert 120 < searches <= 241
    for _ in range(3):
        searches = 0
        for _ in range(20):
            printed.write(MINUTE, b"\1")
        clock = printed.run.now
        check(printed.ask(), printed.lines, T0, clock + 1, 240)
        assert searches < 5


def test_an_index_rebuilt_by_recovery_rebuilds_the_timeline(data_dir) -> None:
    printed = Printed(data_dir)
    for _ in range(5):
        printed.write(MINUTE, b"\1\1")
    before = printed.ask(4)
    index = printed.run.path / fmt.INDEX
    data = index.read_bytes()
    (index.parent / "new").write_bytes(data[: -2 * fmt.RECORD_BYTES])
    (index.parent / "new").rename(index)
    after = printed.ask(4)
    assert (10, 6) == (sum(before.lines), sum(after.lines))


def test_the_cache_is_bounded(data_dir, monkeypatch) -> None:
    monkeypatch.setattr(timeline, "REMEMBERED_BORDERS", 100)
    printed = Printed(data_dir)
    for _ in range(50):
        printed.write(MINUTE, b"\1\3")
    printed.run.end()
    for place in range(40):
        begin = T0 + place * MINUTE // 7
        check(printed.ask(60, begin), printed.lines, begin, printed.run.now + 1, 60)
        memory = printed.engine._timelines.memory(printed.run.path)
        assert len(memory.borders) <= 100


def test_an_empty_run_and_a_queued_one_have_empty_buckets(data_dir) -> None:
    printed = Printed(data_dir)
    found = printed.ask(10)
    assert (0, True, {0}, {0}) == (
        found.total_lines,
        found.complete,
        set(found.lines),
        set(found.first_lines),
    )
    (printed.run.path / fmt.STATE).unlink()
    assert 0 == sum(printed.ask(10).lines)


@given(
    origin=st.integers(0, 1 << 51),
    begin=st.integers(0, 1 << 45),
    size=st.integers(0, 1 << 45),
    buckets=st.integers(1, 2000),
)
def test_the_grid_covers_the_requested_time_with_the_narrowest_buckets(
    origin, begin, size, buckets
) -> None:
    extent = Extent(origin, origin + begin, origin + begin + size)
    low, width, count = grid(extent, buckets)
    assert 0 == (low - origin) % width
    assert low <= extent.begin < low + width
    assert count <= buckets
    assert low + count * width >= extent.end
    half = width // 2
    if half:
        assert -((origin - extent.end) // half) - (extent.begin - origin) // half > buckets
    assert 0 <= bisect_right([low + place * width for place in range(count)], extent.begin) <= 1
