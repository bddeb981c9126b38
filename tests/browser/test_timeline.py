"""The timeline and the toolbar's figures.

What is drawn, where a click leads, what the level buttons do, in which cells they are.
"""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect
from support.journals import MadeRun

from prismq_nb.capture.monitor.usage_log import UsageLog
from prismq_nb.common.base.state import MICROSECONDS, now_us
from prismq_nb.journal.layout.usage import Sample
from prismq_nb.journal.levels.classifier import Level
from prismq_nb.journal.levels.sidecar import SidecarWriter

SECONDS = 600
BURST = range(300, 310)
RED, AMBER = "bad", "time-warn"
TOP = 36  # px above the ground: the row of marks
STEADY = """\
import time
for i in range(50):
    print('INFO:', i)
    time.sleep(0.05)
input()
for _ in range(300): print('ERROR: oh')
input()"""
COLUMNS = """([name, above]) => {
    const canvas = document.querySelector('.prismq-time-canvas');
    const probe = document.createElement('canvas').getContext('2d');
    probe.fillStyle = getComputedStyle(canvas).getPropertyValue('--prismq-' + name).trim();
    probe.fillRect(0, 0, 1, 1);
    const [r, g, b] = probe.getImageData(0, 0, 1, 1).data;
    const ground = canvas.height - Math.round(15 * devicePixelRatio);
    const row = canvas.getContext('2d').getImageData(0, ground - above, canvas.width, 1).data;
    const found = [];
    for (let x = 0; x < canvas.width; x++) {
        const [red, green, blue, alpha] = row.slice(4 * x, 4 * x + 4);
        const distance = Math.abs(red - r) + Math.abs(green - g) + Math.abs(blue - b);
        if (alpha > 200 && distance < 12) found.push(x / canvas.width);
    }
    return found;
}"""


@pytest.fixture(scope="module")
def burst(plain_server) -> MadeRun:
    """Ten minutes: a line a second, a warning in each minute, three errors a second for ten seconds
    in the middle; CPU and memory.
    """
    run = MadeRun(
        plain_server.data_dir, f"run_{time.strftime('%Y%m%d_%H%M%S', time.gmtime())}_burst_abc123"
    )
    (run.path / "keep").touch()
    start = run.now
    sidecar, usage = SidecarWriter(run.path), UsageLog(run.path)
    for second in range(SECONDS):
        texts = (
            {"ERROR": 3}
            if second in BURST
            else {"WARNING": 1}
            if second % 60 == 30
            else {"INFO": 1}
        )
        for level, count in texts.items():
            run.write(f"{level}: second {second}\n" * count, micros=MICROSECONDS)
            sidecar.append(bytes([Level[level]]) * count)
        usage.add(Sample(run.now, 50.0 + second % 7, 100_000_000 + second * 100_000))
    sidecar.close()
    run.end()
    counts = [0, SECONDS - len(BURST) - 10, 10, 3 * len(BURST), 0]
    run.state(
        "completed",
        exit_code=0,
        completed=run.now,
        lines=run.writer.lines,
        bytes=run.writer.end,
        levels=counts,
        levels_done=run.writer.lines,
    )
    assert start + SECONDS * MICROSECONDS == run.now < now_us()
    return run


@pytest.fixture
def shown(run_page, burst):
    """Its page, drawn."""
    run_page.open(burst.run_id)
    run_page.wait_state("completed")
    wait_drawn(run_page)
    return run_page


def wait_drawn(page) -> None:
    """Wait for the first picture, whose axis covers the whole width."""
    page.page.wait_for_function(
        """() => {
            const canvas = document.querySelector('.prismq-time-canvas');
            if (!canvas?.width) return false;
            const y = canvas.height - Math.round(15 * devicePixelRatio);
            return canvas.getContext('2d').getImageData(0, y, 1, 1).data[3] > 0;
        }"""
    )


def columns(page, name: str, above: int = 2) -> list[float]:
    """Where a colour is, as shares of the width, in the row of pixels so far above the ground on
    which bars stand.
    """
    return page.page.evaluate(COLUMNS, [name, above])


def at(page, share: float) -> tuple[float, float]:
    """A place on the timeline."""
    box = page.root.locator(".prismq-time-plot").bounding_box()
    return box["x"] + box["width"] * share, box["y"] + box["height"] / 3


def rows_of(page) -> list[int]:
    """Numbers of the visible lines."""
    return page.page.evaluate(
        """() => {
            const box = document.querySelector('.prismq-scroller').getBoundingClientRect();
            const isSeen = row => {
                const { top, bottom } = row.getBoundingClientRect();
                return bottom > box.top + 1 && top < box.bottom - 1;
            };
            const rows = [...document.querySelectorAll('.prismq-row[data-line]')];
            return rows.filter(isSeen).map(row => Number(row.dataset.line));
        }"""
    )


