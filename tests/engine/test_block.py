"""Blocks: which of them an event loop leaves to a thread."""

from __future__ import annotations

import pytest

from prismq_nb.engine.read.line_block import MAX_BLOCK_BYTES, LineBlock
from prismq_nb.engine.read.render_cost import MAX_RENDER_COST


@pytest.mark.parametrize("move", [b"\x1b[C", b"\x08", b"\r.", b"\xc2\x9bC"])
def test_a_block_with_many_cursor_movements_is_expensive(move):
    line = b"x" + move * 10 + b"\n"
    few, many = (
        LineBlock(0, [], bytes(lines), line * lines, gaps=[])
        for lines in (50, MAX_RENDER_COST // 10 + 1)
    )
    assert not few.is_heavy
    assert many.is_heavy


@pytest.mark.parametrize(
    "line",
    [b"plain words", b"\xc2\xa0\xc2\xb0C, \xc3\xa9t\xc3\xa9", b"\x1b[1mbold\x1b[0m", b"ended so\r"],
)
def test_a_full_block_of_ordinary_lines_is_cheap(line):
    lines = min(500, MAX_BLOCK_BYTES // len(line))
    assert not LineBlock(0, [], bytes(lines), (line + b"\n") * lines, gaps=[]).is_heavy
