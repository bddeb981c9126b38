"""How much space a viewer takes; nothing in it jumps, covers text or is out of reach."""

from __future__ import annotations

import re

import pytest
from browser.log_list import LogList
from playwright.sync_api import expect

WIDTHS = [420, pytest.param(752, marks=pytest.mark.whole), 1300]
NAME = "train_resnet50_imagenet"
BUSY = """
import sys
for i in range(150):
    print('INFO: step', i, 'and ' * 60, flush=True)
    if i % 20 == 7:
        print('ERROR: failed', i, file=sys.stderr, flush=True)
    if i % 20 == 9:
        print('WARNING: odd', i, flush=True)
input()"""
MENU_KEYS = ["e", "E", "g", "G", "/", "y", "c", "i", "z", "m", "?"]
INSIDE = """root => {
    const box = selector => root.querySelector(selector).getBoundingClientRect();
    const scroller = root.querySelector('.prismq-scroller');
    const { left, top } = scroller.getBoundingClientRect();
    const [right, bottom] = [left + scroller.clientWidth, top + scroller.clientHeight];
    return { strip: box('.prismq-strip').left - right, jump: box('.prismq-jump').top - bottom };
}"""
CUT = """root => {
    const facts = root.querySelector('.prismq-facts');
    const { right, bottom } = facts.getBoundingClientRect();
    return [...facts.children]
        .filter(fact => fact.offsetWidth)
        .map(fact => fact.getBoundingClientRect())
        .filter(fact => fact.top < bottom - 1 && fact.right > right + 1).length;
}"""
OVER = """box => [box, ...box.querySelectorAll(':not(.prismq-button-label)')]
    .filter(node => node.clientWidth && node.scrollWidth > node.clientWidth + 1).length"""
SHOWN = """root => {
    const bottom = root.querySelector('.prismq-facts').getBoundingClientRect().bottom;
    const facts = [...root.querySelectorAll('.prismq-fact:not(:empty)')];
    const isShown = fact => fact.offsetWidth && fact.getBoundingClientRect().top < bottom - 1;
    const texts = some => some.map(fact => fact.textContent);
    return [texts(facts.filter(isShown)), texts(facts)];  // at once: the duration changes
}"""


@pytest.fixture
def cell(run_page):
    """A viewer as in a cell, of a run with everything, as wide as `wide` makes it."""
    shown = LogList(run_page)
    run_page.start(BUSY, name=NAME)
    run_page.open()
    run_page.wait_lines(160)
    shown.page.set_viewport_size({"width": 752, "height": 700})
    shown.mount(run_page.run_id, fill=False, timeline=True)
    run_page.wait_lines(160)
    shown.filled()
    return shown


def wide(shown, width: int) -> None:
    """Give the page, and so the viewer, another width."""
    shown.page.set_viewport_size({"width": width, "height": 700})
    shown.filled()


def height(shown) -> int:
    return int(shown.run_page.root.evaluate("root => root.offsetHeight"))


@pytest.mark.parametrize("width", WIDTHS)
def test_the_first_line_of_stderr_moves_no_text(run_page, width):
    run_page.page.set_viewport_size({"width": width, "height": 700})
    run_page.start("import sys\nprint('one', flush=True)\ninput()\nprint('two', file=sys.stderr)")
    run_page.open()
    run_page.wait_lines(1)
    message = run_page.root.locator(".prismq-message").first
    before = message.bounding_box()
    run_page.send("\n")
    run_page.wait_state("completed")
    expect(run_page.root.locator(".prismq-message", has_text="two")).to_be_visible()
    assert message.bounding_box() == before


@pytest.mark.parametrize("wrap", [False, True], ids=["long", "wrapped"])
@pytest.mark.parametrize("width", WIDTHS)
def test_marks_and_the_button_to_the_end_cover_no_text(cell, width, wrap):
    if wrap:
        cell.press("w")
    wide(cell, width)
    before = height(cell)
    cell.press("g")
    expect(cell.run_page.root.locator(".prismq-jump")).to_be_visible()
    expect(cell.run_page.root.locator(".prismq-strip")).to_be_visible()
    cell.filled()
    gaps = cell.run_page.root.evaluate(INSIDE)
    assert gaps["strip"] >= 0
    assert gaps["jump"] >= 0
    assert height(cell) == before
    cell.run_page.screenshot(f"layout-{width}-{'wrapped' if wrap else 'long'}")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_keys_fit_into_their_dialog(cell, width):
    wide(cell, width)
    cell.press("?")
    box = cell.page.locator(".prismq-help-box")
    expect(box).to_be_visible()
    over = box.evaluate(OVER)
    assert over == 0
    assert box.evaluate("box => box.scrollHeight <= box.clientHeight")
    cell.run_page.screenshot(f"layout-{width}-keys")
    cell.page.keyboard.press("Escape")
    expect(box).to_be_hidden()


