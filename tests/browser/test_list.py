"""The list shows every line of a log of any size, as quickly as a user scrolls, with bounded
work.
"""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import pytest
from browser.log_list import LogList
from browser.run_page import RunPage
from playwright.sync_api import expect
from support.bulk import fill, numbered
from support.journals import MadeRun
from support.jupyter_process import until
from support.programs import CHROMIUM_OPTIONS, chromium

pytestmark = pytest.mark.timeout(600)  # 10 GB are written with ``--whole``

TEXT = (
    b"2025-10-31 12:00:01 INFO  collector.worker: item ######### stored in 12.3 ms by worker 7 of"
    b" 16, next"
)
LINES, WHOLE_LINES = 3_000_000, 100_000_000
PADDING_PX = 6
MOST_HEAP_BYTES = 40_000_000
# Print as many lines as requested: "100\n".
OBEDIENT = """\
import sys
n = 0
for word in sys.stdin:
    for n in range(n, n + int(word)): print('INFO: item', n)
    n += 1"""
FLOOD = """\
import itertools, time
end = time.time() + {}
for i in itertools.count():
    print('INFO: item', i)
    if time.time() > end: break"""
UNEVEN = "for i in range(3000): print('INFO: item', i, 'x' * (i * 7919 % 900))"


class Log(NamedTuple):
    """A log whose line n says so."""

    run_id: str
    lines: int


def text_of(line: int) -> str:
    """The text of the log's line."""
    return TEXT.replace(b"#########", b"%09d" % line).decode()


@pytest.fixture(scope="module")
def log(plain_server, request) -> Iterator[Log]:
    """One log of 3 million lines; of 100 million and 10 GB with ``--whole``."""
    lines = WHOLE_LINES if request.config.getoption("--whole") else LINES
    run = MadeRun(plain_server.data_dir, f"run_20251031_120000_numbered_{lines // 1_000_000:06x}")
    run.now = int(time.time() * 1e6)  # old runs are retained for some days only
    fill(run, lines, *numbered(lines, TEXT))
    yield Log(run.run_id, lines)
    shutil.rmtree(run.path)  # pytest would keep it for days


@pytest.fixture
def shown(run_page: RunPage) -> LogList:
    """The list of a page."""
    return LogList(run_page)


@pytest.fixture
def big(shown: LogList, log: Log) -> LogList:
    """The list of that log."""
    shown.run_page.open(log.run_id)
    shown.mount(log.run_id)
    shown.run_page.wait_lines(log.lines)
    shown.filled()
    return shown


def lines_of(rows: list[dict]) -> list[int]:
    return [row["line"] for row in rows if row["line"] is not None]


