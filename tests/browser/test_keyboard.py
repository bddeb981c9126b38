"""The keyboard: where the focus is, and the effect of keys, on the page and in a notebook."""

from __future__ import annotations

import re

import pytest
from browser.log_list import LogList
from browser.run_page import RunPage
from playwright.sync_api import Locator, expect

CODE = "import sys\nfor i in range(500): print('INFO line' if i % 50 else 'ERROR line', i)\n"
ASKS = CODE + "input()\n"
FOCUSED = """() => {
    const node = document.activeElement;
    if (!node || node === document.body) return 'body';
    const parts = ['toolbar', 'time-plot', 'scroller', 'find', 'input'];
    const inside = node.closest(parts.map(part => `.prismq-${part}`).join());
    if (!inside) return node.className;
    const part = inside.className.split(' ')[0];
    return inside === node ? part : `${part} ${node.tagName.toLowerCase()}`;
}"""

# Like a smooth movement, which continues for some frames after the key.
COASTING = """key => new Promise(done => {
    const box = document.querySelector('.prismq-scroller');
    window.addEventListener('scrollend', (event) => event.stopPropagation(), { capture: true });
    box.addEventListener('scroll', () => {
        box.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
        box.scrollTop -= 60;
        requestAnimationFrame(() => { box.scrollTop -= 40; done(); });
    }, { once: true });
    box.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowUp', bubbles: true }));
    box.scrollTop -= 100;
})"""
# Like one on a busy page: it begins long after its key, and an earlier one ends meanwhile.
COASTING_LATE = """key => new Promise(done => {
    const box = document.querySelector('.prismq-scroller');
    const press = (key) => box.dispatchEvent(
        new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    press('ArrowUp');
    setTimeout(() => {
        press(key);
        requestAnimationFrame(() => {
            box.dispatchEvent(new Event('scrollend'));
            box.scrollTop -= 100;
            done();
        });
    }, 400);
})"""


def focused(page: RunPage) -> str:
    """The focus: a part of the viewer, and the kind of element in it."""
    return page.page.evaluate(FOCUSED)


def named(page: RunPage) -> str:
    """The name of the focused element."""
    return page.page.evaluate(
        "() => document.activeElement.ariaLabel || document.activeElement.innerText"
    )


def wait_focus(page: RunPage, what: str) -> None:
    """Wait until the focus is there."""
    page.page.wait_for_function(f"what => ({FOCUSED})() === what", arg=what)


def field(page: RunPage) -> Locator:
    """The search text."""
    return page.root.locator(".prismq-find-field")


@pytest.fixture
def log(run_page) -> RunPage:
    """The page of a run that has ended; nobody has clicked anything."""
    run_page.start(CODE)
    run_page.open()
    run_page.wait_state("completed")
    run_page.wait_lines(500)
    expect(run_page.root.get_by_role("button", name=re.compile("^10 errors"))).to_be_visible()
    return run_page


