"""Periodic tasks of a supervisor, and how seldom they run."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from prismq_nb.capture import periodic
from prismq_nb.capture.base.clock import Clock
from prismq_nb.capture.base.timers import Timers
from prismq_nb.capture.monitor.usage import Usage
from prismq_nb.capture.periodic import PeriodicTasks


class Now:
    """A clock that a test sets, in place of `time`."""

    def __init__(self):
        self.seconds = 1000.0

    def monotonic(self):
        return self.seconds


@pytest.fixture
def now(monkeypatch):
    now = Now()
    monkeypatch.setattr("prismq_nb.capture.base.timers.time", now)
    return now


@pytest.fixture
def written():
    return []


@pytest.fixture
def tasks(tmp_path, now, written):
    """The tasks of a run that has begun; nothing is due except what a test makes due."""
    status = SimpleNamespace(usage=None, write=lambda *_: written.append(now.seconds))
    made = PeriodicTasks({"folders": {}}, str(tmp_path), Clock(), Timers(), status)
    output = SimpleNamespace(
        check_log=lambda _: None,
        check_storage=lambda _: None,
        analysis=SimpleNamespace(levels=SimpleNamespace(is_behind=False, is_warm=True)),
        writer=SimpleNamespace(lost=None),
    )
    run_lock = SimpleNamespace(renew=lambda: None)
    made.begin(output, SimpleNamespace(pacing=SimpleNamespace(levels_from=0.0)), run_lock, 1, -1)
    made._timers.cancel("warm")
    return made


def pass_time(tasks, now, seconds):
    """Run the supervisor's loop while no output comes."""
    end = now.seconds + seconds
    while tasks._timers.next_due <= end:
        now.seconds = max(now.seconds, tasks._timers.next_due)
        tasks._timers.run_due(now.seconds)
        now.seconds += 0.0005
    now.seconds = end


class Sampler:
    """The tasks of a run without activity."""

    interval = periodic.LONGEST_SECONDS

    def __init__(self, now):
        self.now, self.taken = now, []

    def sample(self, _):
        self.taken.append(self.now.seconds)
        return Usage(0.0, 1000)


@pytest.mark.parametrize("first", [0.15, 3.0, 8.5, 9.9999])
def test_a_quiet_run_is_sampled_and_written_together(tasks, now, written, first):
    tasks._sampler = sampler = Sampler(now)
    tasks._timers.set("usage", first, tasks._sample)
    pass_time(tasks, now, 25)
    sampler.taken.clear()
    written.clear()
    pass_time(tasks, now, 600)
    assert len(sampler.taken) == len(written) == 60
    assert max(abs(a - b) for a, b in zip(sampler.taken, written, strict=True)) < 0.005


def test_late_counts_are_reported_though_nothing_is_printed(tasks, now, written):
    tasks.end_sampling()
    levels = tasks._output.analysis.levels
    levels.is_behind = True
    tasks.write_status()
    written.clear()
    pass_time(tasks, now, 2.5)
    assert len(written) == 2
    levels.is_behind = False
    pass_time(tasks, now, 1)
    written.clear()
    pass_time(tasks, now, 5)
    assert written == []
