"""CPU and memory of a process tree: the figures from Linux equal those of psutil."""

from __future__ import annotations

import subprocess
import sys
import time

import psutil
import pytest
from support.runs import until

from prismq_nb.capture.monitor import usage
from prismq_nb.capture.monitor.usage import (
    LONGEST_SECONDS,
    SHORTEST_SECONDS,
    Usage,
    UsageSampler,
    differs_visibly,
)
from prismq_nb.capture.processes import tree as proctree

TREE = """
import subprocess, sys, threading
leaf = [sys.executable, "-c", "import sys; print('up', flush=True); sys.stdin.read()"]
node = [sys.executable, "-c", f"import subprocess; subprocess.run({leaf!r})"]
threading.Thread(target=lambda: subprocess.run(leaf)).start()
subprocess.run(node)
"""
"""A process with two children, one of which a second thread started, and a grandchild."""
LEAVES = 2


@pytest.fixture
def root():
    """The tree's process id, when all of its processes have started."""
    with subprocess.Popen(
        [sys.executable, "-c", TREE], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert [b"up\n"] * LEAVES == [process.stdout.readline() for _ in range(LEAVES)]
        yield process.pid
        process.stdin.close()


def by_psutil(pid):
    return usage._tree_by_psutil({})(pid)


@pytest.mark.skipif(not proctree.available(), reason="only Linux tells children")
def test_linux_lists_the_same_tree_as_psutil(root):
    found = proctree.tree(root)
    expected = by_psutil(root)
    assert 4 == len(expected)
    assert set(expected) == set(found)
    for pid, (seconds, memory) in expected.items():
        assert seconds == pytest.approx(found[pid][0], abs=0.05)
        assert memory == pytest.approx(found[pid][1], rel=0.1)


@pytest.mark.parametrize("tree", [proctree.tree, by_psutil])
def test_a_tree_that_is_gone_has_no_usage(tree, monkeypatch):
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    monkeypatch.setattr(proctree, "available", lambda: True)
    monkeypatch.setattr(proctree, "tree", tree)
    assert tree(process.pid) == {}
    assert UsageSampler(process.pid, {}).sample(1.0) is None


def test_without_psutil_there_is_no_usage_and_no_error(monkeypatch, root):
    with monkeypatch.context() as patch:
        patch.setattr(proctree, "available", lambda: False)
        patch.setitem(sys.modules, "psutil", None)
        sampler = UsageSampler(root, {})
    assert sampler.sample(1.0) is None


def test_processor_time_is_percent_of_a_core_since_the_last_sample():
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as process:
        sampler = UsageSampler(process.pid, {})
        assert 0 == sampler.sample(0.0).cpu_percent
        before = sum(psutil.Process(process.pid).cpu_times()[:2])
        until(lambda: sum(psutil.Process(process.pid).cpu_times()[:2]) - before > 0.3)
        assert 2 < sampler.sample(10.0).cpu_percent  # as if 10 s had passed
        process.kill()


def test_samples_are_rare_while_nothing_changes(monkeypatch):
    trees = [
        {1: (seconds, memory)}
        for seconds, memory in (
            (0, 100),
            (0, 100),
            (0, 101),
            (0, 101),
            (0, 101),
            (5, 101),
            (5, 101),
        )
    ]
    monkeypatch.setattr(proctree, "available", lambda: True)
    monkeypatch.setattr(proctree, "tree", lambda _: trees.pop(0))
    sampler, now, intervals = UsageSampler(1, None), time.monotonic(), []
    while trees:
        assert sampler.sample(now) is not None
        intervals.append(sampler.interval)
        now += sampler.interval
    assert [
        SHORTEST_SECONDS,
        4.0,
        8.0,
        LONGEST_SECONDS,
        LONGEST_SECONDS,
        SHORTEST_SECONDS,
        SHORTEST_SECONDS,
    ] == intervals


@pytest.mark.parametrize(
    ("usage", "is_other"),
    [
        (Usage(0.3, 10_000_000), False),
        (Usage(0.0, 10_090_000), False),
        (Usage(0.0, 9_910_000), False),
        (Usage(0.6, 10_000_000), True),
        (Usage(0.0, 10_110_000), True),
        (Usage(0.0, 9_890_000), True),
    ],
)
def test_only_a_visible_change_is_reported(usage, is_other):
    assert differs_visibly(usage, None)
    assert is_other == differs_visibly(usage, Usage(0.1, 10_000_000))
