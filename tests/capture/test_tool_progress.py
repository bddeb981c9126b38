"""Progress as single tools print it, and text that only looks like it."""

from __future__ import annotations

import pytest

from prismq_nb.capture.monitor.progress import parse
from prismq_nb.capture.monitor.progress_bars import ProgressBars


@pytest.mark.parametrize(
    ("percent", "text"),
    [
        (5, "[10/200] Building C object x.o"),
        (10, "[ 10%] Building C object x.o"),
        (45, "Receiving objects:  45% (450/1000), 1.2 MiB | 3 MiB/s"),
        (45, "remote: Counting objects:  45% (450/1000)"),
        (45.3, "#####                 45.3%"),
        (6, "[Stage 3:=====>                      (12 + 4) / 200]"),
        (5, "[Parallel(n_jobs=2)]: Done  10 out of 200 | elapsed:    1.0s remaining:   19.0s"),
        (45, "Progress: [ 45%] [#########...........]"),
        (45, "    1,234,567  45%    1.20MB/s    0:00:10"),
        (45, "..........F.....                              [ 45%]"),
        (45, "tests/test_x.py ..........                    [ 45%]"),
    ],
)
def test_the_progress_of_a_tool_is_read(percent, text):
    assert parse(text).percent == pytest.approx(percent)


@pytest.mark.parametrize(
    "text",
    [
        "on 10/200 we met",
        "1/2 cup of sugar",
        "[2024/01] x",
        "[300/200] Over",
        "accuracy 45%",
        "x [45%]",
        "version 3/4",
        "45% done",
        "[3/4] of it",
    ],
)
def test_an_unrelated_number_is_not_progress(text):
    assert parse(text) is None


@pytest.mark.parametrize(
    ("seen", "text"), [(5, "[10/200] Building x.o\n"), (6, "[Stage 3:==>   (12 + 4) / 200]\n")]
)
def test_finished_lines_show_progress(seen, text):
    assert ProgressBars().feed(text.encode()).percent == seen


BAR = b"\r 50%|#####     | 5/10 [00:01<00:01,  5.0it/s]"


def test_an_erase_behind_a_bar_keeps_its_progress():
    bars = ProgressBars()
    assert bars.feed(BAR + b"\x1b[K", unfinished=True).percent == 50
    assert bars.feed(BAR.replace(b"5/10", b"6/10") + b"\x1b[K", unfinished=True).percent == 60


def test_an_erase_of_the_row_removes_its_progress():
    bars = ProgressBars()
    bars.feed(BAR + b"\n", unfinished=True)
    assert bars.feed(b"\x1b[A\r\x1b[Kother\n") is None
    assert bars._rows == {}
