"""Bisection finds the good records around a stretch of bad ones in few reads."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prismq_nb.journal.damage import MAX_LINEAR_RECORDS, good_end, next_good
from prismq_nb.journal.layout.format import IndexRecord

RECORD = IndexRecord(0, 1, 0, 1, 0, 0, 0)


def reads_of(good):
    """Records of which some are good, and a list of the numbers that were read."""
    looked = []

    def read_record(number):
        looked.append(number)
        return RECORD if good(number) else None

    return read_record, looked


@settings(deadline=None)
@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_both_ends_of_a_bad_stretch_are_found_in_few_reads(begin, size):
    end = begin + size
    read_record, looked = reads_of(lambda number: not begin <= number < end)
    assert begin == good_end(read_record, end)
    assert end == next_good(read_record, begin, end + 10)
    assert next_good(read_record, begin, end) is None
    assert len(looked) < 1000
    assert all(0 <= number < end + 10 for number in looked)


@pytest.mark.parametrize("bad", range(MAX_LINEAR_RECORDS))
def test_a_good_record_among_a_few_bad_ones_is_found(bad):
    read_record, _ = reads_of({100, 100 + bad}.__contains__)
    assert 100 + bad == next_good(read_record, 101, 1000) or bad == 0
    assert 101 + bad == good_end(read_record, 101 + bad + MAX_LINEAR_RECORDS - 1)
