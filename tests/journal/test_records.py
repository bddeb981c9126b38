"""Records: where each one begins, however many lines it has."""

from __future__ import annotations

import sys
import traceback

import pytest
from support.level_lines import SAMPLES, STDERR, STDOUT

from prismq_nb.journal.levels.classifier import Classifier, Level
from prismq_nb.journal.levels.grammar.words import CONTINUES


def begins(text: str, stream: int) -> list[str]:
    """The letter of the level at each line where a record begins, and `-` for each other line."""
    marks = Classifier().mark(text.encode(), stream)
    return ["-" if byte & CONTINUES else Level(byte).name[0] for byte in marks]


def deep_traceback() -> str:
    def fall(depth: int) -> None:
        if depth == 0:
            raise ValueError("deep")
        [fall, lambda _: fall(depth - 1)][1](depth)

    try:
        fall(40)
    except ValueError:
        return "".join(traceback.format_exception(*sys.exc_info()))
    return ""


@pytest.mark.parametrize("stream", [STDOUT, STDERR])
def test_a_traceback_of_150_lines_is_one_error(stream):
    text = deep_traceback()
    assert text.count("\n") > 150
    assert begins(text, stream) == ["E"] + ["-"] * (text.count("\n") - 1)


CHAINED = (
    'Traceback (most recent call last):\n  File "x.py", line 2, in <module>\n    a()\nKeyError:'
    " 1\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most"
    ' recent call last):\n  File "x.py", line 4, in <module>\n    b()\nValueError: 2\n'
)
GROUP = (
    "  + Exception Group Traceback (most recent call last):\n"
    '  |   File "x.py", line 1, in <module>\n  |     raise ExceptionGroup("g", [ValueError(1)])\n'
    "  | ExceptionGroup: g (1 sub-exception)\n  +-+---------------- 1 ----------------\n"
    "    | ValueError: 1\n    +------------------------------------\n"
)
JAVA = (
    'Exception in thread "main" java.lang.IllegalStateException: x\n\tat a.B.c(B.java:3)\n\tat'
    " a.B.main(B.java:1)\nCaused by: java.io.IOException: y\n\t... 2 more\n"
)
GO = (
    "panic: boom\n\ngoroutine 1 [running]:\nmain.main()\n\t/x/main.go:3 +0x1d\n\n"
    "goroutine 6 [select]:\nmain.f(0x1)\n\t/x/main.go:9 +0x2\nexit status 2\n"
)
RUST = (
    "thread 'main' panicked at src/main.rs:2:5:\nboom\nnote: run with `RUST_BACKTRACE=1`"
    " environment variable to display a backtrace\n"
)
NPM = (
    "npm error code ENOENT\nnpm error syscall open\nnpm error path /x/package.json\nnpm error errno"
    " -2\n"
)
CASES = {
    "plain lines of stdout": (STDOUT, "one\ntwo\n", "II"),
    "plain lines of stderr": (STDERR, "one\ntwo\n", "EE"),
    "indented lines of stderr continue": (STDERR, "one:\n  x\n\ty\ntwo\n", "E--E"),
    "a first indented line begins one": (STDERR, "   one\n   two\n", "E-"),
    "an indented line below another level begins one": (STDERR, "INFO: x\n\n  y\n", "I-E"),
    "a blank line begins none": (STDERR, "one\n\ntwo\n", "E-E"),
    "records": (STDOUT, "WARNING: x\nWARNING: y\n  more\nERROR: z\n", "WW-E"),
    "a chain of exceptions": (STDERR, CHAINED, "E" + "-" * 10),
    "two tracebacks": (STDERR, CHAINED + CHAINED, ("E" + "-" * 10) * 2),
    "an exception group": (STDERR, GROUP, "E" + "-" * 6),
    "logged": (STDOUT, "2024-01-02 10:00:00,123 - a - ERROR - failed\n" + CHAINED, "E" + "-" * 11),
    "logged as critical": (STDOUT, "CRITICAL:root:failed\n" + CHAINED, "C" + "-" * 11),
    "below a warning": (STDERR, "WARNING:root:odd\n" + CHAINED, "WE" + "-" * 10),
    "Java": (STDERR, JAVA, "E----"),
    "Go": (STDERR, GO, "C" + "-" * 9),
    "Rust": (STDERR, RUST, "E--"),
    "npm": (STDERR, NPM, "E---"),
    "npm on stdout, and again": (STDOUT, NPM + "x\n" + NPM, "E---IE---"),
    "a warning of Python": (STDERR, "x.py:3: UserWarning: odd\n  warnings.warn('odd')\n", "W-"),
    "pytest": (STDOUT, ("    def f():\n>       assert 1 == 2\nE       assert 1 == 2\nE        "
         "+  where 1 = g()\n"), "IIE-"),
    "gcc": (STDERR, ("x.c:3:5: error: expected ';'\n    3 |   int x\n      |        "
         "^\nx.c:9:1: warning: unused\n"), "E--W"),
}  # fmt: skip


@pytest.mark.parametrize(("stream", "text", "expected"), CASES.values(), ids=CASES)
def test_a_record_begins_at_its_first_line(stream, text, expected):
    assert list(expected) == begins(text, stream)


@pytest.mark.parametrize(("stream", "text", "expected"), CASES.values(), ids=CASES)
def test_records_do_not_depend_on_chunk_boundaries(stream, text, expected):
    classifier = Classifier()
    lines = text.splitlines(keepends=True)
    seen = b"".join(classifier.mark(line.encode(), stream) for line in lines)
    assert seen == Classifier().mark(text.encode(), stream)


def test_record_levels_equal_those_of_the_lines():
    for sample in SAMPLES:
        data = "".join(line + "\n" for line in sample.lines).encode()
        marked = Classifier().mark(data, sample.stream)
        levels = bytes(byte & ~CONTINUES for byte in marked)
        assert Classifier().classify(data, sample.stream) == levels