class TestAtOnce:
    """Keys work on the page before anybody has clicked."""

    def test_letters(self, log):
        assert "body" == focused(log)
        log.page.keyboard.press("e")
        expect(log.root.locator(".prismq-row-current")).to_be_in_viewport()
        log.page.keyboard.press("?")
        expect(log.root.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()

    @pytest.mark.parametrize("key", ["Home", "g"])
    def test_to_the_first_line(self, log, key):
        shown = LogList(log)
        before = shown.filled()
        log.page.keyboard.press(key)
        first = shown.filled()
        assert (0, 0) == (first[0]["line"], first[0]["top"]) < (before[0]["line"], 0)
        for _ in range(3):  # also while it still moves
            for pressed in ("PageDown", key):
                log.page.keyboard.press(pressed)
            shown.stays(first)

    @pytest.mark.parametrize("key", ["PageUp", "ArrowUp", "Shift+Space"])
    def test_scrolling(self, log, key):
        shown = LogList(log)
        before = shown.filled()[0]
        log.page.keyboard.press(key)
        after = shown.filled()[0]
        assert (after["line"], after["top"]) < (before["line"], before["top"]) or after[
            "line"
        ] < before["line"]

    @pytest.mark.parametrize(
        ("key", "moves"), [("G", COASTING), ("End", COASTING_LATE)], ids=["still", "late"]
    )
    def test_to_the_end_while_the_list_still_moves_up(self, log, key, moves):
        log.page.evaluate(moves, key)
        expect(log.root.locator(".prismq-row-end")).to_be_in_viewport()
        LogList(log).filled()
        expect(log.root.locator(".prismq-row-end")).to_be_in_viewport()

    def test_selecting(self, log):
        log.page.keyboard.press("Control+a")
        expect(log.root.locator(".prismq-selection-text")).to_have_text(
            "500 lines: 1 \N{EN DASH} 500"
        )
        log.page.keyboard.press("Escape")
        expect(log.root.locator(".prismq-selection")).to_be_hidden()

    def test_keys_in_other_fields_are_left_alone(self, log):
        log.page.evaluate(
            "() => document.body.append(Object.assign(document.createElement('input'), {id:"
            " 'other'}))"
        )
        log.page.locator("#other").focus()
        log.page.keyboard.type("e?/")
        assert "e?/" == log.page.locator("#other").input_value()
        expect(field(log)).to_be_hidden()


class TestFind:
    def test_control_f_opens_the_search_of_the_log(self, log):
        log.page.keyboard.press("Control+f")
        wait_focus(log, "prismq-find input")
        log.page.keyboard.type("77")
        expect(log.root.locator(".prismq-find-count")).to_contain_text("5 matches")

    @pytest.mark.parametrize(
        "where",
        [
            ".prismq-scroller",
            ".prismq-time-plot, .prismq-scroller",
            ".prismq-toolbar button:not([hidden])",
        ],
    )
    def test_it_works_wherever_the_focus_is(self, log, where):
        log.root.locator(where).locator("visible=true").first.focus()
        log.page.keyboard.press("Control+f")
        wait_focus(log, "prismq-find input")

    def test_pressed_again_it_is_the_browser_s(self, log):
        taken = (
            "() => window.addEventListener('keydown', event => event.key === 'f' && (window.taken ="
            " event.defaultPrevented))"
        )
        log.page.evaluate(f"() => document.addEventListener('keydown', () => 0); ({taken})()")
        log.page.keyboard.press("Control+f")
        wait_focus(log, "prismq-find input")
        assert log.page.evaluate("() => window.taken") is None  # nothing else received it
        log.page.keyboard.press("Control+f")
        assert log.page.evaluate("() => window.taken") is False

    def test_it_works_in_the_input_field(self, run_page):
        run_page.start(ASKS)
        run_page.open()
        box = run_page.root.locator(".prismq-input-field")
        box.focus()
        run_page.page.keyboard.press("Control+f")
        wait_focus(run_page, "prismq-find input")


class TestFocusKept:
    """The focus moves to the list when its element disappears."""

    def test_when_the_run_no_longer_takes_input(self, run_page):
        run_page.start(ASKS)
        run_page.open()
        expect(run_page.root.locator(".prismq-input-field")).to_be_visible()
        run_page.root.locator(".prismq-input-field").focus()
        run_page.send("\n")
        run_page.wait_state("completed")
        wait_focus(run_page, "prismq-scroller")

    def test_when_a_button_of_the_bar_disappears(self, run_page):
        run_page.start(ASKS)
        run_page.open()
        run_page.root.get_by_role("button", name="Stop").click()
        run_page.wait_state("cancelled")
        wait_focus(run_page, "prismq-scroller")

    @pytest.mark.parametrize("key", ["Escape", "?"])
    def test_when_the_help_closes(self, log, key):
        log.page.keyboard.press("?")
        log.page.keyboard.press(key)
        wait_focus(log, "prismq-scroller")

    def test_when_the_search_closes(self, log):
        log.page.keyboard.press("/")
        log.root.get_by_role("button", name="Close search").click()
        wait_focus(log, "prismq-scroller")

    def test_when_the_filter_is_cleared_and_when_jumping_to_the_end(self, log):
        log.root.get_by_role("button", name=re.compile("^10 errors")).click()
        clear = log.root.get_by_role("button", name="Clear filter")
        clear.focus()
        log.page.keyboard.press("Enter")
        wait_focus(log, "prismq-scroller")
        log.page.keyboard.press("Home")
        log.root.get_by_role("button", name="Jump to end").click()
        wait_focus(log, "prismq-scroller")

    def test_when_a_row_scrolls_away(self, run_page):
        run_page.start("print('{\"a\": 1}')\n" + CODE)
        run_page.open(fragment="#L1")
        run_page.root.locator(".prismq-tool-json").focus()
        LogList(run_page).drag(1.0)
        wait_focus(run_page, "prismq-scroller")


class TestTabStops:
    def test_tab_passes_a_viewer_in_few_steps(self, log):
        log.root.locator(".prismq-scroller").press("Home")
        log.page.evaluate(
            "() => document.querySelector('.prismq-root').before("
            "Object.assign(document.createElement('button'), {id: 'before'}))"
        )
        log.page.locator("#before").focus()
        stops = []
        for _ in range(8):
            log.page.keyboard.press("Tab")
            if focused(log) in ("body", ""):
                break
            stops.append(focused(log))
        assert stops[0].startswith("prismq-toolbar"), stops
        assert "prismq-scroller" in stops, stops
        assert len(set(stops)) == len(stops) <= 4, stops

    def test_arrows_move_through_the_bar_and_home_and_end_to_its_ends(self, log):
        bar = log.root.get_by_role("toolbar", name="Run")
        names = [
            node.get_attribute("aria-label") or node.inner_text()
            for node in bar.locator("button, a").locator("visible=true").all()
        ]
        bar.locator("button:visible").first.focus()
        passed = []
        for _ in names:
            passed.append(named(log))
            log.page.keyboard.press("ArrowRight")
        assert names == passed
        assert names[0] == named(log)
        log.page.keyboard.press("End")
        assert names[-1] == named(log)
        log.page.keyboard.press("ArrowLeft")
        log.page.keyboard.press("Home")
        assert names[0] == named(log)
        log.page.keyboard.press("End")
        log.page.keyboard.press("Tab")
        log.page.keyboard.press("Shift+Tab")
        assert names[-1] == named(log)

    def test_the_bar_has_one_stop_even_when_buttons_appear_and_disappear(self, run_page):
        run_page.start(ASKS)
        run_page.open()
        count = (
            "[...document.querySelectorAll('.prismq-toolbar :is(button, a)')].filter(n =>"
            " n.tabIndex === 0 && n.checkVisibility()).length"
        )
        run_page.wait_lines(500)
        one = f"() => {count} === 1"
        run_page.page.wait_for_function(one)
        run_page.send("\n")
        run_page.wait_state("completed")
        run_page.page.wait_for_function(one)
        run_page.page.set_viewport_size({"width": 420, "height": 700})
        run_page.page.wait_for_function(one)

    def test_buttons_in_rows_are_one_stop_and_arrows_move_between_them(self, run_page):
        run_page.start("for i in range(4): print('{\"a\": %d}' % i)")
        run_page.open()
        run_page.wait_state("completed")
        tools = run_page.root.locator(".prismq-tool-json")
        expect(tools).to_have_count(4)
        run_page.root.locator(".prismq-scroller").focus()
        run_page.page.keyboard.press("Tab")
        expect(tools.nth(0)).to_be_focused()
        run_page.page.keyboard.press("ArrowDown")
        expect(tools.nth(1)).to_be_focused()
        run_page.page.keyboard.press("Enter")
        expect(tools.nth(1)).to_have_attribute("aria-pressed", "true")
        expect(tools.nth(1)).to_be_focused()
        run_page.page.keyboard.press("ArrowUp")
        expect(tools.nth(0)).to_be_focused()
