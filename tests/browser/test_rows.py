"""What one row shows, and what a user gets out of it.

Folds, JSON, long lines, colours, bars, copies; for everyone, and whatever the log says.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from browser.hostile_lines import program
from browser.legible import axe
from browser.run_page import RunPage
from playwright.sync_api import Locator, expect

TRACES = """
import logging
logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
def parse(depth):
    return parse(depth - 1) if depth else {}["key"]
for job in range(3):
    try:
        parse(4)
    except KeyError:
        logging.exception("job %d failed", job)
logging.error("that was all")
"""
JSON_LINE = (
    '{"event":"request","id":12345678901234567890,"user":{"name":"<b>Ann</b>"},"tags":["a"],'
    '"none":null}'
)
COLOURS = """
def text(*codes): return f"\\x1b[{';'.join(map(str, codes))}mtext\\x1b[0m"
for i in range(8):
    pairs = [text(40 + i, 30 + k) + text(100 + i, 90 + k, 7) for k in range(8)]
    print(text(30 + i), text(90 + i), *pairs)
for i in range(0, 256, 5):
    print(text(38, 5, i), text(48, 5, i), text(48, 5, i, 38, 5, i * 7 % 256), text(7, 48, 5, i))
for color in ((255, 255, 255), (0, 0, 0), (255, 255, 0), (0, 0, 255), (128, 128, 128)):
    print("ERROR:", text(38, 2, *color), text(2))
