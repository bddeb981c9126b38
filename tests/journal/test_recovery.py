"""Recovery after a crash: no stored line is lost or duplicated, and every byte of the log is
readable.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.journals import leave_unfinished, leave_unfinished_as_before
from support.random_cases import examples
from support.runs import lines, spans

from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.reader import JournalReader
from prismq_nb.journal.recovery import recover
from prismq_nb.journal.writer import JournalWriter

T0 = 1_761_912_001_123_456
VERSION_FIELD = range(8, 12)
"""Of the index's header: what is later than ours is left alone, so a bit that flips just here is no
damage that can be known."""


def make(path: Path, count: int = 6) -> list[bytes]:
    """A journal of `count` chunks of two lines, left open as by a killed supervisor."""
    writer = JournalWriter(path, T0)
    expected: list[bytes] = []
    for number in range(count):
        pair = [b"line %d" % (2 * number), b"line %d" % (2 * number + 1)]
        writer.append(memoryview(b"\n".join(pair) + b"\n"), 2, number % 2, T0 + number)
        expected += pair
    return expected


def read(path: Path) -> list[bytes]:
    with JournalReader(path) as reader:
        return lines(reader)


def test_an_intact_journal_is_unchanged(tmp_path):
    expected = make(tmp_path)
    before = (tmp_path / fmt.INDEX).read_bytes()
    assert recover(tmp_path, rebooted=False, now_us=T0).recovered == 0
    assert (tmp_path / fmt.INDEX).read_bytes() == before
    assert read(tmp_path) == expected


def test_bytes_without_a_record_become_recovered_lines(tmp_path):
    expected = make(tmp_path)
    with open(tmp_path / fmt.LOG, "ab") as log:
        log.write(b"killed before its record\nand unfinis")
    assert recover(tmp_path, rebooted=False, now_us=T0 + 99).recovered == 2
    assert read(tmp_path) == [*expected, b"killed before its record", b"and unfinis"]
    with JournalReader(tmp_path) as reader:
        assert spans(reader)[-1].flags & fmt.RECOVERED


GROWN_BYTES = 100 << 30
"""Longer than anything that could be read in a test."""


@pytest.mark.parametrize("name", [fmt.LOG, fmt.INDEX])
@pytest.mark.parametrize("rebooted", [False, True])
def test_a_file_that_grew_by_a_hole_is_not_read_to_its_end(tmp_path, name, rebooted):
    expected = make(tmp_path)
    with open(tmp_path / fmt.LOG, "ab") as log:
        log.write(b"killed before its record\n")
    os.truncate(tmp_path / name, GROWN_BYTES)
    assert expected == read(tmp_path)
    recover(tmp_path, rebooted=rebooted, now_us=T0 + 99)
    assert [*expected, b"killed before its record"] == read(tmp_path)
    assert (tmp_path / fmt.INDEX).stat().st_size < 10_000


@pytest.mark.parametrize("bad", range(6))
def test_a_bad_record_is_rebuilt_from_its_neighbours(tmp_path, bad):
    expected = make(tmp_path)
    index = bytearray((tmp_path / fmt.INDEX).read_bytes())
    index[(bad + 1) * fmt.RECORD_BYTES + 7] ^= 0x40
    (tmp_path / fmt.INDEX).write_bytes(index)
    assert recover(tmp_path, rebooted=False, now_us=T0 + 99).recovered == 2
    assert read(tmp_path) == expected


@settings(max_examples=examples(120), deadline=None)
@given(st.data())
def test_a_truncated_or_corrupted_index_loses_no_line(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("journal")
    expected = make(path)
    index = bytearray((path / fmt.INDEX).read_bytes())
    if data.draw(st.booleans()):
        del index[data.draw(st.integers(0, len(index))) :]
    else:
        for _ in range(data.draw(st.integers(1, 3))):
            at = data.draw(
                st.integers(0, len(index) - 1).filter(lambda at: at not in VERSION_FIELD)
            )
            index[at] ^= 1 << data.draw(st.integers(0, 7))
    (path / fmt.INDEX).write_bytes(index)
    recover(path, rebooted=data.draw(st.booleans()), now_us=T0 + 99)
    assert read(path) == expected
    stamps = [span.stamp + i for span in _spans(path) for i in range(span.line_count)]
    assert stamps == sorted(set(stamps))


def _spans(path):
    with JournalReader(path) as reader:
        return spans(reader)


def test_a_missing_index_is_rebuilt_from_the_log(tmp_path):
    expected = make(tmp_path)
    (tmp_path / fmt.INDEX).unlink()
    assert recover(tmp_path, rebooted=False, now_us=T0).recovered == 12
    assert read(tmp_path) == expected


def test_lines_missing_from_the_log_become_a_gap(tmp_path):
    expected = make(tmp_path)
    log = (tmp_path / fmt.LOG).read_bytes()
    (tmp_path / fmt.LOG).write_bytes(log[: len(log) - 20])
    found = recover(tmp_path, rebooted=True, now_us=T0 + 99)
    kept = read(tmp_path)
    assert kept[:-1] == expected[: len(kept) - 1]
    assert expected[len(kept) - 1].startswith(kept[-1])
    with JournalReader(tmp_path) as reader:
        (gap,) = reader.gaps(0, 99)
    assert (gap.before, gap.lines, gap.bytes, gap.reason) == (
        len(kept),
        len(expected) - len(kept),
        20,
        "truncated",
    )
    assert found.missing == gap.lines


FORMS = pytest.mark.parametrize("leave", [leave_unfinished, leave_unfinished_as_before])


@FORMS
def test_unfinished_text_becomes_a_line_once(tmp_path, leave):
    expected = make(tmp_path)
    leave(tmp_path, (tmp_path / fmt.LOG).stat().st_size, b"", b"what is your name? ")
    recover(tmp_path, rebooted=False, now_us=T0 + 99)
    recover(tmp_path, rebooted=False, now_us=T0 + 99)
    assert read(tmp_path) == [*expected, b"what is your name? "]
    assert not list(tmp_path.glob("*.part"))


@FORMS
def test_unfinished_text_of_both_streams_is_complete_at_any_length(tmp_path, leave):
    expected = make(tmp_path)
    bar, dots = b"\r 50%|#####     |" * 50_000, b"." * 900_000
    leave(tmp_path, (tmp_path / fmt.LOG).stat().st_size, bar, dots)
    recover(tmp_path, rebooted=False, now_us=T0 + 99)
    assert read(tmp_path) == [*expected, bar, dots]


@FORMS
@pytest.mark.parametrize("stream", [fmt.STDOUT, fmt.STDERR])
def test_unfinished_text_already_in_the_log_is_not_duplicated(tmp_path, leave, stream):
    expected = make(tmp_path)
    end = (tmp_path / fmt.LOG).stat().st_size
    leave(tmp_path, end, *((b"half", b"") if stream == fmt.STDOUT else (b"", b"half")))
    with open(tmp_path / fmt.LOG, "ab") as log:
        log.write(b"half a line\n")
    recover(tmp_path, rebooted=False, now_us=T0 + 99)
    with JournalReader(tmp_path) as reader:
        assert spans(reader)[-1].stream == stream
    assert read(tmp_path) == [*expected, b"half a line"]


@FORMS
@pytest.mark.parametrize("torn", [1, 4096, 9999])
def test_unfinished_text_partly_in_the_log_is_completed(tmp_path, leave, torn):
    expected = make(tmp_path)
    text = b"\r 50%|#####     |" * 1000
    leave(tmp_path, (tmp_path / fmt.LOG).stat().st_size, text, b"")
    with open(tmp_path / fmt.LOG, "ab") as log:
        log.write(text[:torn])
    recover(tmp_path, rebooted=False, now_us=T0 + 99)
    assert read(tmp_path) == [*expected, text]


def test_unfinished_text_stored_as_a_line_is_stale(tmp_path):
    writer = JournalWriter(tmp_path, T0)
    leave_unfinished(tmp_path, 0, b"name? ", b"bar")
    writer.append(memoryview(b"name? Ada\n"), 1, 0, T0)
    recover(tmp_path, rebooted=False, now_us=T0 + 99)
    assert read(tmp_path) == [b"name? Ada", b"bar"]


def test_an_equal_line_of_the_other_stream_is_not_mistaken_for_unfinished_text(tmp_path):
    writer = JournalWriter(tmp_path, T0)
    leave_unfinished(tmp_path, 0, b"name? ", b"")
    writer.append(memoryview(b"name? is asked\n"), 1, 1, T0)
    with open(tmp_path / fmt.LOG, "ab") as log:
        log.write(b"no record\n")
    recover(tmp_path, rebooted=False, now_us=T0 + 99)
    assert read(tmp_path) == [b"name? is asked", b"no record", b"name? "]
