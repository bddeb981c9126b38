"""The cost of an idle page: ten viewers of ten quiet runs, in a real Chromium.

    python tests/benchmarks/idle.py [--viewers 10] [--seconds 60] [--settle 90] [--json FILE]

Processor time of the browser's processes, of the Jupyter server and of the runs' supervisors, in
percent of one core, beside that of the same page and server without a viewer. What the viewers cost
is the difference, once the page was left alone for `--settle` seconds: what moves only at first has
come to rest, and figures tick seldom. Supervisors work with or without them; the programs that are
run are not counted.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import psutil
from common import arguments, report, workspace

# isort: split
# `common` makes the others importable.
from browser.run_page import RunPage
from playwright.sync_api import sync_playwright
from support.jupyter_process import JupyterProcess
from support.programs import CHROMIUM_OPTIONS, chromium

LINES = 200
QUIET = f"""import time
for i in range({LINES}):
    print('INFO: ready', i, flush=True)
    time.sleep(0.02)
time.sleep(100_000)"""
"""Long enough for a time line."""
MOUNT = """runs => {
    document.body.replaceChildren();
    const { mountRun } = globalThis[Symbol.for('prismq_nb.viewer.v1')];
    for (const run_id of runs) mountRun(document.body, {run_id, options: {height: 240}});
}"""
SETTLED = """([viewers, lines]) => {
    const roots = [...document.querySelectorAll('.prismq-root[data-link=live]')];
    return roots.length === viewers && roots.every(root => Number(root.dataset.lines) === lines);
}"""


def spent(processes: list[psutil.Process]) -> float:
    """Seconds of processor time of these processes until now."""
    times = [process.cpu_times() for process in processes]
    return sum(one.user + one.system for one in times)


def browser_processes() -> list[psutil.Process]:
    """The processes below this one; Playwright's driver does not belong to the browser."""
    return [
        one for one in psutil.Process().children(recursive=True) if "chrom" in one.name().lower()
    ]


def kind(process: psutil.Process) -> str:
    """The purpose of a process of the browser."""
    words = process.cmdline()
    types = [word.removeprefix("--type=") for word in words if word.startswith("--type=")]
    return f"browser: {types[0]}" if types else "browser: main"


def supervisors(server: JupyterProcess) -> list[psutil.Process]:
    """The supervisors of all runs: the children of the server."""
    return psutil.Process(server.process.pid).children() if server.process else []


def idle(
    server: JupyterProcess,
    page: RunPage,
    viewers: int,
    seconds: float,
    settle: float,
) -> list[dict[str, Any]]:
    """Percent of a core with and without viewers, by kind of process."""
    runs = [page.start(QUIET, name=f"quiet {number}") for number in range(viewers)]
    page.open()
    page.wait_lines(LINES)
    page.page.evaluate(MOUNT, runs)
    page.page.wait_for_function(SETTLED, arg=[viewers, LINES])
    page.page.wait_for_timeout(settle * 1000)
    with_viewers = percents(server, seconds)
    page.page.goto("about:blank")
    page.page.wait_for_timeout(settle * 1000)
    without = percents(server, seconds)
    cost = [
        {"what": what, f"{viewers} viewers %": value, "none %": without.get(what, 0.0)}
        for what, value in with_viewers.items()
    ]
    counted = [row for row in cost if row["what"] != "supervisors"]
    total = {name: sum(row[name] for row in counted) for name in cost[0] if name != "what"}
    rows = [{"what": "browser and server", **total}, *cost]
    return [row | {"viewers cost %": row[f"{viewers} viewers %"] - row["none %"]} for row in rows]


def percents(server: JupyterProcess, seconds: float) -> dict[str, float]:
    """Percent of a core that each kind of process takes from now on."""
    own = [psutil.Process(server.process.pid)] if server.process else []
    groups = {"server": own, "supervisors": supervisors(server)}
    for process in browser_processes():
        groups.setdefault(kind(process), []).append(process)
    before = {what: spent(processes) for what, processes in groups.items()}
    begin = time.perf_counter()
    time.sleep(seconds)
    passed = time.perf_counter() - begin
    return {what: 100 * (spent(list_) - before[what]) / passed for what, list_ in groups.items()}


def main() -> None:
    """Measure and report."""
    options = arguments(__doc__, viewers=10, seconds=60, settle=90)
    with workspace() as folder, sync_playwright() as playwright:
        server = JupyterProcess.start(folder / "home")
        try:
            browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_OPTIONS)
            tab = browser.new_context(viewport={"width": 1280, "height": 2500}).new_page()
            page = RunPage(tab, server, Path(folder))
            rows = idle(server, page, options.viewers, options.seconds, options.settle)
        finally:
            server.end_runs()
            server.stop()
    report(f"{options.viewers} quiet viewers", rows, options.json)


if __name__ == "__main__":
    main()
