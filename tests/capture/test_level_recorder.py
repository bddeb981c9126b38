"""Deferred level detection equals that of the whole log, whatever the slices, and never costs a
line.
"""

from __future__ import annotations

import itertools

import pytest
from support import this_thread

from prismq_nb.capture.monitor.level_recorder import LevelRecorder
from prismq_nb.journal.levels import classifier as levels
from prismq_nb.journal.levels.classifier import STEP_BYTES, Classifier, Level
from prismq_nb.journal.reader import JournalReader
from prismq_nb.journal.writer import JournalWriter

SMALL = b"WARNING: one\nplain\n"
TRACE = (
    b"Traceback (most recent call last):\n"
    + b"  File 'x.py', line 1, in f\n    call()\n" * 200
    + b"ValueError: no\n"
)
BIG = (TRACE + b"INFO done\n" * 500 + b"2025-10-31 12:00:00,000 ERROR x: y\n") * 5
LONG = b"x" * 300_000 + b"\n"


@pytest.fixture
def journal(tmp_path):
    """A function that stores chunks like the supervisor, and what classifies them."""
    writer, recorder = JournalWriter(tmp_path, 0), LevelRecorder(tmp_path)

    def store(data, stream=0):
        assert writer.append(memoryview(data), data.count(b"\n"), stream, 0)
        recorder.add(memoryview(data), data.count(b"\n"), stream, at_once=len(data) < 16_384)

    yield store, recorder, tmp_path
    writer.close(0)
    recorder.close()


def test_levels_do_not_depend_on_slices(journal):
    store, recorder, folder = journal
    chunks = [(SMALL, 0), (BIG, 1), (SMALL, 0), (LONG, 0), (BIG, 0), (SMALL, 1)]
    for data, stream in chunks:
        store(data, stream)
    assert recorder.is_behind
    while recorder.is_behind:
        recorder.catch_up()
    store(SMALL)  # immediately again
    assert not recorder.is_behind
    whole = Classifier()
    expected = b"".join(whole.classify(data, stream) for data, stream in [*chunks, (SMALL, 0)])
    with JournalReader(folder) as reader:
        assert expected == b"".join(reader.levels(span) for span in reader.spans(0, 1 << 30))
    assert recorder.counts == [expected.count(level) for level in Level]
    assert recorder.records[Level.ERROR] == 2 * (1 + 5) + 1, (
        "the first trace, what loggers wrote with the traces below it, and a plain line of stderr"
    )


def test_a_failing_classifier_costs_no_line_and_is_not_called_again(journal, monkeypatch):
    store, recorder, folder = journal
    with monkeypatch.context() as broken:
        broken.setattr(Classifier, "mark", lambda *_: 1 / 0)
        while not recorder.warm_up_step():
            pass
        store(SMALL)
        store(BIG)
    assert not recorder.is_behind
    with JournalReader(folder) as reader:
        assert reader.total_lines == (SMALL + BIG).count(b"\n")
        assert reader.levels(reader.spans(0, 1)[0]) == bytes([Level.WARNING])


def test_first_lines_of_a_run_do_not_wait_for_the_compilation_of_patterns(journal):
    store, recorder, _ = journal
    store(SMALL)
    assert recorder.is_behind
    recorder.warm_up_step()
    while recorder.is_behind:
        recorder.catch_up()
    store(SMALL)
    assert not recorder.is_behind


EXPENSIVE = [
    b'x lvl="' * 400,
    b"a" * 7800 + b" level=info x",
    b"[00:00:00] " + b"[1:1:$" * 40 + b" ERROR",
]


def test_one_step_runs_between_two_reads_however_late_levels_are(journal, monkeypatch):
    """Nothing is read during a step, so it is at most 4 KiB of lines, or one line."""
    store, recorder, _ = journal
    while not recorder.warm_up_step():
        pass
    ticks = itertools.count(step=60.0)
    monkeypatch.setattr(levels, "perf_counter", lambda: next(ticks))
    sizes = []
    mark = Classifier.mark

    def counting(self, data, stream):
        sizes.append(len(data))
        return mark(self, data, stream)

    this_thread.replace(monkeypatch, Classifier, "mark", counting)
    lines = [line + b"\n" for line in EXPENSIVE * 40]
    for start in range(0, len(lines), 7):
        before = len(sizes)
        store(b"".join(lines[start : start + 7]))
        assert len(sizes) <= before + 1
    while recorder.is_behind:
        before = len(sizes)
        recorder.catch_up()
        assert len(sizes) <= before + 1
    assert all(size <= STEP_BYTES or size in map(len, lines) for size in sizes)
    assert recorder.done == len(lines)
