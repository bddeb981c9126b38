"""What is derived from the output does not depend on when, or in what pieces, it is analysed."""

from __future__ import annotations

import random

import pytest

from prismq_nb.capture.monitor.analysis import OutputAnalysis
from prismq_nb.journal.levels.classifier import Classifier, Level
from prismq_nb.journal.reader import JournalReader
from prismq_nb.journal.writer import JournalWriter

SMALL = b"WARNING: one\nplain\n"
TRACE = (
    b"Traceback (most recent call last):\n"
    + b"  File 'x.py', line 1, in f\n    call()\n" * 200
    + b"ValueError: no\n"
)
MUCH = b"ERROR: x\nplain\n" * 2_000
CHUNKS = [
    (SMALL, 0),
    (TRACE, 1),
    (SMALL, 1),
    (b"no newline", 0),
    (b"ERROR: at its end", 1),
    (SMALL, 0),
    (MUCH, 0),
    (b" 50%|#####     | 5/10 [00:01<00:01]\n", 1),
]


@pytest.fixture
def told(tmp_path):
    """A function that stores and analyses chunks like the supervisor, and the `OutputAnalysis`."""
    writer, analysis = JournalWriter(tmp_path, 0), OutputAnalysis(tmp_path, error_stream=1)
    while not analysis.warm_up_step():
        pass

    def tell(data, stream=0):
        lines = data.count(b"\n") + (not data.endswith(b"\n"))
        assert writer.append(memoryview(data), lines, stream, 0)
        buffer = bytearray(data)
        analysis.add(memoryview(buffer), lines, stream, stored=True)
        buffer[:] = b"!" * len(buffer)  # the buffer is reused

    yield tell, analysis, tmp_path
    writer.close(0)
    analysis.levels.close()


@pytest.mark.parametrize("seed", range(5))
def test_levels_equal_those_of_the_whole_whenever_output_is_analysed(told, seed):
    tell, analysis, folder = told
    moments = random.Random(seed)
    chunks = CHUNKS * 3
    for data, stream in chunks:
        tell(data, stream)
        if moments.random() < 0.3:
            analysis.flush()
    analysis.flush()
    while analysis.levels.is_behind:
        analysis.levels.catch_up()
    whole = Classifier()
    expected = b"".join(whole.classify(data, stream) for data, stream in chunks)
    with JournalReader(folder) as reader:
        assert expected == b"".join(reader.levels(span) for span in reader.spans(0, 1 << 30))
    assert analysis.levels.counts == [expected.count(level) for level in Level]
    assert analysis.progress is not None
    assert analysis.progress.percent == 50
    assert analysis.last_error_line.startswith("50%")


@pytest.mark.parametrize(
    ("expected", "chunks"),
    [
        ("ValueError: no", [TRACE]),
        ("ERROR: no such package", [b"ERROR: no such package\n", b"\x1b[?25h"]),
        ("index out of bounds", [b"panicked at a.rs:1:\nindex out of bounds\nnote: run with X\n"]),
        ("boom", [b"boom\n  16: core::ops::f\n      at /rustc/1/core.rs:250:5\nnote: Some\n"]),
        ("Error: no", [b"Error: no\n", b"Execution halted\n"]),
        ("Error: no", [b"Error: no\n  at f (/a.js:3:5)\n  at node:main:2:4\n\nNode.js v20.2.0\n"]),
        ("Caused by: x", [b"E\n\tat a.B.c(B.java:2)\nCaused by: x\n\tat a.B.d(N)\n\t... 1 more\n"]),
        ("at least one file", [b"usage: x\n", b"at least one file\n"]),
        ("404: not found", [b"x\n404: not found\n"]),
        ("note: that is all", [b"note: that is all\n"]),
        ("", [b"\n", b"\x1b[0m"]),
    ],
    ids=[
        *("traceback", "the cursor is shown again", "Rust", "Rust with frames", "R", "Node"),
        *("Java", "a word", "a number", "nothing else", "nothing"),
    ],
)
def test_last_words_are_the_newest_line_with_content(told, expected, chunks):
    tell, analysis, _ = told
    for data in chunks:
        tell(data, 1)
        analysis.flush()
    assert expected == analysis.last_error_line


def test_memory_is_bounded(told):
    tell, analysis, _ = told
    for told_lines in range(200, 100 * 200, 200):
        tell(SMALL * 100)
        assert (told_lines - analysis.levels.stored) * len(SMALL) / 2 < 64 * 1024
    assert analysis.levels.done > 0
    analysis.flush()
    assert analysis.levels.stored == told_lines


def test_progress_of_an_unfinished_line_continues_where_the_line_is_split(told):
    tell, analysis, _ = told
    bar = "\r{0:3d}%|##########          | {0}/100 [00:01<00:01, 30.1it/s]"
    seen = []
    for number in range(100):
        redraws = bar.format(number).encode() * 10
        for start in range(0, len(redraws), 37):  # a bar in pieces
            analysis.add_unfinished(redraws[start : start + 37], 0)
        if number % 10 == 9:  # as much as fills a record, which is stored without a newline
            tell(b"".join(bar.format(each).encode() * 10 for each in range(number - 9, number + 1)))
            analysis.flush()
        seen.append(analysis.progress.done)
    assert seen == list(range(100))


def test_the_stored_part_of_a_line_is_not_analysed_twice(told, monkeypatch):
    tell, analysis, _ = told
    read = []
    monkeypatch.setattr("prismq_nb.capture.monitor.progress_bars.parse", read.append)
    analysis.add_unfinished(b"\r 10%|# |\r 20%|## |", 0)
    assert read == [" 10%|# |", " 20%|## |"]
    tell(b"\r 10%|# |\r 20%|## |\r 30%|### |\n")
    analysis.flush()
    assert read[2:] == [" 20%|## |", " 30%|### |"], "the last drawing might have gone on"
