"""The delays of polling and reconnecting."""

from __future__ import annotations

import time

import pytest

from prismq_nb.client.base.backoff import Backoff


def test_delays_grow_to_their_bound() -> None:
    """Quick things feel instant, long ones cost little."""
    backoff = Backoff(0.1, 1.0)
    assert [backoff.delay() for _ in range(6)] == [0.1, 0.2, 0.4, 0.8, 1.0, 1.0]


def test_reset_starts_with_the_first_delay() -> None:
    """A connection that worked is worth a quick retry."""
    backoff = Backoff(0.1, 1.0)
    backoff.delay()
    backoff.reset()
    assert backoff.delay() == 0.1


def test_it_gives_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last delay ends with the patience; after that there is none."""
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    backoff = Backoff(1.0, 100.0, give_up=2.5)
    assert backoff.delay() == 1.0
    now[0] = 1.0
    assert backoff.delay() == 1.5
    now[0] = 2.5
    assert backoff.delay() is None
