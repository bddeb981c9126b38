"""How fast chunks become what people see of them, against decoding alone; and the worst step of hostile lines.

    python tests/benchmarks/lines.py [--kilobytes 64] [--repeats 200] [--json FILE]

Processor time of this process, the best of the repeats. `of decoding` is the time of
``str(data, "utf-8", "replace")`` in the same run divided by that of `text.shown`: 1 is as fast; `looks
of decoding` the same of looking whether a line was drawn over or changes colours, which each poll and
each stream do as well. The hostile ones are 1 MiB of one token of what terminals know, or of two, as one line: nothing else of
Python runs in such a step, so none may take 10 ms.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import Any

from common import arguments, report
from support.hostile import TERMINAL_TOKENS, cost
from support.line_steps import STEPS

from prismq_nb.engine.carried import may_change
from prismq_nb.journal import frames, text

MEBIBYTE = 1 << 20
CORPORA: dict[str, Callable[[int], str]] = {
    "plain": lambda n: f"2024-01-02 10:00:00 INFO app.module: step {n} loss=0.{n} and some more words",
    "unicode": lambda n: f"Größe {n}: 5 von 7, 日本語 です {n} ✓ and some more words",
    r"ended by \r\n": lambda n: f"2024-01-02 10:00:00 INFO app.module: step {n} loss=0.{n}\r",
    "coloured": lambda n: f"\x1b[32m2024-01-02\x1b[0m \x1b[1mINFO\x1b[0m app: step {n} loss=0.{n} and more",
    "redrawn": lambda n: "".join(f"\r {p}%|####   | {p}/100 [00:01<00:02, {n}it/s]" for p in range(9)),
    "erased": lambda n: "".join(f"\x1b[2K\x1b[1G {p}% of {n}" for p in range(9)),
}


def chunk(line: Callable[[int], str], size: int) -> bytes:
    """So many bytes of whole lines, about."""
    lines: list[bytes] = []
    while size > 0:
        lines.append(line(len(lines)).encode() + b"\n")
        size -= len(lines[-1])
    return b"".join(lines)


def reading(name: str, data: bytes, repeats: int) -> dict[str, Any]:
    """The row of one corpus."""
    shown = cost(text.shown, data, repeats)
    looks = cost(lambda each: (frames.drawn_lines(each, 0), may_change(each)), data, repeats)
    decoding = cost(lambda each: str(each, "utf-8", "replace"), data, repeats)
    return {
        "lines": name,
        "MB/s": len(data) / shown / 1e6,
        "of decoding": decoding / shown,
        "looks of decoding": decoding / looks,
    }


def worst(name: str, step: Callable[[bytes], object]) -> dict[str, Any]:
    """The row of one step: its worst line."""
    step(b"x")  # compiles
    units = [*TERMINAL_TOKENS, *map(b"".join, permutations(TERMINAL_TOKENS[::3], 2))]
    lines = [(unit * (MEBIBYTE // len(unit) + 1))[:MEBIBYTE] for unit in units]
    taken, unit = max((cost(step, line, 1), unit) for line, unit in zip(lines, units, strict=True))
    taken = min(taken, cost(step, (unit * (MEBIBYTE // len(unit) + 1))[:MEBIBYTE], 3))
    return {"step": name, "ms": taken * 1e3, "worst line of": repr(unit)}


def main() -> None:
    """Measure and report."""
    options = arguments(__doc__, kilobytes=64, repeats=200)
    size = options.kilobytes << 10
    rows = [reading(name, chunk(line, size), options.repeats) for name, line in CORPORA.items()]
    report("lines as they are shown, processor time", rows, None)
    report("the worst step over hostile lines of 1 MiB", [worst(*each) for each in STEPS.items()], options.json)


if __name__ == "__main__":
    main()
