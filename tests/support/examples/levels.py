"""The meaning of lines: their levels, their records, and the progress of a program."""

from __future__ import annotations

from pathlib import Path

from support.examples.example import PROGRAMS, Example, Seen, script

BARS = {"epochs", "steps"}


def records_beside_bars(seen: Seen) -> None:
    seen.ended()
    for text, level in {"half": "INFO", "slow": "WARNING", "not saved": "ERROR"}.items():
        assert seen.levels_of(text) == {level}, text
    shown = [text for text in seen.texts if ": " in text and text.partition(":")[0] not in BARS]
    assert len(shown) == 7, seen.texts
    assert seen.progress, "no progress seen"
    assert {level: seen.records(level) for level in ("WARNING", "ERROR")} == {
        "WARNING": 3,
        "ERROR": 1,
    }


def nested_bars(seen: Seen) -> None:
    seen.ended()
    shown = [text for text in seen.texts if text.startswith("epoch ")]
    assert shown == [f"epoch {n}: loss {1 / (n + 1):.3f}" for n in range(3)]
    seen.no_errors()
    assert seen.progress[-1] == 100, seen.progress


def rich_bars(seen: Seen) -> None:
    seen.ended()
    for number in range(4):
        assert seen.levels_of(f"{number}.pdf") == {"INFO"}
    assert seen.levels_of("KeyError") == {"ERROR"}
    assert seen.records("ERROR") <= 2, "the box, and the exception below it"
    assert seen.progress


def no_errors(*words: str):
    """Whether it completed, printed those words, and no line is an error."""

    def check(seen: Seen) -> None:
        seen.ended()
        seen.no_errors()
        shown = "\n".join(seen.texts)
        assert [word for word in words if word not in shown] == [], seen.texts[-5:]

    return check


def all_errors(seen: Seen) -> None:
    levels = [(line.level, line.message) for line in seen.lines]
    assert [each for each in levels if each[0] not in ("ERROR", "CRITICAL")] == []


FAILURES = [
    "Killed",
    "Aborted (core dumped)",
    "bash: line 1: nvcc: command not found",
    "cp: cannot stat 'a.txt': No such file or directory",
    "CUDA error: out of memory",
    "BUILD FAILED",
    "*** stack smashing detected ***: terminated",
    "Segmentation fault (core dumped)",
]


def tables(seen: Seen) -> None:
    seen.ended()
    assert [line.level for line in seen.lines] == ["WARNING", *["INFO"] * 5], seen.lines


TABLE = """WARNING: 2 rows left out
name   rows
----   ----
a         1
b         2

"""
TRACEBACK = """
def go(n): return go(n - 1) if n else 1 / 0
def a(n): return b(n)
def b(n): return a(n - 1) if n else 1 / 0
a(38)
"""


def one_error(seen: Seen) -> None:
    seen.ended("failed", 1)
    assert len(seen.lines) > 150, len(seen.lines)
    assert {line.level for line in seen.lines} == {"ERROR"}
    assert seen.records("ERROR") == 1
    assert seen.run is not None
    assert "ZeroDivisionError: division by zero" in (seen.run.error_message or "")


ERASED = r"""
import sys, time
for n in range(11):
    sys.stdout.write(f"\r{n * 10:3}%|{'#' * n:10}| {n}/10 [00:0{n // 2}<00:01, 9.0it/s]\x1b[K")
    sys.stdout.flush()
    time.sleep(0.05)
print()
"""
NOTES = """
import sys
for line in (
    "2024-05-01 12:00:00.123456: I tensorflow/core/platform/cpu_feature_guard.cc:210] This binary",
    "24/05/01 12:00:00 INFO SparkContext: Running Spark version 3.5.1",
    "Setting default log level to \\"WARN\\".",
    "  Installed Example --- v1.0",
    "   Resolving package versions...",
    "ffmpeg version 6.1 Copyright (c) 2000-2023 the FFmpeg developers",
    "frame=  100 fps= 25 q=28.0 size=     256kB time=00:00:04.00 bitrate= 524.3kbits/s speed=1.2x",
    "Some weights of BertModel were not initialized from the model checkpoint",
): print(line, file=sys.stderr)
"""


def progress(*last: float):
    def check(seen: Seen) -> None:
        seen.ended()
        seen.no_errors()
        assert seen.progress, "no progress seen"
        assert seen.progress[-1] in last or not last, seen.progress

    return check


def bash_x(folder: Path) -> None:
    (folder / "a.sh").write_text(
        "set -x\nfor n in 1 2; do echo $n; done\nx='an error'\n[ -e nothing ] || true\n",
    )


TQDM, RICH = PROGRAMS / "tqdm_nested.py", PROGRAMS / "rich_bars.py"

EXAMPLES = [
    Example(
        "tqdm nested, with logging",
        {"script": PROGRAMS / "tqdm_logging.py"},
        records_beside_bars,
    ),
    Example("tqdm nested three times", {"script": TQDM}, nested_bars, outside=True),
    Example("rich progress, table, exception", {"script": RICH}, rich_bars, outside=True),
    Example("bash -x", {"command": ["bash", "a.sh"]}, no_errors("+ echo 1"), ("bash",), bash_x),
    Example("time", {"command": "time sleep 0.1"}, no_errors("real"), ("bash",)),
    Example(
        "dd",
        {"command": "dd if=/dev/zero of=/dev/null bs=1M count=10"},
        no_errors("10+0 records in"),
        ("dd",),
    ),
    Example("notes of tools on stderr", {"code": NOTES}, no_errors("Installed Example")),
    Example("failures on stdout", {"code": f"print({chr(10).join(FAILURES)!r})"}, all_errors),
    Example("a table below a warning", {"code": f"print({TABLE!r}, end='')"}, tables),
    Example("a traceback of 155 lines", {"code": TRACEBACK}, one_error),
    Example("ESC[K behind a bar", {"command": script(ERASED)}, progress()),
]
