"""Ctrl+F, Ctrl+G and F3 belong to the viewer inside of it, and to the application elsewhere."""

from __future__ import annotations

from playwright.sync_api import expect

LAUNCH = (
    "import prismq_nb\nrun = prismq_nb.launch(code='for i in range(30): print(\"line\", i)')\nrun"
)


def test_the_keys_inside_a_viewer_and_outside(jupyter):
    jupyter.open("find.ipynb", LAUNCH)
    jupyter.run_all()
    jupyter.wait_state("completed")
    jupyter.wait_idle()
    keyboard = jupyter.page.keyboard
    field, count = (jupyter.viewer().locator(f".prismq-find-{part}") for part in ("field", "count"))
    theirs = jupyter.page.locator(".jp-DocumentSearch-overlay")
    jupyter.viewer().get_by_role("log").focus()
    keyboard.press("Control+f")
    expect(field).to_be_focused()
    expect(theirs).to_be_hidden()
    keyboard.type("29")
    keyboard.press("Enter")
    expect(count).to_have_text("1 of 1")
    keyboard.press("Escape")
    expect(field).to_be_hidden()
    jupyter.page.locator(".jp-Cell .cm-content").first.click()
    keyboard.press("Control+f")
    expect(theirs).to_be_visible()
    expect(field).to_be_hidden()
    keyboard.press("Escape")
    expect(theirs).to_be_hidden()


def test_the_next_and_the_previous_match(jupyter):
    jupyter.open("next.ipynb", LAUNCH)
    jupyter.run_all()
    jupyter.wait_state("completed")
    jupyter.wait_idle()
    keyboard = jupyter.page.keyboard
    count = jupyter.viewer().locator(".prismq-find-count")
    theirs = jupyter.page.locator(".jp-DocumentSearch-overlay")
    jupyter.viewer().get_by_role("log").focus()
    keyboard.press("/")
    keyboard.type("line")
    keyboard.press("Enter")
    expect(count).to_have_text("1 of 30")
    for key, shown in (("F3", 2), ("Control+g", 3), ("Shift+F3", 2), ("Control+Shift+g", 1)):
        keyboard.press(key)
        expect(count).to_have_text(f"{shown} of 30")
    jupyter.viewer().get_by_role("log").focus()
    keyboard.press("F3")
    expect(count).to_have_text("2 of 30")
    expect(theirs).to_be_hidden()
