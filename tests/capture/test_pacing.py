"""When streams are read, and when there is time for levels."""

from __future__ import annotations

import pytest

from prismq_nb.capture.pipes.pacing import (
    BUSY_GATHER_SECONDS,
    FLOOD_SECONDS,
    GATHER_SECONDS,
    ReadPacing,
)

PIPE = 65_536


def begin_round(pacing, now, size, lines, *, full=False, since=0.01, stream=0):
    pacing.begin_round(now - since)
    pacing.end_round(now - since)
    pacing.begin_round(now)
    rests = pacing.record_read(size, lines, PIPE, full=full, stream=stream)
    pacing.end_round(now)
    return rests


@pytest.fixture
def pacing():
    return ReadPacing(levels_from=0.0)


def test_few_lines_are_read_as_they_come(pacing):
    assert not begin_round(pacing, 5.0, 100, 1)
    assert pacing.next_read == 5.0
    assert pacing.levels_from <= 5.0


def test_more_lines_are_gathered_for_a_moment(pacing):
    assert not begin_round(pacing, 5.0, 2100, 21, since=0.05)
    assert pacing.next_read == 5.0 + GATHER_SECONDS


def test_lines_of_two_streams_are_read_as_they_come_at_higher_rates(pacing):
    """Their order is known only from when they are read."""
    for number in range(200):
        begin_round(pacing, 5.0 + number / 500, 100, 1, since=0.002, stream=number % 2)
    assert pacing.is_immediate
    one = ReadPacing(levels_from=0.0)
    for number in range(200):
        begin_round(one, 5.0 + number / 500, 100, 1, since=0.002)
    assert not one.is_immediate


def test_long_lines_do_not_count_as_few(pacing):
    begin_round(pacing, 5.0, 60_000, 1)
    assert not pacing.is_immediate


def test_many_lines_are_gathered_longer_without_checking_for_more(pacing):
    assert begin_round(pacing, 5.0, 10_000, 100)
    assert pacing.next_read == 5.0 + BUSY_GATHER_SECONDS
    assert pacing.levels_from <= 5.0


def test_a_pipe_is_read_before_it_can_be_full(pacing):
    assert begin_round(pacing, 5.0, 60_000, 600)
    assert pacing.next_read == pytest.approx(5.0 + 0.01 * PIPE / 120_000)


def test_a_full_pipe_is_read_again_at_once_and_levels_wait(pacing):
    assert not begin_round(pacing, 5.0, PIPE, 600, full=True)
    assert pacing.next_read == 5.0
    assert pacing.levels_from == 5.0 + FLOOD_SECONDS


def test_for_some_reads_after_a_full_pipe_nothing_is_gathered(pacing):
    begin_round(pacing, 5.0, PIPE, 600, full=True)
    waits = []
    for number in range(1, 20):
        pacing.begin_round(5.0 + number / 100)
        pacing.record_read(100, 1, PIPE, full=False)
        pacing.end_round(5.0 + number / 100)
        waits.append(pacing.next_read - (5.0 + number / 100))
    assert waits[:7] == [0.0] * 7
    assert waits[7:] == pytest.approx([GATHER_SECONDS] * 12)


def test_the_more_urgent_of_two_streams_counts(pacing):
    pacing.begin_round(5.0)
    pacing.record_read(10, 1, PIPE, full=False)
    pacing.record_read(PIPE, 600, PIPE, full=True)
    pacing.end_round(5.0)
    assert pacing.next_read == 5.0