print("see \\x1b]8;;https://example.org/docs\\x1b\\\\the docs\\x1b]8;;\\x1b\\\\")
"""
CONTRAST = """() => {
    const numbers = (css) => (css.match(/[\\d.]+/g) ?? []).map(Number);
    const linear = (byte) => {
        const value = byte / 255;
        return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    };
    const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    const ground = (node) => {
        for (let at = node; at; at = at.parentElement) {
            const color = numbers(getComputedStyle(at).backgroundColor);
            if (color.length === 3 || color[3] > 0) return color;
        }
    };
    return [...document.querySelectorAll('.prismq-message span')].map((node) => {
        const both = [light(numbers(getComputedStyle(node).color)), light(ground(node))];
        const [low, high] = both.sort((a, b) => a - b);
        return [(high + 0.05) / (low + 0.05), node.outerHTML];
    });
}"""
# The output of tqdm for a bar in a bar, and then nothing more until somebody answers.
BARS = """
import sys
write = lambda text: (sys.stdout.write(text), sys.stdout.flush())
write("\\router:   0%|   | 0/2")
for i in range(50): write(f"\\n\\rinner: {2 * i:3}%|## | {i}/50\\x1b[A")
write("\\router:  50%|#  | 1/2\\n\\rinner:   4%|   | 2/50\\x1b[A")
input()
write("\\router: 100%|###| 2/2\\n")
print("done")
"""


def rows(page: RunPage) -> list[str]:
    """The messages in the list, without what stands behind them."""
    return page.page.evaluate(
        """() => {
            const messages = '.prismq-row:not(.prismq-held) .prismq-message';
            return [...document.querySelectorAll(messages)].map((node) => node.textContent);
        }"""
    )


def row(page: RunPage, line: int) -> Locator:
    return page.root.locator(f".prismq-row[data-line='{line}']")


def finished(page: RunPage, code: str, name: str = "rows") -> None:
    """Show a run that has ended, from its first line."""
    page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.start(code, name=name)
    page.open()
    expect(page.root).to_have_attribute("data-link", "ended")
    page.root.locator(".prismq-scroller").focus()
    page.page.keyboard.press("Home")
    expect(row(page, 0)).to_be_visible()


def clipboard(page: RunPage) -> str:
    return page.page.evaluate("() => navigator.clipboard.readText()")


def copied(page: RunPage) -> str:
    expect(page.root.locator(".prismq-selection-text")).to_contain_text("copied")
    return clipboard(page)


TAGS = {"DIV", "SPAN", "BUTTON", "A", "STRONG", "svg", "path"}


class TestTraces:
    def test_they_fold_to_head_and_exception_with_a_count_and_open_by_click_and_key(self, run_page):
        finished(run_page, TRACES)
        folded = [
            "ERROR job 0 failed",
            "Traceback (most recent call last):",
            "KeyError: 'key'",
            "ERROR that was all",
        ]
        assert folded == [re.sub(r"^\d+-.*,\d+ ", "", text) for text in rows(run_page)]
        button = run_page.root.locator(".prismq-tool-fold")
        expect(button).to_have_text(re.compile("^[0-9]+ lines \N{MULTIPLICATION SIGN} 3$"))
        run_page.screenshot("trace-folded")
        button.click()
        expect(button).to_have_attribute("aria-expanded", "true")
        expect(button).to_be_focused()
        expect(row(run_page, 2)).to_contain_text("File")
        run_page.screenshot("trace-open")
        run_page.page.keyboard.press("Enter")
        expect(row(run_page, 2)).to_have_count(0)
        assert len(folded) == len(rows(run_page))

    def test_the_view_menu_turns_folding_off(self, run_page):
        finished(run_page, TRACES)
        run_page.root.get_by_role("button", name="View").click()
        run_page.page.get_by_role("menuitemcheckbox", name="Fold tracebacks").click()
        expect(row(run_page, 2)).to_contain_text("File")
        expect(run_page.root.locator(".prismq-tool-fold")).to_have_count(0)

    def test_a_link_to_a_folded_line_opens_it(self, run_page):
        run_page.start(TRACES)
        run_page.open(fragment="#L4")
        run_page.wait_state("completed")
        expect(row(run_page, 3)).to_be_visible()


class TestOneLine:
    def test_json_is_laid_out_on_demand_as_text(self, run_page):
        finished(run_page, f"print({JSON_LINE!r})\nprint('[INFO] not this')")
        expect(run_page.root.locator(".prismq-tool-json")).to_have_count(1)
        row(run_page, 0).hover()
        row(run_page, 0).locator(".prismq-tool-json").click()
        laid_out = row(run_page, 0).locator(".prismq-json")
        expect(laid_out).to_contain_text('  "id": 12345678901234567890,')
        expect(laid_out).to_contain_text('    "name": "<b>Ann</b>"')
        assert (
            row(run_page, 1).bounding_box()["y"] >= row(run_page, 0).bounding_box()["y"] + 11 * 20
        )
        run_page.screenshot("json")
        run_page.page.keyboard.press("Enter")
        shown = 'request id=12345678901234567890 user={"name":"<b>Ann</b>"} tags=["a"] none=null'
        expect(row(run_page, 0).locator(".prismq-message")).to_have_text(shown)

    def test_a_very_long_line_is_shown_completely_on_demand(self, run_page):
        finished(run_page, "print('a' * 40000 + 'end')\nprint('next')")
        button = row(run_page, 0).locator(".prismq-tool-whole")
        expect(button).to_have_text("23,619 more characters \N{EN DASH} show all")
        # it is far to the right
        run_page.page.evaluate("() => document.querySelector('.prismq-tool-whole').click()")
        expect(row(run_page, 0).locator(".prismq-message")).to_have_text("a" * 40_000 + "end")
        expect(row(run_page, 1)).to_be_in_viewport()
        button.click()
        expect(row(run_page, 0).locator(".prismq-message")).to_have_text("a" * 16_384)

    def test_colours_are_readable_in_both_themes_and_links_are_safe(self, run_page):
        finished(run_page, COLOURS)
        for scheme in ("light", "dark"):
            run_page.page.emulate_media(color_scheme=scheme)
            expect(run_page.root).to_have_css("color-scheme", scheme)
            found = run_page.page.evaluate(CONTRAST)
            assert len(found) > 200
            assert [] == [one for one in found if one[0] < 4.5]
            run_page.screenshot(f"ansi-{scheme}")
        run_page.page.keyboard.press("End")
        link = run_page.root.get_by_role("link", name="the docs")
        assert {
            "href": "https://example.org/docs",
            "rel": "noopener noreferrer",
            "target": "_blank",
            "title": "Opens example.org in a new tab",
        } == {name: link.get_attribute(name) for name in ("href", "rel", "target", "title")}

    def test_timestamps_by_the_view_menu_and_the_keyboard(self, run_page):
        finished(run_page, "import time\nprint('one')\ntime.sleep(1)\nprint('two')")
        run_page.root.get_by_role("button", name="View").focus()
        run_page.page.keyboard.press("ArrowDown")
        times = {}
        for step in ("", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown"):
            if step:
                run_page.page.keyboard.press(step)
            run_page.page.keyboard.press("Enter")
            checked = run_page.page.locator(
                ".prismq-menu-item[role=menuitemradio][aria-checked=true]"
            )
            expect(checked).to_be_focused()
            run_page.wait_frames()
            times[checked.inner_text()] = [
                row(run_page, line).locator(".prismq-time").text_content() for line in (0, 1)
            ]
        assert ["", ""] == times["Off"]
        assert re.fullmatch(r"\d\d:\d\d:\d\d\.\d{3}", times["Time of day"][0])
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}", times["Date and time"][1])
        assert re.fullmatch(r"\+\d\.\d{3}", times["Since start"][1])
        assert times["Since previous line"][0] == ""
        assert re.fullmatch(r"\+\d\.\d{3}", times["Since previous line"][1])
        run_page.page.keyboard.press("Escape")
        expect(run_page.root.get_by_role("button", name="View")).to_be_focused()


def test_bars_are_drawn_in_place_and_not_as_a_flood(run_page):
    run_page.start(BARS, name="bars")
    run_page.open()
    run_page.wait_lines(51)
    expect(run_page.root.locator(".prismq-row-pending")).to_have_text([re.compile("inner:   4%")])
    assert ["outer:  50%|#  | 1/2"] == [text for text in rows(run_page) if text.startswith("outer")]
    assert len(rows(run_page)) <= 3
    run_page.screenshot("bars")
    run_page.send("\n")
    run_page.wait_state("completed")
    expect(run_page.root.locator(".prismq-row-end")).to_be_visible()
    assert {"outer: 100%|###| 2/2", "done"} <= set(rows(run_page))
    assert len(rows(run_page)) <= 4


# An hour of one bar, and of one that is drawn in blocks of colour, each without a newline.
LONG_BARS = """
import sys
bar = "\\r{0:3d}%|##########          | {0}/100 [00:01<00:01, 30.1it/s]"
blocks = "\\r" + "".join(f"\\x1b[38;5;{16 + 6 * i}m\\u2588" for i in range(30)) + "\\x1b[0m {0:3d}%"
for i in range(12_000):
    sys.stderr.write(bar.format(i % 45))
    if i % 10 == 0: sys.stdout.write(blocks.format(i % 45))
