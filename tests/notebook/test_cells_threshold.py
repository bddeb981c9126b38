"""Cells under ``%watch on`` that end about when they would be watched: whole and in order."""

from __future__ import annotations

import ast
import random
from datetime import datetime, timedelta

import pytest
from support.kernel import RUN, Kernel, Outcome, running

pytestmark = pytest.mark.slow  # a kernel

AFTER_SECONDS, AROUND_SECONDS = 0.12, 0.03
CELLS = 8
ENDS = {
    "result": "'the end'",
    "error": "1 / 0",
    "nothing": "",
}
WAYS = {
    "print": "    print(n, end=''); print()\n",
    "child": "    os.write(1, b'%d\\n' % n)\n",
}


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    with running(tmp_path_factory.mktemp("threshold")) as kernel:
        kernel.run(f"import os, time\n%watch on --after {AFTER_SECONDS}")
        yield kernel


def cell(way: str, end: str, seconds: float) -> str:
    """A cell that counts for some time."""
    return (
        f"over, n = time.perf_counter() + {seconds}, 0\n"
        f"while time.perf_counter() < over:\n{WAYS[way]}    n += 1; time.sleep(0.001)\n{ENDS[end]}"
    )


def numbers(text: str) -> list[int]:
    return [int(line) for line in text.splitlines() if line.isdigit()]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("end", ENDS)
def test_a_cell_that_ends_at_the_threshold_is_whole_and_in_order(kernel: Kernel, way, end):
    for _ in range(CELLS):
        seconds = AFTER_SECONDS + random.uniform(-AROUND_SECONDS, AROUND_SECONDS)
        shown = kernel.run(cell(way, end, seconds))
        count = kernel.run("print(n)").streams["stdout"]
        expected = list(range(int(count)))
        last = {"result": ["execute_result"], "error": ["error"], "nothing": []}[end]
        if not shown.runs:
            assert (expected, last) == (numbers(shown.streams["stdout"]), ends(shown))
            continue
        (run_id,) = shown.runs
        run = kernel.ended(run_id)
        assert expected == numbers("\n".join(kernel.log(run_id)))
        assert ["display_data", *last] == ends(shown)
        assert ("failed" if end == "error" else "completed") == run.status
        assert seconds - 0.02 <= (run.duration_seconds or 0)  # from its beginning


def ends(shown: Outcome) -> list[str]:
    """What the cell showed after the last of its text."""
    return [kind for kind in shown.order if kind != "stream"] if is_text_first(shown) else ["?"]


def is_text_first(shown: Outcome) -> bool:
    kinds = shown.order
    texts = kinds.count("stream")
    return kinds[:texts] == ["stream"] * texts


def test_what_was_printed_before_the_viewer_has_its_own_times(kernel: Kernel):
    shown = kernel.run("print('early'); time.sleep(0.3); print('late')")
    (run_id,) = shown.runs
    kernel.ended(run_id)
    code = f"[line.timestamp for line in prismq_nb.get({run_id!r}).logs()]"
    (texts,) = kernel.run(f"import prismq_nb\n{code}").shown
    early, late = map(datetime.fromisoformat, ast.literal_eval(texts["text/plain"]))
    assert timedelta(seconds=0.25) < late - early < timedelta(seconds=5)


def test_what_was_printed_before_a_watched_block_comes_before_its_viewer(kernel: Kernel):
    shown = kernel.run("import prismq_nb\nprint('before')\nwith prismq_nb.watch():\n    print(1)")
    assert ["stream", "display_data"] == shown.order
    assert "before\n" == shown.streams["stdout"]
    assert RUN in shown.shown[0]


def test_a_thousand_lines_that_appear_in_the_cell_come_before_the_viewer(kernel: Kernel):
    shown = kernel.run("for n in range(1500): print(n)\nn")
    assert ["display_data", "execute_result"] == ends(shown)
