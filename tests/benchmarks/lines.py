"""Throughput of rendering chunks, against decoding alone; and the worst step of hostile lines.

    python tests/benchmarks/lines.py [--kilobytes 64] [--repeats 200] [--json FILE]

Processor time of this process, the best of the repeats. `of decoding` is the time of ``str(data,
"utf-8", "replace")`` in the same run divided by that of `text.visible_lines`: 1 is as fast; `looks
of decoding` the same of looking whether a line was drawn over or changes colours, which each poll
and each stream do as well. The hostile ones are 1 MiB of one token of what terminals know, or of
some, as one line, and chunks of many such lines: nothing else of Python runs in such a step, so
none may take 10 ms.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations, product
from typing import Any

from common import arguments, report
from support.hostile import TERMINAL_TOKENS, WORST_LINES, Shape, cost
from support.line_steps import CHUNK_STEPS, STEPS, light_part

from prismq_nb.common.base.terminal import frames, text
from prismq_nb.engine.read.sgr_state import may_change_sgr

MEBIBYTE = 1 << 20
CHUNKS = ((64 << 10, 16), (8 << 10, 128), (1 << 10, 500), (20, 500))
"""Bytes of a line, and lines of a chunk."""
CORPORA: dict[str, Callable[[int], str]] = {
    "plain": lambda n: (
        f"2024-01-02 10:00:00 INFO app.module: step {n} loss=0.{n} and some more words"
    ),
    "unicode": lambda n: f"Größe {n}: 5 von 7, 日本語 です {n} ✓ and some more words",
    r"ended by \r\n": lambda n: f"2024-01-02 10:00:00 INFO app.module: step {n} loss=0.{n}\r",
    "coloured": lambda n: (
        f"\x1b[32m2024-01-02\x1b[0m \x1b[1mINFO\x1b[0m app: step {n} loss=0.{n} and more"
    ),
    "redrawn": lambda n: "".join(
        f"\r {p}%|####   | {p}/100 [00:01<00:02, {n}it/s]" for p in range(9)
    ),
    "erased": lambda n: "".join(f"\x1b[2K\x1b[1G {p}% of {n}" for p in range(9)),
}


def chunk(line: Callable[[int], str], size: int) -> bytes:
    """About so many bytes of whole lines."""
    lines: list[bytes] = []
    while size > 0:
        lines.append(line(len(lines)).encode() + b"\n")
        size -= len(lines[-1])
    return b"".join(lines)


def reading(name: str, data: bytes, repeats: int) -> dict[str, Any]:
    """The row of one corpus."""
    visible_lines = cost(text.visible_lines, data, repeats)
    looks = cost(lambda each: (frames.drawn_lines(each, 0), may_change_sgr(each)), data, repeats)
    decoding = cost(lambda each: str(each, "utf-8", "replace"), data, repeats)
    return {
        "lines": name,
        "MB/s": len(data) / visible_lines / 1e6,
        "of decoding": decoding / visible_lines,
        "looks of decoding": decoding / looks,
    }


def hostile() -> list[Shape]:
    """Each token, pairs of them, and the worst that were ever found."""
    units = [*TERMINAL_TOKENS, *map(b"".join, permutations(TERMINAL_TOKENS[::3], 2))]
    return [*(Shape(b"", unit, b"") for unit in units), *WORST_LINES]


def worst(name: str, step: Callable[[bytes], object]) -> dict[str, Any]:
    """The row of one step: its worst line."""
    step(b"x")  # compiles
    taken, shape = max((cost(step, each.of(MEBIBYTE), 1), each) for each in hostile())
    taken = min(taken, cost(step, shape.of(MEBIBYTE), 5))
    return {
        "step": name,
        "ms": taken * 1e3,
        "worst line of": repr(tuple(part[:24] for part in shape)),
    }


def worst_chunk(name: str, step: Callable[[bytes], object]) -> dict[str, Any]:
    """The row of one step of many lines: those that are shown at once of the worst chunk."""
    rows: list[tuple[float, int, int, bytes, bytes]] = []
    for shape, (size, count) in product(hostile(), CHUNKS):
        chunk = ((shape.unit * (size // len(shape.unit) + 1))[: size - 1] + b"\n") * count
        part = chunk if step is light_part else light_part(chunk)
        rows.append((cost(step, part, 1), size, count, shape.unit, part))
    taken, size, count, unit, part = max(rows)
    taken = min(taken, cost(step, part, 5))
    return {
        "step": name,
        "ms": taken * 1e3,
        "lines": f"{count} of {size} B",
        "worst line of": repr(unit[:40]),
    }


def main() -> None:
    """Measure and report."""
    options = arguments(__doc__, kilobytes=64, repeats=200)
    size = options.kilobytes << 10
    rows = [reading(name, chunk(line, size), options.repeats) for name, line in CORPORA.items()]
    report("lines as they are shown, processor time", rows, None)
    chunks = [worst_chunk(*each) for each in CHUNK_STEPS.items()]
    report("the worst step over many hostile lines", chunks, None)
    lines = [worst(*each) for each in STEPS.items()]
    report("the worst step over hostile lines of 1 MiB", lines, options.json)


if __name__ == "__main__":
    main()