def wait_row(page, line: int) -> None:
    expect(page.root.locator(f".prismq-row[data-line='{line}']")).to_be_in_viewport()


class TestThePicture:
    def test_a_burst_of_errors_is_red_where_it_was_and_nowhere_else(self, shown):
        red = columns(shown, RED)
        assert red
        assert BURST.start / SECONDS - 0.01 < min(red) <= max(red) < BURST.stop / SECONDS + 0.01

    def test_a_single_warning_is_visible(self, shown):
        found = columns(shown, AMBER)
        places = {round(share * 10 - 0.5) for share in found}
        assert set(range(10)) == places

    def test_search_hits_are_marked_at_their_time(self, shown):
        assert [] == columns(shown, "time-mark", TOP)
        shown.root.get_by_role("button", name="Find").click()
        shown.page.keyboard.type("second 305")
        shown.page.wait_for_function(f"() => ({COLUMNS})(['time-mark', {TOP}]).length > 0")
        marks = columns(shown, "time-mark", TOP)
        assert 0.5 < min(marks) <= max(marks) < 0.52

    def test_the_tooltip_says_what_was_there(self, shown):
        tip = shown.root.locator(".prismq-time-tip")
        expect(tip).to_be_hidden()
        shown.page.mouse.move(*at(shown, 305 / SECONDS))
        expect(tip).to_contain_text(re.compile(r"ERROR \d+.*CPU 5\d%.*13\d MB.*Line 3\d\d"))
        shown.screenshot("timeline-light")
        shown.page.mouse.move(600, 500)
        expect(tip).to_be_hidden()

    def test_it_is_sharp_and_correct_on_a_dense_screen_in_the_dark(
        self, browser, plain_server, burst, run_page
    ):
        context = browser.new_context(
            viewport={"width": 900, "height": 500}, device_scale_factor=2, color_scheme="dark"
        )
        dense = type(run_page)(context.new_page(), plain_server, run_page._screenshots)
        dense.open(burst.run_id)
        wait_drawn(dense)
        plot = dense.root.locator(".prismq-time-plot").bounding_box()
        assert 2 * plot["width"] == dense.page.evaluate(
            "() => document.querySelector('.prismq-time-canvas').width"
        )
        red = columns(dense, RED)
        assert BURST.start / SECONDS - 0.01 < min(red) <= max(red) < BURST.stop / SECONDS + 0.01
        dense.screenshot("timeline-dark")
        dense.page.emulate_media(color_scheme="light")
        expect(dense.root).not_to_have_class(re.compile("prismq-dark"))
        # redrawn, in the light theme's red
        dense.page.wait_for_function(f"() => ({COLUMNS})(['{RED}', 2]).length > 0")
        assert dense.errors == []
        context.close()


class TestNavigation:
    def test_a_click_and_a_drag_lead_to_the_lines_of_that_time(self, shown):
        shown.page.mouse.click(*at(shown, 305 / SECONDS))
        wait_row(shown, 315)
        expect(shown.root.locator(".prismq-row.prismq-level-error")).not_to_have_count(0)
        shown.page.mouse.down()
        shown.page.mouse.move(*at(shown, 200 / SECONDS), steps=4)
        shown.page.mouse.move(*at(shown, 100 / SECONDS), steps=4)
        shown.page.mouse.up()
        wait_row(shown, 100)
        shown.page.mouse.move(*at(shown, 0.9))
        assert 100 in rows_of(shown)

    def test_keys_move_from_bar_to_bar_and_say_where(self, shown):
        plot = shown.root.get_by_role("slider", name="Timeline")
        plot.focus()
        shown.page.keyboard.press("Home")
        wait_row(shown, 0)
        expect(plot).to_have_attribute(
            "aria-valuetext", re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d, line \d+ of 620$")
        )
        low = int(plot.get_attribute("aria-valuenow"))
        shown.page.keyboard.press("PageUp")
        shown.page.wait_for_function(
            "low => Number(document.querySelector('.prismq-time-plot').ariaValueNow) > low", arg=low
        )
        shown.page.keyboard.press("End")
        wait_row(shown, 619)
        expect(plot).to_have_attribute("aria-valuemax", "620")


