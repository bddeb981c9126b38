"""The level sidecar: counts and the next line of a level, whatever the writer has completed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prismq_nb.journal.layout.format import LEVELS
from prismq_nb.journal.levels import sidecar
from prismq_nb.journal.levels.classifier import Classifier, Level
from prismq_nb.journal.levels.grammar.words import CONTINUES
from prismq_nb.journal.levels.sidecar import SidecarReader, SidecarWriter, first_of
from prismq_nb.journal.reader import JournalReader
from prismq_nb.journal.writer import JournalWriter

SMALL_BLOCK = 8
_RUN = st.lists(
    st.tuples(st.sampled_from([0, 1, 1, 1, 2, 3, 4]), st.integers(1, 3 * SMALL_BLOCK)), max_size=8
)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sidecar, "BLOCK_LINES", SMALL_BLOCK)
    monkeypatch.setattr(sidecar, "_BLOCK_BYTES", sidecar._COUNTS.size + SMALL_BLOCK)


def written(folder: Path, levels: bytes, piece: int = 5) -> None:
    writer = SidecarWriter(folder)
    for at in range(0, len(levels), piece):
        writer.append(levels[at : at + piece])
    writer.close()


@pytest.mark.usefixtures("small_blocks")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    runs=_RUN, first=st.integers(0, 70), wanted=st.sets(st.integers(0, 4)), piece=st.integers(1, 20)
)
def test_the_next_line_of_a_level_is_the_first_that_has_it(
    tmp_path: Path, runs, first, wanted, piece
) -> None:
    levels = b"".join(bytes([level]) * count for level, count in runs)
    written(tmp_path, levels, piece)
    reader = SidecarReader(tmp_path)
    expected = next(
        (number for number in range(first, len(levels)) if levels[number] in wanted), None
    )
    assert expected == reader.next_level(first, wanted)
    assert [levels.count(level) for level in range(5)] == reader.counts()
    reader.close()


@pytest.mark.usefixtures("small_blocks")
def test_missing_counts_are_computed(tmp_path: Path) -> None:
    levels = bytes([1] * 8 + [1, 1, 3, 1, 1, 1, 1, 2] + [1] * 9)
    written(tmp_path, levels)
    # as left by a writer that is killed between a block and its counts
    with open(tmp_path / LEVELS, "r+b") as file:
        os.pwrite(file.fileno(), bytes(20), 1 * sidecar._BLOCK_BYTES)
    reader = SidecarReader(tmp_path)
    assert reader.counts() == [0, 23, 1, 1, 0]
    assert reader.next_level(0, [3]) == 10
    assert reader.next_level(11, [3]) is None
    reader.close()


def test_a_run_without_a_sidecar_has_no_levels_yet(tmp_path: Path) -> None:
    reader = SidecarReader(tmp_path)
    assert reader.next_level(0, [3]) is None
    assert reader.counts() == [0] * 5


@pytest.mark.parametrize(
    ("expected", "wanted"), [(2, [3]), (0, [1]), (-1, [4]), (1, [3, 2]), (0, [3, 2, 1]), (-1, [])]
)
def test_the_first_line_of_several_levels_is_found(expected: int, wanted: list[int]) -> None:
    assert expected == first_of(bytes([1, 2, 3, 2]), wanted)


LINES = [
    b"plain text\n",
    b"WARNING: x\n",
    b"ERROR: x\n",
    b"plain text\n",
    b"CRITICAL: x\n",
    b"plain text\n",
]


@pytest.mark.parametrize("stored", range(len(LINES) + 1))
def test_the_next_line_of_a_level_is_found_however_far_the_sidecar_lags(
    tmp_path: Path, stored: int
) -> None:
    writer = JournalWriter(tmp_path, 1_700_000_000_000_000)
    for line in LINES:
        writer.append(memoryview(line), 1, 0, 1_700_000_000_000_000)
    writer.close(1_700_000_000_000_000)
    levels = Classifier().classify(b"".join(LINES), 0)
    written(tmp_path, levels[:stored])
    with JournalReader(tmp_path) as reader:
        assert reader.next_level(-1, [Level.WARNING]) == 1
        assert reader.next_level(-1, [Level.ERROR, Level.CRITICAL]) == 2
        assert reader.next_level(2, [Level.ERROR, Level.CRITICAL]) == 4
        assert reader.next_level(4, [Level.ERROR, Level.CRITICAL]) is None
        assert reader.next_level(99, [Level.INFO]) is None


@pytest.mark.usefixtures("small_blocks")
def test_continuation_lines_have_the_level_of_their_record(tmp_path: Path) -> None:
    error, goes_on = Level.ERROR, Level.ERROR | CONTINUES
    marked = bytes(
        [Level.INFO, error]
        + [goes_on] * 10
        + [error, Level.WARNING, Level.WARNING | CONTINUES]
        + [0xFF]
    )
    writer = SidecarWriter(tmp_path)
    writer.append(marked)
    writer.close()
    assert writer.counts == [0, 2, 2, 12, 0]
    assert writer.records == [0, 1, 1, 2, 0]
    reader = SidecarReader(tmp_path)
    assert reader.counts() == writer.counts
    assert reader.read(0, 99) == bytes([1, 3] + [3] * 10 + [3, 2, 2, 1])
    assert reader.next_level(2, [Level.ERROR]) == 2
    assert reader.count(2, 3) == [0, 0, 0, 3, 0]
    reader.close()


def test_each_line_is_a_record_in_a_sidecar_of_an_earlier_version(tmp_path: Path) -> None:
    writer = SidecarWriter(tmp_path)
    writer.append(bytes([1, 3, 3, 3]))
    writer.close()
    assert writer.records == writer.counts == [0, 1, 0, 3, 0]
