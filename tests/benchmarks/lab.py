"""What the extension costs JupyterLab at its start, and its panel with many runs.

    python tests/benchmarks/lab.py [--rounds 5] [--runs 10000] [--json FILE]

A real JupyterLab and Chromium, on a data directory with that many ended runs. Each round loads
JupyterLab anew. The start is measured as the time that the browser's sampling profiler finds in the
extension's scripts until all of it is there; the peer in the same run is the time in all scripts.
Then, in ms: from the command that shows the panel to its first rows, with the scripts that it loads
first; and from the launch of a run to its row, beside the answer to that launch.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from common import arguments, median, report, workspace

# isort: split
# `common` makes the others importable.
from browser.jupyter_page import JupyterPage
from browser.shared import application_server
from playwright.sync_api import Browser, sync_playwright
from support import many_runs
from support.jupyter_process import JupyterProcess
from support.programs import CHROMIUM_OPTIONS, chromium

OURS = "/extensions/prismq-nb/static/"
FIRST = OURS + "remoteEntry."
"""The script that JupyterLab waits for; the other one is loaded when the layout is there."""
SAMPLE_MICROSECONDS = 200
STARTED = "() => window.jupyterapp?.commands?.hasCommand('prismq:stop-all-runs')"
"""The last thing that the extension adds."""
SHOW = """async () => {
    const begin = performance.now();
    await window.jupyterapp.commands.execute('prismq:show-runs');
    await new Promise(resolve => {
        const look = () => document.querySelector('#prismq-runs [data-run]')
            ? resolve() : requestAnimationFrame(look);
        look();
    });
    return performance.now() - begin;
}"""


def start(
    browser: Browser, server: JupyterProcess, folder: Path
) -> tuple[JupyterPage, list[float]]:
    """Load JupyterLab; also the ms in the script it waits for, in all of ours, and in all."""
    page = JupyterPage(browser.new_page(), server, folder)
    profiler = page.page.context.new_cdp_session(page.page)
    profiler.send("Profiler.enable")
    profiler.send("Profiler.setSamplingInterval", {"interval": SAMPLE_MICROSECONDS})
    profiler.send("Profiler.start")
    page.page.goto(f"{server.url}lab?reset&token={server.token}")
    page.page.wait_for_function(STARTED)
    profile = profiler.send("Profiler.stop")["profile"]
    frames = {node["id"]: node["callFrame"] for node in profile["nodes"]}
    spent = [0.0, 0.0, 0.0]
    for node, microseconds in zip(profile["samples"], profile["timeDeltas"], strict=True):
        url, name = frames[node]["url"], frames[node]["functionName"]
        counts = FIRST in url, OURS in url, name not in ("(idle)", "(program)")
        spent = [ms + microseconds / 1000 * on for ms, on in zip(spent, counts, strict=True)]
    return page, spent


def seconds_until_shown(page: JupyterPage, name: str) -> tuple[float, float]:
    """Seconds of the request that launches a run, and from its answer to the row of the run."""
    begin = time.perf_counter()
    run_id = page.start_run("pass", name=name)
    launched = time.perf_counter()
    page.page.wait_for_selector(f"#prismq-runs [data-run='{run_id}']")
    return launched - begin, time.perf_counter() - launched


def measure(
    browser: Browser, server: JupyterProcess, folder: Path, rounds: int
) -> list[dict[str, Any]]:
    """All figures; the first round warms the server and the browser's cache."""
    times: dict[str, list[float]] = {}
    for number in range(rounds + 1):
        page, spent = start(browser, server, folder)
        first_script, ours, everything = spent
        first = page.page.evaluate(SHOW)
        request, shown = seconds_until_shown(page, f"launched-{number}")
        page.page.close()
        if number:
            for what, value in (
                ("start: the script that JupyterLab waits for", first_script),
                ("start: all scripts of the extension", ours),
                ("start: all scripts", everything),
                ("panel: command to first rows, scripts loaded", first),
                ("launch of a run: answer", request * 1000),
                ("launch of a run: from the answer to its row", shown * 1000),
            ):
                times.setdefault(what, []).append(value)
    return [
        {"what": what, "median ms": median(ms), "worst ms": max(ms)} for what, ms in times.items()
    ]


def main() -> None:
    """Measure and report."""
    options = arguments(__doc__, rounds=5, runs=10_000)
    with workspace() as folder, sync_playwright() as playwright:
        home = folder / "home"
        many_runs.make(home / "data", options.runs)
        many_runs.settle(home / "data")
        server = application_server(home, "jupyterlab", "", "--PrismQApp.keep_runs=0")
        try:
            browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_OPTIONS)
            rows = measure(browser, server, folder, options.rounds)
            browser.close()
        finally:
            server.end_runs()
            server.stop()
    report(f"JupyterLab with {options.runs:,} runs", rows, options.json)


if __name__ == "__main__":
    main()
