"""Retention: a table of which runs are removed, and engines that remove them, or must not."""

from __future__ import annotations

import os
import time

import pytest
from support.journals import MadeRun
from support.runs import ended, until

from prismq_nb.common.models import LaunchSpec
from prismq_nb.engine.engine import Engine
from prismq_nb.engine.store.housekeeping import Housekeeper
from prismq_nb.engine.store.retention import RetainedRun, Retention, runs_to_purge
from prismq_nb.engine.store.run_store import RunStore
from prismq_nb.errors import RunNotFound

HOUR = 3600 * 1_000_000
NOW = 1000 * 24 * HOUR
NONE = Retention(0, 0, 0)


def runs(*ends, **more):
    """Runs named a, b, c... of 10 bytes that ended so many hours ago; None: still running."""
    return [
        RetainedRun(name, None if hours is None else NOW - hours * HOUR, 10, **more)
        for name, hours in zip("abcdef", ends, strict=False)
    ]


@pytest.mark.parametrize(
    ("given", "limits", "expected"),
    [
        (runs(3, 2, 1), NONE, ""),
        (runs(3, 1, 2), Retention(2, 0, 0), "a"),
        (runs(3, 1, 2), Retention(1, 0, 0), "ac"),
        (runs(None, None, 1, 2), Retention(1, 0, 0), "d"),
        (runs(None, None), Retention(1, 0.01, 1), ""),
        (runs(23, 25, 49), Retention(0, 1, 0), "cb"),
        (runs(3, 1, 2), Retention(0, 0, 30), ""),
        (runs(3, 1, 2), Retention(0, 0, 29), "a"),
        (runs(3, 1, None), Retention(0, 0, 15), "ab"),
        (
            [RetainedRun("a", NOW - 9 * HOUR, 10, pinned=True), *runs(3, 2)[1:]],
            Retention(1, 1, 0),
            "",
        ),
        (
            [RetainedRun("a", NOW - 9 * HOUR, 10, pinned=True), *runs(3, 2)[1:]],
            Retention(0, 0, 10),
            "b",
        ),
    ],
    ids=[
        "no-limit",
        "count",
        "oldest-end-first",
        "running-not-counted",
        "running-never",
        "age",
        "bytes-fit",
        "bytes",
        "running-counts-in-bytes",
        "pinned-not-counted",
        "pinned-counts-in-bytes",
    ],
)
def test_the_runs_to_remove(given, limits, expected):
    assert list(expected) == runs_to_purge(given, limits, NOW, lambda _: 0)


@pytest.mark.parametrize(("read", "expected"), [(NOW - HOUR + 1, []), (NOW - HOUR, ["a"])])
def test_one_that_was_just_read_is_spared_with_nobody_in_its_place(read, expected):
    asked = []

    def last_read(run_id):
        asked.append(run_id)
        return read

    assert expected == runs_to_purge(runs(3, 2), Retention(1, 0, 0), NOW, last_read)
    assert ["a"] == asked  # of no other, as that reads the disk


def made(data_dir, number):
    """A run that ended long ago; the higher its number the later it ended."""
    run = MadeRun(data_dir, f"run_20251031_120000_made_{number:06x}")
    run.write("line\n", micros=1000 * (number + 1))
    run.end()
    return run


def test_housekeeping_purges_runs_and_removes_what_killed_engines_left(data_dir):
    store = RunStore(data_dir)
    old = [made(data_dir, number) for number in range(4)]
    (data_dir / "runs" / ".gone-0123").mkdir()
    (data_dir / "runs" / ".new-young").mkdir()
    (data_dir / "runs" / ".new-old").mkdir()
    os.utime(data_dir / "runs" / ".new-old", (1, 1))
    keeper = Housekeeper(data_dir, store, Retention(2, 0, 0))
    assert [old[0].run_id, old[1].run_id] == keeper.run_once()
    assert {old[2].run_id, old[3].run_id, ".new-young"} == set(os.listdir(store.runs_dir))
    keeper.close()
    store.close()


def test_one_of_two_engines_does_the_housekeeping_and_the_other_takes_over(data_dir):
    store = RunStore(data_dir)
    first, second = (Housekeeper(data_dir, store, Retention(1, 0, 0)) for _ in range(2))
    assert [] == first.run_once()
    run = made(data_dir, 1)
    made(data_dir, 2)
    assert [] == second.run_once()
    first.close()
    assert [run.run_id] == second.run_once()
    second.close()
    store.close()


def test_a_live_pinned_or_open_run_is_never_purged(data_dir):
    engine = Engine(data_dir)
    live = engine.launch(LaunchSpec(code="input()")).run_id
    pinned, read, other = (
        ended(engine, engine.launch(LaunchSpec(code="1")).run_id).run_id for _ in range(3)
    )
    assert engine.keep(pinned).kept
    engine.reader(read).close()
    time.sleep(0.002)  # so that all ended some time ago
    engine.retain(Retention(0, 1e-9, 1))
    until(lambda: engine.list().total == 3)
    with pytest.raises(RunNotFound):
        engine.get(other)
    assert not engine.keep(pinned, keep=False).kept
    engine.stop(live)
    ended(engine, live)
    engine.close()
    again = Engine(data_dir)
    again.retain(Retention(0, 1e-9, 1))
    until(lambda: [run.run_id for run in again.list().runs] == [read])
    again.close()
