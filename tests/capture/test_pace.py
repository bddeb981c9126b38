"""When streams are looked at, and when there is time for levels."""

from __future__ import annotations

import pytest

from prismq_nb.capture.pipes.pacing import BUSY_GATHER_SECONDS, FLOOD_SECONDS, GATHER_SECONDS, Pace

PIPE = 65_536


def look(pace, now, size, lines, *, full=False, since=0.01, stream=0):
    pace.look(now - since)
    pace.plan(now - since)
    pace.look(now)
    rests = pace.found(size, lines, PIPE, full=full, stream=stream)
    pace.plan(now)
    return rests


@pytest.fixture
def pace():
    return Pace(levels_from=0.0)


def test_few_lines_are_read_as_they_come(pace):
    assert not look(pace, 5.0, 100, 1)
    assert pace.next_look == 5.0
    assert pace.levels_from <= 5.0


def test_more_lines_are_let_gather_for_a_moment(pace):
    assert not look(pace, 5.0, 2100, 21, since=0.05)
    assert pace.next_look == 5.0 + GATHER_SECONDS


def test_lines_of_two_streams_are_read_as_they_come_at_higher_rates(pace):
    """Their order is known only by when they are read."""
    for number in range(200):
        look(pace, 5.0 + number / 500, 100, 1, since=0.002, stream=number % 2)
    assert pace.is_prompt
    one = Pace(levels_from=0.0)
    for number in range(200):
        look(one, 5.0 + number / 500, 100, 1, since=0.002)
    assert not one.is_prompt


def test_long_lines_are_not_few(pace):
    look(pace, 5.0, 60_000, 1)
    assert not pace.is_prompt


def test_many_lines_gather_longer_and_nobody_asks_whether_there_are_more(pace):
    assert look(pace, 5.0, 10_000, 100)
    assert pace.next_look == 5.0 + BUSY_GATHER_SECONDS
    assert pace.levels_from <= 5.0


def test_a_pipe_is_looked_at_before_it_can_be_full(pace):
    assert look(pace, 5.0, 60_000, 600)
    assert pace.next_look == pytest.approx(5.0 + 0.01 * PIPE / 120_000)


def test_a_full_pipe_is_read_again_at_once_and_levels_wait(pace):
    assert not look(pace, 5.0, PIPE, 600, full=True)
    assert pace.next_look == 5.0
    assert pace.levels_from == 5.0 + FLOOD_SECONDS


def test_behind_a_full_pipe_nobody_waits_for_a_few_looks(pace):
    look(pace, 5.0, PIPE, 600, full=True)
    waits = []
    for number in range(1, 20):
        pace.look(5.0 + number / 100)
        pace.found(100, 1, PIPE, full=False)
        pace.plan(5.0 + number / 100)
        waits.append(pace.next_look - (5.0 + number / 100))
    assert waits[:7] == [0.0] * 7
    assert waits[7:] == pytest.approx([GATHER_SECONDS] * 12)


def test_of_two_streams_the_one_in_a_hurry_counts(pace):
    pace.look(5.0)
    pace.found(10, 1, PIPE, full=False)
    pace.found(PIPE, 600, PIPE, full=True)
    pace.plan(5.0)
    assert pace.next_look == 5.0
