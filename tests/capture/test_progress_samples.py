"""Progress of each known program, as whole lines and while it is drawn; and text without progress.

``samples/progress.txt``: ``## source``, then ``percentage | frame`` (``?`` where the total is
unknown); ``samples/no_progress.txt``: lines alone.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from prismq_nb.capture.monitor.progress import Progress, parse
from prismq_nb.capture.monitor.progress_bars import ProgressBars

FOLDER = Path(__file__).parent / "samples"


def lines_of(table: str) -> list[str]:
    rows = (FOLDER / table).read_text(encoding="utf-8").splitlines()
    return [row for row in rows if not row.startswith("## ")]


SAMPLES = [(row.partition(" | ")[0], row.partition(" | ")[2]) for row in lines_of("progress.txt")]
#: Surroundings of a frame: nothing; what clears the rest of the row; colours.
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
def test_the_progress_of_a_program_is_known(percent: str, text: str) -> None:
    assert percent == percent_of(parse(text))


@pytest.mark.parametrize(("percent", "text"), SAMPLES)
def test_a_whole_line_shows_its_progress(percent: str, text: str) -> None:
    assert percent == percent_of(ProgressBars().feed(b"before\n" + text.encode() + b"\n"))


@pytest.mark.parametrize("dress", DRESSED.values(), ids=DRESSED)
@pytest.mark.parametrize(("percent", "text"), SAMPLES)
@pytest.mark.slow
def test_a_frame_shows_its_progress_wherever_it_is_cut(percent: str, text: str, dress: str) -> None:
    drawn = dress.format(text).encode()
    for cut in range(len(drawn)):
        bars = ProgressBars()
        assert percent_of(bars.feed(drawn[:cut], unfinished=True)) in {"none", percent}
        assert percent_of(bars.feed(drawn[cut:], unfinished=True)) == percent


@pytest.mark.parametrize("text", lines_of("no_progress.txt"))
def test_text_that_only_looks_like_progress_has_none(text: str) -> None:
    assert parse(text) is None
    assert ProgressBars().feed(text.encode() + b"\n") is None
    assert ProgressBars().feed(b"\r" + text.encode() + b"\x1b[K", unfinished=True) is None
