"""The cost of an idle page: it draws only what changes with time."""

from __future__ import annotations

import time

import pytest
import requests
from support.jupyter_process import until
from support.waiting import WAIT_SECONDS

LINES = 60
QUIET = f"""
import time
for i in range({LINES}):
    print('INFO: ready', i, flush=True)
    time.sleep(0.05)
time.sleep(100_000)
"""
"""Long enough for a timeline."""
COUNT = """() => {
    globalThis.seen = {frames: 0, pictures: 0, nodes: 0, figures: []};
    const { seen } = globalThis;
    const ask = requestAnimationFrame;
    globalThis.requestAnimationFrame = callback => (seen.frames++, ask(callback));
    const clear = CanvasRenderingContext2D.prototype.clearRect;
    CanvasRenderingContext2D.prototype.clearRect = function (...box) {
        seen.pictures++;
        clear.apply(this, box);
    };
    const root = document.querySelector('.prismq-root');
    const watch = new MutationObserver(records => {
        for (const { type, target } of records) {
            if (type === 'childList' && target.matches('.prismq-elapsed')) seen.nodes++;
            if (type === 'characterData') seen.figures.push(target.data);
        }
    });
    watch.observe(root, {subtree: true, childList: true, characterData: true});
}"""
UNASKED = """() => {
    const every = setInterval;
    globalThis.setInterval = (act, ms, ...rest) => ms === 20_000 ? 0 : every(act, ms, ...rest);
}"""
"""The server is not asked after a silence of 20 s: by the page's clock it never answers in time."""
SETTLED = """lines => {
    const root = document.querySelector('.prismq-root');
    return root?.dataset.link === 'live' && Number(root.dataset.lines) === lines
        && root.querySelector('.prismq-time-plot').hasAttribute('aria-valuetext');
}"""
"""All lines are there, and the timeline is drawn."""


@pytest.fixture
def quiet(run_page):
    """The page of a run that prints nothing more; its clock advances only where a test says so."""
    page, server = run_page.page, run_page.server
    run_id = run_page.start(QUIET)

    def counted():
        url = f"{server.url}api/runs/{run_id}"
        run = requests.get(url, headers=server.headers, timeout=WAIT_SECONDS).json()
        return run["lines"] == LINES and run["levels"]["complete"] and run["memory_bytes"]

    until(counted, "all lines and their levels")
    page.clock.install()
    page.add_init_script(f"({UNASKED})()")
    page.clock.pause_at(time.time() + 3600)
    run_page.open()
    until(lambda: page.clock.run_for(20) or page.evaluate(SETTLED, LINES), "a viewer at rest")
    return run_page


def pass_time(run_page, seconds):
    """As long as the stream may be silent: its own clock is not accelerated."""
    run_page.page.clock.run_for(1000 * seconds)
    return run_page.page.evaluate("globalThis.seen")


def test_an_untouched_page_draws_a_figure_now_and_then(quiet):
    pass_time(quiet, 21)
    quiet.page.evaluate(COUNT)
    seen = pass_time(quiet, 20)
    assert len(seen["figures"]) == 4, "how long it has taken: each 5 s"
    assert seen["nodes"] == 0, "else the toolbar is looked through, and laid out, for each figure"
    # The timeline, which grows: every 10 s, in one frame each; updates of the run may come.
    assert seen["pictures"] <= 3
    assert seen["frames"] <= 3


def test_while_a_user_is_there_each_second_counts(quiet):
    quiet.page.evaluate(COUNT)
    quiet.page.mouse.move(300, 300)
    quiet.page.mouse.move(310, 300)
    seen = pass_time(quiet, 10)
    assert len(set(seen["figures"])) >= 9
