"""Progress bars as programs draw them, and prose without progress."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prismq_nb.capture.monitor.progress import MAX_PARSED_CHARS, Progress, parse

BARS = {
    "tqdm": (Progress(45.0, 45, 100), " 45%|████▌     | 45/100 [00:01<00:02, 30.1it/s]"),
    "tqdm ascii": (Progress(45.0, 45, 100), " 45%|####5     | 45/100 [00:01<00:02, 30.1it/s]"),
    "tqdm with a name": (
        Progress(10.0, 1, 10),
        "train (1/3): 10%|#         | 1/10 [00:01<00:09,  1.00s/it, loss=0.5, acc=99%]",
    ),
    "tqdm at its start": (Progress(0.0, 0, 10), "  0%|          | 0/10 [00:00<?, ?it/s]"),
    "tqdm at its end": (Progress(100.0, 10, 10), "100%|██████████| 10/10 [00:00<00:00, 99.9it/s]"),
    "tqdm is exact where it can be": (
        Progress(1 / 3 * 100, 1, 3),
        " 33%|███▎      | 1/3 [00:00<00:00, 2.00it/s]",
    ),
    "tqdm of hours": (Progress(50.0, 5, 10), " 50%|█████     | 5/10 [1:00:01<1:00:01, 720.00s/it]"),
    "tqdm in thousands": (
        Progress(12.0, 1200, 10_000),
        " 12%|█▏        | 1.20k/10.0k [00:01<00:07, 1.20kit/s]",
    ),
    "tqdm in bytes": (
        Progress(1.0, 12_000_000, 1_000_000_000),
        "  1%|          | 12.0M/1.00G [00:01<01:22, 12.0MB/s]",
    ),
    "tqdm of a hub": (
        Progress(45.0, 450_000_000, 1_000_000_000),
        "model.safetensors:  45%|████▌     | 450M/1.00G [00:10<00:12, 45.0MB/s]",
    ),
    "tqdm without a total": (Progress(None, 123, None), "123it [00:01, 99.9it/s]"),
    "tqdm without a total, in thousands": (
        Progress(None, 1230, None),
        "rows: 1.23kit [00:01, 99.9it/s]",
    ),
    "tqdm without a percentage": (Progress(45.0, 45, 100), "45/100 [00:01<00:02, 30.1it/s]"),
    "tqdm redrawn": (
        Progress(20.0, 2, 10),
        (
            "\r 10%|#         | 1/10 [00:01<00:09, 1.0it/s]\r 20%|##        | 2/10 [00:02<00:08,"
            " 1.0it/s]"
        ),
    ),
    "tqdm, nested": (
        Progress(50.0, 1, 2),
        (
            "outer: 10%|#  | 1/10 [00:01<00:09, 1.0it/s]\n\rinner: 50%|##  | 1/2 [00:02<00:08,"
            " 1.0it/s]\x1b[A"
        ),
    ),
    "tqdm coloured": (
        Progress(10.0, 1, 10),
        " 10%|\x1b[32m█         \x1b[0m| 1/10 [00:01<00:09, 1.0it/s]",
    ),
    "tqdm with a unit": (
        Progress(50.0, 5, 10),
        " 50%|█████     | 5/10 files [00:01<00:01, 4.0 files/s]",
    ),
    "tqdm, figures cut": (Progress(45.0, None, None), " 45%|####5     |"),
    "rich": (
        Progress(45.0, None, None),
        "Working... ━━━━━━━━━━━━━━━━━━╸━━━━━━━━━━━━━━━━━━━━━  45% 0:00:12",
    ),
    "rich at its end": (
        Progress(100.0, None, None),
        "Working... ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ 100% 0:00:00",
    ),
    "rich with counts": (
        Progress(45.0, 45, 100),
        "Working... ━━━━━━━━━━━━━━╸━━━━━━━━━━━━━━━━━━━━━━━━━ 45/100 0:00:12",
    ),
    "rich with both": (
        Progress(45.0, 45, 100),
        "Working... ━━━━━━━━━━━━━━╸━━━━━━━━━━━━━━━━━━━━━━━━━  45% 45/100 0:00:12",
    ),
    "rich coloured": (
        Progress(45.0, None, None),
        (
            "\x1b[?25lWork \x1b[38;5;197m━━━━━╸\x1b[0m\x1b[38;5;237m━━━━\x1b[0m \x1b[35m 45%\x1b[0m"
            " \x1b[36m0:00:12\x1b[0m"
        ),
    ),
    "pip": (
        Progress(1.2 / 10.5 * 100, 1_200_000, 10_500_000),
        "   ━━━━━╸━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ 1.2/10.5 MB 3.4 MB/s eta 0:00:03",
    ),
    "pip in kB": (
        Progress(50.0, 50_000, 100_000),
        "     ━━━━━━━━━━━━━━━━━━━━╸━━━━━━━━━━━━━━━━━━━ 50.0/100.0 kB 3.4 MB/s eta 0:00:01",
    ),
    "pip of old": (
        Progress(45.0, None, None),
        "     |██████████████                  | 10.2MB 3.4MB/s eta 0:00:03  45%",
    ),
    "blocks": (Progress(45.0, None, None), "Loading ██████████░░░░░░░░░░ 45%"),
    "equals signs": (Progress(45.0, None, None), "[=========>          ] 45%"),
    "keras": (Progress(10.0, 1, 10), "1/10 [==>...........................] - ETA: 0s - loss: 0.5"),
}


@pytest.mark.parametrize(("expected", "text"), BARS.values(), ids=BARS)
def test_a_bar_has_its_percentage(expected: Progress, text: str) -> None:
    found = parse(text)
    assert found is not None
    assert (expected.done, expected.total) == (found.done, found.total)
    assert found.percent == (None if expected.percent is None else pytest.approx(expected.percent))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "100% sure",
        "I am 100% sure of 3/4 of the files",
        "45/100",
        "1/2 [x]",
        "2024/01/02 10:00:00 [warn] careful",
        "[2024-01-02 10:00:00] 45%",
        "cpu 45% | mem 30% | disk 1/2",
        "| 45% | 30% |",
        "----------",
        "==========",
        "==== 45% ====",
        "# 45% #",
        "http://x/45%20a",
        "loss 0.45% [1/2]",
        "150%|##########| 150/100 [00:01<00:02, 30.1it/s]",
        "Epoch 1/10",
    ],
)
def test_prose_has_no_progress(text: str) -> None:
    assert parse(text) is None


def test_only_the_end_is_read() -> None:
    bar = BARS["tqdm"][1]
    assert parse("x" * 10_000_000 + "\r" + bar) == BARS["tqdm"][0]
    assert parse(bar + " " + "x" * MAX_PARSED_CHARS) is None


@given(text=st.text(st.sampled_from("0123456789%|/[]<:, .#=>kMGBits█━╸\r\n\x1bm-"), max_size=120))
def test_any_text_gives_plausible_figures(text: str) -> None:
    found = parse(text)
    if found is not None:
        assert found.percent is None or 0 <= found.percent <= 100
        assert found.percent is not None or found.done is not None


@given(done=st.integers(0, 10_000), total=st.integers(1, 10_000))
def test_counts_of_tqdm_round_trip(done: int, total: int) -> None:
    done = min(done, total)
    text = f"x: {100 * done // total:3d}%|{'#' * 10}| {done}/{total} [00:01<00:02, 3.0it/s]"
    assert parse(text) == Progress(100 * done / total, done, total)


@pytest.mark.parametrize(
    "text",
    [
        "1" * 600,
        "━" * 600,
        "█ " * 300,
        "1/" * 300,
        "[=" * 300,
        "\x1b[" * 300,
        "1%|" * 200,
        "1/1 [1:" * 100,
        "|" * 600,
    ],
)
def test_hostile_text_costs_little(text: str) -> None:
    start = time.thread_time()  # processor time, which does not depend on other processes
    parse(text)
    assert time.thread_time() - start < 0.05
