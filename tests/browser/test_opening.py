"""The height of a viewer from the first moment of its cell on, in the real applications."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

LAB_IS_ENOUGH = True  # Notebook 7 has the same outputs; with --whole it is tested too

LAUNCH = "import prismq_nb\nrun = prismq_nb.launch(code={code!r})\nrun"
LOGS = {
    "short": "for i in range(3): print('line', i)",
    "empty": "pass",
    "long": "for i in range(500): print('line', i, 'and ' * 60)",
}
STREAM = re.compile("/api/runs/stream")
TRACE = """() => {
    window.heights = [];
    const look = () => {
        if (!window.heights) return;
        const root = document.querySelector('.prismq-output');
        const height = root ? root.offsetHeight : 0;
        if (height && height !== window.heights.at(-1)) window.heights.push(height);
        requestAnimationFrame(look);
    };
    look();
}"""
RESTS = """() => new Promise(done => {
    let [count, frames] = [window.heights.length, 0];
    const look = () => {
        frames = window.heights.length === count ? frames + 1 : 0;
        count = window.heights.length;
        if (frames <= 60) requestAnimationFrame(look);
        else { done(window.heights); window.heights = null; }
    };
    look();
})"""
"""The heights, when they do not change any more; no more are noted then."""


@pytest.mark.parametrize("log", LOGS)
def test_a_cell_never_shrinks_while_its_viewer_opens(jupyter, log):
    jupyter.open(f"opening-{log}.ipynb", LAUNCH.format(code=LOGS[log]))
    jupyter.page.evaluate(TRACE)
    jupyter.run_all()
    jupyter.wait_state("completed")
    expect(
        jupyter.viewer().locator(".prismq-row-end, .prismq-empty:not([hidden])").first
    ).to_be_visible()
    heights = jupyter.page.evaluate(RESTS)
    assert heights == sorted(heights)
    if log != "long":
        assert len(heights) == 1  # its place was kept from the beginning
    jupyter.screenshot(f"opening-{log}")


def test_a_cell_keeps_its_height_while_its_log_is_not_available_yet(jupyter):
    saved(jupyter, "away.ipynb", LOGS["long"])
    refused = []

    def refuse(route):
        refused.append(route.request.url)
        if len(refused) > 2:
            route.continue_()
        else:
            route.fulfill(status=503)

    jupyter.page.route(STREAM, refuse)
    jupyter.goto(jupyter.name, TRACE)
    jupyter.wait_state("completed")
    heights = jupyter.page.evaluate(RESTS)
    assert len(refused) > 2
    assert len(heights) == 1, heights


@pytest.mark.parametrize("log", LOGS)
def test_a_reopened_notebook_keeps_the_height(jupyter, log):
    saved(jupyter, f"again-{log}.ipynb", LOGS[log])
    jupyter.goto(jupyter.name, TRACE)
    jupyter.wait_state("completed")
    heights = jupyter.page.evaluate(RESTS)
    assert len(heights) == 1, heights


def saved(jupyter, name, code):
    """A notebook on disk with a run that has ended."""
    jupyter.open(name, LAUNCH.format(code=code))
    jupyter.run_all()
    jupyter.wait_state("completed")
    bundle = "content.widgets[0].model.outputs.get(0).data['application/vnd.prismq.run+json']"
    jupyter.page.wait_for_function(f"() => window.jupyterapp.shell.currentWidget.{bundle}.px > 0")
    jupyter.notebook("context.save()")
