"""Masking: no secret and no piece of one gets through, innocent text does."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from prismq_nb.capture.mask import MASK, Masker


def test_every_occurrence_is_replaced_longest_secret_first():
    masker = Masker(["hunter2", "hunter2-and-more"])
    assert masker.apply(b"a hunter2 b hunter2-and-more c") == b"a %b b %b c" % (MASK, MASK)


def test_a_secret_of_several_lines_is_masked_line_by_line():
    assert Masker(["-----BEGIN\nMIIabcdef\nx\n"]).apply(b"MIIabcdef\n") == MASK + b"\n"


@given(st.integers(0, 7), st.binary(max_size=5))
def test_unfinished_text_is_cut_before_what_may_begin_a_secret(length, before):
    masker = Masker(["s3cr3t-x"])
    text = before + b"s3cr3t-x"[:length]
    end = masker.safe_end(text)
    assert not any(b"s3cr3t-x".startswith(text[at:]) for at in range(end)), "what follows may complete a secret that begins before the cut"
    assert end <= len(text) - length


def test_without_secrets_nothing_changes():
    assert not Masker([])
    assert Masker([]).apply(b"x") == b"x"
