"""Several bars at once, as tqdm and rich draw them, whatever pieces their bytes come in."""

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
from tqdm import tqdm

from prismq_nb.capture.bars import LOOKED_AT, Bars
from prismq_nb.capture.progress import Progress


def said(text: bytes, cuts: list[int]) -> Iterator[Progress]:
    """What a supervisor hears when the text comes in pieces, cut where `cuts` say."""
    bars, held = Bars(), b""
    borders = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    for start, end in itertools.pairwise(borders):
        held += text[start:end]
        whole = held.rfind(b"\n") + 1
        found = [bars.stored(held[:whole], held.count(b"\n"))] if whole else []
        held = held[whole:]
        yield from (progress for progress in (*found, bars.pending(held)) if progress is not None)


def every(text: bytes) -> list[Progress]:
    """What it hears when each drawing comes in one piece, as programs write them."""
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


def test_of_three_nested_loops_the_outermost_counts():
    found = every(by_tqdm(nested))
    assert {progress.total for progress in found if progress.total} == {4}
    assert sorted(found, key=lambda progress: progress.percent) == found
    assert found[-1] == Progress(100.0, 4, 4)


@settings(max_examples=60, deadline=None)
@example(cuts=[2446, 7294])  # the piece between is longer than what is looked at, and the cursor goes up in it
@given(cuts=st.lists(st.integers(0, 1 << 20), max_size=200))
def test_however_the_bytes_come_the_outermost_loop_counts_from_its_start_to_its_end(cuts: list[int]):
    found = list(said(by_tqdm(nested), cuts))
    assert found[-1] == Progress(100.0, 4, 4)
    percents = [progress.percent for progress in found]
    assert percents == sorted(percents)


def test_a_loop_after_another_counts_from_its_own_start_even_if_the_first_was_left():
    def draw(options: dict) -> None:
        for number in tqdm(range(10), **options):
            if number == 3:
                break
        for _ in tqdm(range(7), **options):
            pass

    found = every(by_tqdm(draw))
    assert found[-1] == Progress(100.0, 7, 7)
    assert Progress(pytest.approx(300 / 7), 3, 7) in found


def test_lines_printed_through_the_bar_do_not_disturb_it():
    def draw(options: dict) -> None:
        for number in tqdm(range(10), **options):
            tqdm.write(f"item {number} is 50% of nothing", file=options["file"])

    found = every(by_tqdm(draw))
    assert [progress.done for progress in found if progress.total == 10][-1] == 10
    assert {progress.total for progress in found} == {10}


def test_rich_s_topmost_unfinished_task_counts():
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, width=100)
    with RichProgress(*RichProgress.get_default_columns(), MofNCompleteColumn(), TextColumn("of all"), console=console, auto_refresh=False) as bars:
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


def test_a_bar_that_was_written_over_is_gone():
    bars = Bars()
    assert bars.pending(b"\r 10%|#         | 1/10 [00:01<00:09, 1.0it/s]") is not None
    assert bars.pending(b"\r 10%|#         | 1/10 [00:01<00:09, 1.0it/s]\r\x1b[2K") is None
    bars.stored(b"\r 10%|#         | 1/10 [00:01<00:09, 1.0it/s]\rno bar any more\n", 1)
    assert bars.stored(b"100% sure\n", 1) is None


def test_a_flood_costs_no_more_than_its_end():
    bars = Bars()
    bar = b"\r 10%|#         | 1/10 [00:01<00:09, 1.0it/s]\n"
    assert bars.stored(b"50% of all\n" * 100_000 + bar, 100_001) == Progress(10.0, 1, 10)
    assert bars.stored(bar + b"x\n" * LOOKED_AT, LOOKED_AT + 1) is None
