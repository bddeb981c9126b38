"""The newest lines of a run that prints now and then: small blocks are merged, but not to expensive
ones.
"""

from __future__ import annotations

import pytest

from prismq_nb.engine.live.buffer import Buffer
from prismq_nb.engine.read.line_block import MAX_BLOCK_BYTES, MAX_BLOCK_LINES, LineBlock
from prismq_nb.engine.read.render_cost import MAX_RENDER_COST, render_cost
from prismq_nb.journal.reader import JournalReader

LINES = 700
REDRAWN = b"\x1b[2K\x1b[1G 5% of 100" * 20


def blocks_of(run, line: bytes) -> list[LineBlock]:
    """The blocks of a buffer whose lines were read one by one."""
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
def test_expensive_lines_read_one_by_one_are_not_merged_to_expensive_blocks(
    run, line: bytes
) -> None:
    blocks = blocks_of(run, line)
    assert max(render_cost(block.data) for block in blocks) <= MAX_RENDER_COST
    assert max(len(block.data) for block in blocks) <= MAX_BLOCK_BYTES
    assert not any(block.is_heavy for block in blocks)
    assert any(len(block) > 1 for block in blocks)


def test_cheap_lines_read_one_by_one_are_merged_to_large_blocks(run) -> None:
    sizes = [len(block) for block in blocks_of(run, b"step 5 loss=0.5")]
    assert max(sizes) == MAX_BLOCK_LINES
    assert len(sizes) <= LINES - MAX_BLOCK_LINES + 1


def test_lines_cost_the_same_apart_and_in_one_block(run) -> None:
    """Colours cost little in lines without cursor movements, also beside a line that has them."""
    reader = JournalReader(run.path)
    buffer = Buffer(reader, LINES)
    for number in range(130):
        run.write(b"\x1b[32mok\x1b[0m " * 8 + (b"\x08\n" if number == 3 else b"\n"))
        buffer.total = reader.refresh()
        assert buffer.block(number) is not None
    assert len(buffer.block(0)) == 127
    assert not buffer.block(0).is_heavy
