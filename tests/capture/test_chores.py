"""What a supervisor does from time to time, and how seldom."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from prismq_nb.capture import chores as chores_module
from prismq_nb.capture.base.clock import Clock
from prismq_nb.capture.base.timers import Timers
from prismq_nb.capture.chores import Chores
from prismq_nb.capture.monitor.usage import Usage


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
def chores(tmp_path, now, written):
    """Those of a run that has begun; nothing is due but what a test lets happen."""
    status = SimpleNamespace(usage=None, write=lambda *_: written.append(now.seconds))
    made = Chores({"folders": {}}, str(tmp_path), Clock(), Timers(), status)
    output = SimpleNamespace(
        check_log=lambda _: None,
        check_storage=lambda _: None,
        insight=SimpleNamespace(levels=SimpleNamespace(behind=False, is_warm=True)),
        writer=SimpleNamespace(lost=None),
    )
    hold = SimpleNamespace(renew=lambda: None)
    made.begin(output, SimpleNamespace(pace=SimpleNamespace(levels_from=0.0)), hold, 1, -1)
    made._timers.drop("warm")
    return made


def pass_time(chores, now, seconds):
    """As a supervisor's loop does while nothing comes."""
    end = now.seconds + seconds
    while chores._timers.next_due <= end:
        now.seconds = max(now.seconds, chores._timers.next_due)
        chores._timers.run_due(now.seconds)
        now.seconds += 0.0005
    now.seconds = end


class Sampler:
    """Of a run that has come to rest."""

    interval = chores_module.LONGEST_SECONDS

    def __init__(self, now):
        self.now, self.taken = now, []

    def sample(self, _):
        self.taken.append(self.now.seconds)
        return Usage(0.0, 1000)


@pytest.mark.parametrize("first", [0.15, 3.0, 8.5, 9.9999])
def test_a_quiet_run_is_sampled_and_written_together(chores, now, written, first):
    chores._sampler = sampler = Sampler(now)
    chores._timers.set("usage", first, chores._sample)
    pass_time(chores, now, 25)
    sampler.taken.clear()
    written.clear()
    pass_time(chores, now, 600)
    assert len(sampler.taken) == len(written) == 60
    assert max(abs(a - b) for a, b in zip(sampler.taken, written, strict=True)) < 0.005


def test_counts_that_come_later_are_told_though_nothing_is_printed(chores, now, written):
    chores.end_sampling()
    levels = chores._output.insight.levels
    levels.behind = True
    chores.write_status()
    written.clear()
    pass_time(chores, now, 2.5)
    assert len(written) == 2
    levels.behind = False
    pass_time(chores, now, 1)
    written.clear()
    pass_time(chores, now, 5)
    assert written == []
