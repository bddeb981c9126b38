"""Colours that lines before a batch or a page left in force."""

from __future__ import annotations

import time

import pytest
from support.journals import MadeRun

from prismq_nb.engine.carried import LOOK_BACK_LINES, carried
from prismq_nb.journal.reader import JournalReader


def after(data_dir, *pieces: bytes) -> dict[str, str]:
    run = MadeRun(data_dir)
    for piece in pieces:
        run.write(piece)
    with JournalReader(run.path) as reader:
        return carried(reader, reader.total_lines)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"plain\n", ""),
        (b"\x1b[31mred\nstill\n", "\x1b[31m"),
        (b"\x1b[31mred\x1b[0m\n", ""),
        (b"\x1b[31mred\x1b[m\n", ""),
        (b"\x1b[1;31mred\n\x1b[39mbold\n", "\x1b[1;39m"),
        (b"\x1b[0;1;31mred\n\x1b[39mbold\n", "\x1b[1m"),
        (b"\x1b[38;2;1;2;3mrgb\n", "\x1b[38;2;1;2;3m"),
        (b"\x1b[32mgreen\n" + b"x\n" * (LOOK_BACK_LINES + 1), ""),
    ],
    ids=["plain", "red", "reset", "empty-reset", "default", "default-after-reset", "rgb", "far"],
)
def test_colours_go_on_until_they_are_reset(data_dir, text, expected):
    assert ({"stdout": expected} if expected else {}) == after(data_dir, text)


def test_the_streams_have_their_own_colours(data_dir):
    run = MadeRun(data_dir)
    run.write("\x1b[32mgreen\n")
    run.write("\x1b[31mred\n", stream=1)
    run.write("\x1b[0mplain\n")
    with JournalReader(run.path) as reader:
        assert [{}, {"stdout": "\x1b[32m"}, {"stdout": "\x1b[32m", "stderr": "\x1b[31m"}, {"stderr": "\x1b[31m"}] == [
            carried(reader, line) for line in range(4)
        ]


def test_a_look_back_takes_bounded_time(data_dir):
    run = MadeRun(data_dir)
    run.write("".join(f"\x1b[38;5;{i % 256};{i % 7}m" for i in range(60_000)) + "\n")
    with JournalReader(run.path) as reader:
        times = []
        for _ in range(3):
            begin = time.perf_counter()
            assert carried(reader, 1)
            times.append(time.perf_counter() - begin)
    assert min(times) < 0.05
