"""Numbers and durations in words: the same ones as in the viewer, by one table of cases."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from prismq_nb.common.base.quantities import counted, duration

CASES = json.loads((Path(__file__).parents[1] / "support" / "quantity_cases.json").read_text())


@pytest.mark.parametrize(("seconds", "words"), CASES["durations"])
def test_a_duration_has_its_two_largest_units(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(("count", "noun", "words"), CASES["counts"])
def test_a_count_agrees_with_its_noun(count: int, noun: str, words: str) -> None:
    assert counted(count, noun) == words
