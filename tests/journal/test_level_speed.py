"""Speed of level detection: neither chunks nor caches change levels, and no input is expensive."""

from __future__ import annotations

import random
import re
import subprocess
import sys
import time
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.level_lines import STDERR, STDOUT, all_lines

from prismq_nb.journal.levels import record_formats
from prismq_nb.journal.levels import stream as level_stream
from prismq_nb.journal.levels.classifier import BLOCK_LINES, LOOK_BACK_LINES, Classifier, Level
from prismq_nb.journal.levels.formats.table import RECORDS
from prismq_nb.journal.levels.grammar.words import CONTINUES
from prismq_nb.journal.levels.stream import Stream
from prismq_nb.journal.levels.text import shown

pytestmark = pytest.mark.slow  # large generated logs

_INFO, _ERROR = Level.INFO, Level.ERROR

_BARE = [
    "plain words on it",
    "  indented",
    "",
    "ValueError: x",
    "\tat a.B(C.java:1)",
    "CRITICAL: x",
    "Traceback (most recent call last):",
    "x",
]
_PARTS = [
    "at", "noon", "Loading", "model", "5", "root", "10:00:00", "2024-01-02",
    "2024-01-02 10:00:00,123", "Jan  2", "[main]", "[2024-01-02 10:00:00]",
    "a.b", "x:", "-", "|", "INFO", "INFO:", "[INFO]", "ERROR", "ERROR:", "[error]", "[Error]",
    "error:", "warning", "debug - INFO", "DEBUG",
    "level=warn",
    "45%|##  | 4/10 [00:01<00:02, 3it/s]", "no", "\x1b[31m", "\r", "", "exit status 2",
    "main.main()",
]  # fmt: skip
_BUILT = st.lists(st.sampled_from(_PARTS), min_size=1, max_size=6).map(" ".join)
_ANY_LINE = st.one_of(
    st.sampled_from(all_lines()), st.sampled_from(_BARE), _BUILT, st.text(max_size=40)
).map(lambda line: line.replace("\n", " ").encode())
_RUN = st.lists(st.tuples(st.sampled_from([STDOUT, STDERR]), _ANY_LINE), max_size=60)


def one_by_one(lines: list[tuple[int, bytes]], block_lines: int) -> list[int]:
    classifier = Classifier(block_lines)
    return [classifier.mark(line + b"\n", stream)[0] for stream, line in lines]


def in_chunks(lines: list[tuple[int, bytes]], block_lines: int, cuts: set[int]) -> list[int]:
    classifier = Classifier(block_lines)
    levels: list[int] = []
    start = 0
    for stop in range(1, len(lines) + 1):
        if stop == len(lines) or stop in cuts or lines[stop][0] != lines[start][0]:
            levels += classifier.mark(
                b"".join(line + b"\n" for _, line in lines[start:stop]), lines[start][0]
            )
            start = stop
    return levels


@settings(max_examples=150, deadline=None)
@given(lines=_RUN, cuts=st.sets(st.integers(1, 59)))
def test_levels_do_not_depend_on_chunk_boundaries(
    lines: list[tuple[int, bytes]], cuts: set[int]
) -> None:
    assert one_by_one(lines, 5) == in_chunks(lines, 5, cuts)


