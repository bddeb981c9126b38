"""Level counts and "the next ERROR after line N" in a long run, against a plain search of the same
bytes.

    python tests/benchmarks/level_counts.py [--lines 100000000] [--repeats 9] [--json FILE]

The sidecar is written by the real writer, in pieces of a block, and lies in the page cache. All
lines are INFO except the last, an ERROR, and one WARNING in a thousand: so the next ERROR is as far
away as possible. The peer reads the whole file and searches it, which is the least that a sidecar
without counts would cost. Wall time, the median of the repeats. The whole size needs 100 MB of
temporary space.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from common import arguments, median, report, timed, workspace

from prismq_nb.journal.layout.format import LEVELS
from prismq_nb.journal.levels.classifier import Level
from prismq_nb.journal.levels.sidecar import BLOCK_LINES, SidecarReader, SidecarWriter


def synthesise(folder: Path, lines: int) -> None:
    """A sidecar of so many lines."""
    block = (bytes([Level.INFO]) * 999 + bytes([Level.WARNING])) * (BLOCK_LINES // 1000 + 1)
    writer = SidecarWriter(folder)
    for first in range(0, lines - 1, BLOCK_LINES):
        writer.append(block[: min(BLOCK_LINES, lines - 1 - first)])
    writer.append(bytes([Level.ERROR]))
    writer.close()


def measure(folder: Path, lines: int, repeats: int) -> list[dict[str, Any]]:
    """The rows of all questions."""
    reader = SidecarReader(folder)

    def peer() -> None:
        data = (folder / LEVELS).read_bytes()
        assert data.count(b"\1") > 0
        assert data.find(b"\3", 20) > 0

    questions: dict[str, Callable[[], object]] = {
        "counts of all levels": reader.counts,
        "next ERROR, from line 0": lambda: reader.next_level(0, [Level.ERROR]),
        "next ERROR or CRITICAL, from the middle": lambda: reader.next_level(
            lines // 2, [Level.ERROR, Level.CRITICAL]
        ),
        "next WARNING, from line 0": lambda: reader.next_level(0, [Level.WARNING]),
        "no CRITICAL": lambda: reader.next_level(0, [Level.CRITICAL]),
    }
    assert reader.next_level(0, [Level.ERROR]) == lines - 1
    assert sum(reader.counts()) == lines
    whole = median([timed(peer) for _ in range(3)])
    rows = [
        {"question": name, "ms": median([timed(work) for _ in range(repeats)]) * 1000}
        for name, work in questions.items()
    ]
    reader.close()
    return [
        {**row, "read and search all, ms": whole * 1000, "of that": row["ms"] / whole / 1000}
        for row in rows
    ]


def main() -> None:
    """Measure and report."""
    options = arguments(__doc__, lines=100_000_000, repeats=9)
    with workspace() as folder:
        synthesise(folder, options.lines)
        rows = measure(folder, options.lines, options.repeats)
    report(f"levels of {options.lines:,} lines, wall time", rows, options.json)


if __name__ == "__main__":
    main()
