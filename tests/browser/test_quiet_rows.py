"""What rows leave out until requested: buttons of few updates, and a program's last escape
sequence.
"""

from __future__ import annotations

from playwright.sync_api import expect

# As tqdm and a logger take turns; then the cursor is turned on again.
TURNS = r"""
import sys
for i in range(3):
    sys.stdout.write(f"\r{i}/3" + f"\rINFO step {i}\n")
sys.stdout.write("".join(f"\r{i}%" for i in range(50)) + "\n\x1b[?25h")
"""


def test_few_updates_are_shown_when_the_pointer_is_on_the_row(run_page):
    run_page.start(TURNS)
    run_page.open()
    run_page.wait_state("completed")
    row = run_page.root.locator(".prismq-row[data-line='1']")
    button = row.get_by_role("button", name="1 earlier update")
    expect(button).to_have_css("opacity", "0")
    row.hover()
    expect(button).to_have_css("opacity", "1")
    many = run_page.root.get_by_role("button", name="49 earlier updates")
    expect(many).to_have_css("opacity", "1")
    run_page.page.mouse.move(600, 700)
    button.focus()
    run_page.page.keyboard.press("Shift+Tab")
    run_page.page.keyboard.press("Tab")
    expect(button).to_be_focused()
    expect(button).to_have_css("opacity", "1")
    run_page.page.keyboard.press("Enter")
    expect(row.locator(".prismq-frame")).to_have_text(["1/3\n", "INFO step 1\n"])


def test_an_escape_sequence_at_the_end_without_a_line_break_has_no_row(run_page):
    run_page.start(TURNS)
    run_page.open()
    run_page.wait_state("completed")
    run_page.wait_lines(5)
    expect(run_page.root.locator(".prismq-row-end")).to_be_visible()
    lines = run_page.root.locator(".prismq-row[data-line]").evaluate_all(
        "rows => rows.map(row => row.dataset.line)"
    )
    assert lines == ["0", "1", "2", "3"]
