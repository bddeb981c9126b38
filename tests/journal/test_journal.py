"""Writer and reader against the simplest model: a list of (stream, bytes)."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import this_thread
from support.journals import leave_unfinished, leave_unfinished_as_before
from support.random_cases import examples
from support.runs import lines, spans

from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.layout.part import (
    MAX_VISIBLE_BYTES,
    Part,
    pack_part,
    read_part,
    read_unfinished,
    write_part,
)
from prismq_nb.journal.reader import JournalReader
from prismq_nb.journal.writer import JournalWriter

T0 = 1_761_912_001_123_456

chunks = st.lists(
    st.tuples(
        st.sampled_from([0, 1]),
        st.lists(
            st.binary(max_size=12).map(lambda b: b.replace(b"\n", b"\r")), min_size=1, max_size=5
        ),
        st.booleans(),  # whether its last line ends in a newline
        st.integers(0, 3),  # microseconds since the previous chunk
    ),
    max_size=30,
)


def write(
    path: Path, items: list[tuple[int, list[bytes], bool, int]]
) -> tuple[list[bytes], list[int]]:
    """Write the chunks and return the expected lines and streams."""
    writer = JournalWriter(path, T0)
    expected, streams, now = [], [], T0
    for stream, pieces, whole, passed in items:
        now += passed
        data = b"\n".join(pieces) + b"\n" * (whole or not pieces[-1])
        assert writer.append(memoryview(data), fmt.count_lines(data), stream, now)
        expected += pieces
        streams += [stream] * len(pieces)
    writer.close(now)
    return expected, streams


@settings(max_examples=examples(150), deadline=None)
@given(chunks, st.data())
def test_every_window_is_a_slice_of_the_written_lines(items, data):
    with TemporaryDirectory() as folder:
        expected, streams = write(Path(folder), items)
        with JournalReader(Path(folder)) as reader:
            assert reader.total_lines == len(expected)
            for _ in range(3):  # the reader starts its next search where a window ended
                first = data.draw(st.integers(0, len(expected) + 1))
                limit = data.draw(st.integers(0, len(expected) + 1))
                found = spans(reader, first, limit)
                assert lines(reader, first, limit) == expected[first : first + limit]
                assert [span.stream for span in found for _ in range(span.line_count)] == streams[
                    first : first + limit
                ]
                assert [span.first + i for span in found for i in range(span.line_count)] == list(
                    range(len(expected))
                )[first : first + limit]


@settings(max_examples=examples(100), deadline=None)
@given(chunks, st.integers(-2, 60))
def test_timestamps_strictly_increase_and_since_neither_repeats_nor_skips_lines(items, after):
    with TemporaryDirectory() as folder:
        write(Path(folder), items)
        with JournalReader(Path(folder)) as reader:
            stamps = [span.stamp + i for span in spans(reader) for i in range(span.line_count)]
            assert stamps == sorted(set(stamps))
            assert reader.line_after(T0 + after) == sum(stamp <= T0 + after for stamp in stamps)


def test_a_small_byte_budget_still_reads_everything(tmp_path):
    expected, _ = write(tmp_path, [(i % 2, [b"x" * 50, b"y"], True, 1) for i in range(40)])
    with JournalReader(tmp_path) as reader:
        first, found = 0, []
        while piece := reader.spans(first, 1000, max_bytes=60):
            assert sum(len(span.data) for span in piece) <= 60 + 53
            found += [line for span in piece for line in span.data.split(b"\n")[: span.line_count]]
            first = piece[-1].first + piece[-1].line_count
        assert found == expected


def test_a_run_without_files_is_an_empty_journal(tmp_path):
    with JournalReader(tmp_path) as reader:
        assert (reader.total_lines, reader.spans(0, 10), reader.pending(), reader.gaps(0, 10)) == (
            0,
            [],
            (b"", b""),
            [],
        )


def test_a_reader_ignores_bytes_past_the_last_record(tmp_path):
    write(tmp_path, [(0, [b"one"], True, 1)])
    with open(tmp_path / fmt.LOG, "ab") as log:
        log.write(b"two\n")
    with JournalReader(tmp_path) as reader:
        assert lines(reader) == [b"one"]


def test_a_truncated_log_gives_empty_lines_and_no_exception(tmp_path):
    write(tmp_path, [(0, [b"one", b"two"], True, 1), (0, [b"three", b"four"], True, 1)])
    with JournalReader(tmp_path) as reader:
        (tmp_path / fmt.LOG).write_bytes(b"one\ntw")
        assert lines(reader) == [b"one", b"tw", b"", b""]


def test_a_partially_written_record_is_invisible_until_complete(tmp_path):
    write(tmp_path, [(0, [b"one"], True, 1), (0, [b"two"], True, 1)])
    index = (tmp_path / fmt.INDEX).read_bytes()
    (tmp_path / fmt.INDEX).write_bytes(index[: fmt.RECORD_BYTES * 2 + 20])
    with JournalReader(tmp_path) as reader:
        assert lines(reader) == [b"one"]
        (tmp_path / fmt.INDEX).write_bytes(index)
        assert lines(reader) == [b"one", b"two"]


@pytest.mark.parametrize(
    "header",
    [b"", b"x" * fmt.RECORD_BYTES, fmt.header(0)[:8] + b"\x09" + fmt.header(0)[9:]],
    ids=["empty", "garbage", "future"],
)
def test_an_index_of_unknown_format_is_rejected_clearly_or_read_as_empty(tmp_path, header):
    (tmp_path / fmt.INDEX).write_bytes(header)
    (tmp_path / fmt.LOG).write_bytes(b"one\n")
    reader = JournalReader(tmp_path)
    if header:
        with pytest.raises(fmt.BadIndex, match=r"magic|version 9"):
            reader.refresh()
    else:
        assert reader.refresh() == 0


def test_output_that_was_not_stored_is_one_gap_with_size_and_reason(tmp_path):
    writer = JournalWriter(tmp_path, T0)
    writer.append(memoryview(b"one\n"), 1, 0, T0)
    writer.pause(fmt.GAP_REASONS.index("disk-full"), T0 + 10)
    writer.append(memoryview(b"lost\nlost\n"), 2, 0, T0 + 11)
    writer.append(memoryview(b"lost too\n"), 1, 1, T0 + 12)
    assert writer.resume(T0 + 20)
    writer.append(memoryview(b"two\n"), 1, 0, T0 + 21)
    writer.close(T0 + 30)
    with JournalReader(tmp_path) as reader:
        assert lines(reader) == [b"one", b"two"]
        assert [tuple(gap) for gap in reader.gaps(0, 5)] == [
            (1, 3, 19, T0 + 10, T0 + 20, "disk-full")
        ]
        assert reader.gaps(2, 5) == []


@pytest.mark.parametrize("leave", [leave_unfinished, leave_unfinished_as_before])
def test_pending_text_that_became_a_line_is_not_shown_twice(tmp_path, leave):
    writer = JournalWriter(tmp_path, T0)
    writer.append(memoryview(b"one\n"), 1, 0, T0)
    leave(tmp_path, writer.end, b"50%", b"asking? ")
    with JournalReader(tmp_path) as reader:
        assert reader.pending() == (b"50%", b"asking? ")
        writer.append(memoryview(b"50% 100%\n"), 1, 0, T0)
        reader.refresh()
        assert reader.pending() == (b"", b"asking? ")
        leave(tmp_path, writer.end, b"60%", b"asking? ")
        assert reader.pending() == (b"60%", b"asking? ")
        for _ in range(20):
            writer.append(memoryview(b"more\n"), 1, 1, T0)
        reader.refresh()
        assert reader.pending() == (b"60%", b"")


def test_pending_text_newer_than_the_lines_read_is_not_shown(tmp_path):
    writer = JournalWriter(tmp_path, T0)
    with JournalReader(tmp_path) as reader:
        writer.append(memoryview(b"one\n"), 1, 0, T0)
        leave_unfinished(tmp_path, writer.end, b"two", b"")
        assert reader.pending() == (b"two", b"")
        reader.refresh()
        assert reader.pending() == (b"two", b"")


@pytest.mark.parametrize("leave", [leave_unfinished, leave_unfinished_as_before])
def test_at_most_a_few_kb_of_pending_text_are_read(tmp_path, leave, monkeypatch):
    writer = JournalWriter(tmp_path, T0)
    size = 1 << 20 if leave is leave_unfinished_as_before else 10
    leave(tmp_path, writer.end, b"x" * MAX_VISIBLE_BYTES, b"y" * size)
    sizes, pread = [], os.pread
    counting = lambda fd, size, at: sizes.append(size) or pread(fd, size, at)  # noqa: E731
    this_thread.replace(monkeypatch, os, "pread", counting)
    with JournalReader(tmp_path) as reader:
        assert {len(text) for text in reader.pending()} <= {MAX_VISIBLE_BYTES, 10}
        assert sum(sizes) < 5 * MAX_VISIBLE_BYTES
        sizes.clear()
        reader.pending()
        assert not sizes, "it is read again although it has not changed"


DAMAGED_PARTS = (
    b"",
    b"{",
    b"[" * 300 + b"\n",
    b"1\n",
    b'{"end": 1e99, "stdout": 1, "stderr": 0}\nx',
    b"\0" * 99,
    b'{"end": 0, "stdout": 4, "stderr": 0, "crc": 1}\nhalf',
)


@pytest.mark.parametrize("content", DAMAGED_PARTS)
def test_damaged_pending_text_is_ignored(tmp_path, content):
    JournalWriter(tmp_path, T0).close(T0)
    (tmp_path / fmt.PART).write_bytes(content)
    with JournalReader(tmp_path) as reader:
        assert reader.pending() == (b"", b"")


def test_a_fifo_in_place_of_pending_text_does_not_block_the_reader(tmp_path):
    JournalWriter(tmp_path, T0).close(T0)
    for name in (fmt.PART, *fmt.UNFINISHED):
        os.mkfifo(tmp_path / name)
    with JournalReader(tmp_path) as reader:
        assert reader.pending() == (b"", b"")
    assert read_unfinished(tmp_path) == (None, None)


def test_a_partial_write_of_pending_text_is_not_shown(tmp_path):
    path = os.fspath(tmp_path / fmt.PART)
    one, two = pack_part(0, b"a" * 100, b"b" * 100), pack_part(7, b"c" * 90, b"")
    write_part(path, one)
    whole = Part(0, (b"a" * 100, b"b" * 100), True), Part(7, (b"c" * 90, b""), True)
    for cut in range(len(two) + 1):
        (tmp_path / fmt.PART).write_bytes(two[:cut] + one[cut:])
        assert read_part(path) in (None, *whole)
    write_part(path, one)
    write_part(path, two)
    assert (tmp_path / fmt.PART).read_bytes() == two