@pytest.mark.parametrize("width", WIDTHS)
def test_every_action_with_a_key_is_in_a_menu_with_it(cell, width):
    wide(cell, width)
    more = cell.run_page.root.get_by_role("button", name="More", exact=True)
    more.click()
    menu = cell.page.get_by_role("menu", name="More")
    keys = menu.locator(".prismq-menu-hint").all_text_contents()
    assert set(MENU_KEYS) <= set(keys)
    cell.run_page.screenshot(f"layout-{width}-menu")
    if width == 420:
        expect(menu.get_by_role("menuitemcheckbox", name="Wrap long lines")).to_be_visible()
        expect(menu.get_by_role("menuitem", name="JSON lines")).to_be_visible()
    menu.get_by_role("menuitem", name="First line").click()
    expect(cell.run_page.root.locator('[data-line="0"]')).to_be_visible()
    more.click()
    menu.get_by_role("menuitem", name="Keyboard shortcuts").click()
    dialog = cell.page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog.get_by_role("button", name="Close")).to_be_focused()


@pytest.mark.parametrize("width", [360, 420, 600, 752, 801, 1000, 1300])
def test_the_toolbar_shows_the_most_important_first(cell, width):
    wide(cell, width)
    root = cell.run_page.root
    name = root.locator(".prismq-name")
    expect(name).to_have_text(NAME)
    assert name.evaluate("name => name.clientWidth") >= 80
    if width >= 600:
        assert name.evaluate("name => name.scrollWidth <= name.clientWidth")
    for level in ("error", "warning", "info"):
        expect(root.locator(f".prismq-chip-{level}")).to_be_in_viewport()
    assert root.evaluate(CUT) == 0
    shown, facts = root.evaluate(SHOWN)
    assert shown == facts[: len(shown)]
    toolbar = root.locator(".prismq-toolbar")
    assert toolbar.evaluate("bar => bar.scrollWidth <= bar.clientWidth")
    root.get_by_role("button", name=re.compile("^Details")).click()
    expect(cell.page.get_by_role("dialog", name="Details")).to_contain_text("166 lines")


def test_the_lower_edge_changes_the_height_by_mouse_and_by_keyboard(cell):
    edge = cell.run_page.root.get_by_role("separator", name="Height of the viewer")
    usual = height(cell)
    box = edge.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    cell.page.mouse.move(x, y)
    cell.page.mouse.down()
    cell.page.mouse.move(x, y + 60)
    cell.page.mouse.move(x, y + 120)
    cell.page.mouse.up()
    cell.page.wait_for_function(
        "height => document.querySelector('.prismq-root').offsetHeight === height", arg=usual + 120
    )
    assert edge.get_attribute("aria-valuenow") == str(usual + 120)
    cell.page.wait_for_function(
        "top => document.querySelector('.prismq-resize').getBoundingClientRect().top > top",
        arg=y + 100,
    )
    for _ in range(3):
        edge.press("ArrowUp")
    cell.page.wait_for_function(
        "height => document.querySelector('.prismq-root').offsetHeight === height", arg=usual + 60
    )
    edge.press("Home")
    cell.page.wait_for_function("() => document.querySelector('.prismq-root').offsetHeight <= 170")
    edge.dblclick()
    cell.page.wait_for_function(
        "height => document.querySelector('.prismq-root').offsetHeight === height", arg=usual
    )


def test_it_collapses_to_its_toolbar_and_fills_the_tab(cell):
    root = cell.run_page.root
    usual = root.bounding_box()
    root.get_by_role("button", name="Log", exact=True).click()
    expect(cell.box).to_be_hidden()
    assert height(cell) < 70
    expect(root.locator(".prismq-pill")).to_have_text("Waiting for input")
    root.get_by_role("button", name="Log", exact=True).click()
    expect(cell.box).to_be_visible()
    cell.filled()
    assert root.bounding_box() == usual
    cell.press("z")
    cell.page.wait_for_function(
        "() => document.querySelector('.prismq-root').offsetHeight === innerHeight"
    )
    expect(cell.box).to_be_focused()
    cell.page.keyboard.press("?")
    cell.page.keyboard.press("Escape")
    expect(root).to_have_class(re.compile("prismq-full"))
    cell.page.keyboard.press("Escape")
    expect(root).not_to_have_class(re.compile("prismq-full"))
    cell.filled()
    assert root.bounding_box() == usual


def test_no_animation_is_endless(cell):
    cell.run_page.send("\n")
    cell.run_page.start("import time\ntime.sleep(1000)")
    cell.run_page.open()
    cell.run_page.wait_state("running")
    script = "() => document.getAnimations().map(one => one.effect.getTiming().iterations)"
    assert all(isinstance(times, int) and times <= 20 for times in cell.page.evaluate(script))
    expect(cell.run_page.root.locator(".prismq-elapsed")).to_have_text(re.compile("^[1-9] s"))
