"""Progress of each program that is known, as whole lines and while it is drawn; and text that is none.

``samples/progress.txt``: ``## where it comes from``, then ``percentage | what is drawn`` (``?`` where
the total is unknown); ``samples/no_progress.txt``: lines alone.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from prismq_nb.capture.monitor.bars import Bars
from prismq_nb.capture.monitor.progress import Progress, parse

FOLDER = Path(__file__).parent / "samples"


def lines_of(table: str) -> list[str]:
    rows = (FOLDER / table).read_text(encoding="utf-8").splitlines()
    return [row for row in rows if not row.startswith("## ")]


SAMPLES = [(row.partition(" | ")[0], row.partition(" | ")[2]) for row in lines_of("progress.txt")]
#: What stands around a drawing: nothing; what clears the rest of the row; colours.
DRESSED = {
    "plain": "\r{}",
    "erased": "\r{}\x1b[K",
    "erased first": "\r\x1b[2K{}",
    "first column": "\x1b[1G\x1b[0K{}\x1b[0m",
    "coloured": "\r\x1b[?25l\x1b[1;32m{}\x1b[0m\x1b[K",
    "link": "\r\x1b]8;;http://x/1%\x1b\\{}\x1b]8;;\x1b\\",
}


def percent_of(found: Progress | None) -> str:
    if found is None:
        return "none"
    return "?" if found.percent is None else f"{found.percent:.0f}"


@pytest.mark.parametrize(("percent", "text"), SAMPLES)
def test_a_program_s_progress_is_known(percent: str, text: str) -> None:
    assert percent == percent_of(parse(text))


@pytest.mark.parametrize(("percent", "text"), SAMPLES)
def test_a_whole_line_shows_its_progress(percent: str, text: str) -> None:
    assert percent == percent_of(Bars().take(b"before\n" + text.encode() + b"\n"))


@pytest.mark.parametrize("dress", DRESSED.values(), ids=DRESSED)
@pytest.mark.parametrize(("percent", "text"), SAMPLES)
def test_a_drawing_shows_its_progress_wherever_it_is_cut(percent: str, text: str, dress: str) -> None:
    drawn = dress.format(text).encode()
    for cut in range(len(drawn)):
        bars = Bars()
        assert percent_of(bars.take(drawn[:cut], unfinished=True)) in {"none", percent}
        assert percent_of(bars.take(drawn[cut:], unfinished=True)) == percent


@pytest.mark.parametrize("text", lines_of("no_progress.txt"))
def test_text_by_accident_is_no_progress(text: str) -> None:
    assert parse(text) is None
    assert Bars().take(text.encode() + b"\n") is None
    assert Bars().take(b"\r" + text.encode() + b"\x1b[K", unfinished=True) is None