@settings(max_examples=300, deadline=None)
@given(lines=_RUN, first=st.integers(0, 59), block_lines=st.integers(1, 6))
def test_a_window_with_its_look_back_is_classified_like_the_whole(
    lines: list[tuple[int, bytes]], first: int, block_lines: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(level_stream, "JOINED_LINES", 3)
        start = max(0, first - (2 * block_lines + 2 + 3))
        assert (
            one_by_one(lines, block_lines)[first:]
            == one_by_one(lines[start:], block_lines)[first - start :]
        )


def test_the_look_back_is_that_of_the_property() -> None:
    assert 2 * BLOCK_LINES + 2 + level_stream.JOINED_LINES == LOOK_BACK_LINES


# ---- the fast path

_NOISE: Final = [
    "x" * 99, "12345", "0.5", "line 12345", "epoch 5 loss=0.1234 acc=0.99",
    "epoch 5, loss=0.1 level=error", "step 12345678 error Xyz",
    "5  0.5  error  x", "Total items: 5", "total: 5", "status: ok", "status: error",
    "key: some words", "key: some words - ERROR: x",
    "dpkg: error processing", "| 5 | error | 0.5 |", "| error | 5 |", "|5 | warning|",
    "+----+----+", "  a   b   c", "0  0.5 -1.25 NaN",
    "12 | x = 3", "/usr/lib/x.py", "./x.ERROR", "src/main.go", "a.ValueError", "Größe der Datei: 5",
    "für 5 Größen",
    "日本語 5 です", "日本語 ERROR: x",
    "    at home", "  at a.b(", "  ERR x", "    File names", "some words/x.py:12: UserWarning: x",
    "[INFO] x.py:12: UserWarning: x",
    "Mon the 10:00:00 level=error", "ERROR RATE: 1", "ERROR rate", "status: ERROR",
    "status: ERROR x", "status: ERROR  ", "app - ERROR - x",
    "app - ERROR", "DEBUG5: x", "DEBUG6: x", "trace3: x", "trace9: ERROR: x", "error: 5",
    "error: 5 x", "[error] 5", "[error]", "E/x ERROR y: z",
    "10:00:00 ERROR GLib-WARNING **: x", "[10:00][WARN 5] [error] x", "[10:00][WARN ] x",
    "rip 0x46", "rip 1x46",
    'msg="a level=error b" level=info', "caller=x level=warn y", "a=(b level=warn) ERROR x",
    "2024-01-02 10:00:00,123:root:WARNING:x",
    "100% [=====] done", '{"level":"error"}', '{"level":30}', '{"level":50}',
    '{"a":1,"level":"warn"}', '{"LEVEL":30,"level":"error"}', "<3>x",
    "<7>x", "x\x1b[31m ERROR", "ERRR: x", "größe-Message: x", "größe: 5", "größe: ERROR: x",
    "für x:12: UserWarning: y", "   a  NaN",
    '{"PRIORITY":"3"}', '{"levelno":30}', '{"severity":300}',
]  # fmt: skip
_NUMBERED = st.tuples(st.sampled_from([*all_lines(), *_NOISE]), st.integers(0, 9)).map(
    lambda pair: re.sub(r"\d", str(pair[1]), pair[0])
)
_NOISY_LINE = st.one_of(st.sampled_from(_NOISE), _NUMBERED).map(
    lambda line: line.replace("\n", " ").encode()
)
_MIXTURE = st.lists(st.one_of(_ANY_LINE, _NOISY_LINE), max_size=60)


def close_looks(lines: list[bytes], stream: int, block_lines: int) -> bytes:
    """Levels by examining each line on its own: the reference for the fast path."""
    block = Stream(_ERROR if stream else _INFO, block_lines, stderr=bool(stream))
    seen = bytearray()
    for number, line in enumerate(lines):
        level = block._look(shown(line + b"\n")[1:-1], number)
        seen.append(
            level if level < CONTINUES else block._joined(level, number, seen[-1] if seen else -1)
        )
    return bytes(seen)


@settings(max_examples=500, deadline=None)
@given(lines=_MIXTURE, stream=st.sampled_from([STDOUT, STDERR]), cuts=st.sets(st.integers(1, 59)))
def test_the_fast_path_equals_examining_each_line(
    lines: list[bytes], stream: int, cuts: set[int]
) -> None:
    expected = list(close_looks(lines, stream, 5))
    assert expected == in_chunks([(stream, line) for line in lines], 5, cuts)


@pytest.mark.parametrize("stream", [STDOUT, STDERR])
def test_a_line_has_its_level_whatever_like_it_came_before(stream: int) -> None:
    lines = [line.encode() for line in [*all_lines(), *_NOISE] if "\n" not in line]
    tails = [
        b"",
        b" ",
        b" 5",
        b" ERROR: x",
        b" RATE: 5",
        b": 0.5",
        b" level=warn",
        b" x.py:12: UserWarning: y",
        b" [error] z",
    ]
    for head in lines:  # each line twice: once to fill the cache, once to use it
        for tail in [*tails, *tails]:
            line = head + tail
            assert close_looks([line], stream, 5) == Stream(
                _ERROR if stream else _INFO, 5, stderr=bool(stream)
            ).classify(line + b"\n", 0), line


@pytest.mark.parametrize("stream", [STDOUT, STDERR])
def test_many_lines_with_equal_beginnings_have_the_levels_of_single_lines(stream: int) -> None:
    source = random.Random(3)
    tails = [
        b"",
        b" ",
        b" 5",
        b" ERROR: x",
        b" RATE: 5",
        b": 0.5",
        b" level=warn",
        b" x.py:12: UserWarning: y",
        b" [error] z",
        b" 50%|##  | 1/2 [00:01<",
    ]
    for head in [
        line.encode() for line in [*all_lines(), *_NOISE] if "\n" not in line and "\r" not in line
    ]:
        some = source.sample(tails, source.randint(1, 4))
        lines = [
            head + source.choice(some) + b" and more" * source.randint(0, 3)
            for _ in range(5_000 // (len(head) + 10))
        ]
        block = Stream(_ERROR if stream else _INFO, 5, stderr=bool(stream))
        assert close_looks(lines, stream, 5) == block.classify(b"\n".join(lines) + b"\n", 0), lines[
            :3
        ]


@pytest.mark.parametrize("stream", [STDOUT, STDERR])
def test_a_text_like_the_one_before_has_the_levels_of_its_own_lines(
    stream: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is remembered of a text whose lines are all of one level hides no other line."""
    monkeypatch.setattr(record_formats, "_MANY_BYTES", 64)
    for each, pattern in RECORDS.entries():
        samples = each.patterns[pattern.decode()]
        line = (samples if isinstance(samples, str) else samples[0])[2:].encode()
        odd = [
            line + b" Warning:",
            line[: len(line) // 2],
            line.replace(b"0", b"", 1),
            line.replace(b" ", b"  ", 1),
            b"plain words",
            re.sub(rb"DEBUG|INFO|WARN(?:ING)?|ERROR", b"CRITICAL", line),
            re.sub(rb"DEBUG|INFO|WARN(?:ING)?|ERROR", b"INFORMATION", line),
            re.sub(rb"debug|info|warn(?:ing)?|error", b"fatal", line),
        ]
        block = Stream(_ERROR if stream else _INFO, 5, stderr=bool(stream))
        lines: list[bytes] = []
        levels = b""
        for middle in ([], [], *([other] for other in odd), odd):
            text = [*[line] * 15, *middle, line]
            levels += block.classify(b"\n".join(text) + b"\n", len(lines))
            lines += text
        assert close_looks(lines, stream, 5) == levels, line


FLOODS: Final = {
    "one letter": ["x" * 99] * 500,
    "numbers": [str(number) for number in range(500)],
    "epochs": [f"epoch {number} loss=0.{number} acc=0.99" for number in range(500)],
    "records": [
        f"2024-01-02 10:00:00,{number:03d} {('INFO', 'ERROR')[number % 2]} app.module: {number}"
        for number in range(500)
    ],
    "a table": [f"| {number} | some name | 0.{number} |" for number in range(500)],
    "pairs": [f"items in row: {number}" for number in range(500)],
}


@pytest.mark.parametrize("lines", FLOODS.values(), ids=FLOODS)
@pytest.mark.parametrize("stream", [STDOUT, STDERR])
def test_500_lines_of_a_flood_take_about_a_millisecond(lines: list[str], stream: int) -> None:
    """A server classifies that many lines on its event loop. The test allows three times as much,
    because the machine may be slow or shared.
    """
    data = "".join(line + "\n" for line in lines).encode()
    Classifier().classify(data, stream)

    def cost() -> float:
        start = time.process_time()
        Classifier().classify(data, stream)
        return time.process_time() - start

    assert min(cost() for _ in range(5)) < 0.003


HOSTILE: Final = [
    b"a " * 500_000, b"[" * 1_000_000, b"[a" * 500_000, b"1:" * 500_000, b'{"' + b"a" * 1_000_000,
    b'{"a":' * 200_000 + b'"level"',
    b"\x1b[" * 500_000,
    b"a=" * 500_000, b"A " * 500_000, b"a.b " * 300_000, b"- " * 500_000, b"a: " * 300_000,
    b'a="' * 300_000 + b" level=x", b"\r" * 1_000_000,
    b"1%|" * 300_000, b" " * 1_000_000, b"\x1b]" + b"a" * 1_000_000, b'level=x a="' * 100_000,
    b'File "' * 200_000, b"a.A" * 300_000,
    b"::a" * 300_000 + b" FAILED", b"a::" * 300_000, b"a/" * 300_000 + b": runtime error: ",
    b"Warning:" * 100_000, b"\x1b" * 500_000,
    b"{}" * 300_000,
    b'{"a":{' * 200_000, b"[1:1:" * 200_000, b"at a" * 200_000, b"a [ERROR" * 100_000,
    b"| error" * 100_000, b"a - ERRORx " * 100_000,
]  # fmt: skip
# Each piece alone, and each in front of what the patterns look for.
DELIMITERS: Final = [bytes([byte]) for byte in range(1, 256) if byte != 10]
PAIRS: Final = [
    left + right
    for left in b" \t.:[](){}<>|\"'=-/,\\1aA".decode()
    for right in (" ", "ERROR ", "error: ", "[", "1", "a.")
]


def cost_of(lines: list[bytes]) -> float:
    """The least processor time for these lines, in seconds, on each stream and below a record and a
    traceback.
    """

    def once() -> float:
        start = time.process_time()
        for stream in (STDOUT, STDERR):
            for before in (b"", b"ERROR: x\n  ", b"Traceback (most recent call last):\n"):
                for line in lines:
                    Classifier().classify(before + line + b"\n", stream)
        return time.process_time() - start

    once()  # compiles
    return min(once() for _ in range(3))


@pytest.mark.parametrize("line", HOSTILE, ids=lambda line: repr(line[:8]))
def test_a_hostile_line_costs_little(line: bytes) -> None:
    assert cost_of([line]) < 0.15


def test_64_kib_of_any_byte_cost_little() -> None:
    assert cost_of([byte * 65_536 for byte in DELIMITERS]) < 0.002 * 6 * len(DELIMITERS)


def test_64_kib_of_any_delimiter_and_word_cost_little() -> None:
    assert cost_of([(pair.encode() * 65_536)[:65_536] for pair in PAIRS]) < 0.004 * 6 * len(PAIRS)


def test_importing_the_module_compiles_nothing_expensive() -> None:
    code = (
        "import re, enum, typing, prismq_nb, time; t = time.perf_counter()\n"
        "import prismq_nb.journal.levels.classifier; print(time.perf_counter() - t)"
    )
    best = min(
        float(
            subprocess.run(
                [sys.executable, "-c", code], check=True, capture_output=True, text=True
            ).stdout
        )
        for _ in range(3)
    )
    assert best < 0.005
