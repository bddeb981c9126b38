"""Corpora for benchmarks of levels: plain prints, records, and mixtures. No two lines are equal."""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable, Iterator

from support.level_formats import FORMATS

PLAIN = {
    "one letter": lambda _: "x" * 99,
    "numbers": lambda n: str(n % 10_000),
    "line 12345": lambda n: f"line {n}",
    "epoch 5 loss=0.1": lambda n: f"epoch {n} loss={n % 977 / 977:.4f} acc={n % 101 / 101:.2f}",
    "a table": lambda n: [
        f"| {n} | some name | {n % 977 / 977:.3f} |",
        f"{n:5d}  name  {n % 977 / 977:.4f}  NaN",
        "+-----+------+-----+",
    ][n % 3],
    "paths": lambda n: [
        f"/home/user/data_{n}/part.py",
        f"./out/part-{n:05d}.parquet",
        f"src/module{n}.tsx",
    ][n % 3],
    "key: value": lambda n: [
        f"learning_rate: {n % 977 / 977:.4f}",
        f"Total items: {n}",
        f"  depth: {n}",
        "status: still running",
    ][n % 4],
    "other scripts": lambda n: [
        f"日本語のテキスト {n} ですよ",
        f"Größe der Datei: {n} Bytes",
        f"Обычная строка номер {n}",
    ][n % 3],
}


def word(source: random.Random) -> str:
    """A word that occurs in no format."""
    return "".join(source.choices("abcdefghijklmnopqrstuvwxyz", k=source.randint(2, 9)))


def prose(source: random.Random, words: int = 8) -> str:
    """So many random words."""
    return " ".join(word(source) for _ in range(words))


def stamp(source: random.Random) -> str:
    """A time as Python's logging writes it."""
    month, day, hour, minute, milliseconds = (
        source.randint(low, high) for low, high in ((1, 12), (1, 28), (0, 23), (0, 59), (0, 999))
    )
    return f"2024-{month:02d}-{day:02d} {hour:02d}:{minute:02d}:00,{milliseconds:03d}"


def record(source: random.Random, level: str) -> str:
    """One record of a Python program."""
    return (
        f"{stamp(source)} {level} {source.choice(['app', 'app.db', 'urllib3.connectionpool'])}:"
        f" {prose(source)}"
    )


# The formats that the design names, one generator each: of (source of randomness, level, message).
# Names, numbers and times vary as in real logs.
LEVELS = ("DEBUG", "INFO", "INFO", "INFO", "WARNING", "ERROR", "CRITICAL")
LETTERS = {"DEBUG": "D", "INFO": "I", "WARNING": "W", "ERROR": "E", "CRITICAL": "F"}
GLOG = LETTERS | {"DEBUG": "I"}
CBS = {"WARNING": "Warning", "ERROR": "Error", "CRITICAL": "Error"}
SEVERITIES = {"DEBUG": 7, "INFO": 6, "WARNING": 4, "ERROR": 3, "CRITICAL": 2}
COLOURS = {"DEBUG": 36, "INFO": 32, "WARNING": 33, "ERROR": 31, "CRITICAL": 35}
MODULES = ("app", "app.db", "app.http.client", "worker.pool", "__main__", "urllib3.connectionpool")


def clock(source: random.Random, form: str) -> str:
    """A time in 2023 or 2024, with ``%f`` for microseconds and ``%L`` for milliseconds."""
    micro = source.randrange(10**6)
    form = form.replace("%f", f"{micro:06d}").replace("%L", f"{micro // 1000:03d}")
    return time.strftime(form, time.gmtime(1.7e9 + source.random() * 3e7))


def short(level: str) -> str:
    """The level as Java, Go and Rust call it."""
    return {"WARNING": "WARN", "CRITICAL": "ERROR"}.get(level, level)


