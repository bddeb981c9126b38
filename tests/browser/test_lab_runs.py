"""All runs in JupyterLab: the panel, tabs of runs, and commands. Notebook 7 opens their pages."""

from __future__ import annotations

import pytest
import requests
from browser.jupyter_page import JupyterPage
from playwright.sync_api import Locator, expect
from support.jupyter_process import until
from support.waiting import WAIT_SECONDS

OLDEST_TOO = True
OWN_SERVER = True  # tests change the layout that it keeps


def show_runs(jupyter: JupyterPage) -> Locator:
    """Open the panel."""
    jupyter.command("prismq:show-runs")
    panel = jupyter.page.locator("#prismq-runs")
    expect(panel.locator(".prismq-all")).to_be_visible()
    return panel


def tab(jupyter: JupyterPage, run_id: str) -> Locator:
    """The widget of a run in the main area."""
    return jupyter.page.locator(f"#prismq-tab-{run_id}")


def is_saved(jupyter: JupyterPage, *names: str) -> bool:
    """Whether JupyterLab has saved a layout with these, which it does some time after a change."""
    url = f"{jupyter.server.url}lab/api/workspaces/default"
    text = requests.get(url, headers=jupyter.server.headers, timeout=WAIT_SECONDS).text
    return all(name in text for name in names)


@pytest.mark.lab_is_enough
def test_a_run_is_found_in_the_panel_opened_in_a_tab_and_both_are_there_after_a_reload(jupyter):
    run_id = jupyter.start_run("print('first line'); input()", stdin=True, name="training")
    other = jupyter.start_run("print('of the other')", name="evaluation")
    code = "for number in range(2_000): print('number', number)"
    third = jupyter.start_run(code, name="numbers")
    jupyter.open("panel.ipynb", "1")
    panel = show_runs(jupyter)
    expect(panel.get_by_role("link", name="evaluation", exact=True)).to_be_visible()
    panel.get_by_role("link", name="training", exact=True).click()
    expect(tab(jupyter, run_id)).to_contain_text("first line")
    panel.get_by_role("link", name="evaluation", exact=True).click()
    expect(tab(jupyter, other)).to_contain_text("of the other")
    panel.get_by_role("link", name="training", exact=True).click()
    expect(tab(jupyter, run_id)).to_be_visible()
    expect(jupyter.page.locator(".lm-TabBar-tab", has_text="training")).to_have_count(1)
    panel.get_by_role("button", name="Logs", exact=True).click()
    panel.get_by_role("searchbox", name="Search the logs of all runs").fill("number 150")
    panel.get_by_role("link", name="151").click()
    numbered = tab(jupyter, third).locator(".prismq-row[data-line='150']")
    expect(numbered).to_be_in_viewport()
    panel.get_by_role("link", name="number 1500").click()  # in the tab that is open already
    expect(tab(jupyter, third).locator(".prismq-row[data-line='1500']")).to_be_in_viewport()
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        jupyter.theme(theme)
        jupyter.screenshot(f"panel-{theme[-5:].strip().lower()}")
    until(lambda: is_saved(jupyter, "prismq-runs", run_id, other), "the layout is saved")
    jupyter.page.goto(jupyter.page.url.partition("?")[0])
    expect(jupyter.page.locator("#prismq-runs .prismq-all")).to_be_visible()
    expect(tab(jupyter, third)).to_contain_text("number 1999")
    jupyter.page.locator(".lm-TabBar-tab", has_text="training").click()
    expect(tab(jupyter, run_id)).to_contain_text("first line")
    jupyter.screenshot("panel-restored")


@pytest.mark.lab_is_enough
def test_a_run_leads_to_the_cell_of_the_notebook_that_started_it(jupyter):
    launch = "import prismq_nb\nprismq_nb.launch(code='print(1)', name='from-a-cell')"
    jupyter.open("origin.ipynb", *("1\n" * 60, launch, "2\n" * 60))
    jupyter.run_all()
    panel = show_runs(jupyter)
    row = panel.get_by_role("row").filter(has_text="from-a-cell")
    expect(row).to_contain_text("Completed")
    jupyter.notebook("content.activeCellIndex = 0")
    jupyter.command("launcher:create")
    expect(jupyter.page.locator(".jp-LauncherCard", has_text="Show Runs")).to_be_visible()
    row.get_by_role("button", name="More actions for from-a-cell").click()
    jupyter.page.get_by_role("menuitem", name="Go to its notebook").click()
    cell = jupyter.page.locator(".jp-Notebook .jp-Cell.jp-mod-active")
    expect(cell).to_contain_text("from-a-cell")
    expect(cell).to_be_in_viewport()


def test_notebook_7_opens_their_pages(jupyter):
    if jupyter.is_lab:
        pytest.skip("has tabs of its own")
    run_id = jupyter.start_run("print('a line')", name="paged")
    jupyter.open("page.ipynb", "1")
    for command, args, title in (
        ("prismq:show-runs", {}, "Runs"),
        ("prismq:open-run", {"run_id": run_id}, "paged · completed"),
    ):
        with jupyter.page.context.expect_page() as opened:
            jupyter.command(command, args)
        expect(opened.value).to_have_title(title)
        opened.value.close()