class TestAnyPlace:
    def test_at_any_position_the_right_lines_are_one_below_the_other(self, big, log, seed):
        chance = random.Random(seed)
        for part in (0.5, 0.0, 1.0, 0.999, 0.001, *(chance.random() for _ in range(5))):
            big.drag(part)
            rows = big.filled()
            lines = lines_of(rows)
            assert list(range(lines[0], lines[0] + len(lines))) == lines
            assert [text_of(line) for line in lines] == [
                row["text"] for row in rows if row["line"] is not None
            ]
            assert rows[0]["top"] <= 0 <= rows[0]["bottom"]
            assert [row["bottom"] for row in rows[:-1]] == pytest.approx(
                [row["top"] for row in rows[1:]], abs=0.01
            )
            if part not in {0.0, 1.0, 0.001, 0.999}:
                assert part == pytest.approx(lines[0] / log.lines, abs=0.25)

    def test_the_first_and_the_last_line_are_reached_exactly(self, big, log):
        for top, end in (("Home", "End"), (0.0, 1.0)):
            big.press(top) if isinstance(top, str) else big.drag(top)
            first = big.filled()[0]
            assert (0, 0.0) == (first["line"], first["top"])
            big.press(end) if isinstance(end, str) else big.drag(end)
            last = big.filled()[-1]
            # the row that says how the run ended
            assert (None, big.height - PADDING_PX) == (last["line"], last["bottom"])
            assert log.lines - 1 == lines_of(big.rows())[-1]

    @pytest.mark.parametrize("part", [0.5, 0.02])
    def test_the_wheel_and_the_keys_move_it_by_exact_pixels(self, big, part):
        big.drag(part)
        rows = big.filled()
        height, page = rows[0]["bottom"] - rows[0]["top"], big.height

        def place(rows: list[dict]) -> float:
            return rows[0]["line"] * height - rows[0]["top"]

        before = place(rows)
        for pixels in (100, -240, 37, -3, 1200):
            big.wheel(pixels)
            after = place(big.filled())
            assert pixels == pytest.approx(after - before, abs=0.01)
            before = after
        for key, least, most in (
            ("ArrowDown", 20, 60),
            ("ArrowUp", -60, -20),
            ("PageDown", page / 2, page),
            ("PageUp", -page, -page / 2),
        ):
            big.press(key)
            after = place(big.filled())
            assert least <= after - before <= most
            before = after

    def test_the_thumb_of_the_scroll_bar_is_dragged_to_any_position_and_to_both_ends(
        self, plain_server, browser, log, tmp_path
    ):
        with browser.browser_type.launch(
            executable_path=chromium(),
            args=CHROMIUM_OPTIONS,
            ignore_default_args=["--hide-scrollbars"],
        ) as other:
            bar = LogList(RunPage(other.new_page(), plain_server, tmp_path))
            bar.run_page.open(log.run_id)
            bar.mount(log.run_id)
            bar.run_page.wait_lines(log.lines)
            bar.filled()
            box = bar.box.bounding_box()
            x, bottom = box["x"] + box["width"] - 6, box["y"] + box["height"]
            mouse = bar.page.mouse
            mouse.move(x, bottom - 16)  # the thumb, at the end of its way
            mouse.down()
            mouse.move(x, box["y"] + box["height"] / 2, steps=5)
            middle = bar.filled()[0]
            assert log.lines / 4 < middle["line"] < log.lines * 3 / 4
            mouse.move(x, box["y"] - 20, steps=5)
            first = bar.filled()[0]
            assert (0, 0.0) == (first["line"], first["top"])
            mouse.move(x, bottom + 20, steps=5)
            assert bar.height - PADDING_PX == bar.filled()[-1]["bottom"]
            mouse.up()

    def test_a_link_to_a_line_shows_it_in_the_middle_and_marks_it(self, shown, log):
        line = log.lines // 3
        shown.run_page.open(log.run_id, f"#L{line + 1}")
        row = shown.page.locator(f".prismq-row[data-line='{line}']")
        expect(row).to_have_class("prismq-row prismq-level-info prismq-marked")
        place = next(row for row in shown.filled() if row["line"] == line)
        # the timeline may have opened since
        assert shown.height / 2 == pytest.approx((place["top"] + place["bottom"]) / 2, abs=50)
        shown.page.evaluate("line => { location.hash = `L${line}`; }", 8)
        expect(shown.page.locator(".prismq-row[data-line='7']")).to_be_visible()


