"""What JupyterLab says of runs beside their logs: in the status bar, in notices, in tab titles."""

from __future__ import annotations

from browser.jupyter_page import JupyterPage
from playwright.sync_api import expect

LAB_IS_ENOUGH = True
OLDEST_TOO = True
ONE_CONTEXT = True

PROGRESS = r"print('\r 43%|####      | 43/100 [00:10<00:13, 4.3it/s]', end='', flush=True); input()"


def test_the_status_bar_has_what_runs_and_leads_to_the_runs(jupyter: JupyterPage):
    jupyter.start_run("input()", stdin=True, name="evaluation")
    jupyter.start_run(PROGRESS, stdin=True, name="training")
    jupyter.open("status.ipynb", "1")
    item = jupyter.page.locator("#prismq-status")
    expect(item).to_have_text("2 running · 43%")
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        jupyter.theme(theme)
        jupyter.screenshot(f"status-{theme[-5:].strip().lower()}")
    item.click()
    expect(jupyter.page.locator("#prismq-runs .prismq-all")).to_be_visible()
    jupyter.server.end_runs()
    expect(item).to_be_hidden()
