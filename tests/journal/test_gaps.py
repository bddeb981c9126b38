"""Output lost repeatedly at one place is one gap, however often storage failed and recovered."""

from __future__ import annotations

import os

import pytest
from support import this_thread

from prismq_nb.journal import gaps
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.layout.format import GAP_REASONS, IndexRecord
from prismq_nb.journal.reader import JournalReader
from prismq_nb.journal.recovery import recover
from prismq_nb.journal.writer import JournalWriter

T0 = 1_761_912_001_123_456
FULL, LIMIT = GAP_REASONS.index("disk-full"), GAP_REASONS.index("run-limit")


MOST = 12
"""Records of a thousand gaps at one place: each is as large as all before it."""


def record(first, lines, size, begin, end, reason=FULL):  # noqa: PLR0917 - a record's fields
    return IndexRecord(100, 100 + size, first, lines, fmt.GAP, begin, end, reason)


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([], []),
        ([record(5, 1, 10, 3, 4)], [(5, 1, 10, 3, 4, "disk-full")]),
        ([record(5, 1, 10, 3, 4), record(5, 2, 20, 6, 7)], [(5, 3, 30, 3, 7, "disk-full")]),
        (
            [record(5, 1, 10, 3, 4, LIMIT), record(5, 2, 20, 6, 7), record(5, 1, 1, 8, 9, LIMIT)],
            [(5, 4, 31, 3, 9, "disk-full")],
        ),
        (
            [record(5, 1, 10, 3, 4), record(6, 2, 20, 6, 7)],
            [(5, 1, 10, 3, 4, "disk-full"), (6, 2, 20, 6, 7, "disk-full")],
        ),
    ],
    ids=["none", "one", "adjacent", "reasons", "apart"],
)
def test_gaps_at_one_place_are_merged(records, expected):
    assert expected == [tuple(gap) for gap in gaps.gaps_of(records)]


def lose(writer, text, now):
    writer.pause(FULL, now)
    writer.append(memoryview(text), text.count(b"\n"), 0, now)
    return writer.resume(now + 1)


def index_gaps(path):
    data = (path / fmt.INDEX).read_bytes()
    found = (fmt.unpack(data, at) for at in range(fmt.RECORD_BYTES, len(data), fmt.RECORD_BYTES))
    return [one for one in found if one and one.flags & fmt.GAP]


@pytest.mark.parametrize("end", ["a line", "the end", "a kill"])
def test_flapping_storage_leaves_one_gap_and_few_records(tmp_path, end):
    writer = JournalWriter(tmp_path, T0)
    writer.append(memoryview(b"first\n"), 1, 0, T0)
    for number in range(1000):
        assert lose(writer, b"lost\n", T0 + 10 * number)
    if end == "a line":
        writer.append(memoryview(b"last\n"), 1, 0, T0 + 20_000)
    if end == "the end":
        writer.close(T0 + 20_000)
    else:
        assert len(index_gaps(tmp_path)) <= MOST
        recover(tmp_path, rebooted=False, now_us=T0 + 30_000)
    with JournalReader(tmp_path) as reader:
        (gap,) = reader.gaps(0, 10)
    # a killed supervisor has not recorded everything
    count = gap.lines if end == "a kill" else 1000
    assert (1, count, 5 * count, "disk-full") == (gap.before, gap.lines, gap.bytes, gap.reason)
    assert 500 <= gap.lines <= 1000
    assert (tmp_path / fmt.GAPS).stat().st_size <= MOST * fmt.RECORD_BYTES


def test_a_gap_is_reopened_if_its_record_cannot_be_written(tmp_path, monkeypatch):
    writer = JournalWriter(tmp_path, T0)
    lose(writer, b"one\none\n", T0)
    lose(writer, b"two\n", T0 + 5)
    this_thread.replace(monkeypatch, os, "write", lambda *_: 0)
    assert not writer.append(memoryview(b"three\n"), 1, 0, T0 + 9)
    monkeypatch.undo()
    assert (2, 10) == (writer.lost.lines, writer.lost.bytes)
    writer.resume(T0 + 20)
    writer.append(memoryview(b"four\n"), 1, 0, T0 + 21)
    writer.close(T0 + 22)
    with JournalReader(tmp_path) as reader:
        (gap,) = reader.gaps(0, 10)
        assert (0, 4, 18) == (gap.before, gap.lines, gap.bytes)
        assert b"four\n" == reader.spans(0, 10)[0].data


def test_gaps_are_found_by_their_place(tmp_path):
    path = tmp_path / fmt.GAPS
    path.write_bytes(b"".join(fmt.pack(*record(3 * n, 1, 1, n, n)) for n in range(5000)))
    for first, last in ((0, 0), (1, 2), (3, 9), (7000, 7010), (14_990, 20_000), (15_000, 16_000)):
        expected = [n for n in range(first, last + 1) if n % 3 == 0 and n < 15_000]
        assert expected == [gap.before for gap in gaps.read(str(path), first, last)]
    assert 4096 == len(gaps.read(str(path), 0, 20_000))  # the newest


@pytest.mark.parametrize("bad", [0, 1, 77, 4998, 4999])
def test_a_damaged_gap_record_loses_only_itself(tmp_path, bad):
    path = tmp_path / fmt.GAPS
    data = bytearray(b"".join(fmt.pack(*record(n, 1, 1, n, n)) for n in range(5000)))
    data[bad * fmt.RECORD_BYTES + 9] ^= 1
    path.write_bytes(data)
    for place in (0, 1, 76, 78, 4997, 4999):
        expected = [] if place == bad else [place]
        assert expected == [gap.before for gap in gaps.read(str(path), place, place)]
