r"""What of long lines decides on their levels: a short way to it for a line alone in its chunk, the same as among others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.level_lines import only

from prismq_nb.journal import level_text
from prismq_nb.journal.level_text import ESCAPES, HEAD_BYTES, LINE_BYTES, TAIL_BYTES, shown
from prismq_nb.journal.levels import Level

SMALL = {"HEAD_BYTES": 3, "TAIL_BYTES": 2, "LINE_BYTES": 5, "DENSE_BYTES": 4, "ESCAPES": 1}


@given(st.text(st.sampled_from("ab\r\x1b[m"), min_size=1, max_size=40).map(str.encode), st.sampled_from([b"", b"\n"]))
def test_a_line_shows_the_same_alone_and_among_others(line: bytes, end: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in SMALL.items():
            patch.setattr(level_text, name, value)
        assert shown(b"x\n" + line + b"\n").removeprefix(b"\nx") == shown(line + end)


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\r" * 20_000], ids=repr)
def test_of_a_long_line_the_beginning_and_the_end_of_its_last_drawing_are_shown(end: bytes) -> None:
    line = b"before" * 200_000 + b"\r" + b"a" * 500_000 + b"b" * 500_000
    assert b"\n" + b"a" * HEAD_BYTES + b"b" * TAIL_BYTES + b"\n" == shown(line + end)


def test_of_a_line_full_of_escape_sequences_the_first_are_removed() -> None:
    line = b"a\x1b[m" * (LINE_BYTES // 4)
    assert b"a" * ESCAPES + b"\x1b[ma" * 3 == shown(line)[1 : ESCAPES + 13]


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
def test_the_beginning_and_the_end_of_a_long_line_decide(expected: Level, line: str) -> None:
    assert expected == only(line)
