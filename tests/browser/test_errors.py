"""From error to error: each is one record, whatever of it is folded, filtered or yet to come."""

from __future__ import annotations

import re

import pytest
from browser.run_page import RunPage
from playwright.sync_api import Locator, expect

TRACES = """
import logging, sys
logging.basicConfig(format="%(levelname)s %(message)s", stream=sys.stdout)
def deep(n):
    if n: deep(n - 1) if n % 2 else deep(n - 1.0)
    else: raise KeyError("key")
def tell(what, depth=60):
    try: deep(depth)
    except KeyError: logging.exception(what)
print("start")
tell("first")
for i in range(60): print("between", i)
for i in range(4): tell(f"again {i}")
for i in range(60): print("between", i)
logging.error("plain")
logging.warning("warned")
tell("last")
print("end")
"""
AGAIN = "2\N{EN DASH}5 of 7 errors"
"""Seven errors: a traceback, one that came four times in a row, a line, a traceback."""


def current(page: RunPage) -> Locator:
    """The current row."""
    return page.root.locator(".prismq-row.prismq-row-current")


def step(page: RunPage, name: str, message: str, place: str) -> None:
    """Click one of the buttons, and wait until it has led to a visible line and says so."""
    page.root.get_by_role("button", name=name, exact=True).click()
    expect(current(page).locator(".prismq-message")).to_have_text(message)
    expect(current(page)).to_be_in_viewport()
    expect(page.root.locator(".prismq-error-place")).to_have_text(place)


@pytest.fixture
def traces(run_page) -> RunPage:
    """A run with seven errors that has ended, from its first line."""
    run_page.start(TRACES)
    run_page.open(fragment="#L1")
    run_page.wait_state("completed")
    expect(run_page.root.get_by_role("button", name=re.compile("^7 errors"))).to_be_visible()
    return run_page


class TestRecords:
    def test_each_step_leads_to_a_visible_record(self, traces):
        for message, place in (
            ("ERROR first", "1 of 7 errors"),
            ("ERROR again 0", AGAIN),
            ("ERROR plain", "6 of 7 errors"),
            ("ERROR last", "7 of 7 errors"),
        ):
            step(traces, "Next error", message, place)
            traces.screenshot(f"error-{place[0]}")
        expect(traces.root.locator(".prismq-tool-fold[aria-expanded=true]")).to_have_count(0)
        step(traces, "Next error", "ERROR first", "1 of 7 errors")
        expect(traces.root.locator(".prismq-toast")).to_have_text(
            "Wrapped around to the first error"
        )

    def test_backwards(self, traces):
        traces.root.locator(".prismq-scroller").press("End")
        for message, place in (
            ("ERROR last", "7 of 7 errors"),
            ("ERROR plain", "6 of 7 errors"),
            ("ERROR again 0", AGAIN),
            ("ERROR first", "1 of 7 errors"),
            ("ERROR last", "7 of 7 errors"),
        ):
            step(traces, "Previous error", message, place)

    def test_keys_do_the_same(self, traces):
        box = traces.root.locator(".prismq-scroller")
        for key, message in (
            ("e", "first"),
            ("e", "again 0"),
            ("e", "plain"),
            ("Shift+E", "again 0"),
            ("Shift+E", "first"),
        ):
            box.press(key)
            expect(current(traces).locator(".prismq-message")).to_have_text(f"ERROR {message}")

    def test_each_unfolded_repetition_is_one_step(self, traces):
        traces.root.get_by_role("button", name="View").click()
        traces.page.get_by_role("menuitemcheckbox", name="Fold tracebacks").click()
        traces.page.keyboard.press("Escape")
        messages = ["first", *(f"again {i}" for i in range(4)), "plain", "last"]
        for place, message in enumerate(messages, 1):
            step(traces, "Next error", f"ERROR {message}", f"{place} of 7 errors")

    def test_a_list_of_errors_only_has_steps_as_well(self, traces):
        traces.root.get_by_role("button", name=re.compile("^7 errors")).click()
        expect(traces.root.locator(".prismq-note-filter")).to_contain_text("Showing errors only")
        traces.root.locator(".prismq-scroller").press("Home")
        messages = ["first", *(f"again {i}" for i in range(4)), "plain", "last"]
        for place, message in enumerate(messages, 1):
            step(traces, "Next error", f"ERROR {message}", f"{place} of 7 errors")

    def test_among_matching_lines_a_step_leads_to_the_first_of_each_record(self, traces):
        traces.root.locator(".prismq-scroller").press("/")
        traces.root.locator(".prismq-find-field").fill("KeyError: 'key'")
        traces.root.locator(".prismq-find-field").press("Alt+f")  # only the matching lines
        expect(traces.root.locator(".prismq-find-count")).to_contain_text("6")
        for place in (1, 2, 3, 4, 5, 7, 1):
            step(traces, "Next error", "KeyError: 'key'", f"{place} of 7 errors")
        for place in (7, 5):
            step(traces, "Previous error", "KeyError: 'key'", f"{place} of 7 errors")

    def test_levels_without_errors_say_so(self, traces):
        traces.root.get_by_role("button", name=re.compile("^1 warning")).click()
        expect(traces.root.locator(".prismq-note-filter")).to_contain_text("Showing warnings only")
        traces.root.get_by_role("button", name="Next error", exact=True).click()
        expect(traces.root.locator(".prismq-toast")).to_have_text("No errors in these lines")


class TestLargeAndGrowing:
    def test_new_errors_are_reached_from_the_last_one(self, run_page):
        code = """
for i in range(3):
    print(f"ERROR number {i}")
    for j in range(300): print("line", j)
    input()
"""
        run_page.start(code)
        run_page.open(fragment="#L1")
        for i in range(3):
            run_page.wait_lines(301 * (i + 1))
            expect(
                run_page.root.get_by_role("button", name=re.compile(f"^{i + 1} errors?"))
            ).to_be_visible()
            run_page.root.get_by_role("button", name="Next error", exact=True).click()
            expect(current(run_page).locator(".prismq-message")).to_have_text(f"ERROR number {i}")
            expect(run_page.root.locator(".prismq-error-place")).to_have_text(
                re.compile(rf"^{i + 1} of {i + 1}\+? errors?")
            )
            run_page.send("\n")

    def test_a_hundred_thousand_errors_among_millions_of_lines_take_no_longer(self, run_page):
        code = """
block = b"".join(b"ERROR: step\\n" if i % 20 == 10 else b"INFO: line\\n" for i in range(20_000))
import sys
for _ in range(100): sys.stdout.buffer.write(block)
"""
        run_page.start(code, terminal=False)
        run_page.open(fragment="#L1")
        run_page.wait_state("completed")
        chip = run_page.root.locator(".prismq-chip-error")
        # some are counted after the flood
        expect(chip).to_have_accessible_name("100,000 errors")
        for place in (1, 2):
            step(run_page, "Next error", "ERROR: step", f"{place} of 100,000 errors")
        run_page.page.evaluate("() => { location.hash = '#L1500000'; }")
        expect(run_page.root.locator(".prismq-row.prismq-marked")).to_be_in_viewport()
        run_page.root.get_by_role("button", name="Next error", exact=True).click()
        expect(current(run_page)).to_be_in_viewport()
        line = int(current(run_page).get_attribute("data-line"))
        assert 10 == line % 20
        step(run_page, "Next error", "ERROR: step", f"{(line + 20) // 20 + 1:,} of 100,000 errors")
        step(run_page, "Previous error", "ERROR: step", f"{line // 20 + 1:,} of 100,000 errors")
