"""Watched cells in a notebook, as people see them: live below the cell, and kept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from browser.jupyter_page import JupyterPage
from playwright.sync_api import Browser, Locator, expect
from support.jupyter_process import until

OLDEST_TOO = True
MIME_TYPE = "application/vnd.prismq.run+json"
SMALL_BYTES = 100_000
WAITS = """\
import pathlib, time
while not pathlib.Path("{0}").exists(): time.sleep(0.02)
pathlib.Path("{0}").unlink()
"""
TRAIN = """\
%%watch --name training
import numpy as np
from tqdm import tqdm
data, weights = np.random.default_rng(0).normal(size=(1000, 20)), np.zeros(20)
for epoch in tqdm(range(40), desc="epoch"):
    weights += data.mean(axis=0) / (epoch + 1)
    print(f"epoch {epoch} loss={float(np.square(weights).sum()):.5f}")
    if epoch == 19:
"""
TRAIN += "".join(f"        {line}\n" for line in WAITS.format("go").splitlines())
TRAIN += "print('trained', weights.shape)"


def cell(page: JupyterPage, number: int) -> Locator:
    return page.page.locator(".jp-CodeCell").nth(number)


def outputs(page: JupyterPage, number: int) -> Locator:
    return cell(page, number).locator(".jp-OutputArea-output")


def go(page: JupyterPage, name: str = "go") -> None:
    """Let what waits go on, and wait until it has seen that."""
    path = page.server.root_dir / name
    path.touch()
    until(lambda: not path.exists(), f"{name} is seen")


def saved(page: JupyterPage, name: str, number: int) -> dict[str, Any]:
    """The output of a cell on disk that shows its run."""
    found = page.read(name)["cells"][number]["outputs"]
    return next(output["data"] for output in found if MIME_TYPE in output.get("data", {}))


def plain(page: JupyterPage, name: str, number: int) -> str:
    return "".join(saved(page, name, number)["text/plain"])


def test_a_loop_is_live_below_its_cell_while_it_runs_and_is_saved(jupyter):
    jupyter.open("loop.ipynb", "import prismq_nb", TRAIN, "weights.shape")
    jupyter.run_all()
    jupyter.wait_lines(20)
    expect(cell(jupyter, 1).locator(".jp-InputPrompt")).to_have_text("[*]:")
    viewer = jupyter.viewer()
    expect(cell(jupyter, 1).locator(".prismq-root")).to_have_count(1)
    expect(viewer).to_contain_text("epoch 19 loss=")
    expect(viewer.get_by_role("progressbar").first).to_be_visible()
    viewer.scroll_into_view_if_needed()
    jupyter.screenshot("cell-loop-running")
    go(jupyter)
    jupyter.wait_state("completed")
    expect(outputs(jupyter, 2)).to_have_text("(20,)")
    jupyter.wait_lines(41)
    expect(outputs(jupyter, 1)).to_have_count(1)
    jupyter.screenshot("cell-loop-ended")
    until(lambda: [jupyter.save(), "trained (20,)" in plain(jupyter, "loop.ipynb", 1)][1], "text")
    assert plain(jupyter, "loop.ipynb", 1).startswith("training: completed")
    assert len((jupyter.server.root_dir / "loop.ipynb").read_bytes()) < SMALL_BYTES


LONG = f"""\
%%watch --name long
print("first half")
{WAITS.format("go")}
print("second half")
{WAITS.format("end")}
print("the end")
"""


@pytest.mark.lab_is_enough
@pytest.mark.parametrize("is_saved", [True, False])
def test_a_tab_that_is_opened_again_goes_on_where_the_run_is(
    jupyter: JupyterPage, browser: Browser, is_saved: bool
):
    name = f"again-{is_saved}.ipynb"
    jupyter.open(name, "import prismq_nb", LONG, "after = 'all'")
    jupyter.run_all()
    jupyter.wait_lines(1)
    if is_saved:
        jupyter.save()
    run_id = jupyter.viewer().get_attribute("data-run")
    jupyter.page.goto("about:blank")
    go(jupyter)
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    other = JupyterPage(context.new_page(), jupyter.server, jupyter._screenshots)
    try:
        other.goto(name)
        other.wait_lines(2)
        assert other.viewer().get_attribute("data-run") == run_id
        other.screenshot(f"cell-opened-again-{is_saved}")
        go(jupyter, "end")
        other.wait_state("completed")
        other.wait_lines(3)
        until(lambda: [other.save(), "the end" in plain(other, name, 1)][1], "the text")
        assert json.dumps(other.read(name)).count(MIME_TYPE) == 1
        other.python_until("after", "all")
        assert [error for error in other.errors if "prismq" in error.lower()] == []
    finally:
        context.close()
