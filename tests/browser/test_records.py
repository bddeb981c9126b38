"""JSON log records as rows.

Message and `key=value`, chosen fields, a click on a value that filters, copies as printed.
"""

from __future__ import annotations

import json
import re

import pytest
from browser.run_page import RunPage
from playwright.sync_api import Locator, expect

RECORDS = r"""
import json
for i in range(60):
    print(json.dumps({
        "level": "error" if i % 20 == 7 else "info",
        "time": 1761912000 + i,
        "msg": f"request {i}",
        "user": ["ann", "bob w"][i % 2],
        "id": 12345678901234567890 + i,
        "path": "<b>x</b>\n",
    }))
print('{"msg": "compact","user":"ann"}')
print("user=ann, and no record")
"""
LINE = (
    '{"level": "info", "time": 1761912001, "msg": "request 1", "user": "bob w", "id": '
    '12345678901234567891, "path": "<b>x</b>\\n"}'
)
SHOWN = 'request 1 user="bob w" id=12345678901234567891 path=<b>x</b>\\n'


@pytest.fixture
def records(run_page: RunPage) -> RunPage:
    """A run that printed records, and has ended."""
    run_page.start(RECORDS)
    run_page.open(fragment="#L1")
    run_page.wait_state("completed")
    expect(message(run_page, 1)).to_be_visible()
    return run_page


def row(page: RunPage, line: int) -> Locator:
    return page.root.locator(f".prismq-row[data-line='{line}']")


def message(page: RunPage, line: int) -> Locator:
    return row(page, line).locator(".prismq-message")


def found(page: RunPage) -> Locator:
    return page.root.locator(".prismq-find-count")


def test_a_row_is_message_and_pairs_without_markup(records: RunPage) -> None:
    expect(message(records, 1)).to_have_text(SHOWN)
    assert records.root.locator(".prismq-message b").count() == 0
    heights = [row(records, line).bounding_box()["height"] for line in (1, 2)]
    assert heights[0] == heights[1] < 30
    records.screenshot("records")


def test_the_view_menu_shows_them_as_printed_and_chooses_fields(records: RunPage) -> None:
    records.root.get_by_role("button", name="View").click()
    menu = records.root.get_by_role("menu", name="View")
    menu.get_by_role("menuitemcheckbox", name="id", exact=True).click()
    expect(message(records, 1)).to_have_text('request 1 user="bob w" path=<b>x</b>\\n')
    records.screenshot("records-menu")
    menu.get_by_role("menuitemcheckbox", name="id", exact=True).click()
    expect(message(records, 1)).to_have_text(SHOWN)
    menu.get_by_role("menuitemcheckbox", name="Raw JSON").click()
    expect(message(records, 1)).to_have_text(LINE)


def test_a_click_on_a_value_shows_only_lines_with_it_and_with_alt_without_it(
    records: RunPage,
) -> None:
    message(records, 1).locator(".prismq-record-value").first.click()
    field = records.root.get_by_role("textbox", name="Find in the whole log")
    expect(field).to_have_value(r'"\"user\": \"bob w\""')
    expect(found(records)).to_have_text("30 matches")
    expect(row(records, 2)).to_have_count(0)
    expect(row(records, 1)).to_be_visible()
    message(records, 3).locator(".prismq-record-value").nth(1).click(modifiers=["Alt"])
    expect(found(records)).to_have_text("29 matches")
    expect(row(records, 3)).to_have_count(0)
    # the printed form of the pair is nowhere in the row
    expect(row(records, 1)).to_have_class(re.compile("prismq-row-hit"))


def test_an_address_in_a_value_is_a_link_and_with_alt_a_filter(run_page: RunPage) -> None:
    address = "https://runs.example/7?part=1"
    record = {
        "level": "info",
        "msg": "uploaded",
        "url": f"{address}",
        "long": f"{'x' * 380} {address}",
    }
    run_page.start(f"print({json.dumps(json.dumps(record))}); print('other')")
    run_page.open()
    run_page.wait_state("completed")
    link = message(run_page, 0).get_by_role("link")
    expect(link).to_have_count(1)  # only a part of the long value is shown, and no address
    expect(link).to_have_attribute("href", address)
    with run_page.page.context.expect_page() as opened:
        link.click()
    opened.value.close()
    expect(found(run_page)).to_be_hidden()
    link.click(modifiers=["Alt"])
    expect(found(run_page)).to_have_text("1 match")
    expect(row(run_page, 0)).to_have_count(0)


def test_a_search_finds_the_printed_text_and_marks_its_shown_part(records: RunPage) -> None:
    records.root.locator(".prismq-scroller").focus()
    records.page.keyboard.press("/")
    field = records.root.get_by_role("textbox", name="Find in the whole log")
    field.fill("user=ann")  # the shown text differs from the printed one
    expect(found(records)).to_have_text("1 match")
    field.fill("1761912001")
    expect(found(records)).to_have_text("1 match")
    expect(row(records, 1)).to_have_class(re.compile("prismq-row-hit"))
    field.fill("bob")
    expect(found(records)).to_have_text("30 matches")
    expect(row(records, 1)).not_to_have_class(re.compile("prismq-row-hit"))
    records.page.wait_for_function(
        """() => [...(CSS.highlights.get('prismq-hit') ?? [])]
            .some((range) => range.toString() === 'bob')"""
    )
    records.screenshot("records-search")


def test_copies_are_as_printed(records: RunPage) -> None:
    records.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    row(records, 1).locator(".prismq-number").click()
    records.page.keyboard.press("ControlOrMeta+c")
    records.page.wait_for_function(
        "text => navigator.clipboard.readText().then((now) => now.trim() === text)", arg=LINE
    )
    script = """([first, last]) => {
        const message = (line) => `.prismq-row[data-line='${line}'] .prismq-message`;
        const node = (line) => document.querySelector(message(line));
        const range = new Range();
        range.setStart(node(first), 0);
        range.setEnd(node(last), node(last).childNodes.length);
        document.getSelection().removeAllRanges();
        document.getSelection().addRange(range);
    }"""
    records.page.evaluate(script, [1, 3])
    records.page.keyboard.press("ControlOrMeta+c")
    check = """async text => {
        const copied = await navigator.clipboard.readText();
        return copied.startsWith(text) && copied.split("\\n").length === 3
            && copied.includes('"request 3"');
    }"""
    records.page.wait_for_function(check, arg=LINE)
