r"""The part of a long line that decides its level is the same for a line alone in its chunk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.level_lines import only

from prismq_nb.common.base.terminal import text
from prismq_nb.journal.levels import text as level_text
from prismq_nb.journal.levels.classifier import Level
from prismq_nb.journal.levels.text import ESCAPES, HEAD_BYTES, LINE_BYTES, TAIL_BYTES, shown

SMALL = {"HEAD_BYTES": 3, "TAIL_BYTES": 2, "LINE_BYTES": 5, "DENSE_BYTES": 4, "ESCAPES": 1}


@given(
    st.text(st.sampled_from("ab\r\x1b[m"), min_size=1, max_size=40).map(str.encode),
    st.sampled_from([b"", b"\n"]),
)
def test_a_line_is_rendered_alike_alone_and_among_others(line: bytes, end: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in SMALL.items():
            patch.setattr(level_text, name, value)
        assert shown(b"x\n" + line + b"\n").removeprefix(b"\nx") == shown(line + end)


CASES = json.loads((Path(__file__).parent / "samples" / "line_cases.json").read_text())["cases"]


#: Levels follow fewer cursor movements of a dense line than a reader sees.
DENSE = "more controls than are followed"


@pytest.mark.parametrize(
    "case",
    [
        case
        for case in CASES
        if len(case["plain"]) < HEAD_BYTES and not case["name"].startswith(DENSE)
    ],
    ids=lambda case: case["name"],
)
def test_levels_are_read_from_the_text_in_the_table(case: dict[str, str]) -> None:
    line = case["raw"].encode("latin-1")
    for data in (line + b"\n", b"x\n" + line + b"\n"):
        assert (
            case["plain"]
            == shown(data).decode("utf-8", "replace").removesuffix("\n").rpartition("\n")[2]
        )


_PIECES = (
    "a", "\u4e16", "e\u0301", " ", "\t", "\0", "\r", "\r", "\n", "\r\n", "\b", "\x1b[1G", "\x1b[2K",
    "\x1b[K", "\x1b[A", "\x1b[3C", "\x1b[2D",
    "\x1b[31m", "\x1b[0m", "\x1b]0;t\x07", "\x1b7", "\x1b8", "\x9b", "\x1bPq", "\x1b\\", "\x1b",
    "\x1b[?25l", "\x1b]8;;x\x07",
)  # fmt: skip


@given(
    data=st.lists(st.sampled_from(_PIECES), min_size=1, max_size=30).map("".join).map(str.encode)
)
def test_levels_are_read_from_the_text_that_a_reader_sees(data: bytes) -> None:
    seen = shown(data).decode("utf-8", "replace").removeprefix("\n").removesuffix("\n").split("\n")
    assert [text.plain(line) for line in text.messages(data)] == seen


@pytest.mark.parametrize(
    "before",
    [
        "".join(f"{i:3}/999 [=====>....]" + "\b" * 21 for i in range(999)),
        "".join(f"\x1b[1G\x1b[0K{sign} building" for sign in "/-\\|" * 999),
        "|" + "\b/\b-" * 9_999 + "\b",
        "".join(f"\x1b[2K\x1b[1G\x1b[36m{sign}\x1b[39m building" for sign in "/-\\|" * 99)
        + "\x1b[2K\x1b[1G",
        "\x1bPq" + "~" * 100_000 + "\x1b\\",
        "\x1b]1337;File=:" + "QUJD" * 3_000 + "\x07",
        " " * 9_000 + "\r\x1b[A\r" + " " * 9_000 + "\r",
    ],
    ids=["Keras", "npm", "spinner", "ora", "an image", "a file", "tqdm with logging"],
)
def test_a_level_behind_overwritten_text_is_found(before: str) -> None:
    bar = "" if before.endswith(("\b", "\r", "G", "\\", "\x07")) else "\x1b[2K\x1b[1G"
    assert Level.ERROR == only(f"{before}{bar}ERROR: disk failed")


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\r" * 20_000], ids=repr)
def test_a_long_line_shows_the_beginning_and_the_end_of_its_last_frame(end: bytes) -> None:
    line = b"before" * 200_000 + b"\r" + b"a" * 500_000 + b"b" * 500_000
    assert b"\n" + b"a" * HEAD_BYTES + b"b" * TAIL_BYTES + b"\n" == shown(line + end)


def test_the_first_escape_sequences_of_a_line_full_of_them_are_removed() -> None:
    line = b"a\x1b[K" * (LINE_BYTES // 4)
    assert b"a" * ESCAPES + b"\x1b[Ka" * 3 == shown(line)[1 : ESCAPES + 13]


FILL = "x" * 20_000


@pytest.mark.parametrize(
    ("expected", "line"),
    [
        (Level.WARNING, f"WARNING:root:{FILL}"),
        (Level.WARNING, f'time=2024-01-02T10:00:00Z msg="{FILL}" level=warn'),
        (Level.WARNING, f'time=2024-01-02T10:00:00Z level=warn msg="{FILL}"'),
        (Level.WARNING, f"token={FILL} level=warn msg=x"),
        (Level.WARNING, f'{{"level":"warn","event":"{FILL}"}}'),
        (Level.WARNING, f'{{"event":"{FILL}","level":"warn"}}'),
        (Level.INFO, f"{FILL} level=warn msg=x"),
        (Level.INFO, f"{FILL} WARNING: x {FILL}"),
        (Level.INFO, f'{{"a":"{FILL}{FILL}","b":{{"level":"error"}}}}'),
    ],
    ids=[
        "header",
        "logfmt, level last",
        "logfmt, level first",
        "token",
        "JSON, level first",
        "JSON, level last",
        "prose",
        "amid",
        "JSON, level inside",
    ],
)
def test_the_beginning_and_the_end_of_a_long_line_decide_its_level(
    expected: Level, line: str
) -> None:
    assert expected == only(line)
