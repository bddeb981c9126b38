"""Colours that earlier lines left in force at the start of a batch or a page."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from support.hostile import cost
from support.journals import MadeRun

from prismq_nb.common.base.terminal.sequences import SGR
from prismq_nb.common.base.terminal.sgr import apply_sgr, sgr_change
from prismq_nb.engine.read.sgr_state import (
    LOOK_BACK_BYTES,
    LOOK_BACK_LINES,
    may_change_sgr,
    sgr_state_at,
)
from prismq_nb.journal.reader import JournalReader

SAMPLES = Path(__file__).parents[1] / "journal" / "samples"
CASES = json.loads((SAMPLES / "carried_cases.json").read_text())["cases"]


def after(data_dir, *pieces: bytes) -> dict[str, str]:
    run = MadeRun(data_dir)
    for piece in pieces:
        run.write(piece)
    with JournalReader(run.path) as reader:
        return sgr_state_at(reader, reader.total_lines)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_colours_continue_until_they_are_reset(data_dir, case):
    expected = {"stdout": case["sgr"]} if case["sgr"] else {}
    assert expected == after(data_dir, case["raw"].encode() + b"\nstill\n")


def test_a_colour_that_is_never_reset_ends_after_some_hundred_lines(data_dir):
    assert {} == after(data_dir, b"\x1b[32mgreen\n" + b"x\n" * (LOOK_BACK_LINES + 1))


def test_carried_colours_are_a_sequence_that_readers_accept(data_dir):
    rng = random.Random(7)
    codes = [str(n) for n in range(120)] + [
        "38;2;255;254;253",
        "48:2::1:2:3:4",
        "58;5;200",
        "4:3",
        "3:9:9",
        "1:0",
    ]
    pen = ""
    for _ in range(20_000):
        parameters = ";".join(rng.choices(codes, k=rng.randrange(1, 6)))[:64]
        before, pen = pen, apply_sgr(pen, parameters)
        for sequence in (f"\x1b[{pen}m", sgr_change(before, pen)):
            assert not sequence or SGR.fullmatch(sequence)
        assert pen == apply_sgr("", pen) or pen == "" == before
    assert len(pen) > 30


def test_each_stream_has_its_own_colours(data_dir):
    run = MadeRun(data_dir)
    run.write("\x1b[32mgreen\n")
    run.write("\x1b[31mred\n", stream=1)
    run.write("\x1b[0mplain\n")
    with JournalReader(run.path) as reader:
        assert [
            {},
            {"stdout": "\x1b[32m"},
            {"stdout": "\x1b[32m", "stderr": "\x1b[31m"},
            {"stderr": "\x1b[31m"},
        ] == [sgr_state_at(reader, line) for line in range(4)]


@pytest.mark.parametrize(
    "sequence",
    [
        lambda i: f"\x1b[38;5;{i % 256};{i % 7}m",
        lambda i: f"\x1b[38;2;{i % 256};{i % 251};{i % 241}m",
        lambda i: "\x1b[" + ";".join(str((i * k) % 97) for k in range(1, 22)) + "m",
        lambda _: "\x1b[",
    ],
    ids=["palette", "colours", "many parameters", "cut off"],
)
def test_the_look_back_takes_bounded_time(data_dir, sequence):
    """10 ms; four times as long if the machine is busy, as in test_line_speed."""
    run = MadeRun(data_dir)
    run.write("".join(map(sequence, range(60_000))) + "\x1b[31m\n")
    with JournalReader(run.path) as reader:
        assert sgr_state_at(reader, 1)
        assert any(
            cost(lambda _: sgr_state_at(reader, 1), b"", times) < 0.04 for times in (1, 3, 5)
        )


def test_bytes_without_a_sequence_cost_about_as_much_as_decoding_them():
    plain = b"2024-01-02 10:00:00 INFO app.module: step 7 loss=0.7 and some more words\n" * 1000
    assert cost(may_change_sgr, plain, 20) < 8 * cost(bytes.decode, plain, 20)


def test_a_colour_is_found_in_a_record_larger_than_the_look_back(data_dir):
    """The line may be an early one of a large record, with the colour before it."""
    run = MadeRun(data_dir)
    run.write(b"\x1b[31mred\nmore\n" + b"x" * (2 * LOOK_BACK_BYTES) + b"\n")
    with JournalReader(run.path) as reader:
        reader.refresh()
        assert sgr_state_at(reader, 1) == {"stdout": "\x1b[31m"}
