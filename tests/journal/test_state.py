"""Timestamps as text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from prismq_nb.common.base.state import iso, parse_iso

LAST = 253_402_300_799_999_999
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("stamp", [0, 1, 99_999, 999_999, 1_000_000, 1_761_912_001_000_006, LAST])
def test_a_timestamp_has_six_digits_and_round_trips(stamp):
    expected = (EPOCH + timedelta(microseconds=stamp)).isoformat(timespec="microseconds")
    assert iso(stamp) == expected.replace("+00:00", "Z")
    assert parse_iso(iso(stamp)) == stamp


@pytest.mark.parametrize(
    ("stamp", "nearest"), [(-1, 0), (-(2**63), 0), (LAST + 1, LAST), (2**64, LAST)]
)
def test_a_timestamp_out_of_range_becomes_the_nearest_valid_one(stamp, nearest):
    assert iso(stamp) == iso(nearest)
