"""From running a cell in JupyterLab to the first line in its output, beside the same `print`.

    python tests/benchmarks/cell.py [--rounds 15] [--json FILE]

A real JupyterLab, kernel and Chromium. A cell launches a run that prints one line: the time from
the command that runs the cell to the line in the page, in ms. The peer in the same run is the
kernel's own way: a cell that starts the same interpreter by `subprocess.run` and prints what it
printed. Both cells ran before, so that kernel, imports and the viewer's files are warm. Rounds
alternate.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from common import arguments, median, report, workspace

# isort: split
# `common` makes the others importable.
from browser.jupyter_page import JupyterPage
from browser.shared import application_server
from playwright.sync_api import sync_playwright
from support.programs import CHROMIUM_OPTIONS, chromium

RUN = "import prismq_nb\nprismq_nb.launch(code=\"print('ready')\")"
PEER = """\
import subprocess, sys
command = [sys.executable, '-c', "print('ready')"]
print(subprocess.run(command, capture_output=True, text=True).stdout)"""
SHOWN = {"run": ".prismq-row", "subprocess.run": ".jp-OutputArea-output pre"}
MEASURE = """async ([cell, selector]) => {
    const { content, context } = window.jupyterapp.shell.currentWidget;
    content.activeCellIndex = cell;
    const output = content.widgets[cell].node;
    await window.jupyterapp.commands.execute('notebook:clear-cell-output');
    const shown = () => [...output.querySelectorAll(selector)].some(
        node => node.textContent.includes('ready'));
    const begin = performance.now();
    const seen = new Promise(resolve => {
        const look = () => {
            if (shown()) resolve(performance.now() - begin);
            else requestAnimationFrame(look);
        };
        look();
    });
    await window.jupyterapp.commands.execute('notebook:run-cell');
    return await seen;
}"""


def measure(page: JupyterPage, rounds: int) -> list[dict[str, Any]]:
    """Times of both cells; the first round warms them."""
    page.open("cell.ipynb", RUN, PEER)
    times: dict[str, list[float]] = {name: [] for name in SHOWN}
    for number in range(rounds + 1):
        for cell, (name, selector) in enumerate(SHOWN.items()):
            page.wait_idle()
            taken = page.page.evaluate(MEASURE, [cell, selector])
            if number:
                times[name].append(taken)
    peer = median(times["subprocess.run"])
    return [
        {"what": what, "median ms": median(ms), "worst ms": max(ms), "of peer": median(ms) / peer}
        for what, ms in times.items()
    ]


def main() -> None:
    """Measure and report."""
    options = arguments(__doc__, rounds=15)
    with workspace() as folder, sync_playwright() as playwright:
        server = application_server(folder / "home", "jupyterlab")
        try:
            browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_OPTIONS)
            tab = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
            rows = measure(JupyterPage(tab, server, Path(folder)), options.rounds)
        finally:
            server.end_runs()
            server.stop()
    report("from running a cell to its first line", rows, options.json)


if __name__ == "__main__":
    main()