DESIGN: dict[str, Callable[[random.Random, str, str], str]] = {
    "logging": lambda s, level, text: (
        f"{clock(s, '%F %T,%L')} - {s.choice(MODULES)} - {level} - {text}"
    ),
    "basicConfig": lambda s, level, text: f"{level}:{s.choice(MODULES)}:{text}",
    "loguru": lambda s, level, text: (
        f"{clock(s, '%F %T.%L')} | {level:<8} | {s.choice(MODULES)}:run:{s.randint(1, 400)} - "
        f"{text}"
    ),
    "structlog": lambda s, level, text: (
        f"{clock(s, '%FT%T.%fZ')} [{level.lower():<8} ] {text:<30} user={s.randint(1, 99)}"
    ),
    "logfmt": lambda s, level, text: (
        f'time={clock(s, "%FT%TZ")} level={level.lower()} msg="{text}" id={s.randint(1, 999)}'
    ),
    "JSON": lambda s, level, text: json.dumps(
        {"timestamp": clock(s, "%FT%T.%fZ"), "level": level.lower(), "event": text}
    ),
    "syslog": lambda s, level, text: (
        f"<{8 * s.randint(0, 23) + SEVERITIES[level]}>{clock(s, '%b %d %T')} host "
        f"app[{s.randint(1, 9999)}]: {text}"
    ),
    "glog": lambda s, level, text: (
        f"{GLOG[level]}{clock(s, '%m%d %T.%f')} {s.randint(1000, 99999):5d} "
        f"a.cc:{s.randint(1, 999)}] {text}"
    ),
    "logcat": lambda s, level, text: (
        f"{clock(s, '%m-%d %T.%L')} {s.randint(100, 9999):5d} {s.randint(100, 9999):5d} "
        f"{LETTERS[level]} Zygote: {text}"
    ),
    "log4j": lambda s, level, text: (
        f"{clock(s, '%F %T,%L')} {short(level):<5} [main] "
        f"com.example.{s.choice(['App', 'db.Pool'])} - {text}"
    ),
    "Apache": lambda s, level, text: (
        f"[{clock(s, '%a %b %d %T.%f %Y')}] [core:{short(level).lower()}] [pid "
        f"{s.randint(1, 9999)}:tid 14012] {text}"
    ),
    "nginx": lambda s, level, text: (
        f"{clock(s, '%Y/%m/%d %T')} [{short(level).lower()}] {s.randint(10, 9999)}#0: "
        f"*{s.randint(1, 9999)} {text}"
    ),
    "Go": lambda s, level, text: (
        f"{clock(s, '%Y/%m/%d %T')} {short(level)} {text} id={s.randint(1, 99)}"
    ),
    "env_logger": lambda s, level, text: (
        f"[{clock(s, '%FT%TZ')} {short(level):<5} my_crate::{s.choice(['net', 'db', 'main'])}] "
        f"{text}"
    ),
    "CBS": lambda s, level, text: (
        f"{clock(s, '%F %T')}, {CBS.get(level, 'Info'):<21} CBS    {text}"
    ),
    "[WARN]": lambda _, level, text: f"[{short(level)}] {text}",
    "coloured": lambda s, level, text: (
        f"{clock(s, '%T')} \x1b[{COLOURS[level]}m{level}\x1b[0m {text}"
    ),
}


def design_record(source: random.Random) -> str:
    """One record of any of `DESIGN`, whose message may end in a number."""
    text = prose(source, source.randint(3, 12)) + source.choice(
        ["", f" {source.randrange(10**5)}", f" in {source.random() * 10:.2f}s"]
    )
    return DESIGN[source.choice(list(DESIGN))](source, source.choice(LEVELS), text)


def any_format(source: random.Random, lines: list[str]) -> str:
    """One line of the tests' table, with other numbers, and other words behind it where its format
    allows that.
    """
    line = re.sub(r"\d", lambda _: str(source.randint(0, 9)), source.choice(lines))
    return line if line[-1] in ")]}" or line[-1].isdigit() else f"{line} {prose(source, 4)}"


def mixture(source: random.Random, number: int, formats: list[str]) -> str:
    """A program that logs and prints about as much: half plain, a third Python records, the rest of
    any format; some tracebacks.
    """
    kind = source.random()
    if kind < 0.5:
        return source.choice(list(PLAIN.values()))(number)
    if kind < 0.82:
        return record(source, source.choice(["DEBUG", "INFO", "INFO", "INFO", "WARNING", "ERROR"]))
    if kind < 0.98:
        return any_format(source, formats)
    return (
        f'Traceback (most recent call last):\n  File "x.py", line {number}, in f\n   '
        f" f(x)\nValueError: bad {number}"
    )


def corpora(lines: int, chunk_lines: int) -> Iterator[tuple[str, list[bytes]]]:
    """(name, chunks) of each corpus."""
    source = random.Random(7)
    formats = [line for cases in FORMATS.values() for _, line in cases if "\r" not in line]
    levels = ["DEBUG", "INFO", "WARNING", "ERROR"]
    kinds: dict[str, Callable[[int], str]] = {
        **PLAIN,
        "prose": lambda _: prose(source, 14).capitalize(),
        "records, INFO": lambda _: record(source, "INFO"),
        "records, any level": lambda _: record(source, source.choice(levels)),
        "records, dashes": lambda _: (
            f"{stamp(source)} - app.module - {source.choice(levels)} - {prose(source)}"
        ),
        "formats of the design": lambda _: design_record(source),
        "all formats in turn": lambda _: any_format(source, formats),
        "a mixture": lambda number: mixture(source, number, formats),
    }
    for name, line in kinds.items():
        text = [line(number).encode() + b"\n" for number in range(lines)]
        yield (
            name,
            [b"".join(text[first : first + chunk_lines]) for first in range(0, lines, chunk_lines)],
        )
