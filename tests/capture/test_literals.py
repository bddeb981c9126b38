"""Search for many literals at once: it finds what a slow search finds."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prismq_nb.capture.masking.literals import Literals

FEW_LETTERS = st.binary(min_size=6, max_size=14).map(
    lambda data: bytes(97 + byte % 2 for byte in data)
)


def covered(spans):
    """The places that spans cover, and those between two places of one span."""
    return {at for first, last in spans for at in range(first, last)}, {
        at for first, last in spans for at in range(first, last - 1)
    }


def slow(literals, data):
    return [
        (at, at + len(one))
        for one in literals
        for at in range(len(data))
        if data.startswith(one, at)
    ]


@given(st.lists(FEW_LETTERS, min_size=1, max_size=30), st.data())
def test_the_covered_places_are_those_of_a_slow_search(literals, drawn):
    pieces = st.one_of(st.sampled_from(literals), FEW_LETTERS, st.binary(max_size=5))
    data = b"".join(drawn.draw(st.lists(pieces, max_size=30)))
    assert covered(Literals(literals).find(data)) == covered(slow(literals, data))


@pytest.mark.parametrize("count", [1, 8, 9, 500])
@pytest.mark.parametrize("size", [6, 7, 8, 40])
def test_a_literal_is_found_at_every_place_of_a_text_of_every_length(count, size):
    literals = [b"%0*d" % (size, 7 * number) for number in range(count)]
    found = Literals(literals)
    for before in range(9):
        for after in range(9):
            data = b"x" * before + literals[-1] + b"y" * after
            assert set(found.find(data)) == {(before, before + size)}


@given(st.lists(FEW_LETTERS, min_size=1, max_size=12), FEW_LETTERS, st.integers(0, 14))
def test_the_longest_end_that_begins_a_literal_is_found(literals, before, length):
    data = before + literals[0][:length]
    slowly = next(
        (
            at
            for at in range(len(data))
            if any(one.startswith(data[at:]) and one != data[at:] for one in literals)
        ),
        len(data),
    )
    assert Literals(literals).beginning(data) == slowly


def test_a_short_literal_is_rejected():
    with pytest.raises(ValueError, match="shorter than 6 bytes"):
        Literals([b"12345"])


def seconds(work, *arguments):
    """Processor time; the least of three, because other processes disturb the caches."""
    taken = []
    for _ in range(3):
        begin = time.process_time()
        work(*arguments)
        taken.append(time.process_time() - begin)
    return min(taken)


def texts():
    dice = random.Random(1)
    secrets = [bytes(dice.choices(b"abcdefgh0123456789", k=20)) for _ in range(400)]
    yield "ordinary", secrets, b"2025-10-31 INFO worker 3: 17 of 20 files, 3 left\n"
    yield "all-but-their-last-byte", secrets, b"".join(secret[:-1] for secret in secrets)
    yield "one-of-them", secrets, secrets[0]
    yield "alike", [b"token-%04d" % number for number in range(400)], b"token-"
    yield "of-one-letter", [b"a" * size for size in range(6, 40)], b"a"
    yield "one-of-one-letter", [b"a" * 2000], b"a"
    yield "nearly-of-one-letter", [b"a" * 2000 + b"b"], b"a"


@pytest.mark.parametrize(
    ("literals", "text"), [pytest.param(*rest, id=name) for name, *rest in texts()]
)
@pytest.mark.slow
def test_time_is_linear_in_the_length_of_the_text(literals, text):
    found = Literals(literals)
    small = (text * (1 + 32_768 // len(text)))[:32_768]
    assert seconds(found.find, small * 8) < 8 * 4 * max(seconds(found.find, small), 2e-5)


def test_400_literals_cost_ordinary_text_little_more_than_ten():
    """An alternation of `re` costs 400 times as much, and as many calls of `find` 40 times."""
    _, literals, text = next(texts())
    text *= 20_000
    assert seconds(Literals(literals).find, text) < 6 * seconds(Literals(literals[:10]).find, text)
