"""What JupyterLab says of runs beside their logs: in the status bar, in notices, in tab titles."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
import requests
from browser.jupyter_page import JupyterPage
from playwright.sync_api import Locator, Page, expect
from support.jupyter_process import until
from support.waiting import WAIT_SECONDS

OLDEST_TOO = True
OWN_SERVER = True  # tests change its settings

PROGRESS = r"print('\r 43%|####      | 43/100 [00:10<00:13, 4.3it/s]', end='', flush=True); input()"
FAILURE = "input(); raise ValueError('no <b>data</b>')"

VISIBILITY = """state => {
    Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
}"""
RECORDED_NOTIFICATIONS = """() => {
    window.sent = [];
    window.Notification = class extends EventTarget {
        static permission = 'granted';
        constructor(title, { body }) {
            super();
            window.sent.push({ title, body, click: () => this.dispatchEvent(new Event('click')) });
        }
        close() {}
    };
}"""


def configure(jupyter: JupyterPage, **settings: Any) -> None:
    """Set what the Settings Editor would, before a page is opened."""
    answer = requests.put(
        f"{jupyter.server.url}lab/api/settings/prismq-nb:plugin",
        json={"raw": json.dumps(settings)},
        headers=jupyter.server.headers,
        timeout=WAIT_SECONDS,
    )
    assert answer.status_code == 204, answer.text


def answer(jupyter: JupyterPage, run_id: str) -> None:
    """Let a run that waits for a line go on."""
    url = f"{jupyter.server.url}api/runs/{run_id}/input"
    requests.post(
        url, json={"text": "\n"}, headers=jupyter.server.headers, timeout=WAIT_SECONDS
    ).raise_for_status()


def waiting(jupyter: JupyterPage, name: str, code: str = FAILURE) -> str:
    """Start a run that waits for a line; return when a page knows that it is running."""
    run_id = jupyter.start_run(code, stdin=True, name=name)
    known = "id => Object.keys(localStorage).some(key => key.startsWith('prismq:active@')"
    jupyter.page.wait_for_function(f"{known} && localStorage[key].includes(id))", arg=run_id)
    return run_id


def notices(page: Page, text: str = "") -> Locator:
    return page.locator(".Toastify__toast", has_text=text)


@pytest.mark.lab_is_enough
def test_what_runs_is_in_the_status_bar_and_at_hand_by_keyboard(jupyter: JupyterPage):
    if not jupyter.is_lab:
        pytest.skip("Notebook 7 has no status bar")
    jupyter.start_run("input()", stdin=True, name="evaluation")
    newest = jupyter.start_run(PROGRESS, stdin=True, name="training")
    jupyter.open("status.ipynb", "1")
    item = jupyter.page.locator("#prismq-status")
    expect(item).to_have_text("2 running · 43%")
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        jupyter.theme(theme)
        jupyter.screenshot(f"status-{theme[-5:].strip().lower()}")
    item.click()
    panel = jupyter.page.locator("#prismq-runs .prismq-all")
    expect(panel).to_be_visible()
    jupyter.command("filebrowser:activate")
    expect(panel).to_be_hidden()
    jupyter.page.keyboard.press("Alt+Shift+R")
    expect(panel).to_be_visible()
    jupyter.page.keyboard.press("Alt+Shift+L")
    expect(jupyter.page.locator(f"#prismq-tab-{newest}")).to_contain_text("43/100")
    jupyter.page.evaluate("() => { window.jupyterapp.commands.execute('prismq:stop-all-runs'); }")
    dialog = jupyter.page.locator(".jp-Dialog")
    expect(dialog).to_contain_text("Stop 2 runs?training, evaluation")
    jupyter.screenshot("stop-all")
    dialog.get_by_role("button", name="Stop").click()
    expect(item).to_be_hidden()


def test_a_failure_is_heard_once_in_all_windows_and_leads_to_its_log(jupyter: JupyterPage):
    configure(jupyter, notices="failed")
    jupyter.open("here.ipynb", "1")
    with jupyter.page.context.new_page() as other:
        other.goto(jupyter.page.url)
        other.wait_for_function("() => window.jupyterapp?.shell?.currentWidget")
        first = waiting(jupyter, "training <b>1</b>")
        answer(jupyter, first)
        count = lambda: notices(jupyter.page).count() + notices(other).count()  # noqa: E731
        until(lambda: count() == 1, "one notice in two windows")
        answer(jupyter, waiting(jupyter, "training 2"))
        until(lambda: count() == 2, "another notice")
        page = jupyter.page if notices(jupyter.page, "<b>1</b>").count() else other
        notice = notices(page, "training <b>1</b> failed")
        expect(notice).to_contain_text("ValueError: no <b>data</b>")
        for theme in ("JupyterLab Light", "JupyterLab Dark"):
            jupyter.theme(theme)
            jupyter.screenshot(f"notice-{theme[-5:].strip().lower()}")
        open_log = notice.get_by_role("button", name="Open Log")
        if jupyter.is_lab:
            open_log.click()
            expect(page.locator(f"#prismq-tab-{first}")).to_contain_text("no <b>data</b>")
        else:
            with page.expect_popup() as opened:
                open_log.click()
            expect(opened.value.locator(".prismq-root")).to_contain_text("no <b>data</b>")
            opened.value.close()


@pytest.mark.lab_is_enough
def test_fifty_runs_that_end_at_once_are_one_notice(jupyter: JupyterPage):
    if not jupyter.is_lab:
        pytest.skip("its status bar says that all are running")
    configure(jupyter, notices="all", statusBar=True)
    jupyter.open("many.ipynb", "1")
    fifo = jupyter.server.root_dir / "go"
    os.mkfifo(fifo)
    for number in range(50):
        end = "exit 3" if number < 3 else "exit 0"
        jupyter.start(command=f"read x < {fifo}; {end}", name=f"job-{number}")
    expect(jupyter.page.locator("#prismq-status")).to_have_text("50 running")
    os.close(os.open(fifo, os.O_WRONLY))
    notice = notices(jupyter.page)
    expect(notice).to_contain_text("50 runs ended, 3 failed")
    expect(notice).to_have_count(1)
    jupyter.screenshot("notice-many")
    notice.get_by_role("button", name="Show Runs").click()
    expect(jupyter.page.locator("#prismq-runs .prismq-all")).to_be_visible()


@pytest.mark.lab_is_enough
def test_while_nobody_sees_the_page_its_title_and_the_browser_tell(jupyter: JupyterPage):
    configure(jupyter, notices="failed")
    page = jupyter.page
    jupyter.open("hidden.ipynb", "1")
    page.evaluate(RECORDED_NOTIFICATIONS)
    run_id = waiting(jupyter, "training")
    page.evaluate(VISIBILITY, "hidden")
    page.wait_for_function("() => document.title.startsWith('● ')")
    page.evaluate("document.title = 'Of the application'")
    page.wait_for_function("() => document.title === '● Of the application'")
    answer(jupyter, run_id)
    page.wait_for_function("() => document.title === '✗ Of the application'")
    page.wait_for_function("() => window.sent.length === 1")
    [sent] = page.evaluate("() => window.sent.map(({ title, body }) => [title, body])")
    assert sent[0].startswith("training failed after ")
    assert sent[1].endswith("ValueError: no <b>data</b>")
    if jupyter.is_lab:
        page.evaluate("() => window.sent[0].click()")
        expect(page.locator(f"#prismq-tab-{run_id}")).to_be_attached()
    page.evaluate(VISIBILITY, "visible")
    page.wait_for_function("() => document.title.startsWith('Of') || !/^[●✗]/.test(document.title)")


@pytest.mark.lab_is_enough
def test_there_is_no_notice_if_none_is_wanted(jupyter: JupyterPage):
    configure(jupyter, notices="none", statusBar=False)
    jupyter.open("quiet.ipynb", "1")
    answer(jupyter, waiting(jupyter, "unheard"))
    jupyter.page.wait_for_function(
        "() => Object.keys(localStorage).some(key => key.startsWith('prismq:active@')"
        " && localStorage[key].includes('[]'))"
    )
    configure(jupyter, notices="all")
    jupyter.reload()
    answer(jupyter, waiting(jupyter, "heard"))
    expect(notices(jupyter.page, "heard failed")).to_be_visible()
    expect(notices(jupyter.page, "unheard")).to_have_count(0)
