"""Several progress bars at once, as tqdm and rich draw them, in whatever pieces they arrive."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Callable, Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.progress import MofNCompleteColumn, TextColumn
from rich.progress import Progress as RichProgress
from support.random_cases import examples
from tqdm import tqdm

from prismq_nb.capture.monitor.progress import Progress
from prismq_nb.capture.monitor.progress_bars import (
    MAX_DRAWINGS,
    MAX_SCANNED_BYTES,
    SCREEN_ROWS,
    ProgressBars,
)


def said(text: bytes, cuts: list[int]) -> Iterator[Progress]:
    """Progress reported by a supervisor for text in pieces, cut at `cuts`."""
    bars = ProgressBars()
    borders = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    for start, end in itertools.pairwise(borders):
        piece = text[start:end]
        whole = piece.rfind(b"\n") + 1
        found = [bars.feed(piece[:whole])] if whole else []
        found += [bars.feed(piece[whole:], unfinished=True)]
        yield from (progress for progress in found if progress is not None)


def every(text: bytes) -> list[Progress]:
    """Progress reported when each frame comes in one piece, as programs write them."""
    return list(said(text, [found.start() for found in re.finditer(rb"\n|\r", text)]))


def by_tqdm(draw: Callable[[dict], None]) -> bytes:
    file = io.StringIO()
    draw({"file": file, "mininterval": 0, "miniters": 1, "ncols": 80})
    return file.getvalue().encode()


def nested(options: dict) -> None:
    for _ in tqdm(range(4), desc="epochs", **options):
        for _ in tqdm(range(3), desc="parts", leave=False, **options):
            for _ in tqdm(range(5), desc="batches", leave=False, **options):
                pass


def test_the_outermost_of_three_nested_loops_counts():
    found = every(by_tqdm(nested))
    assert {progress.total for progress in found if progress.total} == {4}
    assert sorted(found, key=lambda progress: progress.percent) == found
    assert found[-1] == Progress(100.0, 4, 4)


@settings(max_examples=examples(60), deadline=None)
# the middle piece is longer than what is read of it, and the cursor moves up within it
@example(cuts=[2446, 7294])
@given(cuts=st.lists(st.integers(0, 1 << 20), max_size=200))
def test_the_outermost_loop_counts_from_start_to_end_whatever_the_pieces(
    cuts: list[int],
):
    found = list(said(by_tqdm(nested), cuts))
    assert found[-1] == Progress(100.0, 4, 4)
    percents = [progress.percent for progress in found]
    assert percents == sorted(percents)


def test_a_second_loop_counts_from_its_own_start_even_if_the_first_was_abandoned():
    def draw(options: dict) -> None:
        for number in tqdm(range(10), **options):
            if number == 3:
                break
        for _ in tqdm(range(7), **options):
            pass

    found = every(by_tqdm(draw))
    assert found[-1] == Progress(100.0, 7, 7)
    assert Progress(pytest.approx(300 / 7), 3, 7) in found


def test_lines_printed_through_a_bar_do_not_disturb_it():
    def draw(options: dict) -> None:
        for number in tqdm(range(10), **options):
            tqdm.write(f"item {number} is 50% of nothing", file=options["file"])

    found = every(by_tqdm(draw))
    assert [progress.done for progress in found if progress.total == 10][-1] == 10
    assert {progress.total for progress in found} == {10}


def test_rich_s_topmost_unfinished_task_counts():
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, width=100)
    with RichProgress(
        *RichProgress.get_default_columns(),
        MofNCompleteColumn(),
        TextColumn("of all"),
        console=console,
        auto_refresh=False,
    ) as bars:
        outer, inner = bars.add_task("files", total=3), bars.add_task("bytes", total=40)
        for _ in range(3):
            bars.reset(inner)
            for _ in range(40):
                bars.advance(inner)
                bars.refresh()
            bars.advance(outer)
            bars.refresh()
    found = every(file.getvalue().encode())
    assert [done for done, progress in enumerate(found) if progress.total == 40] == []
    assert [progress.done for progress in found if progress.total == 3][-1] == 3


def test_an_overwritten_bar_has_no_progress():
    bars = ProgressBars()
    bar = b"\r 10%|#         | 1/10 [00:01<00:09, 1.0it/s]"
    assert bars.feed(bar, unfinished=True) is not None
    assert bars.feed(b"\r\x1b[2K", unfinished=True) is None
    assert bars.feed(bar + b"\rno bar any more\n") is None
    assert bars.feed(b"100% sure\n") is None


def test_a_flood_costs_no_more_than_its_end():
    bars = ProgressBars()
    bar = b"\r 10%|#         | 1/10 [00:01<00:09, 1.0it/s]\n"
    assert bars.feed(b"50% of all\n" * 100_000 + bar) == Progress(10.0, 1, 10)
    assert bars.feed(bar + b"x\n" * MAX_SCANNED_BYTES) is None


def test_a_bar_in_two_pieces_is_one_bar():
    bars = ProgressBars()
    found = bars.feed(b"\r 10%|#         | 1/10 [00:01<00:09, 1.0it/s]\r 2", unfinished=True)
    assert found == Progress(10.0, 1, 10)
    found = bars.feed(b"0%|##        | 2/10 [00:02<00:08, 1.0it/s]", unfinished=True)
    assert found == Progress(20.0, 2, 10)
    assert bars.feed(b"\n") == Progress(20.0, 2, 10)


def test_the_rows_of_a_program_that_only_moves_up_are_bounded():
    bars = ProgressBars()
    for _ in range(1000):
        bars.feed(b"\x1b[A\r 10%|#         | 1/10 [00:01<00:09, 1.0it/s]", unfinished=True)
    assert len(bars._rows) <= 2 * SCREEN_ROWS + 1


SHAPES = {
    "drawings": b"1%|\r",
    "bars": b"\r 10%|#         | 1/10 [00:01<00:09, 1.0it/s]",
    "rows": b"\x1b[A",
    "far rows": b"\x1b[64A\x1b[64B",
    "returns": b"\r",
    "erasings": b"\x1b[K",
    "newlines": b"1%|#####|\n",
    "openings": b"\x1b[",
    "brackets": b"[",
    "heavy": "━".encode(),
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_a_bounded_number_of_frames_of_any_text_is_read(shape: bytes, monkeypatch):
    """Count the work of each reading: it does not grow with the size of the output."""
    read: list[int] = []
    monkeypatch.setattr(
        "prismq_nb.capture.monitor.progress_bars.parse", lambda text: read.append(len(text))
    )
    for size in (1 << 12, 1 << 16, 1 << 20):
        read.clear()
        bars = ProgressBars()
        bars.feed(b" 1%" + shape * (size // len(shape)))
        assert len(read) <= MAX_DRAWINGS + 1
        assert sum(read) <= MAX_SCANNED_BYTES + 8


def test_an_unfinished_line_is_read_once_however_often_progress_is_asked_for(monkeypatch):
    read: list[int] = []
    monkeypatch.setattr(
        "prismq_nb.capture.monitor.progress_bars.parse", lambda text: read.append(len(text))
    )
    bars, bar = ProgressBars(), b"\r 10%|#         | 1/10 [00:01<00:09, 1.0it/s]"
    for _ in range(1000):
        bars.feed(bar, unfinished=True)
    assert sum(read) <= 2 * 1000 * len(bar)


def heard(*pieces: bytes) -> list[float]:
    """Percentages reported for pieces, each read as it comes."""
    bars = ProgressBars()
    found = [bars.feed(piece, unfinished=not piece.endswith(b"\n")) for piece in pieces]
    return [round(progress.percent, 1) for progress in found if progress is not None]


@pytest.mark.parametrize(
    "line",
    [
        "[{}/200] Building x.o",
        "{} of 200 steps (1%) done",
        "[ {:2d}%] Building x.o",
        "loading ━━━━━━━━━━ {}%",
        "{}%|##   | {}/100 [00:01<00:02, 3it/s]",
    ],
)
def test_the_newest_of_consecutive_lines_counts(line: str):
    heights = heard(*(line.format(number, number).encode() + b"\n" for number in (10, 20, 30)))
    assert heights == sorted(set(heights))
    assert len(heights) == 3


def test_a_second_build_counts_from_its_own_start():
    assert [90.0, 5.0] == heard(b"[ 90%] Building a.o\n", b"gave up\n[10/200] Building b.o\n")


def test_a_frame_cut_within_its_count_leaves_the_one_before():
    assert [3.0, 3.0, 4.0] == heard(b"\r[==>     ] 3/100", b"\r[===>    ] 4/10", b"0")


def test_a_bar_of_another_total_counts_when_it_is_complete():
    assert [3.0, 3.0, 50.0] == heard(b"\r[==>     ] 3/100", b"\r[===>    ] 5/10", b"\r")


KERAS = "{:2d}/20 [{}>....] - ETA: 0s - loss: 0.5"
REDRAWS = {
    "returns": lambda _: "\r",
    "backspaces": lambda bar: "\b" * len(bar),
    "both": lambda bar: "\b" * len(bar) + "\r",
    "columns": lambda _: "\x1b[1G",
}


@pytest.mark.parametrize("back", REDRAWS.values(), ids=REDRAWS)
def test_the_bar_of_an_epoch_is_a_part_of_all_epochs(back: Callable[[str], str]):
    pieces = []
    for number in range(1, 4):
        pieces.append(f"Epoch {number}/3\n".encode())
        bar = ""
        for step in (5, 10, 20):
            before, bar = bar, KERAS.format(step, "=" * step)
            pieces.append((back(before) + bar).encode())
        pieces.append(b"\n")
    found = heard(*pieces)
    assert found == sorted(found)
    assert {0.0, 8.3, 16.7, 33.3, 41.7, 50.0, 66.7, 75.0, 83.3, 100.0} == set(found)


@pytest.mark.parametrize(
    ("percents", "lines"),
    [
        ([0.0, 50.0], ["Epoch 1/2", "Epoch 2/2"]),
        ([50.0, 100.0], ["Epoch 1/2, loss: 0.5", "Epoch 2/2, loss: 0.4"]),
        ([50.0, 100.0], ["Epoch [1/2] loss=0.5", "[Epoch 2/2] loss=0.4"]),
        (
            [25.0, 75.0],
            ["Epoch [1/2], Step [50/100], Loss: 0.5", "Epoch [2/2], Step [50/100], Loss: 0.4"],
        ),
    ],
)
def test_lines_of_epochs_count(percents: list[float], lines: list[str]):
    assert percents == heard(*(line.encode() + b"\n" for line in lines))


def test_an_epoch_inside_a_bar_of_epochs_is_reported_by_that_bar():
    bar = "\r{0}%|##   | {1}/4 [00:01<00:02, 3it/s]"
    assert {0.0, 25.0} == set(
        heard(
            bar.format(0, 0).encode(),
            b"\nEpoch 1/4\n",
            bar.format(25, 1).encode(),
            b"\nEpoch 2/4\n",
        )
    )


def test_the_first_unfinished_download_counts():
    row = "\r{} | 6.5 MB    | ####5      | {:3d}% "
    first, *others = [
        row.format("numpy-1.26.0        ", 100),
        row.format("scipy-1.11          ", 45),
        row.format("x-1                 ", 20),
    ]
    drawn = [first] + [
        "\n" * down + other + "\x1b[A" * down for down, other in enumerate(others, 1)
    ]
    assert [45.0, 45.0] == heard(*(frame.encode() for frame in drawn))[1:]


def test_a_bar_that_stays_at_the_bottom_of_the_screen_counts():
    bar = "\x1b7\x1b[40;0f\x1b[42m\x1b[30mProgress: [{:3d}%]\x1b[49m\x1b[39m [####....] \x1b8"
    assert [10.0, 20.0] == heard(
        b"Setting up x\n" + bar.format(10).encode(), b"Setting up y\n" + bar.format(20).encode()
    )
