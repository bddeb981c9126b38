"""Large journals in seconds: the real writer, in the chunks of a module that prints in bulk."""

from __future__ import annotations

from collections.abc import Callable

from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.levels.sidecar import SidecarWriter
from support.journals import MadeRun

CHUNK_BYTES = 64 << 10
"""What one read of a pipe gives."""


def fill(
    run: MadeRun, lines: int, block: bytes, change: Callable[[int, bytes], bytes] | None = None
) -> None:
    """Write `lines` lines by repeating a block of lines, end the run, and give every line a level.

    Args:
        run: an empty one.
        lines: how many, a multiple of those of `block`.
        block: whole lines.
        change: makes block number i of it.
    """
    count = block.count(b"\n")
    for i in range(lines // count):
        view = memoryview(block if change is None else change(i, block))
        while view:
            piece = view[:CHUNK_BYTES]
            size = bytes(piece).rfind(b"\n") + 1
            run.now += 100
            run.writer.append(view[:size], bytes(piece[:size]).count(b"\n"), fmt.STDOUT, run.now)
            view = view[size:]
    sidecar = SidecarWriter(run.path)
    for done in range(0, lines, 1 << 20):
        sidecar.append(b"\1" * min(1 << 20, lines - done))
    sidecar.close()
    run.end()


NUMBER = b"#########"
"""Stands for a line's number, with zeros in front, in `numbered`."""
_PLACE_LINES = 1000


def numbered(lines: int, text: bytes) -> tuple[bytes, Callable[[int, bytes], bytes]]:
    """A block and its change for `fill`.

    It has `lines` lines of `text`, a multiple of 1,000; `NUMBER` becomes each line's own number.
    """
    head, tail = NUMBER[:-3], b"%03d"
    block = b"".join(text.replace(NUMBER, head + tail % i) + b"\n" for i in range(_PLACE_LINES))
    assert lines % _PLACE_LINES == 0
    return block, lambda i, same: same.replace(head, b"%06d" % i)
