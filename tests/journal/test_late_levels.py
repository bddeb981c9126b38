"""Levels that the sidecar lacks, computed in small steps, equal those of the whole run."""

from __future__ import annotations

import itertools
import random
import subprocess
import sys

import pytest
from support import this_thread
from support.level_lines import all_lines

from prismq_nb.engine.read.line_block import read_block
from prismq_nb.engine.read.poll import LogQuery
from prismq_nb.journal import late_levels
from prismq_nb.journal.levels import classifier as levels
from prismq_nb.journal.levels.classifier import STEP_BYTES, Classifier
from prismq_nb.journal.levels.warm_up import warm_up
from prismq_nb.journal.reader import JournalReader
from prismq_nb.journal.writer import JournalWriter

HOSTILE = [
    b'x lvl="' * 1600,
    b"a" * 7800 + b" level=info x",
    b'msg="' + b"a " * 4000 + b'" level=warn',
    b"\x1b" * 50_000,
]


@pytest.fixture
def stored(tmp_path):
    """A run without a sidecar and with lines of all kinds: its folder, and the levels of the
    whole.
    """
    source = random.Random(4)
    known = [line.encode().replace(b"\n", b" ") for line in all_lines()]
    writer, whole, expected = JournalWriter(tmp_path, 0), Classifier(), b""
    for _ in range(60):
        lines = source.choices(known, k=source.randint(1, 100)) + source.choices(
            HOSTILE, k=source.randint(0, 1)
        )
        data, stream = b"".join(line + b"\n" for line in lines), source.randint(0, 1)
        writer.append(memoryview(data), len(lines), stream, 0)
        expected += whole.classify(data, stream)
    writer.close(0)
    while not warm_up():
        pass
    return tmp_path, expected


@pytest.fixture
def always_late(monkeypatch):
    """Make every look at the clock find the deadline passed; return the sizes of the classified
    pieces.
    """
    ticks = itertools.count(step=60.0)
    for module in (levels, late_levels):
        monkeypatch.setattr(module, "perf_counter", lambda: next(ticks))
    sizes: list[int] = []
    mark = Classifier.mark

    def counting(self: Classifier, data: bytes, stream: int) -> bytes:
        sizes.append(len(data))
        return mark(self, data, stream)

    this_thread.replace(monkeypatch, Classifier, "mark", counting)
    return sizes


def in_steps(reader: JournalReader, first: int, count: int, sizes: list[int]) -> bytes:
    """Ask for the levels of some lines until all are known. Each step classifies one piece."""
    found = b""
    while len(found) < count:
        before = len(sizes)
        found += reader.some_levels(reader.spans(first + len(found), count - len(found)))
        assert len(sizes) <= before + 1
    return found


def test_levels_computed_in_steps_equal_those_of_the_whole(stored, always_late):
    folder, expected = stored
    with JournalReader(folder) as reader:
        assert expected == in_steps(reader, 0, len(expected), always_late)
    assert max(size for size in always_late if size <= STEP_BYTES) > STEP_BYTES // 2
    long = [size for size in always_late if size > STEP_BYTES]  # a line is never split
    assert all(size - 1 in map(len, HOSTILE) for size in long)


@pytest.mark.parametrize("seed", range(3))
def test_levels_computed_from_any_place_in_any_order_equal_those_of_the_whole(
    stored, always_late, seed
):
    folder, expected = stored
    source = random.Random(seed)
    with JournalReader(folder) as reader:
        for _ in range(12):
            first = source.randrange(len(expected))
            if source.random() < 0.3:  # one reader starts and does not continue
                reader.some_levels(reader.spans(source.randrange(len(expected)), 10))
            count = min(source.randint(1, 300), len(expected) - first)
            assert expected[first : first + count] == in_steps(reader, first, count, always_late)


def test_blocks_and_polls_reuse_levels_computed_in_steps(stored, always_late):
    folder, expected = stored
    found, line = b"", 0
    with JournalReader(folder) as reader:
        while (block := read_block(reader, line)) is not None:
            assert len(block) == len(block.messages)
            found, line = found + block.levels, block.end
    assert expected == found
    with JournalReader(folder) as reader:
        query = LogQuery(reader, "run", tail=700)
        while not query.step():
            pass
        assert [levels.Level(level).name for level in expected[-700:]] == [
            line.level for line in query.page().logs
        ]


def test_only_the_nearest_of_very_long_lines_count(tmp_path, always_late):
    writer = JournalWriter(tmp_path, 0)
    for _ in range(12):
        writer.append(memoryview(b"x" * (1 << 20) + b"\n"), 1, 0, 0)
    writer.close(0)
    with JournalReader(tmp_path) as reader:
        in_steps(reader, 11, 1, always_late)
    assert sum(always_late) <= late_levels.MAX_LOOKBACK_BYTES + (2 << 20)


def test_patterns_are_compiled_in_steps():
    """No step compiles more than a third of the patterns, and none is left for the first line."""
    code = """
import time
from prismq_nb.journal.levels.warm_up import warm_up
def cost(work):
    begin = time.thread_time()
    done = work()
    return time.thread_time() - begin, done
steps = [cost(warm_up)]
while not steps[-1][1]:
    steps.append(cost(warm_up))
from prismq_nb.journal.levels.classifier import Classifier
lines = [b'2024-01-02 10:00:00 ERROR x', b'{"a": 1, "level": "info"}', b'x: y ERROR']
lines += [b'  at a.b(', b'| a 1%', b'a=b level=info']
def classify():
    for line in lines:
        for stream in (0, 1):
            Classifier().classify(line + b"\\n", stream)
first = cost(classify)[0]
total = sum(seconds for seconds, _ in steps)
print(max(seconds for seconds, _ in steps) / total, first / total)
"""
    result = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    longest, first_lines = map(float, result.stdout.split())
    assert longest < 1 / 3
    assert first_lines < 0.1