sys.stdout.write(blocks.format(45)); sys.stderr.write(bar.format(45)); sys.stdout.flush()
input()
print()
"""
SENT_CHARACTERS = """() => {
    window.longest = 0;
    const decode = TextDecoder.prototype.decode;
    TextDecoder.prototype.decode = function (...given) {
        const text = decode.apply(this, given);
        window.longest = Math.max(window.longest, text.length);
        return text;
    };
}"""


def test_the_page_gets_only_the_newest_frame_of_a_bar_redrawn_for_an_hour(run_page):
    run_page.page.add_init_script(f"({SENT_CHARACTERS})()")
    run_page.start(LONG_BARS, name="long-bars")
    run_page.open()
    pending = run_page.root.locator(".prismq-row-pending .prismq-message")
    expect(pending).to_have_text(
        [re.compile(r"^\u2588{30}  45%$"), re.compile(r"^ 45%\|#+ +\| 45/100")]
    )
    assert pending.first.locator("span").count() == 30
    assert run_page.page.evaluate("window.longest") < 50_000
    expect(run_page.root.get_by_role("progressbar").first).to_have_attribute("aria-valuenow", "45")
    for scheme in ("light", "dark"):
        run_page.page.emulate_media(color_scheme=scheme)
        run_page.screenshot(f"long-bars-{scheme}")
    run_page.send("\n")
    run_page.wait_state("completed")
    expect(run_page.root.get_by_role("progressbar")).to_have_count(0)


def test_lines_of_only_symbols_and_colours_are_drawn_with_few_elements(run_page):
    finished(run_page, "print('\\0' * 300_000); print('\\x1b[31mx\\x1b[32my' * 60_000)")
    for n in (0, 1):
        line = row(run_page, n)
        line.locator(".prismq-tool-whole").click()
        expect(line.locator(".prismq-tool-whole")).to_have_text("Show less")
        assert line.locator("*").count() < 12_000
        line.locator(".prismq-tool-whole").click()


class TestCopies:
    CODE = "for i in range(12000): print('\\x1b[32mline\\x1b[0m', i)"
    ALL = "\n".join(f"line {i}" for i in range(12_000))

    def test_all_lines_including_those_that_are_not_on_the_page(self, run_page):
        finished(run_page, self.CODE)
        run_page.page.keyboard.press("Control+a")
        expect(run_page.root.locator(".prismq-selection-text")).to_have_text(
            "12,000 lines: 1 \N{EN DASH} 12,000"
        )
        run_page.screenshot("selected")
        run_page.page.keyboard.press("Control+c")
        assert self.ALL == copied(run_page)
        run_page.page.keyboard.press("Escape")
        expect(run_page.root.locator(".prismq-selection")).to_be_hidden()

    def test_lines_by_the_gutter_with_timestamps_as_a_link_and_as_a_file(self, run_page):
        finished(run_page, self.CODE)
        row(run_page, 3).locator(".prismq-number").click()
        row(run_page, 5).locator(".prismq-number").click(modifiers=["Shift"])
        expect(run_page.root.locator(".prismq-row.prismq-selected")).to_have_count(3)
        bar = run_page.root.locator(".prismq-selection")
        bar.get_by_role("button", name="Copy", exact=True).click()
        assert "line 3\nline 4\nline 5" == copied(run_page)
        bar.get_by_role("button", name="With timestamps").click()
        run_page.page.wait_for_function(
            """async () => /^\\d\\d:\\d\\d:\\d\\d\\.\\d{3} line 3\\n.* line 5$/s
                .test(await navigator.clipboard.readText())"""
        )
        run_page.root.get_by_role("button", name="Download").click()
        with run_page.page.expect_download() as download:
            run_page.page.locator(".prismq-menu-heading", has_text="3 selected lines").locator(
                "+ *"
            ).click()
        assert ["line 3", "line 4", "line 5"] == [
            line.rpartition("] ")[2]
            for line in Path(download.value.path()).read_text().splitlines()
        ]
        bar.get_by_role("button", name="Link").click()
        expect(bar).to_contain_text("Link to lines 4 to 6 copied")
        assert clipboard(run_page).endswith("#L4-L6")
        run_page.page.goto(clipboard(run_page))
        run_page.wait_lines(12_000)
        expect(row(run_page, 3)).to_be_in_viewport()
        expect(run_page.root.locator(".prismq-row.prismq-marked")).to_have_count(3)

    def test_text_over_rows_without_numbers_and_timestamps(self, run_page):
        finished(run_page, self.CODE)
        run_page.page.evaluate(
            """() => {
                const message = (n) => document.querySelector(`[data-line="${n}"] .prismq-message`);
                const [from, to] = [message(2).lastChild, message(5).firstChild.firstChild];
                getSelection().setBaseAndExtent(from, 1, to, 2);
            }"""
        )
        run_page.page.keyboard.press("Control+c")
        run_page.page.wait_for_function(
            "async () => (await navigator.clipboard.readText()) === '2\\nline 3\\nline 4\\nli'"
        )


PLACES = """() => [...document.querySelectorAll('.prismq-row[data-line]')].map((node) => {
    const { y, height } = node.getBoundingClientRect();
    const message = node.querySelector('.prismq-message').textContent;
    return [message, y, height, getComputedStyle(node).overflowY];
})"""


class TestHostileLines:
    @pytest.fixture
    def hostile(self, run_page) -> RunPage:
        finished(run_page, program(), "hostile")
        return run_page

    def test_nothing_executes_and_nothing_becomes_markup(self, hostile):
        for key in ("Home", "PageDown", "End"):
            hostile.page.keyboard.press(key)
            hostile.wait_frames()
            assert (
                set(
                    hostile.root.locator(".prismq-rows *").evaluate_all(
                        "(nodes) => nodes.map((node) => node.tagName)"
                    )
                )
                <= TAGS
            )
            links = hostile.root.locator(".prismq-rows a").evaluate_all(
                "(nodes) => nodes.map((node) => [node.protocol, node.host])"
            )
            hosts = (["https:", "example.org"], ["https:", "bank.example"])  # as they are printed
            assert all(link in hosts for link in links)
        assert hostile.page.evaluate("() => window.hacked") is None
        assert hostile.page.evaluate("() => document.title") == "hostile · completed"

    def test_every_line_is_in_its_own_row(self, hostile):
        places = hostile.page.evaluate(PLACES)
        assert [f"{n}:" for n in range(len(places))] == [text.split(" ")[0] for text, *_ in places]
        first = places[0][1]
        assert [(first + 20 * n, 20, "clip") for n in range(len(places))] == [
            (y, height, overflow) for _, y, height, overflow in places
        ]
        hostile.screenshot("hostile")

    def test_wrapped_lines_fit_the_width(self, hostile):
        hostile.root.get_by_role("button", name="View").click()
        hostile.page.get_by_role("menuitemcheckbox", name="Wrap long lines").click()
        hostile.page.keyboard.press("Escape")
        for key in ("Home", "End"):
            hostile.root.locator(".prismq-scroller").focus()
            hostile.page.keyboard.press(key)
            hostile.page.wait_for_function(
                """() => {
                    const scroller = document.querySelector('.prismq-scroller');
                    return scroller.scrollWidth <= scroller.clientWidth;
                }"""
            )
            hostile.screenshot(f"hostile-wrapped-{key.lower()}")

    def test_directions_stay_in_their_row_and_overrides_have_no_effect(self, hostile):
        expect(row(hostile, 22).locator(".prismq-sign").first).to_have_text("RLO")
        expect(row(hostile, 22).locator(".prismq-sign").first).to_have_attribute("title", "U+202E")
        left = [
            row(hostile, n).locator(".prismq-message").bounding_box()["x"] for n in range(20, 28)
        ]
        assert 1 == len(set(left))


class TestForEveryone:
    def test_axe_finds_no_serious_violation(self, run_page):
        finished(run_page, TRACES + COLOURS + f"print({JSON_LINE!r})")
        row(run_page, 0).locator(".prismq-number").click()
        run_page.page.evaluate(axe())
        for scheme in ("light", "dark"):
            run_page.page.emulate_media(color_scheme=scheme)
            expect(run_page.root).to_have_css("color-scheme", scheme)
            for opened in (None, "View", "Download"):
                if opened:
                    run_page.root.get_by_role("button", name=opened).click()
                found = run_page.page.evaluate(
                    "async () => (await axe.run('.prismq-root')).violations"
                )
                if opened:
                    run_page.page.keyboard.press("Escape")
                problems = [
                    (one["id"], [node["html"] for node in one["nodes"]][:3])
                    for one in found
                    if one["impact"] in ("serious", "critical")
                ]
                assert [] == problems, (scheme, opened)

    def test_a_screen_reader_announces_new_errors_and_the_end_but_not_every_line(self, run_page):
        run_page.start(
            """\
