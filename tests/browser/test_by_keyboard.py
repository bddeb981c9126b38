"""The whole viewer by keyboard alone, without a mouse, in and out."""

from __future__ import annotations

import re

import pytest
from browser.log_list import LogList
from playwright.sync_api import Error as PageError
from playwright.sync_api import Locator, expect
from support.waiting import WAIT_MS

CODE = """
import sys, traceback
sys.stdout.write("x" * 20_000 + "\\n")
print('{"a": 1}')
def deeper(n):
    return deeper(n - 1) if n else 1 / 0
try:
    deeper(3)
except ZeroDivisionError:
    traceback.print_exc(file=sys.stdout)
for i in range(300): print("INFO line" if i % 50 else "ERROR line", i)
print("hello", input("Your name? "))
input("Again? ")
"""
# Notes each frame in which nothing has the focus.
WATCH = """() => {
    window.lost = [];
    const look = () => {
        if (document.activeElement === document.body) window.lost.push(window.step);
        requestAnimationFrame(look);
    };
    look();
    const button = (id) => Object.assign(document.createElement('button'), {id, textContent: id});
    document.body.prepend(button('before'));
    document.body.append(button('after'));
}"""
# Whether the focused element is visible, and marked.
SEEN = """() => {
    const node = document.activeElement;
    const marked = ({ outlineStyle, outlineWidth, boxShadow }) =>
        (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none';
    const box = node.closest('.prismq-find-box, .prismq-input') ?? node;
    const isMarked = [node, box].some(one => marked(getComputedStyle(one)))
        || node.matches('.prismq-resize:focus-visible');
    const { width, height, top, right, bottom, left } = node.getBoundingClientRect();
    const isVisible = width > 0 && height > 0
        && bottom > 0 && top < innerHeight && right > 0 && left < innerWidth;
    if (isMarked && isVisible) return '';
    return `${node.outerHTML.slice(0, 200)} marked: ${isMarked}, visible: ${isVisible}`;
}"""
NAMED = (
    "() => document.activeElement.ariaLabel || document.activeElement.innerText ||"
    " document.activeElement.id"
)


class Keyboard:
    """A viewer as in a cell, between two other buttons, and a user's hands on the keys."""

    def __init__(self, shown: LogList) -> None:
        self.page = shown.page
        self.root = shown.run_page.root
        self.list = self.root.get_by_role("log")

    def press(self, *keys: str) -> None:
        """Press keys; then the focus is visible."""
        for key in keys:
            self.page.evaluate("step => { window.step = step; }", f"{self.name()}: {key}")
            self.page.keyboard.press(key)
            try:
                self.page.wait_for_function(f"() => ({SEEN})() === ''", timeout=WAIT_MS)
            except PageError:
                raise AssertionError(f"after {key}: {self.page.evaluate(SEEN)}") from None

    def name(self) -> str:
        """The name of the focused element."""
        return self.page.evaluate(NAMED)

    def is_in(self, selector: str) -> bool:
        """Whether the focus is in some part of the viewer."""
        return self.page.evaluate("part => !!document.activeElement.closest(part)", selector)

    def to_list(self) -> None:
        """Go to the lines from anywhere in the viewer."""
        self._go("Tab", ".prismq-scroller")
        expect(self.list).to_be_focused()

    def _go(self, key: str, part: str) -> None:
        for _ in range(4):
            if self.is_in(part):
                return
            self.press(key)
        assert self.is_in(part), self.name()

    def to_button(self, name: str) -> None:
        """Go from the lines to a button of the toolbar."""
        self._go("Shift+Tab", ".prismq-toolbar")
        self.press("Home")
        first = self.name()
        while not re.match(name, self.name()):
            self.press("ArrowRight")
            assert self.name() != first, f"no button {name}"


@pytest.fixture
def keyboard(run_page) -> Keyboard:
    run_page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    run_page.start(CODE, name="asks")
    run_page.open()
    run_page.wait_lines(300)
    shown = LogList(run_page)
    shown.mount(run_page.run_id, fill=False, height=420, timestamps="off")
    run_page.wait_lines(300)
    shown.filled()
    shown.page.evaluate(WATCH)
    shown.page.locator("#before").focus()
    shown.page.evaluate("() => { window.lost = []; }")
    return Keyboard(shown)


