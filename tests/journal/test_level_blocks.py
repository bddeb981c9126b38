"""Levels of records of several lines (tracebacks, stack traces, continued records) and of whole
logs.
"""

from __future__ import annotations

import pytest
from support.level_lines import SAMPLES, STDERR, STDOUT, Sample, levels_of

from prismq_nb.journal.levels.classifier import Classifier, Level

D, I, W, E, C = Level  # noqa: E741 - one letter each keeps the tables readable


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
@pytest.mark.parametrize("times", [1, 2])
def test_each_line_of_a_sample_log_has_its_level(sample: Sample, times: int) -> None:
    """The second pass uses the remembered shapes."""
    for _ in range(times):
        seen = levels_of("".join(line + "\n" for line in sample.lines), sample.stream)
    expected = [
        f"{letter} {line}" for letter, line in zip(sample.letters, sample.lines, strict=True)
    ]
    assert expected == [
        f"{level.name[0]} {line}" for level, line in zip(seen, sample.lines, strict=True)
    ]


def test_a_block_ends_at_its_maximum_length() -> None:
    lines = b"WARNING: x\n" + b"  more\n" * 9
    assert [Level(value) for value in Classifier(block_lines=4).classify(lines, STDOUT)] == [
        W,
        W,
        W,
        W,
        I,
        I,
        I,
        I,
        I,
        I,
    ]


def test_streams_are_classified_separately() -> None:
    classifier = Classifier()
    seen = [
        classifier.classify(b"Traceback (most recent call last):\n", STDERR),
        classifier.classify(b"plain text here\n  indented\n", STDOUT),
        classifier.classify(b'  File "x.py", line 1, in f\nValueError: x\n', STDERR),
        classifier.classify(b"WARNING: x\n", STDOUT),
    ]
    assert [list(levels) for levels in seen] == [[E], [I, I], [E, E], [W]]


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_buffer_type_is_accepted(kind: type) -> None:
    assert bytes([E, I]) == Classifier().classify(kind(b"ERROR: x\ny\n"), STDOUT)


@pytest.mark.parametrize(
    ("count", "data"),
    [
        (0, b""),
        (1, b"\n"),
        (1, b"x"),
        (2, b"x\n\n"),
        (2, b"\nx"),
        (3, b"a\r\n\r\nb"),
        (1, b"\0" * 100),
        (1, b"\xff\xfe"),
    ],
)
def test_there_is_one_level_per_line(count: int, data: bytes) -> None:
    assert count == len(Classifier().classify(data, STDOUT))
