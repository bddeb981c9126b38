"""Rendered text of stored bytes. The viewer's tests use the same table of cases."""

from __future__ import annotations

import json
import re
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from support.random_cases import examples

from prismq_nb.common.base.terminal.redraw import move_pattern
from prismq_nb.common.base.terminal.screen import Screen
from prismq_nb.common.base.terminal.sequences import seven_bit
from prismq_nb.common.base.terminal.sgr import apply_sgr
from prismq_nb.common.base.terminal.text import (
    MAX_PENDING_CHARS,
    message,
    messages,
    pending_message,
    plain,
    searchable,
)

CASES = json.loads((Path(__file__).parent / "samples" / "line_cases.json").read_text())["cases"]
_UNIT = re.compile(r"\x1b\[([0-9;:]*)m|\x1b\]8;([^\x1b\x07]*)(?:\x07|\x1b\\)|([^\x1b])")


def look(text: str) -> tuple[list[tuple[str, str, str]], str]:
    """Each character with its colours and its link, and the colours at the end.

    A combining mark looks like the character that it modifies.
    """
    found, pen, link = [], "", ""
    assert not _UNIT.sub("", text), "other sequences"
    for match in _UNIT.finditer(text):
        if match[1] is not None:
            pen = apply_sgr(pen, match[1])
        elif match[2] is not None:
            link = match[2] if match[2].partition(";")[2] else ""
        else:
            is_mark = bool(unicodedata.combining(match[3]) and found)
            found.append((match[3], *found[-1][1:]) if is_mark else (match[3], pen, link))
    return found, pen


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_line_is_rendered_as_in_the_table(case: dict[str, str]) -> None:
    shown_text = message(case["raw"].encode("latin-1"))
    assert look(case["message"]) == look(shown_text)
    assert case["plain"] == plain(shown_text)


_PIECES = (
    "a", "bc", " ", "x\by", "\r", "\r", "\n", "\r\n", "\b", "\b\b", "\x1b[31m", "\x1b[0m",
    "\x1b[39m", "\x1b[K", "\x1b[2K",
    "\x1b[1K", "\x1b[1G", "\x1b[1G\x1b[0K", "\x1b[2K\x1b[1G", "\x1b[3G", "\x1b[C", "\x1b[2D",
    "\x1b[A", "\x1b[B", "\x1b7", "\x1b8",
    "\x1b[J", "\x1b[2J", "\x1b[X", "\x1b[P", "\x1b[@", "\x1b[2b", "\t", "\u4e16", "e\u0301",
    "\u0301", "\0", "\x1b[?25l", "\x1b]0;t\x07",
    "\x1b[H", "\x1bc", "\x1b]8;;http://x\x1b\\", "\x1b]8;;\x1b\\", "\x1bM", "\x1b", "\x9b",
    "\x1bPq", "\x1b\\",
)  # fmt: skip
texts = st.lists(st.sampled_from(_PIECES), max_size=20).map("".join)


@settings(max_examples=examples(1000))
@given(text=texts.map(lambda text: text.replace("\n", "")))
@example(text=" \r\x1b[0mb\x1b[A\r\x1b[2K")
@example(text="\x1b[2K\x1b[1G\x1b[A\x1b[3Ga")
@example(text="\ra\x1b[31m\u0301")
@pytest.mark.slow
def test_the_last_frame_alone_equals_rendering_the_whole_line(
    text: str,
) -> None:
    line = seven_bit(text).rstrip("\r")
    assume(move_pattern(line).search(line))
    screen = Screen()
    screen.draw(line)
    assert look(screen.text()) == look(message(text.encode()))


@given(data=st.one_of(texts.map(str.encode), st.binary(max_size=60)))
def test_several_lines_are_rendered_like_single_ones(data: bytes) -> None:
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    assert [message(line) for line in lines] == messages(data)
    assert [plain(message(line)).encode() for line in lines] == searchable(data).split(b"\n")[:-1]


@pytest.mark.parametrize("bars", [1, 400], ids=["some frames", "frames of a MiB"])
def test_the_text_behind_a_spinner_stays_however_long_it_turns(bars: int) -> None:
    line = "Installing \x1b[1mx\x1b[0m |" + "\b/\b-\b\\\b|" * 300 * bars + "\bdone"
    assert plain(message(line.encode())) == "Installing x done"
    line = "Epoch 1: " + "".join(f"{i:5}/99999" + "\b" * 11 for i in range(120 * bars))
    assert message(line.encode()) == f"Epoch 1: {120 * bars - 1:5}/99999"


def test_text_of_a_long_line_that_is_not_overwritten_stays() -> None:
    words = "".join(f"{i} " for i in range(60_000))
    assert message(f"{words}\b\b\bX".encode()) == words[:-3] + "X" + words[-2:]
    assert message(f"x\b{words}".encode()) == words
    assert message(f"old\r{words}".encode()) == words
    assert message(f"{words}\rnew".encode()) == "new"
    assert message(f"{words}\x1b[2K\x1b[Gnew".encode()) == "new"
    assert message(f"{words}\x1b[31mred\b\bX".encode()) == f"{words}\x1b[31mrXd"


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_buffer_type_is_accepted(kind: type) -> None:
    assert messages(kind(b"a\nb\rc\n")) == ["a", "c"]
    assert message(kind(b"b\rc")) == "c"


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("red", "\x1b[1;31mred\x1b[0m"),
        ("colour", "\x1b[38;2;1;2;3mcolour\x1b[m"),
        ("title", "\x1b]0;window\x07title"),
        ("link", "\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\"),
        ("cleared", "\x1b[2K\x1b[1Gcleared"),
        ("private", "\x1b[?25lprivate\x1b[?25h"),
        ("charset", "\x1b(Bcharset\x1b=\x1b>"),
        ("cursor", "\x1b7cursor\x1b8"),
        ("device", "\x1bPq#0\x1b\\device"),
        ("cut off", "cut off\x1b[3"),
        ("lone", "lone\x1b"),
        ("0;never ended", "\x1b]0;never ended"),
        ("two\ttabs\x00", "two\ttabs\x00"),
        ("[31mno escape", "[31mno escape"),
    ],
)
def test_plain_text_has_no_escape_sequences(expected: str, text: str) -> None:
    assert expected == plain(text)


@given(
    text=st.lists(
        st.sampled_from(
            ["\x1b", "[", "]", "m", "31", ";", "\x07", "\\", "text", "\x1b[0m", "P", "(", "?"]
        ),
        max_size=30,
    ).map("".join)
)
def test_plain_text_has_no_escape_characters(text: str) -> None:
    assert "\x1b" not in plain(text)


@given(text=st.text(st.characters(exclude_characters="\x1b")))
def test_text_without_escapes_is_unchanged(text: str) -> None:
    assert text == plain(text)


@pytest.mark.parametrize(
    "text",
    [
        "\x1b[" * 300_000,
        "\x1b]" * 300_000,
        "\x1b]" + "a" * 1_000_000,
        "\x1b" * 1_000_000,
        "\x1b[" + "1;" * 500_000,
        "\x1bP\x1b" * 200_000,
    ],
)
def test_hostile_text_takes_linear_time(text: str) -> None:
    start = time.thread_time()  # processor time, which does not depend on other processes
    plain(text)
    assert time.thread_time() - start < 2.0


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"\r10%\r20%", "20%"),
        (b"Name? ", "Name? "),
        (b"\rinner 1%\x1b[A\router 5%", "\rinner 1%\x1b[A\router 5%"),
        (b"a\r\x1b[2K\x1b[1Ab", "a\r\x1b[2K\x1b[1Ab"),
    ],
    ids=["one bar", "a prompt", "two bars", "rows drawn anew"],
)
def test_unfinished_text_keeps_the_rows_that_it_draws(raw, expected):
    assert expected == pending_message(raw)


def test_the_newest_complete_frames_are_kept():
    found = pending_message(b"\rinner 1%\x1b[A\router 5%" * 10_000)
    assert found.startswith(("\rinner", "\router"))
    assert MAX_PENDING_CHARS - 30 <= len(found) <= MAX_PENDING_CHARS


HOSTILE = {
    "backspaces": b"ab\b\b",
    "cells of a colour each": b"\x1b[31ma\x1b[32m\b",
    "far columns": b"\x1b[4096Gx\x1b[2K",
    "beginnings erased": b"\x1b[9999Cx\x1b[1K\x1b[G",
    "cells put in": b"\x1b[4096@x\r\x1b[C",
    "cells taken out": b"\x1b[P\x1b[@",
    "rows": b"\x1b[Bx\x1b[J",
    "rows in both directions": b"x\x1b[A\x1b[1Jy\x1b[8B",
    "nothing visible": b"\r\0",
    "repeated characters": b"x\x1b[999b\x1b[G",
    "marks": b"\xcc\x81\r\xcc\x81",
    "8-bit introducers": b"\xc2\x9d\xc2\x9b",
    "strings": b"\x1b]8;",
    "wide characters": b"\xe4\xb8\x96\x1b[D",
    "saves": b"\x1b7x\x1b8",
}


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE)
def test_rendering_a_hostile_line_is_bounded(unit: bytes) -> None:
    for size in (8 << 10, 1 << 20):
        line, seconds = unit * (size // len(unit)), []
        for _ in range(3):  # the garbage collector of a large process may run during one of them
            start = time.thread_time()
            text = message(line)
            seconds.append(time.thread_time() - start)
        assert min(seconds) < 0.5
        assert len(plain(text)) <= 2 * size + (1 << 19)
