"""The newest lines of a run that prints now and then: small blocks become one, but no heavy one."""

from __future__ import annotations

import pytest

from prismq_nb.engine.live.buffer import Buffer
from prismq_nb.engine.read.block import BLOCK_BYTES, BLOCK_LINES, Block
from prismq_nb.engine.read.cost import HEAVY_MOVES, moves
from prismq_nb.journal.reader import JournalReader

LINES = 700
REDRAWN = b"\x1b[2K\x1b[1G 5% of 100" * 20


def blocks_of(run, line: bytes) -> list[Block]:
    """What a buffer holds of lines that were read one by one, as they came."""
    reader = JournalReader(run.path)
    buffer = Buffer(reader, 10 * LINES)
    for number in range(LINES):
        run.write(line + b"\n")
        buffer.total = reader.refresh()
        assert buffer.block(number) is not None
    found = [buffer.block(0)]
    while found[-1].end < LINES:
        found.append(buffer.block(found[-1].end))
    assert b"".join(block.data for block in found) == (line + b"\n") * LINES
    return found


DEAR = {
    "redrawn": REDRAWN,
    "backspaces": b"\t\x08" * 40,
    "colours": b"\x1b[31mred\x1b[0m" * 60,
    "long": b"x" * 2_000,
}


@pytest.mark.parametrize("line", DEAR.values(), ids=DEAR)
def test_dear_lines_that_came_one_by_one_make_no_heavy_block(run, line: bytes) -> None:
    blocks = blocks_of(run, line)
    assert max(moves(block.data) for block in blocks) <= HEAVY_MOVES
    assert max(len(block.data) for block in blocks) <= BLOCK_BYTES
    assert not any(block.is_heavy for block in blocks)
    assert any(len(block) > 1 for block in blocks)


def test_cheap_lines_that_came_one_by_one_make_large_blocks(run) -> None:
    sizes = [len(block) for block in blocks_of(run, b"step 5 loss=0.5")]
    assert max(sizes) == BLOCK_LINES
    assert len(sizes) <= LINES - BLOCK_LINES + 1


def test_what_lines_cost_apart_they_cost_in_one_block(run) -> None:
    """Colours cost little where nothing moves, also beside a line in which something does."""
    reader = JournalReader(run.path)
    buffer = Buffer(reader, LINES)
    for number in range(130):
        run.write(b"\x1b[32mok\x1b[0m " * 8 + (b"\x08\n" if number == 3 else b"\n"))
        buffer.total = reader.refresh()
        assert buffer.block(number) is not None
    assert len(buffer.block(0)) == 127
    assert not buffer.block(0).is_heavy
