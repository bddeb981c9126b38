"""Overwritten text of a line, and the rows that it renders to."""

from __future__ import annotations

import time

import pytest
from support.hostile import cost

from prismq_nb.common.base.terminal.frames import MAX_FRAMES, MAX_FRAMES_CHARS, drawn_lines, frames
from prismq_nb.common.base.terminal.text import message


@pytest.mark.parametrize(
    ("drawn", "shown", "raw"),
    [
        ((2, 0, 0), [" 1%", " 2%", " 3%"], b" 1%\r 2%\r 3%"),
        ((1, 0, 0), ["1/2", "2/2"], b"1/2\b\b\b2/2"),
        ((1, 0, 0), ["- building", "done"], b"\x1b[1G\x1b[0K- building\x1b[1G\x1b[0Kdone"),
        ((0, 0, -1), ["inner 0%"], b"\rinner 0%\x1b[A"),
        ((1, -1, -1), ["inner 1%", "outer 1%"], b"\rinner 1%\x1b[A\router 1%"),
        ((1, -1, -1, 0), ["two 0%", "one 10%"], b"two 0%\r\x1b[2K\x1b[1A\x1b[2Kone 10%"),
        ((0, -3, -3), ["[+] Building"], b"\x1b[1A\x1b[1A\x1b[1A\x1b[0G[+] Building"),
        ((0, 0, 0), ["layer"], b"\x1b[3A\x1b[2K\rlayer\r\x1b[3B"[9:14]),
        ((0, -3, 0), ["layer"], b"\x1b[3A\x1b[2K\rlayer\r\x1b[3B"),
        ((0, -1, -1, 0), ["ERROR: x"], b"\r      \r\x1b[AERROR: x"),
        ((0, -2, -2, -1, 0), ["Lint"], b"\x1b[2K\x1b[1A\x1b[2K\x1b[1A\x1b[2K\x1b[GLint"),
        ((0, 0, -1, -1), ["inner 35%"], b"\rinner 35%\x1b[A\r                  \r"),
        ((0, 0, 0, *range(1, 17)), ["text"], b"\x1b[Jtext"),
        ((0, 0, 0), ["bar 10%"], b"bar 10%\x1b[K\r"),
        ((0, 0, 0), [" 10% a", " 20% a", "INFO b"], b"\r 10% a\r 20% a\r           \rINFO b"),
        ((1, 0, 0), ["step 1", "step 2"], b"\rstep 1\r          \rstep 2"),
        ((0, 0, 0), ["npm warn"], b"\xe2\xa0\x99\x1b[1G\x1b[0K\xe2\xa0\xb9\x1b[1G\x1b[0Knpm warn"),
        ((2, 0, 0), ["1", "2", "3"], b"1\r2\r3"),
        ((0, 0, 0), ["text"], b"text\r"),
        ((0, 0, 0), ["ERROR"], b"\x1b[31m\x1b[KERROR"[8:]),
    ],
    ids=lambda value: repr(value)[:40],
)  # fmt: skip
def test_a_line_renders_to_frames_and_rows(drawn, shown, raw):
    assert drawn == drawn_lines(b"x\n" + raw + b"\ny\n", 5).get(6, (0, 0, 0))
    assert shown == frames(raw)
    assert message(raw) == shown[-1]


def test_only_the_newest_of_many_frames_are_returned():
    raw = b"".join(b"\r%d%%" % i for i in range(5_000))
    assert [f"{i}%" for i in range(5_000 - MAX_FRAMES, 5_000)] == frames(raw)
    updates, row, end = drawn_lines(raw + b"\n", 0)[0]
    assert updates in (4_999, 5_000), "of a long line, about"
    assert (row, end) == (0, 0)


@pytest.mark.parametrize(
    "unit",
    [
        b"\x1b[2K\x1b[A",
        b"\x1b[J",
        b"x\r    \r",
        b"\r    ",
        b"\x1b[A",
        b"x\x1b[A",
        b"x\r",
        b"x\b\b",
        b"x\r\n",
        b"\x1b[Ax\n",
        b"\x1b[31mx\x1b[2K",
    ],
    ids=repr,
)
def test_rendering_the_history_of_lines_is_bounded(unit):
    data = unit * ((256 << 10) // len(unit)) + b"\n"
    start = time.thread_time()
    drawn_lines(data, 0)
    assert time.thread_time() - start < 0.2


@pytest.mark.parametrize(
    "raw",
    [b"\ra" * 200_000, b"x" * 8000 + b"\x08\x08ab" * 60_000, (b"y" * 8000 + b"\r") * 60],
    ids=["returns", "backspaces behind a long text", "long frames"],
)
def test_frames_are_bounded_per_line_and_in_total(raw):
    found = frames(raw)
    assert len(found) <= MAX_FRAMES
    assert sum(map(len, found)) <= MAX_FRAMES_CHARS + len(found[-1])


def test_lines_without_overwritten_text_cost_about_as_much_as_decoding_them():
    """Every poll and every stream makes this check. Searching for two bytes in a row costs 35 times
    as much.
    """
    plain = b"2024-01-02 10:00:00 INFO app.module: step 7 loss=0.7 and some more words\n" * 1000
    decoding = cost(bytes.decode, plain, 20)
    assert cost(lambda data: drawn_lines(data, 0), plain, 20) < 8 * decoding