def test_everything_works_by_keyboard(run_page, keyboard):
    keyboard.press("Tab")
    assert keyboard.is_in(".prismq-toolbar")
    for part in (answers, moves, searches, filters, steps, folds, copies, sets, reads_details):
        part(keyboard)
    stops_and_starts(run_page, keyboard)
    for part in (downloads, sizes, helps, leaves):
        part(keyboard)
    lost = set(keyboard.page.evaluate("() => window.lost"))
    assert lost == set()


def row(keyboard: Keyboard, line: int) -> Locator:
    return keyboard.root.locator(f".prismq-row[data-line='{line}']")


def answers(keyboard: Keyboard) -> None:
    """Answer a question, and leave the field."""
    keyboard.to_list()
    keyboard.press("i")
    assert keyboard.is_in(".prismq-input")
    keyboard.page.keyboard.type("ann")
    keyboard.press("Enter")
    expect(keyboard.list).to_contain_text("hello ann")
    keyboard.press("Escape")
    keyboard.to_list()


def moves(keyboard: Keyboard) -> None:
    """Move by line, page, and to the ends."""
    keyboard.press("Home")
    expect(row(keyboard, 0)).to_be_in_viewport()
    keyboard.press("PageDown")
    expect(row(keyboard, 0)).not_to_be_in_viewport()
    keyboard.press("PageUp", "ArrowDown", "ArrowUp")
    expect(row(keyboard, 0)).to_be_in_viewport()
    keyboard.press("G")
    expect(keyboard.list).to_contain_text("INFO line 299")
    keyboard.press("g")
    expect(row(keyboard, 0)).to_be_in_viewport()
    keyboard.to_button("Follow")
    keyboard.press("Enter")
    expect(keyboard.list).to_contain_text("INFO line 299")
    keyboard.to_list()


def searches(keyboard: Keyboard) -> None:
    """Find a text, show only its lines, and all lines again."""
    keyboard.press("Control+f")
    keyboard.page.keyboard.type("line 77")
    keyboard.press("Enter")
    expect(keyboard.root.locator(".prismq-find-count")).to_have_text("1 of 3")
    expect(keyboard.list).to_contain_text("INFO line 78")
    keyboard.press("Alt+f")
    expect(keyboard.list).not_to_contain_text("INFO line 78")
    keyboard.press("Tab", "Tab", "Shift+Tab", "Escape")
    expect(keyboard.list).to_be_focused()
    expect(keyboard.list).to_contain_text("INFO line 78")


def filters(keyboard: Keyboard) -> None:
    """Filter by a level, and show all lines again."""
    keyboard.to_button(r"^\d+ error")
    keyboard.press("Enter")
    expect(keyboard.list).not_to_contain_text("INFO line")
    keyboard.press("Enter")
    expect(keyboard.list).to_contain_text("INFO line")


def steps(keyboard: Keyboard) -> None:
    """Go from one error to the next."""
    keyboard.to_button("^Next error")
    keyboard.press("Enter")
    current = keyboard.root.locator(".prismq-row-current")
    expect(current).to_be_in_viewport()
    first = str(current.get_attribute("data-line"))
    keyboard.to_list()
    for key in ("E", "e"):
        keyboard.press(key)
        changed = (
            expect(current).not_to_have_attribute
            if key == "E"
            else expect(current).to_have_attribute
        )
        changed("data-line", first)
        expect(current).to_be_in_viewport()


def folds(keyboard: Keyboard) -> None:
    """Open what is in rows, and close it."""
    keyboard.press("g")
    expect(row(keyboard, 0)).to_be_in_viewport()
    keyboard.press("Tab")
    for kind in ("whole", "json", "fold"):
        tool = keyboard.root.locator(f".prismq-tool-{kind}").first
        for _ in range(8):
            if tool.evaluate("node => node === document.activeElement"):
                break
            keyboard.press("ArrowUp" if kind == "whole" else "ArrowDown")
        expect(tool).to_be_focused()
        state = "aria-pressed" if kind == "json" else "aria-expanded"
        keyboard.press("Enter")
        expect(tool).to_have_attribute(state, "true")
        expect(tool).to_be_focused()
        keyboard.press("Enter")
        expect(tool).to_have_attribute(state, "false")
        expect(tool).to_be_focused()
    keyboard.press("Shift+Tab")
    expect(keyboard.list).to_be_focused()


