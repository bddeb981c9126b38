"""Runs where JupyterLab and Notebook 7 have what they work with: the panel of what is running."""

from __future__ import annotations

from browser.jupyter_page import JupyterPage
from playwright.sync_api import Locator, expect

OLDEST_TOO = True
OWN_SERVER = True  # tests change the layout that it keeps
HOSTILE = "<img src=x onerror=prismq()>\u202e.py"


def open_application(jupyter: JupyterPage) -> None:
    """Open JupyterLab, or Notebook's file browser, without any document."""
    where = "lab?reset&" if jupyter.is_lab else "tree?"
    jupyter.page.goto(f"{jupyter.server.url}{where}token={jupyter.server.token}")


def show_running(jupyter: JupyterPage) -> Locator:
    """Show the panel of what is running; return its section of runs."""
    if jupyter.is_lab:
        jupyter.page.locator(".jp-SideBar [data-id='jp-running-sessions']").click()
    else:
        jupyter.page.get_by_role("tab", name="Running").click()
    title = jupyter.page.locator(".jp-RunningSessions .lm-AccordionPanel-title", has_text="Runs")
    section = title.locator("xpath=following-sibling::*[1]")
    expect(section).to_be_visible()
    return section


def test_runs_are_stopped_in_the_running_panel_and_opened_from_it(jupyter):
    jupyter.start_run("import time; time.sleep(600)", name=HOSTILE)
    other = jupyter.start_run("print('still here'); input()", stdin=True, name="other")
    open_application(jupyter)
    section = show_running(jupyter)
    items = section.locator(".jp-RunningSessions-item")
    expect(items).to_have_count(2)
    hostile = items.filter(has_text="<img src=x")
    expect(hostile).to_contain_text("< 1 min")
    jupyter.screenshot("running")
    hostile.hover()
    hostile.locator(".jp-RunningSessions-itemShutdown").click()
    expect(items).to_have_count(1)

    label = items.locator(".jp-RunningSessions-itemLabel")
    expect(label).to_have_text("other")
    if jupyter.is_lab:
        label.click()
        expect(jupyter.page.locator(f"#prismq-tab-{other}")).to_contain_text("still here")
    else:
        with jupyter.page.expect_popup() as opened:
            label.click()
        expect(opened.value.locator("body")).to_contain_text("still here")
        opened.value.close()
    jupyter.page.locator(".jp-RunningSessions").get_by_text("Stop All").click()
    dialog = jupyter.page.locator(".jp-Dialog")
    expect(dialog).to_contain_text("all runs of this server")
    jupyter.screenshot("stop-all")
    dialog.get_by_role("button", name="Stop All").click()
    expect(items).to_have_count(0)
