"""The splitter: records are the input, cut at line ends, in whatever pieces it arrives."""

from __future__ import annotations

import fcntl
import os
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.random_cases import examples

from prismq_nb.capture.pipes.newlines import counter
from prismq_nb.capture.pipes.splitter import Splitter
from prismq_nb.journal.layout import format as fmt

COUNT = counter({})
MIB = fmt.MAX_LINE_BYTES


def split(pieces: list[bytes]) -> list[tuple[bytes, int, int]]:
    """Write the pieces one by one to a pipe with a splitter; return its records, the end
    included.
    """
    read, write = os.pipe()
    os.set_blocking(read, False)
    splitter = Splitter(read, 0, COUNT)
    records: list[tuple[bytes, int, int]] = []
    for piece in pieces:
        for at in range(0, len(piece), 60_000):  # less than a pipe holds
            os.write(write, piece[at : at + 60_000])
            while count := splitter.read():
                records += [
                    (bytes(data), lines, flags) for data, lines, flags in splitter.records(count)
                ]
    os.close(write)
    assert splitter.read() == 0
    assert not splitter.open
    records += [(bytes(data), lines, flags) for data, lines, flags in splitter.rest()]
    splitter.close()
    return records


@settings(max_examples=examples(200), deadline=None)
@given(
    st.lists(st.binary(min_size=1, max_size=40).map(lambda b: b.replace(b"x", b"\n")), max_size=20)
)
@example([b"a", b"b\n", b"\n\nc"])
def test_no_byte_is_added_lost_or_moved(pieces):
    records = split(pieces)
    assert b"".join(data for data, _, _ in records) == b"".join(pieces)
    assert all(data.endswith(b"\n") for data, _, _ in records[:-1])
    assert [lines for _, lines, _ in records] == [fmt.count_lines(data) for data, _, _ in records]


def test_a_line_longer_than_a_mebibyte_is_split_there_and_flagged():
    line = b"x" * (2 * MIB + 500_000)
    records = split([line + b"\nnext\n"])
    assert [(len(data), lines, flags) for data, lines, flags in records] == [
        (MIB, 1, fmt.SPLIT),
        (MIB, 1, fmt.SPLIT),
        (500_006, 2, 0),
    ]


def test_a_line_of_exactly_the_limit_is_whole():
    records = split([b"x" * (MIB - 1) + b"\nnext\n"])
    assert [flags for _, _, flags in records] == [0] * len(records)
    assert sum(lines for _, lines, _ in records) == 2


def test_a_split_never_cuts_a_character():
    text = "é" * MIB  # two bytes each
    records = split([b"a" + text.encode()])
    assert "".join(data.decode() for data, _, _ in records) == "a" + text


@pytest.mark.parametrize(
    "length", [1, 5, 39, 41, 100, 1000, 16_384, 50_000], ids=lambda length: f"{length} bytes"
)
def test_lines_of_any_length_are_counted_exactly(length):
    data = (b"x" * (length - 1) + b"\n") * (300_000 // length)
    records = split([data, b"\n" * 5000, data, b"rest"])
    assert 2 * (300_000 // length) + 5000 + 1 == sum(lines for _, lines, _ in records)
    assert all(lines == fmt.count_lines(piece) for piece, lines, _ in records)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux changes a pipe's size")
def test_a_flooded_pipe_is_enlarged_and_shrunk_when_the_flood_is_over():
    read, write = os.pipe()
    for fd in (read, write):
        os.set_blocking(fd, False)
    splitter = Splitter(read, 0, COUNT)
    for _ in range(100):
        os.write(write, b"0123456789\n" * 30_000)  # until it is full
        while count := splitter.read():
            list(splitter.records(count))
    assert splitter.is_enlarged
    assert fcntl.fcntl(read, fcntl.F_GETPIPE_SZ) == splitter.capacity > 65_536
    splitter.shrink()  # the flood may continue
    assert splitter.is_enlarged
    splitter.shrink()
    assert not splitter.is_enlarged
    assert fcntl.fcntl(read, fcntl.F_GETPIPE_SZ) == splitter.capacity == 65_536
    os.close(write)
    splitter.close()


def test_the_buffer_of_a_long_line_is_released_when_the_line_is_over():
    read, write = os.pipe()
    os.set_blocking(read, False)
    splitter = Splitter(read, 0, COUNT)
    for _ in range(10):
        os.write(write, b"x" * 30_000)
        list(splitter.records(splitter.read()))
    assert splitter.is_enlarged
    for _ in range(2):
        splitter.shrink()
    assert splitter.is_enlarged, "it holds the line"
    os.write(write, b"\nrest")
    assert [300_001] == [len(data) for data, _, _ in splitter.records(splitter.read())]
    splitter.shrink()
    assert not splitter.is_enlarged
    os.write(write, b" of it\n")
    assert [b"rest of it\n"] == [bytes(data) for data, _, _ in splitter.records(splitter.read())]
    os.close(write)
    splitter.close()