class TestItsPlace:
    def test_it_is_closed_and_opened_and_makes_no_requests_while_closed(self, shown):
        plot, toggle = (
            shown.root.locator(".prismq-time-plot"),
            shown.root.get_by_role("button", name="Timeline"),
        )
        height = shown.root.locator(".prismq-timeline").bounding_box()["height"]
        assert 44 <= height <= 56
        toggle.click()
        expect(plot).to_be_hidden()
        expect(toggle).to_have_attribute("aria-expanded", "false")
        assert shown.root.locator(".prismq-timeline").bounding_box()["height"] < 18
        asked: list[str] = []
        shown.page.on("request", lambda request: asked.append(request.url))
        shown.page.set_viewport_size({"width": 640, "height": 500})
        expect(shown.root).to_have_css("width", "640px")
        shown.wait_frames()
        assert [] == [url for url in asked if "timeline" in url]
        # half as wide: other buckets are needed, now that it is visible
        with shown.page.expect_request("**/logs/timeline?buckets=200"):
            toggle.click()
        expect(plot).to_be_visible()
        wait_drawn(shown)

    @pytest.mark.parametrize("size", [(400, 700), (1280, 200)], ids=["narrow", "low"])
    def test_it_leaves_small_cells_to_the_list(self, shown, size):
        shown.page.set_viewport_size({"width": size[0], "height": size[1]})
        expect(shown.root.locator(".prismq-timeline")).to_be_hidden()
        expect(shown.root.locator(".prismq-scroller")).to_be_in_viewport()
        assert shown.page.evaluate("() => document.documentElement.scrollWidth") <= size[0]

    def test_a_short_run_has_none(self, run_page):
        run_page.start("print('one'); print('ERROR: two')")
        run_page.open()
        run_page.wait_state("completed")
        run_page.wait_lines(2)
        expect(run_page.root.locator(".prismq-timeline")).to_be_hidden()

    def test_the_timeline_of_a_live_run_appears_and_grows_at_the_right_edge(self, run_page):
        run_page.start(STEADY, name="steady")
        run_page.open()
        run_page.wait_lines(50)
        expect(run_page.root.locator(".prismq-timeline")).to_be_visible()
        wait_drawn(run_page)
        assert [] == columns(run_page, RED)
        run_page.send("\n")
        run_page.page.wait_for_function(f"() => ({COLUMNS})(['{RED}', 9]).length > 0")
        run_page.screenshot("timeline-live")
        assert max(columns(run_page, RED, 9)) > 0.5
        run_page.send("\n")


class TestTheFigures:
    def test_level_buttons_filter(self, shown):
        chips = shown.root.locator(".prismq-chip:visible")
        assert ["30 errors", "10 warnings", "580 info"] == chips.all_text_contents()
        errors = shown.root.get_by_role("button", name="30 errors")
        errors.click()
        expect(errors).to_have_attribute("aria-pressed", "true")
        expect(shown.root.locator(".prismq-row.prismq-level-info")).to_have_count(0)
        expect(shown.root.locator(".prismq-row.prismq-level-error")).not_to_have_count(0)
        warnings = shown.root.get_by_role("button", name="10 warnings")
        warnings.click()
        expect(shown.root.locator(".prismq-row.prismq-level-warning")).not_to_have_count(0)
        warnings.click()
        expect(shown.root.locator(".prismq-row.prismq-level-warning")).to_have_count(0)
        errors.click()
        expect(shown.root.locator(".prismq-row.prismq-level-info")).not_to_have_count(0)

    def test_they_are_usable_in_a_narrow_cell(self, shown):
        shown.page.set_viewport_size({"width": 500, "height": 500})
        errors = shown.root.get_by_role("button", name="30 errors")
        errors.click()
        expect(errors).to_have_attribute("aria-pressed", "true")
        box = shown.root.locator(".prismq-toolbar").bounding_box()
        parts = shown.root.locator(".prismq-toolbar").locator("button:visible, a:visible").all()
        assert len(parts) > 3
        for part in parts:
            where = part.bounding_box()
            assert where["x"] + where["width"] <= box["x"] + box["width"], part.inner_text()
        shown.screenshot("timeline-narrow")

    def test_a_live_run_shows_its_rate_cpu_and_memory(self, run_page):
        run_page.start(
            """\
import itertools, time
for i in itertools.count():
    print(i)
    time.sleep(0.02)""",
            name="ticks",
        )
        run_page.open()
        facts = run_page.root.locator(".prismq-facts")
        expect(facts).to_contain_text(
            re.compile(r"\d s.*[\d,]+ lines.*\d MB.*CPU \d+%.*\d+ lines/s")
        )
        run_page.root.locator(".prismq-button-stop").click()
        expect(run_page.root.locator(".prismq-reason")).to_have_text(
            re.compile("exit code 1|ended by SIGINT")
        )

    def test_a_killed_run_gives_a_possible_reason(self, run_page):
        run_page.start("import os; os.kill(os.getpid(), 9)")
        run_page.open()
        run_page.wait_state("failed")
        expect(run_page.root.locator(".prismq-reason")).to_have_text(
            "killed by SIGKILL, out of memory?"
        )
