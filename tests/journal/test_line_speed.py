"""No line blocks an event loop: each step takes a bounded time for a mebibyte of any terminal
token.
"""

from __future__ import annotations

import pytest
from support.hostile import TERMINAL_TOKENS, WORST_LINES, Shape, cost
from support.line_steps import CHUNK_STEPS, STEPS, light_part

from prismq_nb.common.base.terminal import text

pytestmark = pytest.mark.slow  # megabytes of hostile text

MEBIBYTE = 1 << 20
BOUND = 0.010
LOADED = 4
"""How many times as long it may take on a machine that does other things, or is slow."""


PAIRS = (
    b"\t\x1b7",
    b"\x1b[J\xf0\x9f\x98\x80",
    b"\xe6\x97\xa5\x08",
    b"x\xcc\x81\x1b[D",
    b"\x1b[1m\x1b[C",
    b"\r\t",
)
LINES = (*(Shape(b"", unit, b"") for unit in (*TERMINAL_TOKENS, *PAIRS)), *WORST_LINES)


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_a_mebibyte_of_any_token_takes_a_bounded_time(step) -> None:
    for shape in LINES:
        line = shape.of(MEBIBYTE)
        step(line[:64])  # compiles
        assert any(cost(step, line, times) < LOADED * BOUND for times in (1, 2, 5)), shape


@pytest.mark.parametrize(
    ("size", "count"), [(64 << 10, 16), (8 << 10, 128), (1 << 10, 500), (20, 500)]
)
@pytest.mark.parametrize("step", CHUNK_STEPS.values(), ids=CHUNK_STEPS)
def test_many_lines_are_rendered_in_steps_of_a_bounded_time(step, size: int, count: int) -> None:
    for shape in LINES:
        line = (shape.prefix[:9] + shape.unit * (size // len(shape.unit) + 1))[: size - 1] + b"\n"
        chunk = line * count
        part = chunk if step is light_part else light_part(chunk)
        assert chunk.startswith(part)
        assert part.endswith(b"\n")
        assert any(cost(step, part, times) < LOADED * BOUND for times in (1, 2, 5)), shape


def test_many_coloured_lines_cost_little_more_than_decoding_them() -> None:
    """Ten times the cost of decoding is usual. It was 200 times before one pattern began with a
    literal.
    """
    data = (
        b"\x1b[32m2024-01-02\x1b[0m \x1b[1mINFO\x1b[0m app: step 5 loss=0.5 and more words\n" * 3000
    )
    decoding = cost(lambda each: str(each, "utf-8", "replace"), data, 20)
    assert any(cost(text.visible_lines, data, times) < 60 * decoding for times in (5, 20, 60))
