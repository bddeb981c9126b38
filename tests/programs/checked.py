"""Tests for `pytest -v` to run: one that passes, one that fails, one that is skipped."""

import pytest


def test_addition():
    assert 1 + 1 == 2


def test_words():
    assert "INFO: fine".endswith("error")


@pytest.mark.skip(reason="an example")
def test_later():
    raise AssertionError
