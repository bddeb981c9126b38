"""Shared parts of the benchmarks: a producer in C, a table for people, JSON for programs."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

LINE = b"x" * 99 + b"\n"


C_PRODUCER = r"""
#include <stdlib.h>
#include <unistd.h>
int main(int count, char **words) {
    long left = 100 * atol(words[1]), size = 65500, mixed = atol(words[2]), turn = 0;
    char *bytes = malloc(size);
    for (long i = 0; i < size; i++) bytes[i] = i % 100 == 99 ? '\n' : 'x';
    for (; left > 0; turn++) {
        long part = left < size ? left : size, done = 0;
        while (done < part) {
            long written = write(1 + (mixed & turn), bytes + done, part - done);
            if (written < 0) return 1;
            done += written;
        }
        left -= part;
    }
    return 0;
}
"""


def producer(folder: Path, lines: int, *, mixed: bool = False) -> list[str]:
    """A command that prints so many lines of 100 bytes in writes of 64 KiB.

    It prints to stdout, or alternately to stdout and stderr.

    In C where `folder` gets a compiler's program, else in Python, which takes 15 ms more to start.
    """
    program = folder / "producer"
    if not program.exists() and (compiler := shutil.which("cc")):
        subprocess.run(
            [compiler, "-O2", "-x", "c", "-o", str(program), "-"],
            input=C_PRODUCER.encode(),
            check=True,
        )
    if program.exists():
        return [str(program), str(lines), str(int(mixed))]
    code = f"""import os
b = {LINE!r} * 655
n, r = divmod({lines}, 655)
for i in range(n): os.write(1 + ({int(mixed)} & i), b)
os.write(1, b[: 100 * r])"""
    return [sys.executable, "-S", "-c", code]


@contextmanager
def workspace() -> Iterator[Path]:
    """A directory that is deleted afterwards, except for what a supervisor that is ending still
    writes.
    """
    with tempfile.TemporaryDirectory(prefix="prismq-bench-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def arguments(description: str | None, **defaults: int) -> argparse.Namespace:
    """Command line: ``--json FILE`` and one option per default."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
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
    """Print rows of equal keys as a table and as one line of JSON."""
    columns = list(rows[0])
    shown = [[_show(row[column]) for column in columns] for row in rows]
    widths = [
        max(len(column), *(len(cells[i]) for cells in shown)) for i, column in enumerate(columns)
    ]
    system = f"{platform.system()} {platform.release()}"
    python = f"Python {platform.python_version()}"
    print(f"\n{title}  ({os.cpu_count()} cores, {python}, {system})\n")
    for cells in [columns, ["-" * width for width in widths], *shown]:
        print(
            "  ".join(
                cell.ljust(width) if i == 0 else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
            )
        )
    text = json.dumps(
        {
            "benchmark": title,
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "rows": rows,
        }
    )
    print(f"\n{text}")
    if to:
        to.write_text(text + "\n")


def _show(value: Any) -> str:
    return (
        f"{value:,.2f}"
        if isinstance(value, float)
        else f"{value:,}"
        if isinstance(value, int)
        else str(value)
    )


def timed(work: Callable[[], object]) -> float:
    """Seconds that `work` takes."""
    import time

    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin
