"""Text: what a reader shows of stored bytes, against a naive reading of the rules."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prismq_nb.journal.text import DRAWING_LIMIT, drawing, message, messages, plain


@pytest.mark.parametrize(
    ("expected", "raw"),
    [
        ("", b""),
        ("text", b"text"),
        ("text", b"text\r"),
        (" 20%", b" 10%\r 20%"),
        (" 20%", b" 10%\r 20%\r"),
        ("100%", b"\r  0%\r 50%\r100%"),
        ("kept", b"gone\rkept\r\r"[:-1]),
        ("", b"\r"),
        ("\x1b[31mred\x1b[0m", b"\x1b[31mred\x1b[0m"),
        ("\ufffd(", b"\xff("),
        ("\u00e9\u4e16\U0001f600", "\u00e9\u4e16\U0001f600".encode()),
        ("\ufffd", "\u4e16".encode()[:2]),
        ("a\tb\x00c", b"a\tb\x00c"),
    ],
)
def test_a_message_is_what_was_drawn_last(expected: str, raw: bytes) -> None:
    assert expected == message(raw)


def naive_message(raw: bytes) -> str:
    """The rule, word for word: decode; drop one trailing CR; then the text after the last CR that text follows."""
    text = raw.decode("utf-8", "replace")
    text = text.removesuffix("\r")
    for place in range(len(text) - 1, -1, -1):
        if text[place] == "\r" and text[place + 1 :].strip("\r"):
            return text[place + 1 :]
    return text


_PIECES = st.lists(
    st.sampled_from([b"a", b"\r", b"\r\n", b"\n", b"\xc3", b"\xa9", b"\xff", b"\x1b[1m", b"\xe2\x96", b"\x88", b" ", b"10%"]), max_size=30
).map(b"".join)


@given(raw=st.one_of(_PIECES, st.binary(max_size=60)).map(lambda data: data.replace(b"\n", b"")))
def test_a_message_follows_the_rule(raw: bytes) -> None:
    assert naive_message(raw) == message(raw)


@given(data=st.one_of(_PIECES, st.binary(max_size=60)))
def test_messages_are_those_of_the_single_lines(data: bytes) -> None:
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    assert [naive_message(line) for line in lines] == messages(data)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_buffer_will_do(kind: type) -> None:
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


@given(text=st.lists(st.sampled_from(["\x1b", "[", "]", "m", "31", ";", "\x07", "\\", "text", "\x1b[0m", "P", "(", "?"]), max_size=30).map("".join))
def test_plain_text_has_no_escape_character_left(text: str) -> None:
    assert "\x1b" not in plain(text)


@given(text=st.text(st.characters(exclude_characters="\x1b")))
def test_text_without_escapes_is_unchanged(text: str) -> None:
    assert text == plain(text)


@pytest.mark.parametrize(
    "text", ["\x1b[" * 300_000, "\x1b]" * 300_000, "\x1b]" + "a" * 1_000_000, "\x1b" * 1_000_000, "\x1b[" + "1;" * 500_000, "\x1bP\x1b" * 200_000]
)
def test_hostile_text_costs_time_in_proportion(text: str) -> None:
    start = time.thread_time()  # processor time: a busy machine does not count
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
    assert expected == drawing(raw)


def test_of_many_drawings_the_newest_whole_ones_are_kept():
    found = drawing(b"\rinner 1%\x1b[A\router 5%" * 10_000)
    assert found.startswith(("\rinner", "\router"))
    assert DRAWING_LIMIT - 30 <= len(found) <= DRAWING_LIMIT
