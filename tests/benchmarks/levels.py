"""How fast lines get their levels, against looking for level words with one pattern, and against no more than counting and splitting lines.

    python tests/benchmarks/levels.py [--lines 20000] [--repeats 5] [--json FILE]

Every line differs from the others in its numbers, and in the last three corpora in its words too. Chunks of 500 lines, as the server classifies them;
processor time of this process, the best of the repeats. The two peers do less: `findall` gives no level to a line, and splitting knows none.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

from common import arguments, report
from support.level_formats import FORMATS

from prismq_nb.journal.levels import Classifier

CHUNK_LINES = 500
WORDS = re.compile(rb"(?i)\b(?:debug|info|notice|warn(?:ing)?|error|critical|fatal|trace|severe|traceback)\b")
PLAIN = {
    "one letter": lambda _: "x" * 99,
    "numbers": lambda n: str(n % 10_000),
    "line 12345": lambda n: f"line {n}",
    "epoch 5 loss=0.1": lambda n: f"epoch {n} loss={n % 977 / 977:.4f} acc={n % 101 / 101:.2f}",
    "a table": lambda n: [f"| {n} | some name | {n % 977 / 977:.3f} |", f"{n:5d}  name  {n % 977 / 977:.4f}  NaN", "+-----+------+-----+"][n % 3],
    "paths": lambda n: [f"/home/user/data_{n}/part.py", f"./out/part-{n:05d}.parquet", f"src/module{n}.tsx"][n % 3],
    "key: value": lambda n: [f"learning_rate: {n % 977 / 977:.4f}", f"Total items: {n}", f"  depth: {n}", "status: still running"][n % 4],
    "other scripts": lambda n: [f"日本語のテキスト {n} ですよ", f"Größe der Datei: {n} Bytes", f"Обычная строка номер {n}"][n % 3],
}  # fmt: skip


def word(source: random.Random) -> str:
    """A word that occurs in no format."""
    return "".join(source.choices("abcdefghijklmnopqrstuvwxyz", k=source.randint(2, 9)))


def prose(source: random.Random, words: int = 8) -> str:
    """So many random words."""
    return " ".join(word(source) for _ in range(words))


def stamp(source: random.Random) -> str:
    """A time as Python's logging writes it."""
    month, day, hour, minute, milliseconds = (source.randint(low, high) for low, high in ((1, 12), (1, 28), (0, 23), (0, 59), (0, 999)))
    return f"2024-{month:02d}-{day:02d} {hour:02d}:{minute:02d}:00,{milliseconds:03d}"


def record(source: random.Random, level: str) -> str:
    """One record of a Python program."""
    return f"{stamp(source)} {level} {source.choice(['app', 'app.db', 'urllib3.connectionpool'])}: {prose(source)}"


def any_format(source: random.Random, lines: list[str]) -> str:
    """One line of the tests' table, with other numbers, and other words behind it where its format allows that."""
    line = re.sub(r"\d", lambda _: str(source.randint(0, 9)), source.choice(lines))
    return line if line[-1] in ")]}" or line[-1].isdigit() else f"{line} {prose(source, 4)}"


def mixture(source: random.Random, number: int, formats: list[str]) -> str:
    """What a program prints that logs and prints about as much: half plain, a third Python records, the rest of any format; some tracebacks."""
    kind = source.random()
    if kind < 0.5:
        return source.choice(list(PLAIN.values()))(number)
    if kind < 0.82:
        return record(source, source.choice(["DEBUG", "INFO", "INFO", "INFO", "WARNING", "ERROR"]))
    if kind < 0.98:
        return any_format(source, formats)
    return f'Traceback (most recent call last):\n  File "x.py", line {number}, in f\n    f(x)\nValueError: bad {number}'


def corpora(lines: int) -> Iterator[tuple[str, list[bytes]]]:
    """(name, chunks) of each corpus."""
    source = random.Random(7)
    formats = [line for cases in FORMATS.values() for _, line in cases if "\r" not in line]
    levels = ["DEBUG", "INFO", "WARNING", "ERROR"]
    kinds: dict[str, Callable[[int], str]] = {
        **PLAIN,
        "prose": lambda _: prose(source, 14).capitalize(),
        "records, INFO": lambda _: record(source, "INFO"),
        "records, any level": lambda _: record(source, source.choice(levels)),
        "records, dashes": lambda _: f"{stamp(source)} - app.module - {source.choice(levels)} - {prose(source)}",
        "all formats in turn": lambda _: any_format(source, formats),
        "a mixture": lambda number: mixture(source, number, formats),
    }
    for name, line in kinds.items():
        text = [line(number).encode() + b"\n" for number in range(lines)]
        yield name, [b"".join(text[first : first + CHUNK_LINES]) for first in range(0, lines, CHUNK_LINES)]


def best(work: Callable[[], object], repeats: int) -> float:
    """The least processor time of so many goes, in seconds."""

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
    """Measures and reports."""
    options = arguments(__doc__, lines=20_000, repeats=5)
    rows = [measure(name, chunks, options.repeats) for name, chunks in corpora(options.lines)]
    report("levels of lines, processor time", rows, options.json)


if __name__ == "__main__":
    main()
