"""Throughput of level detection.

Against searching for level words with one pattern, and against only counting and splitting lines.

    python tests/benchmarks/levels.py [--lines 20000] [--repeats 5] [--json FILE]

Every line differs from the others in its numbers, and in the last corpora (`level_corpora.py`) in
its words too. Chunks of 500 lines, as the server classifies them; processor time of this process,
the best of the repeats. The two peers do less: `findall` gives no level to a line, and splitting
knows none.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from common import arguments, report
from level_corpora import corpora

from prismq_nb.journal.levels.classifier import Classifier

CHUNK_LINES = 500
WORDS = re.compile(
    rb"(?i)\b(?:debug|info|notice|warn(?:ing)?|error|critical|fatal|trace|severe|traceback)\b"
)


def best(work: Callable[[], object], repeats: int) -> float:
    """The least processor time of so many runs, in seconds."""

    def once() -> float:
        start = time.process_time()
        work()
        return time.process_time() - start

    return min(once() for _ in range(repeats))


def classify(chunks: list[bytes], stream: int) -> None:
    """All chunks, as one run."""
    classifier = Classifier()
    for chunk in chunks:
        classifier.classify(chunk, stream)


def measure(name: str, chunks: list[bytes], repeats: int) -> dict[str, Any]:
    """The row of one corpus."""
    lines = sum(chunk.count(b"\n") for chunk in chunks)
    out = best(lambda: classify(chunks, 0), repeats)
    err = best(lambda: classify(chunks, 1), repeats)
    findall = best(lambda: [WORDS.findall(chunk) for chunk in chunks], repeats)
    split = best(lambda: [(chunk.count(b"\n"), chunk.split(b"\n")) for chunk in chunks], repeats)
    return {
        "corpus": name,
        "stdout, k lines/s": lines / out / 1000,
        "stderr, k lines/s": lines / err / 1000,
        "ms per 500": out / lines * CHUNK_LINES * 1000,
        "findall, k lines/s": lines / findall / 1000,
        "of findall": findall / out,
        "count + split, k lines/s": lines / split / 1000,
    }


def main() -> None:
    """Measure and report."""
    options = arguments(__doc__, lines=20_000, repeats=5)
    rows = [
        measure(name, chunks, options.repeats)
        for name, chunks in corpora(options.lines, CHUNK_LINES)
    ]
    report("levels of lines, processor time", rows, options.json)


if __name__ == "__main__":
    main()
