"""The worst cost per kB over hostile shapes, of everything that processes output.

    python tests/benchmarks/hostile.py [--shapes 400] [--bytes 8192] [--repeats 3] [--json FILE]

A shape is a fragment of what the patterns look for, or several, repeated (support/hostile.py).
Processor time, the best of the repeats; of the viewer, wall time under Node. The peer is one
`re.findall` for level words over the same bytes. `growth` is how many times as much a text that is
four times as long costs: 4 where it is linear; what costs less than 0.2 ms shows "-".

lateness.py measures how long others wait for the event loop meanwhile.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from common import arguments, report, workspace
from support.hostile import Shape, cost, shapes

from prismq_nb.capture.masking.masker import Masker
from prismq_nb.capture.monitor.progress_bars import ProgressBars
from prismq_nb.capture.pipes.newlines import counter
from prismq_nb.capture.pipes.splitter import Splitter
from prismq_nb.capture.pipes.unfinished_line import UnfinishedLine
from prismq_nb.common.base.terminal import text
from prismq_nb.journal.levels.classifier import Classifier

WORDS = re.compile(rb"(?i)\b(?:debug|info|notice|warn(?:ing)?|error|critical|fatal|trace|severe)\b")
SHORT_LINE = 200
BEFORE = (
    b"",
    b"ERROR: x\n",
    b"Traceback (most recent call last):\n",
    b"panic: x\n",
    b"a.ValueError: x\n",
)
SECRETS = ["secret", "secrecy", "a" * 50, *(f"token-{number:06d}" for number in range(90))]
GROWTH_FLOOR = 0.2e-3

Work = Callable[[bytes], object]


def levels_behind(before: bytes, stream: int) -> Work:
    """The levels of a line behind another."""

    def work(line: bytes) -> None:
        classifier = Classifier()
        classifier.classify(before, stream)
        classifier.classify(line + b"\n", stream)

    return work


def levels_of_short_lines(stream: int) -> Work:
    """The levels of the same bytes as many lines."""

    def work(data: bytes) -> None:
        lines = [data[at : at + SHORT_LINE] for at in range(0, len(data), SHORT_LINE)]
        Classifier().classify(b"\n".join(lines) + b"\n", stream)

    return work


def progress(data: bytes) -> None:
    """The progress of a stream that has drawn a bar before."""
    bars = ProgressBars()
    bars.feed(b" 50%|#####     | 5/10 [00:01<00:01]\n")
    bars.feed(data)


@contextmanager
def unfinished_text() -> Iterator[Work]:
    """The work of a supervisor on an unfinished line that comes in pieces of 1 KiB."""
    with workspace() as folder:

        def work(data: bytes) -> None:
            read, write = os.pipe()
            os.set_blocking(read, False)
            splitter = Splitter(read, 0, counter({}))
            line = UnfinishedLine(folder, splitter, Masker([]))
            for at in range(0, len(data), 1024):
                os.write(write, data[at : at + 1024].replace(b"\n", b" "))
                for _ in splitter.records(splitter.read()):
                    pass
                line.take()
            os.close(write)
            splitter.close()

        yield work


def worst(
    name: str, works: list[Work], made: list[Shape], size: int, repeats: int
) -> dict[str, Any]:
    """The row of one subject: its worst shape."""
    found = (0.0, made[0], works[0])
    for work in works:
        work(made[0].of(size))  # compiles
        for shape in made:
            data = shape.of(size)
            taken = cost(work, data, repeats) / len(data)
            if taken > found[0]:
                found = taken, shape, work
    taken, shape, work = found
    data, long = shape.of(size), shape.of(4 * size)
    peer = cost(WORDS.findall, data, repeats) / len(data)
    more = cost(work, long, repeats)
    growth = more / (taken * len(data)) if more > GROWTH_FLOOR else None
    return row(name, taken, peer, growth, shape)


def row(name: str, taken: float, peer: float, growth: float | None, shape: Shape) -> dict[str, Any]:
    """Costs are in seconds per byte."""
    return {
        "what": name,
        "µs per kB": taken * 1e9,
        "MB/s": 1 / taken / 1e6,
        "findall, µs per kB": peer * 1e9,
        "of findall": taken / peer,
        "growth": "-" if growth is None else growth,
        "worst shape": repr(tuple(shape))[:60],
    }


def viewer(made: list[Shape], size: int, repeats: int) -> list[dict[str, Any]]:
    """The rows of the front end; none where there is no Node."""
    node = shutil.which("node")
    if node is None:
        return []
    with workspace() as folder:
        texts = folder / "texts.json"
        texts.write_text(json.dumps([shape.of(size).decode("utf-8", "replace") for shape in made]))
        script = Path(__file__).with_name("hostile_viewer.mjs")
        result = subprocess.run(
            [node, str(script), str(texts)], check=True, capture_output=True, text=True
        )
    rows = []
    for line in result.stdout.splitlines():
        one = json.loads(line)
        shape = made[one["worst"]]
        data = shape.of(size)
        peer = cost(WORDS.findall, data, repeats) / len(data)
        rows.append(row(one["name"], one["us per kB"] / 1e9, peer, None, shape))
    return rows


def main() -> None:
    """Measure and report."""
    options = arguments(__doc__, shapes=400, bytes=8192, repeats=3)
    made, size, repeats = list(shapes(1, options.shapes)), options.bytes, options.repeats
    masker = Masker(SECRETS)
    subjects: dict[str, list[Work]] = {
        "levels of one line": [
            levels_behind(before, stream) for before in BEFORE for stream in (0, 1)
        ],
        f"levels of lines of {SHORT_LINE} bytes": [
            levels_of_short_lines(stream) for stream in (0, 1)
        ],
        "stripping, text": [lambda data: text.plain(data.decode("utf-8", "replace"))],
        "stripping, for a search": [text.searchable],
        f"masks, {len(SECRETS)}": [masker.apply],
        "masks, the end of unfinished text": [masker.safe_end],
        "progress": [progress],
    }
    rows = [worst(name, works, made, size, repeats) for name, works in subjects.items()]
    with unfinished_text() as work:
        rows.append(worst("unfinished text, supervisor", [work], made, size, repeats))
    report(
        "hostile text, the worst of all shapes", rows + viewer(made, size, repeats), options.json
    )


if __name__ == "__main__":
    main()