class TestFollowing:
    @pytest.fixture
    def live(self, shown: LogList) -> LogList:
        """The list of a run that has printed 1,000 lines and waits."""
        shown.run_page.start(OBEDIENT, name="obedient")
        shown.run_page.open()
        shown.mount(shown.run_page.run_id)
        self.grow(shown, 1000)
        return shown

    @staticmethod
    def grow(shown: LogList, lines: int) -> None:
        have = int(shown.run_page.root.get_attribute("data-lines") or 0)
        shown.run_page.send(f"{lines}\n")
        shown.run_page.wait_lines(have + lines)

    def test_it_sticks_to_the_end_exactly(self, live):
        for lines, last in ((1, 1000), (7, 1007), (2000, 3007)):
            self.grow(live, lines)

            # a scroll bar or a bar above may appear between two checks
            def sticks(last: int = last) -> bool:
                row = live.filled()[-1]
                return (last, live.height - PADDING_PX) == (row["line"], row["bottom"])

            until(sticks, f"line {last} at the very end")

    @pytest.mark.parametrize("how", ["wheel", "ArrowUp", "PageUp", "Home", "drag"])
    def test_it_stops_when_the_user_scrolls_up_counts_new_lines_and_resumes(self, live, how):
        {"wheel": lambda: live.wheel(-30), "drag": lambda: live.drag(0.5)}.get(
            how, lambda: live.press(how)
        )()
        before = live.filled()
        self.grow(live, 250)
        live.stays(before)
        jump = live.page.get_by_role("button", name="250 new lines")
        expect(jump).to_be_visible()
        jump.click() if how == "wheel" else live.press("End")
        expect(jump).to_be_hidden()
        assert 1249 == live.filled()[-1]["line"]
        self.grow(live, 10)
        assert 1259 == live.filled()[-1]["line"]

    def test_selected_text_survives_new_lines_and_scrolling(self, live):
        middle = live.filled()[10]["line"]
        live.page.evaluate(
            """line => {
                const message = n => `.prismq-row[data-line='${n}'] .prismq-message`;
                const text = n => document.querySelector(message(n)).firstChild;
                document.getSelection().setBaseAndExtent(text(line), 0, text(line + 1), 5);
            }""",
            middle,
        )
        selected = live.page.evaluate("() => document.getSelection().toString()")
        assert f"item {middle}" in selected
        self.grow(live, 5000)
        for place in (0.0, 1.0):
            live.drag(place)
            live.filled()
            assert selected == live.page.evaluate("() => document.getSelection().toString()")

    def test_a_flood_neither_freezes_the_page_nor_outruns_it(self, shown):
        shown.run_page.start(FLOOD.format(4), name="flood", unbuffered=False)
        shown.run_page.open()
        shown.run_page.wait_lines(1)
        intervals, totals = shown.frames(3)
        intervals.sort()
        p50, p95 = (intervals[int(len(intervals) * part)] for part in (0.5, 0.95))
        updates = sum(one != other for one, other in pairwise(totals))
        print(
            f"frames p50 {p50:.1f} ms, p95 {p95:.1f} ms, {updates / 3:.1f} updates/s,"
            f" {(totals[-1] - totals[0]) / 3:,.0f} lines/s"
        )
        assert p95 < 1000
        shown.run_page.wait_state("completed")
        total = int(shown.run_page.root.get_attribute("data-lines") or 0)
        last = shown.filled()[-2]  # above the row that says how it ended
        assert (total - 1, f"INFO: item {total - 1}") == (last["line"], last["text"])


class TestRowsOfAnyHeight:
    def test_wrapped_lines_are_scrolled_by_exact_pixels_to_both_ends(self, shown):
        shown.run_page.start(UNEVEN, name="uneven")
        shown.run_page.open()
        shown.run_page.wait_state("completed")
        shown.mount(shown.run_page.run_id, wrap=True)
        rows = shown.filled()
        assert 2 < len({row["bottom"] - row["top"] for row in rows})
        shown.drag(0.4)
        before = shown.filled()
        for pixels in (-333, 90, -700, -50, 410):
            shown.wheel(pixels)
            after = shown.filled()
            tops = {row["line"]: row["top"] for row in after}
            moved = [row["top"] - tops[row["line"]] for row in before if row["line"] in tops]
            assert [pixels] * len(moved) == pytest.approx(moved, abs=0.01)
            assert moved
            before = after
        shown.drag(0.0)
        first = shown.filled()[0]
        assert (0, 0.0) == (first["line"], first["top"])
        shown.drag(1.0)
        last = shown.filled()[-1]
        assert shown.height - PADDING_PX == last["bottom"]
        shown.page.set_viewport_size({"width": 500, "height": 700})
        last = shown.filled()[-1]
        assert shown.height - PADDING_PX == last["bottom"]

    def test_line_numbers_can_be_hidden(self, big, log):
        big.mount(log.run_id, numbers=False)
        big.filled()
        expect(big.page.locator(".prismq-number").first).to_be_hidden()


class TestBounds:
    def test_the_first_lines_are_there_at_once(self, shown, log):
        shown.run_page.start("print('another')")
        shown.run_page.open()
        shown.run_page.wait_state("completed")
        short = shown.first_lines(shown.run_page.start("print('a third')"))
        took = shown.first_lines(log.run_id)
        print(
            f"first lines of {log.lines:,} after {took:.0f} ms, of a short log after {short:.0f} ms"
        )
        assert took < max(3000, 10 * short)

    def test_memory_is_bounded_after_minutes_of_scrolling(self, big, seed):
        chance = random.Random(seed)
        before = big.heap()
        for _ in range(60):
            big.drag(chance.random())
            big.page.wait_for_function("() => document.querySelector('.prismq-row[data-line]')")
        after = big.heap()
        print(f"heap {before / 1e6:.1f} MB, after scrolling {after / 1e6:.1f} MB")
        assert after < MOST_HEAP_BYTES
        assert big.page.locator(".prismq-row").count() < 200
