"""What the benchmarks share: a producer as fast as C, a table for people, JSON for programs."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

LINE = b"x" * 99 + b"\n"


def producer(lines: int) -> list[str]:
    """A command that prints so many lines of 100 bytes, in writes of 64 KiB: no slower than one in C."""
    code = f"import os\nb = {LINE!r} * 655\nn, r = divmod({lines}, 655)\nfor _ in range(n): os.write(1, b)\nos.write(1, b[: 100 * r])"
    return [sys.executable, "-S", "-c", code]


@contextmanager
def workspace() -> Iterator[Path]:
    """A directory that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="prismq-bench-") as folder:
        yield Path(folder)


def arguments(description: str | None, **defaults: int) -> argparse.Namespace:
    """Command line: ``--json FILE`` and one option per default."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    for name, value in defaults.items():
        parser.add_argument(f"--{name}", type=int, default=value, help=f"default: {value}")
    return parser.parse_args()


def median(values: Sequence[float]) -> float:
    """The median."""
    return statistics.median(values)


def percentile(values: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def report(title: str, rows: list[dict[str, Any]], to: Path | None) -> None:
    """Prints rows of equal keys as a table and as one line of JSON."""
    columns = list(rows[0])
    shown = [[_show(row[column]) for column in columns] for row in rows]
    widths = [max(len(column), *(len(cells[i]) for cells in shown)) for i, column in enumerate(columns)]
    print(f"\n{title}  ({os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()} {platform.release()})\n")
    for cells in [columns, ["-" * width for width in widths], *shown]:
        print("  ".join(cell.ljust(width) if i == 0 else cell.rjust(width) for i, (cell, width) in enumerate(zip(cells, widths, strict=True))))
    text = json.dumps({"benchmark": title, "cores": os.cpu_count(), "python": platform.python_version(), "rows": rows})
    print(f"\n{text}")
    if to:
        to.write_text(text + "\n")


def _show(value: Any) -> str:
    return f"{value:,.2f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


def timed(work: Callable[[], object]) -> float:
    """Seconds that `work` takes."""
    import time

    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin
