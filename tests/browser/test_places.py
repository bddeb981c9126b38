"""Places in a log: line numbers as a user sees, types and copies them, and marks on lines."""

from __future__ import annotations

import re

import pytest
import requests
from browser.log_list import LogList
from browser.run_page import RunPage
from playwright.sync_api import Locator, expect
from support.waiting import WAIT_SECONDS

LINES = 2_000
CODE = f"for i in range({LINES}): print('line', i + 1)"


def row(page: RunPage, number: int) -> Locator:
    """The row of a line, counted from 1."""
    return page.root.locator(f".prismq-row[data-line='{number - 1}']")


def marked(page: RunPage) -> Locator:
    """The marked rows."""
    return page.root.locator(".prismq-row.prismq-marked")


def link(page: RunPage) -> str:
    """The text that the key for a link copies, without the address of the page."""
    page.root.locator(".prismq-scroller").press("y")
    expect(page.root.locator(".prismq-selection-text")).to_contain_text("copied")
    return page.page.evaluate("() => navigator.clipboard.readText()").partition("#")[2]


@pytest.fixture
def log(run_page) -> RunPage:
    """A run of 2,000 lines that has ended, opened at line 1,000."""
    run_page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    run_page.start(CODE)
    run_page.open(fragment="#L1000")
    run_page.wait_state("completed")
    expect(row(run_page, 1_000)).to_be_in_viewport()
    return run_page


class TestFromOne:
    def test_the_number_of_a_row_is_the_one_in_addresses_and_sentences(self, log):
        expect(row(log, 1_000).locator(".prismq-message")).to_have_text("line 1000")
        expect(row(log, 1_000).locator(".prismq-number")).to_have_text("1000")
        row(log, 1_002).locator(".prismq-number").click()
        expect(log.root.locator(".prismq-selection-text")).to_have_text("Line 1,002")
        assert "L1002" == link(log)
        expect(log.root.locator(".prismq-selection-text")).to_have_text("Link to line 1,002 copied")
        plot = log.root.get_by_role("slider", name="Timeline")
        if plot.is_visible():
            assert ("1", "2000") == tuple(
                plot.get_attribute(f"aria-value{bound}") for bound in ("min", "max")
            )

    def test_the_first_line_is_1_and_the_last_one_their_count(self, log):
        box = log.root.locator(".prismq-scroller")
        box.press("Home")
        expect(row(log, 1).locator(".prismq-number")).to_have_text("1")
        box.press("End")
        expect(row(log, LINES).locator(".prismq-number")).to_have_text("2000")
        for address, number in (("#L1", 1), ("#L0", 1), ("#L2000", 2_000)):
            log.page.evaluate("hash => { location.hash = hash; }", address)
            expect(row(log, number)).to_be_in_viewport()

    def test_traits_and_json_count_from_0(self, log):
        LogList(log).mount(log.run_id, line=1_000)
        expect(row(log, 1_001)).to_be_in_viewport()
        url = f"{log.server.url}api/runs/{log.run_id}/logs?lines=0"
        first = requests.get(url, headers=log.server.headers, timeout=WAIT_SECONDS).json()["logs"][
            0
        ]
        assert (0, "line 1") == (first["line"], first["message"])


class TestMarks:
    def test_a_line_of_an_address_stays_marked_until_another_is_clicked(self, log):
        expect(marked(log)).to_have_attribute("data-line", "999")
        log.page.wait_for_timeout(2_500)  # no condition tells that something stays
        expect(marked(log)).to_have_attribute("data-line", "999")
        log.screenshot("marked")
        row(log, 1_000).locator(".prismq-message").click()
        expect(marked(log)).to_have_count(1)
        row(log, 1_003).locator(".prismq-message").click()
        expect(marked(log)).to_have_count(0)

    def test_a_mark_stays_while_its_line_is_visible(self, log):
        shown = LogList(log)
        shown.wheel(60)
        shown.filled()
        expect(marked(log)).to_have_attribute("data-line", "999")
        shown.wheel(3_000)
        shown.page.wait_for_function("() => !document.querySelector('.prismq-marked')")
        shown.wheel(-3_000)
        expect(row(log, 1_000)).to_be_in_viewport()
        expect(marked(log)).to_have_count(0)

    @pytest.mark.parametrize("address", ["#L998-L1001", "#L1001-998"])
    def test_an_address_of_several_lines_marks_them(self, log, address):
        log.page.evaluate("hash => { location.hash = hash; }", address)
        expect(marked(log)).to_have_count(4)
        assert "L998-L1001" == link(log)

    def test_a_selection_replaces_the_mark(self, log):
        log.root.locator(".prismq-scroller").press("Shift+ArrowDown")
        expect(marked(log)).to_have_count(0)
        expect(log.root.locator(".prismq-selected")).to_have_attribute("data-line", "999")
        log.root.locator(".prismq-scroller").press("Shift+ArrowDown")
        assert "L1000-L1001" == link(log)


