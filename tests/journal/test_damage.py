"""Good records are found in few reads, however long the stretch of bad ones is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prismq_nb.journal.damage import NEAR, good_end, next_good
from prismq_nb.journal.layout.format import Record

RECORD = Record(0, 1, 0, 1, 0, 0, 0)


def reads_of(good):
    """A way to look at records of which some are good, and the numbers that were looked at."""
    looked = []

    def look(number):
        looked.append(number)
        return RECORD if good(number) else None

    return look, looked


@settings(deadline=None)
@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_the_ends_of_one_bad_stretch_are_found(begin, size):
    end = begin + size
    look, looked = reads_of(lambda number: not begin <= number < end)
    assert begin == good_end(look, end)
    assert end == next_good(look, begin, end + 10)
    assert next_good(look, begin, end) is None
    assert len(looked) < 1000
    assert all(0 <= number < end + 10 for number in looked)


@pytest.mark.parametrize("bad", range(NEAR))
def test_among_a_few_bad_records_none_is_passed_over(bad):
    look, _ = reads_of({100, 100 + bad}.__contains__)
    assert 100 + bad == next_good(look, 101, 1000) or bad == 0
    assert 101 + bad == good_end(look, 101 + bad + NEAR - 1)
