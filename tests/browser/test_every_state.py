"""Every state of a run, as users see it: axe finds nothing, and nothing is cut off."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from typing import Any

import pytest
from browser.legible import assert_legible
from browser.run_page import RunPage
from browser.shown import Shown
from browser.test_states import ASKS, HIDES, LEFT
from playwright.sync_api import expect
from support.bulk import fill, numbered

TRACEBACK = """\
Traceback (most recent call last):
  File "/home/ann/train.py", line 42, in <module>
    fit(model)
  File "/home/ann/train.py", line 17, in fit
    raise ValueError("learning rate is 0")
ValueError: learning rate is 0
"""
LOG = "INFO: started\nWARNING: careful\nERROR: broke\n\x1b[32mplain 日本語 🎉\x1b[0m\n"
LEVELS = {"levels": [1, 1, 1, 1, 0], "levels_done": 4}
ENDED = {"completed": 1_761_912_601_200_000}
FLOOD = (
    "import itertools\nfor i in itertools.count():\n    print('INFO: step', i, 'loss', 1 / (i + 1))"
)


LEFT_OPEN = {"exit_code": 0, "output_open": True, "background": LEFT, "lines_at_end": 4}
SAID = "killed by signal 9 (SIGKILL); a program that needs too much memory ends so"
STATES: dict[str, dict[str, Any]] = {
    "running": {"status": "running", **LEVELS},
    "waiting": {"status": "running", **ASKS},
    "hidden": {"status": "running", **HIDES},
    "pipes": {"status": "running", "takes_input": True, "waiting_for_input": True},
    "notes": {"status": "running", "notes": ["A leading nohup was dropped."], **LEVELS},
    "progress": {"status": "running", "progress": 0.42, **LEVELS},
    "background": {"status": "completed", **ENDED, **LEFT_OPEN, **LEVELS},
    "failed": {"status": "failed", "exit_code": 1, **ENDED, **LEVELS},
    "killed": {"status": "failed", "exit_code": -9, "error_message": SAID, **ENDED, **LEVELS},
    "cancelled": {"status": "cancelled", "exit_code": -2, **ENDED, **LEVELS},
}


def some(values: Iterable[str], *always: str) -> list[Any]:
    """Parameters of which only a few are tested without ``--whole``: each takes some seconds."""
    marks = {True: (), False: (pytest.mark.whole,)}
    return [pytest.param(value, marks=marks[value in always]) for value in values]


@pytest.mark.parametrize("state", some(STATES, "waiting", "background", "failed"))
def test_a_run_that_has_printed(shown: Shown, state: str, whole: bool) -> None:
    now = STATES[state]
    shown.open(LOG + TRACEBACK * (state == "failed"))
    shown.run.state(**now)
    if now["status"] == "running":
        expect(shown.root.locator(".prismq-spoken[role=status]")).to_be_attached()
    shown.page.wait_state(now["status"])
    if "takes_input" in now:
        expect(shown.bar).to_be_visible()
    if state == "pipes":
        shown.field.fill("Ada")
        shown.field.press("Enter")
        expect(shown.bar.get_by_role("status")).to_be_visible()
    if state == "notes":
        shown.root.get_by_role("button", name=re.compile("^Details")).click()
    if state == "background":
        expect(shown.root.locator(".prismq-note-background")).to_be_visible()
    assert_legible(shown.page, f"state-{state}", whole=whole)


@pytest.mark.parametrize("status", some(["queued", "running", "completed", "failed"], "running"))
def test_a_run_that_has_printed_nothing(shown: Shown, status: str, whole: bool) -> None:
    ended = {**ENDED, "exit_code": 3} if status in ("completed", "failed") else {}
    shown.open("", **({"takes_input": False} if status == "running" else {}))
    shown.run.state(status, **ended)
    shown.page.wait_state(status)
    assert_legible(shown.page, f"state-empty-{status}", whole=whole)


def test_a_run_that_floods(run_page: RunPage, whole: bool) -> None:
    run_page.start(FLOOD, name="flood")
    run_page.open()
    run_page.wait_lines(100_000)
    expect(run_page.root.locator(".prismq-time-legend")).to_contain_text("CPU, peak")
    assert_legible(run_page, "state-flooding", whole=whole)


def test_a_log_of_millions_of_lines(shown: Shown, whole: bool) -> None:
    lines = 10_000_000 if whole else 1_000_000
    block, change = numbered(lines, b"INFO: step #########")
    fill(shown.run, lines, block, change)
    shown.page.open(shown.run.run_id)
    shown.page.wait_lines(lines)
    assert_legible(shown.page, "state-millions", whole=whole)


def test_a_run_purged_while_it_was_open(shown: Shown, whole: bool) -> None:
    shown.open(LOG)
    shown.run.end()
    shown.page.wait_state("completed")
    shutil.rmtree(shown.run.path.rename(shown.page.server.home / "purged"))  # at once
    shown.page.expected = ("Failed to load resource",)
    shown.root.get_by_role("log").press("/")
    shown.page.page.keyboard.type("careful")
    shown.page.page.keyboard.press("Enter")
    expect(shown.root).to_contain_text("no longer")
    assert_legible(shown.page, "state-purged", whole=whole)


@pytest.mark.parametrize("menu", some(["View", "Download", "Details"], "Details"))
def test_an_open_menu(shown: Shown, menu: str, whole: bool) -> None:
    shown.open(LOG, **LEVELS)
    shown.root.get_by_role("button", name=menu).click()
    assert_legible(shown.page, f"menu-{menu.lower()}", whole=whole)


def test_the_help(shown: Shown, whole: bool) -> None:
    shown.open(LOG)
    shown.root.get_by_role("log").press("?")
    expect(shown.root.get_by_role("dialog")).to_be_visible()
    assert_legible(shown.page, "help", whole=whole)


@pytest.mark.parametrize("text", some(["o", "nowhere"], "o"))
def test_a_search(shown: Shown, text: str, whole: bool) -> None:
    shown.open(LOG, **LEVELS)
    shown.root.get_by_role("log").press("/")
    shown.page.page.keyboard.type(text)
    expect(shown.root.locator(".prismq-find")).to_contain_text("2 matches" if text == "o" else "No")
    assert_legible(shown.page, f"search-{text}", whole=whole)
