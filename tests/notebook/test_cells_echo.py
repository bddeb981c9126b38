"""Watched cells in a console: it shows what it shows of any cell, and a line that names the run."""

from __future__ import annotations

import re

import pytest
from support.kernel import Kernel, running

pytestmark = pytest.mark.slow  # a kernel

PRINTS = "print('printed')\nprint('more', 1)\n"
CELLS = {
    "result": (f"{PRINTS}40 + 2", ["printed", "more 1", "[result] 42"]),
    "nothing": (f"{PRINTS};", ["printed", "more 1"]),
    "error": (f"{PRINTS}1 / 0", ["printed", "more 1", "Traceback (most recent call last):"]),
    "display": (
        "from IPython.display import HTML, display\nprint('a'); display(HTML('b')); print('c')",
        ["a", "[displayed: HTML]", "c"],
    ),
}


@pytest.fixture(scope="module")
def console(tmp_path_factory):
    with running(tmp_path_factory.mktemp("console")) as kernel:
        kernel.run("import os; del os.environ['JPY_SESSION_NAME']")
        yield kernel


@pytest.mark.parametrize(("code", "log"), CELLS.values(), ids=list(CELLS))
def test_a_console_shows_a_watched_cell_as_any_other(console: Kernel, code, log):
    plain, watched = console.run(code), console.run(f"%%watch\n{code}")
    named = re.fullmatch(r"prismq_nb: watched as (run_\S+)\n", watched.streams["stderr"])
    assert named is not None
    assert plain.streams == {**watched.streams, "stderr": ""}
    assert (plain.shown, plain.error) == (watched.shown, watched.error)
    last = ["execute_result", "error"]
    assert [kind for kind in plain.order if kind in last] == watched.order[-1:] or not (
        {*last} & {*plain.order}
    )
    console.ended(named[1])
    assert log == console.log(named[1])[: len(log)]


def test_a_cell_that_is_watched_from_the_middle_is_shown_once(console: Kernel):
    console.run("import time\n%watch on --after 0.2")
    shown = console.run("print('early'); time.sleep(0.5); print('late')\n7")
    console.run("%watch off")
    assert "early\nlate\n" == shown.streams["stdout"]
    assert "execute_result" == shown.order[-1]
    (run_id,) = re.findall(r"run_\S+", shown.streams["stderr"])
    console.ended(run_id)
    assert ["early", "late", "[result] 7"] == console.log(run_id)
