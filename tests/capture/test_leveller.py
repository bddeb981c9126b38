"""The leveller: whatever it is told at once or later, in whatever slices, the levels are those of the whole log; and it never costs a line."""

from __future__ import annotations

import itertools

import pytest
from support import this_thread

from prismq_nb.capture.monitor.levels import Leveller
from prismq_nb.journal.levels import classifier as levels
from prismq_nb.journal.levels.classifier import STEP_BYTES, Classifier, Level
from prismq_nb.journal.reader import JournalReader
from prismq_nb.journal.writer import JournalWriter

SMALL = b"WARNING: one\nplain\n"
TRACE = b"Traceback (most recent call last):\n" + b"  File 'x.py', line 1, in f\n    call()\n" * 200 + b"ValueError: no\n"
BIG = (TRACE + b"INFO done\n" * 500 + b"2025-10-31 12:00:00,000 ERROR x: y\n") * 5
LONG = b"x" * 300_000 + b"\n"


@pytest.fixture
def journal(tmp_path):
    """A function that stores chunks as the supervisor does, and a leveller that is told of them."""
    writer, leveller = JournalWriter(tmp_path, 0), Leveller(tmp_path)

    def store(data, stream=0):
        assert writer.append(memoryview(data), data.count(b"\n"), stream, 0)
        leveller.add(memoryview(data), data.count(b"\n"), stream, at_once=len(data) < 16_384)

    yield store, leveller, tmp_path
    writer.close(0)
    leveller.close()


def test_slices_give_the_levels_of_the_whole(journal):
    store, leveller, folder = journal
    chunks = [(SMALL, 0), (BIG, 1), (SMALL, 0), (LONG, 0), (BIG, 0), (SMALL, 1)]
    for data, stream in chunks:
        store(data, stream)
    assert leveller.behind
    while leveller.behind:
        leveller.catch_up()
    store(SMALL)  # at once again
    assert not leveller.behind
    whole = Classifier()
    expected = b"".join(whole.classify(data, stream) for data, stream in [*chunks, (SMALL, 0)])
    with JournalReader(folder) as reader:
        assert expected == b"".join(reader.levels(span) for span in reader.spans(0, 1 << 30))
    assert leveller.counts == [expected.count(level) for level in Level]
    assert leveller.records[Level.ERROR] == 2 * (1 + 5) + 1, (
        "the first trace, what loggers wrote with the traces below it, and a plain line of stderr"
    )


def test_a_classifier_that_fails_costs_no_line_and_is_not_asked_again(journal, monkeypatch):
    store, leveller, folder = journal
    with monkeypatch.context() as broken:
        broken.setattr(Classifier, "mark", lambda *_: 1 / 0)
        while not leveller.warm():
            pass
        store(SMALL)
        store(BIG)
    assert not leveller.behind
    with JournalReader(folder) as reader:
        assert reader.total_lines == (SMALL + BIG).count(b"\n")
        assert reader.levels(reader.spans(0, 1)[0]) == bytes([Level.WARNING])


def test_a_runs_first_lines_do_not_wait_until_patterns_are_compiled(journal):
    store, leveller, _ = journal
    store(SMALL)
    assert leveller.behind
    leveller.warm()
    while leveller.behind:
        leveller.catch_up()
    store(SMALL)
    assert not leveller.behind


EXPENSIVE = [b'x lvl="' * 400, b"a" * 7800 + b" level=info x", b"[00:00:00] " + b"[1:1:$" * 40 + b" ERROR"]


def test_what_is_done_between_two_reads_is_one_step_however_late_it_is(journal, monkeypatch):
    """Nothing is read meanwhile: a step is 4 KiB of lines, or one line."""
    store, leveller, _ = journal
    while not leveller.warm():
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
    while leveller.behind:
        before = len(sizes)
        leveller.catch_up()
        assert len(sizes) <= before + 1
    assert all(size <= STEP_BYTES or size in map(len, lines) for size in sizes)
    assert leveller.done == len(lines)
