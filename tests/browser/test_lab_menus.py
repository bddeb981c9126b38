"""Runs in the menus and panels that JupyterLab and Notebook 7 have: Running, files, editor."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from browser.jupyter_page import JupyterPage
from playwright.sync_api import Locator, expect
from support.jupyter_process import until

OLDEST_TOO = True
OWN_SERVER = True  # tests change the layout that it keeps
HOSTILE = "<img src=x onerror=prismq()>\u202e.py"


def open_application(jupyter: JupyterPage, folder: str = "") -> None:
    """Open JupyterLab, or Notebook's file browser, without any document."""
    home, files = ("lab", "lab/tree/") if jupyter.is_lab else ("tree", "tree/")
    where = files + folder if folder else home
    address = f"{jupyter.server.url}{where}?reset&token={jupyter.server.token}"
    jupyter.page.goto(address)


def write(jupyter: JupyterPage, path: str, text: str) -> None:
    """Write a file below the server's root."""
    file = jupyter.server.root_dir / path
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)


def choose(jupyter: JupyterPage, target: Locator, entry: str) -> None:
    """Choose an entry of a context menu, which is there as soon as our second script is."""
    item = jupyter.page.locator(".lm-Menu-item", has_text=entry)

    def is_there() -> bool:
        jupyter.page.keyboard.press("Escape")
        target.click(button="right")
        return item.is_visible()

    until(is_there, f"the entry {entry!r}")
    item.click()


def expect_log(jupyter: JupyterPage, launch: Callable[[], None], *texts: str) -> None:
    """Launch; wait for the log in a tab of JupyterLab, or on a page of its own."""
    if jupyter.is_lab:
        launch()
        log = jupyter.page.locator(".jp-MainAreaWidget:not(.lm-mod-hidden) .prismq-root")
        for text in texts:
            expect(log).to_contain_text(text)
    else:
        with jupyter.page.expect_popup() as opened:
            launch()
        for text in texts:
            expect(opened.value.locator("body")).to_contain_text(text)
        opened.value.close()


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


def test_a_script_is_run_from_the_file_browser_with_arguments_that_are_remembered(jupyter):
    write(jupyter, "job/args.py", "import os, sys; print(os.getcwd(), sys.argv[1:])")
    write(jupyter, "job/steps.sh", "pwd; read -p 'name? ' name; echo hello $name")
    open_application(jupyter, "job")
    files = jupyter.page.locator(".jp-DirListing-item")
    script = files.filter(has_text="args.py")
    choose(jupyter, script, "Run with Arguments")
    form = jupyter.page.locator(".jp-Dialog")
    typed = form.get_by_label("Arguments")
    expect(typed).to_be_focused()
    typed.fill("--note 'it")
    form.get_by_label("Working directory").fill("sub")
    jupyter.page.keyboard.press("Enter")
    expect(form.get_by_role("alert")).to_contain_text("no closing quotation")
    typed.fill("--note 'two words'")
    form.get_by_role("button", name="Run").click()
    expect(form.get_by_role("alert")).to_contain_text("cwd='sub' is not an absolute path")
    jupyter.screenshot("form-error")
    form.get_by_label("Working directory").fill("")
    folder = str(jupyter.server.root_dir / "job")
    run = form.get_by_role("button", name="Run").click
    expect_log(jupyter, run, f"{folder} ['--note', 'two words']")

    choose(jupyter, script, "Run with Arguments")
    expect(typed).to_have_value("--note 'two words'")
    jupyter.screenshot("form")
    jupyter.page.keyboard.press("Escape")
    expect(form).to_have_count(0)

    shell = files.filter(has_text="steps.sh")
    entry = "Run in the Background"
    expect_log(jupyter, partial(choose, jupyter, shell, entry), folder, "name?")


@pytest.mark.lab_is_enough
def test_what_an_editor_shows_is_saved_and_run(jupyter):
    write(jupyter, "edited.py", "print('as it was')")
    where = "lab/tree/edited.py?reset" if jupyter.is_lab else "edit/edited.py?"
    jupyter.page.goto(f"{jupyter.server.url}{where}&token={jupyter.server.token}")
    editor = jupyter.page.locator(".jp-FileEditor .cm-content")
    editor.click()
    jupyter.page.keyboard.press("ControlOrMeta+End")
    jupyter.page.keyboard.type("\nprint('as it ' + 'is')")
    launch = partial(choose, jupyter, editor, "Run in the Background")
    expect_log(jupyter, launch, "as it was", "as it is")
    assert "+ 'is'" in (jupyter.server.root_dir / "edited.py").read_text()
