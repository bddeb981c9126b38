"""No text is expensive: levels, stripping and masking take time linear in its length.

Each property searches generated shapes for the worst growth, as a ratio of processor times, so that
the speed of the machine plays no part.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.hostile import TOO_MUCH, Shape, cost, shapes, worst_growth
from support.level_lines import STDERR, STDOUT

from prismq_nb.capture.masking.masker import Masker
from prismq_nb.capture.monitor.progress_bars import ProgressBars, parse
from prismq_nb.common.base.terminal import text
from prismq_nb.journal.levels import text as level_text
from prismq_nb.journal.levels.classifier import Classifier
from prismq_nb.journal.levels.text import LINE_BYTES

pytestmark = pytest.mark.slow  # megabytes of hostile text

#: Prefixes of a line. What a line continues decides which patterns are tried on it.
BEFORE: Final = (
    b"",
    b"ERROR: x\n",
    b"Traceback (most recent call last):\n",
    b"panic: x\n",
    b"a.ValueError: x\n",
    b"x.py:1: UserWarning:\n",
)
LEVELS_FLOOR = 1e-3
"""Seconds; an 8 kB line takes 0.2 ms at most on the machine that this was written on."""
WORDS = re.compile(rb"(?i)\b(?:debug|info|notice|warn(?:ing)?|error|critical|fatal|trace|severe)\b")
PROSE = (b"plain words of some length, " * 400)[:8192]


def levels_behind(before: bytes, stream: int):
    def work(line: bytes) -> None:
        classifier = Classifier()
        classifier.classify(before, stream)
        classifier.classify(line + b"\n", stream)

    return work


@pytest.fixture(params=[STDOUT, STDERR], ids=["stdout", "stderr"])
def stream(request):
    return request.param


@pytest.mark.parametrize("before", BEFORE, ids=repr)
def test_levels_are_linear_in_the_length_of_a_line(before, stream, monkeypatch):
    """The patterns themselves are linear, not only what remains after cutting long lines."""
    for name in ("HEAD_BYTES", "LINE_BYTES", "DENSE_BYTES", "ESCAPES"):
        monkeypatch.setattr(level_text, name, 1 << 20)
    worst, shape = worst_growth(levels_behind(before, stream), 2048, LEVELS_FLOOR)
    assert worst < TOO_MUCH, shape


@pytest.mark.parametrize("line_bytes", [16, 200])
def test_levels_are_linear_in_the_number_of_lines(line_bytes, stream):
    def work(data: bytes) -> None:
        lines = [data[at : at + line_bytes] for at in range(0, len(data), line_bytes)]
        Classifier().classify(b"\n".join(lines) + b"\n", stream)

    worst, shape = worst_growth(work, 8192, 20 * LEVELS_FLOOR, seed=2, count=300)
    assert worst < TOO_MUCH, shape


@pytest.mark.parametrize(
    "other", [b"- x\n", b"plain words here\n", b"ValueError: x\n", b"\n"], ids=repr
)
def test_levels_are_linear_where_records_alternate_with_other_lines(other, stream):
    record, work = (
        b"2024-01-02 10:00:00,123 - a - INFO - x\n",
        lambda data: Classifier().classify(data, stream),
    )
    for odd in (2 * record + other, record + other, 2 * other + record):
        few, many = odd * 1000 + record, odd * 8000 + record
        assert cost(work, many) < 16 * cost(work, few, 10)


def costs_at_most(most: int, peer: float, work: Callable[[bytes], object], data: bytes) -> bool:
    """Whether it costs at most so many searches for level words, each of which took `peer` seconds.

    What seems to cost more is measured beside that search: the processor may be slower meanwhile.
    """
    return any(cost(work, data, times) < most * peer for times in (2, 10, 30)) or (
        cost(work, data, 30) < most * cost(WORDS.findall, PROSE, 30)
    )


def test_a_line_of_8_kb_costs_at_most_four_searches_for_level_words():
    """The reference is a search for level words in as many bytes of prose. Most lines cost a
    hundredth of that.
    """
    peer = cost(WORDS.findall, PROSE, 10)
    for shape in [*shapes(1, 250), *shapes(3, 600)]:
        line = shape.of(8192)
        for stream in (STDOUT, STDERR):
            work = levels_behind(b"", stream)
            assert costs_at_most(4, peer, work, line), shape


@pytest.mark.parametrize(
    "unit",
    [b"\x1b", b"\r", b"a", b'x lvl="', b"[", b"\x1b[1m", b"1 ", b"\\", b'{"a":', b"a\r"],
    ids=repr,
)
def test_a_line_of_a_mebibyte_costs_little_more_than_one_of_8_kb(unit, stream):
    peer = cost(WORDS.findall, PROSE, 10)
    line = Shape(b"x ", unit, b" level=info x").of(1 << 20)
    assert cost(levels_behind(b"", stream), line, 5) < 25 * peer


def shown_progress(data: bytes) -> object:
    return parse(data.decode("utf-8", "replace"))


# ---- stripping, decoding, masks, progress


@pytest.mark.parametrize(
    "work",
    [
        lambda data: text.plain(data.decode("utf-8", "replace")),
        text.searchable,
        text.messages,
        lambda data: text.messages(data.replace(b" ", b"\n")),
        text.pending_message,
        Masker(["secret", "secrecy", "a" * 50, "x" * 40 + "y"]).apply,
        Masker(["secret", "secrecy", "a" * 50, "x" * 40 + "y"]).safe_end,
        shown_progress,
    ],
    ids=[
        "plain",
        "searchable",
        "messages",
        "messages of many lines",
        "pending_message",
        "mask",
        "the end that may be a secret",
        "progress",
    ],
)
def test_text_processing_is_linear(work):
    worst, shape = worst_growth(work, 16_384, 2e-3, seed=4, count=250)
    assert worst < TOO_MUCH, shape


def test_reading_the_progress_of_one_text_costs_little():
    peer = cost(WORDS.findall, PROSE, 10)
    for shape in shapes(5, 500):
        drawing = shape.of(4096)
        assert costs_at_most(4, peer, shown_progress, drawing), shape


_ESCAPES = st.lists(
    st.sampled_from(
        [
            "\x1b",
            "\x1b[",
            "\x1b]",
            "]",
            "[",
            "m",
            "31",
            ";",
            "\x07",
            "\\",
            "text",
            "\x1b\\",
            "P",
            "(",
            " ",
            "\n",
            "é",
        ]
    ),
    max_size=40,
).map("".join)


@given(whole=_ESCAPES, size=st.integers(1, 9))
def test_pieces_of_plain_text_equal_the_whole(whole, size):
    expected = text.plain(whole)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "PIECE_CHARS", size)
        assert expected == text.plain(whole)


@pytest.mark.parametrize(
    "unit",
    ["\x1b", "a\x1b", "\x1b[", "\x1b]", "\x1b]" + "a" * 4000, "\x1b[1m", "\x1bPa\x1b"],
    ids=lambda unit: repr(unit[:4]),
)
def test_a_long_line_is_stripped_in_pieces(unit, monkeypatch):
    """No other Python code runs during one piece, so the size of a piece is bounded; a text that is
    one escape sequence is stripped at once.
    """
    given_to_re = []

    class Counting:
        def sub(self, new: str, piece: str) -> str:
            given_to_re.append(len(piece))
            return escape.sub(new, piece)

    escape = text.ESCAPES
    monkeypatch.setattr(text, "ESCAPES", Counting())
    text.searchable(unit.encode() * ((1 << 20) // len(unit)) + b"\n")
    assert max(given_to_re, default=0) <= text.PIECE_CHARS + 4096


def test_the_part_of_a_long_line_that_cannot_decide_its_level_is_not_read():
    assert len(level_text.shown(b"x" * (1 << 20))) == LINE_BYTES + 2


def test_progress_bars_of_a_stream_cost_linear_time():
    def work(data: bytes) -> None:
        bars = ProgressBars()
        bars.feed(b" 50%|#####     | 5/10 [00:01<00:01]\n")
        bars.feed(data + b"\n")

    worst, shape = worst_growth(work, 16_384, 20e-3, seed=6, count=200)
    assert worst < TOO_MUCH, shape