class TestLinks:
    def test_the_marked_line_not_the_top_one(self, log):
        assert "L1000" == link(log)

    def test_the_current_hit(self, log):
        log.page.keyboard.press("/")
        log.root.locator(".prismq-find-field").fill('"line 1500"')
        log.root.locator(".prismq-find-field").press("Enter")
        expect(row(log, 1_500)).to_have_class(re.compile("prismq-row-current"))
        assert "L1500" == link(log)

    def test_the_row_with_the_focus(self, run_page):
        run_page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        run_page.start("print('one')\nprint('two')\nprint('{\"three\": 3}')")
        run_page.open()
        run_page.wait_state("completed")
        run_page.root.locator(".prismq-tool-json").focus()
        run_page.page.keyboard.press("y")
        expect(run_page.root.locator(".prismq-selection-text")).to_have_text(
            "Link to line 3 copied"
        )

    def test_the_top_line_if_nothing_is_marked(self, log):
        shown = LogList(log)
        shown.drag(0.25)
        top = next(row["line"] for row in shown.filled() if row["bottom"] > 1)
        assert f"L{top + 1}" == link(log)


LEVELS = """
import sys
names = ["DEBUG", "INFO", "WARNING"] * 33_333
names[60_000] = "ERROR"
names[60_400] = "ERROR"
sys.stdout.write("".join(f"{name} line {i + 1}\\n" for i, name in enumerate(names)))
"""


def press_level(page: RunPage, level: str) -> None:
    """Click the chip of a level."""
    page.root.locator(f".prismq-chip-{level}").click()


def place(page: RunPage, number: int) -> float | None:
    """Px from the list's upper edge to the row of a line; None if it is not visible."""
    return next((row["top"] for row in LogList(page).filled() if row["line"] == number - 1), None)


class TestLevels:
    @pytest.fixture
    def levels(self, run_page) -> RunPage:
        """A run of 99,999 lines of many levels, of which two are errors, at line 77,777."""
        run_page.start(LEVELS, terminal=False)
        run_page.open(fragment="#L77777")
        run_page.wait_state("completed")
        expect(row(run_page, 77_777)).to_be_in_viewport()
        expect(run_page.root.locator(".prismq-chip-error")).to_have_text("2 errors")
        return run_page

    def test_a_line_that_passes_the_filter_stays_in_place_and_returns_there(self, levels):
        before = place(levels, 77_777)
        press_level(levels, "info")
        expect(levels.root.locator(".prismq-note-filter")).to_contain_text(
            "Showing info only \u00b7 33,332 lines"
        )
        # a bar has appeared above the list
        assert before == pytest.approx(place(levels, 77_777), abs=40)
        press_level(levels, "info")
        expect(levels.root.locator(".prismq-note-filter")).to_be_hidden()
        assert before == pytest.approx(place(levels, 77_777), abs=2)

    def test_a_filtered_line_is_replaced_by_its_neighbour_and_comes_back(self, levels):
        before = place(levels, 77_777)
        press_level(levels, "error")
        expect(row(levels, 60_401)).to_be_in_viewport()
        press_level(levels, "error")
        expect(levels.root.locator(".prismq-note-filter")).to_be_hidden()
        expect(row(levels, 77_777)).to_be_in_viewport()
        assert before == pytest.approx(place(levels, 77_777), abs=2)
        press_level(levels, "warning")
        expect(levels.root.locator(".prismq-note-filter")).to_contain_text(
            "Showing warnings only \u00b7 33,333 lines"
        )
        assert before == pytest.approx(place(levels, 77_778), abs=60)

    def test_the_place_survives_several_levels(self, levels):
        for level in ("error", "warning", "error", "info", "warning", "info"):
            press_level(levels, level)
        expect(levels.root.locator(".prismq-note-filter")).to_be_hidden()
        expect(row(levels, 77_777)).to_be_in_viewport()

    def test_a_user_who_scrolls_meanwhile_stays_there(self, levels):
        press_level(levels, "warning")
        expect(levels.root.locator(".prismq-note-filter")).to_contain_text(
            "Showing warnings only \u00b7 33,333 lines"
        )
        assert place(levels, 77_778) is not None
        shown = LogList(levels)
        shown.wheel(-4_000)
        first = shown.filled()[1]
        press_level(levels, "warning")
        expect(levels.root.locator(".prismq-note-filter")).to_be_hidden()
        assert first["top"] == pytest.approx(place(levels, first["line"] + 1), abs=40)
