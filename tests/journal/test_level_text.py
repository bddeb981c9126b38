r"""What of long lines decides on their levels: a short way to it for a line alone in its chunk, the same as among others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prismq_nb.journal import level_text
from prismq_nb.journal.level_text import LINE_BYTES, shown


@given(st.text(st.sampled_from("ab\r\x1b[m"), min_size=1, max_size=40).map(str.encode), st.sampled_from([b"", b"\n"]))
def test_a_line_shows_the_same_alone_and_among_others(line: bytes, end: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(level_text, "LINE_BYTES", 4)
        assert shown(b"x\n" + line + b"\n").removeprefix(b"\nx") == shown(line + end)


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\r" * 20_000], ids=repr)
def test_of_a_long_line_the_beginning_of_its_last_drawing_is_shown(end: bytes) -> None:
    line = b"before" * 200_000 + b"\r" + b"ab" * 500_000
    assert b"\n" + (b"ab" * LINE_BYTES)[:LINE_BYTES] + b"\n" == shown(line + end)