def copies(keyboard: Keyboard) -> None:
    """Copy lines, and a link to them."""
    keyboard.press("g")
    expect(row(keyboard, 0)).to_be_in_viewport()
    keyboard.press("Shift+ArrowDown", "Shift+ArrowDown", "Control+c")
    said = keyboard.root.locator(".prismq-selection-text")
    expect(said).to_have_text("2 lines copied")
    clipboard = "() => navigator.clipboard.readText()"
    assert keyboard.page.evaluate(clipboard).splitlines()[1:] == ['{"a": 1}']
    keyboard.press("y")
    expect(said).to_have_text("Link to lines 1 to 2 copied")
    assert keyboard.page.evaluate(clipboard).endswith("#L1-L2")
    keyboard.press("Escape")
    expect(keyboard.root.locator(".prismq-selection")).to_be_hidden()


def sets(keyboard: Keyboard) -> None:
    """Change how lines are shown: by keys, and in the menu."""
    keyboard.press("w")
    expect(keyboard.root).to_have_class(re.compile("prismq-wrap"))
    keyboard.press("t", "w", "f", "f")
    keyboard.to_button("^View")
    keyboard.press("Enter", "ArrowDown", "Escape")
    assert keyboard.name() == "View"


def reads_details(keyboard: Keyboard) -> None:
    """Show what was run, and copy one fact."""
    keyboard.to_button("^Details")
    keyboard.press("Enter", "Tab", "Tab", "Enter")
    expect(
        keyboard.root.get_by_role("dialog", name="Details").get_by_role("status")
    ).to_contain_text("Copied")
    keyboard.press("Escape")
    assert keyboard.name() == "Details"


def stops_and_starts(run_page, keyboard: Keyboard) -> None:
    """Stop the run, restart it, and show the previous attempt."""
    first = run_page.run_id
    keyboard.to_button("^Stop")
    keyboard.press("Enter")
    run_page.wait_state("cancelled")
    keyboard.to_button("^Restart")
    restart = keyboard.root.get_by_role("button", name="Restart", exact=True)
    expect(restart).to_be_enabled()  # a second after Stop: two clicks are one
    keyboard.press("Enter")
    expect(keyboard.root).not_to_have_attribute("data-run", first)
    run_page.wait_lines(300)
    expect(keyboard.root.get_by_role("button", name="Attempt 2", exact=True)).to_be_visible()
    keyboard.to_button("^Attempt 2")
    keyboard.press("Enter")
    expect(keyboard.root.get_by_role("menuitemradio")).to_have_count(2)
    keyboard.press("ArrowDown", "Enter")
    expect(keyboard.root).to_have_attribute("data-run", first)
    run_page.wait_state("cancelled")


def downloads(keyboard: Keyboard) -> None:
    keyboard.to_button("^Download")
    keyboard.press("Enter")
    with keyboard.page.expect_download() as download:
        keyboard.press("Enter")
    assert download.value.suggested_filename.endswith(".log")
    keyboard.to_list()


def sizes(keyboard: Keyboard) -> None:
    """Make it higher, collapsed, and as large as the tab."""
    keyboard.press("m")
    expect(keyboard.list).to_be_hidden()
    keyboard.press("m")
    expect(keyboard.list).to_be_visible()
    keyboard.to_list()
    keyboard.press("z")
    expect(keyboard.root).to_have_class(re.compile("prismq-full"))
    keyboard.press("z")
    expect(keyboard.root).not_to_have_class(re.compile("prismq-full"))
    keyboard.to_list()


def helps(keyboard: Keyboard) -> None:
    keyboard.press("?")
    expect(keyboard.root.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    keyboard.press("Escape")
    keyboard.to_list()


def leaves(keyboard: Keyboard) -> None:
    """Leave the viewer; set its height on the way."""
    keyboard.page.evaluate("() => document.body.append(document.querySelector('#after'))")
    height = keyboard.root.bounding_box()["height"]
    for _ in range(6):
        keyboard.press("Tab")
        if keyboard.is_in(".prismq-resize"):
            keyboard.press("ArrowUp")
            expect(keyboard.root).not_to_have_css("height", f"{height:g}px")
        if keyboard.name() == "after":
            return
    raise AssertionError(keyboard.name())
