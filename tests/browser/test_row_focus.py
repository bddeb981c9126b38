"""Rows are redrawn often; the focused element in them keeps the focus."""

from __future__ import annotations

import pytest
from browser.run_page import RunPage
from playwright.sync_api import Locator, expect

CODE = """
import sys, traceback
print('{"message": "see https://example.org/json", "a": 1}')
print('{"a": 1}')
print("x" * 40_000)
print("".join(f"\\r{i} of 9" for i in range(10)))
print("see https://example.org/one and https://example.org/two")
def deeper(n):
    return deeper(n - 1) if n else 1 / 0
try:
    deeper(3)
except ZeroDivisionError:
    traceback.print_exc(file=sys.stdout)
"""
BUTTONS = ["json 1", "whole 2", "updates 3", "fold 5"]
THINGS = [
    "[data-tool='json 1']",
    "[data-line='0'] a",
    "[data-line='4'] a >> nth=1",
    "[data-tool='fold 5']",
    ".prismq-origin",
]
# Watches in each frame whether something has the focus.
WATCH = """() => {
    window.lost = 0;
    const look = () => {
        if (document.activeElement === document.body) window.lost++;
        requestAnimationFrame(look);
    };
    look();
}"""


@pytest.fixture
def log(run_page) -> RunPage:
    """The page of a run that has ended, with an element of each kind in its rows."""
    run_page.start(CODE)
    run_page.open()
    run_page.wait_state("completed")
    expect(run_page.root.locator("[data-tool='fold 5']")).to_be_visible()
    return run_page


def is_drawn_again(page: RunPage, thing: Locator, change: str) -> None:
    """Press a key that recreates all rows while `thing` has the focus, and check that it keeps
    it.
    """
    thing.focus()
    expect(thing).to_be_focused()
    page.page.evaluate(WATCH)
    thing.evaluate("node => { node.isOld = true; }")
    page.page.keyboard.press(change)
    page.page.wait_for_function("() => !document.activeElement.isOld")
    expect(thing).to_be_focused()
    # A clock may have drawn the rows before the key was pressed.
    page.page.wait_for_function("() => document.activeElement.matches(':focus-visible')")
    assert page.page.evaluate("() => window.lost") == 0


@pytest.mark.parametrize("name", BUTTONS)
def test_a_button_pressed_right_after_it_was_focused(log, name):
    button = log.root.locator(f"[data-tool='{name}']")
    log.root.locator("[data-line='4'] a >> nth=0").focus()
    log.page.evaluate(WATCH)
    pressed = "[button.ariaExpanded, button.ariaPressed].includes('true')"
    button.evaluate("button => { button.focus(); button.click(); }")
    log.page.wait_for_function(
        "name => { const button = document.querySelector(`[data-tool='${name}']`); return"
        f" {pressed}; }}",
        arg=name,
    )
    expect(button).to_be_focused()
    log.page.keyboard.press("Enter")
    log.page.wait_for_function(
        "name => { const button = document.querySelector(`[data-tool='${name}']`); return"
        f" !{pressed}; }}",
        arg=name,
    )
    expect(button).to_be_focused()
    assert log.page.evaluate("() => window.lost") == 0


@pytest.mark.parametrize("thing", THINGS)
def test_rows_with_other_timestamps(log, thing):
    is_drawn_again(log, log.root.locator(thing), "t")


def test_the_row_with_selected_text(log):
    log.root.locator("[data-line='1'] .prismq-message").dblclick()
    is_drawn_again(
        log, log.root.locator(".prismq-row:not(.prismq-held) [data-tool='json 1']"), "Enter"
    )