print('ERROR: old')
for i in range(100): print('line', i)
input()
print('ERROR: it broke')
input()""",
            name="spoken",
        )
        run_page.open()
        run_page.wait_lines(101)
        assert "off" == run_page.root.get_by_role("log").get_attribute("aria-live")
        heard = run_page.root.locator("[aria-live=polite]")
        expect(run_page.root.get_by_role("button", name="1 error")).to_be_visible()
        expect(heard).to_have_text("")
        run_page.send("\n")
        expect(heard).to_have_text("1 new error: ERROR: it broke")
        run_page.send("\n")
        expect(run_page.root.locator(".prismq-spoken[role=status]")).to_have_text(
            "spoken: completed"
        )

    def test_forced_colours_keep_levels_selection_and_focus_distinct(self, run_page):
        run_page.page.emulate_media(forced_colors="active", reduced_motion="reduce")
        finished(run_page, "print('INFO: a')\nprint('ERROR: b')\nprint('INFO: c')")
        expect(row(run_page, 1).locator(".prismq-gutter")).to_have_css("border-left-width", "3px")
        expect(row(run_page, 0).locator(".prismq-gutter")).to_have_css("border-left-width", "0px")
        row(run_page, 2).locator(".prismq-number").click()
        ground = "(node) => getComputedStyle(node).backgroundColor"
        assert row(run_page, 2).locator(".prismq-gutter").evaluate(ground) != row(
            run_page, 0
        ).locator(".prismq-gutter").evaluate(ground)
        run_page.page.keyboard.press("Shift+ArrowUp")
        expect(run_page.root.locator(".prismq-selected")).to_have_count(2)
        expect(run_page.root.locator(".prismq-scroller")).to_have_css("outline-style", "solid")
        run_page.screenshot("forced-colors")
