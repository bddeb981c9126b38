"""What a terminal would show: continued colours, overwritten frames, folded bars."""

from __future__ import annotations

import pytest
from browser.run_page import RunPage
from playwright.sync_api import Locator, expect

CARRIED = r"""
import sys
out, err = sys.stdout, sys.stderr
for stream, color, name in ((out, 31, "out"), (err, 32, "err")):
    lines = [f"{name} before", f"\x1b[{color}m{name} begins", f"{name} between", "", f"{name} last"]
    print(*lines, f"{name} \x1b[0mends", f"{name} after", sep="\n", file=stream, flush=True)
print("out \x1b[1mbold begins\nout bold", flush=True)
print("err plain", file=err, flush=True)
"""
IN_THE_MIDDLE = r"""
for i in range(20_000):
    print({9_990: "\x1b[31m", 10_200: "\x1b[0m", 15_000: "\x1b[34m"}.get(i, "") + f"line {i}")
"""
FRAMES = r"""
import sys
for i in range(49): sys.stdout.write(f"\r\x1b[3{1 + i % 6}mload {i:2d}%\x1b[0m")
print("\nsecond", *("".join(f"\r{i} of 700" for i in range(701)),))
print("\r 10%|# | bar\r 20%|##| bar\r           \r12:00:00 INFO a record")
print("\r 30%|# | bar\r 40%|##| bar")
"""
TRAINING = r"""
import sys
def err(text): sys.stderr.write(text); sys.stderr.flush()
err("12:00:00 INFO start\n\repochs:   0%|  | 0/2")
for epoch in (1, 2):
    for step in range(5): err(f"\n\repoch {epoch}: {20 * step}%|  | {step}/5\x1b[A")
    err(f"\n\r{' ' * 40}\r\x1b[A\r{' ' * 40}\r12:00:0{epoch} WARNING norm is high\n")
    print(f"epoch {epoch}: loss {1 / epoch}", flush=True)
    err(f"\repochs: {50 * epoch}%|  | {epoch}/2")
err("\n12:00:09 INFO done\n")
"""
CLASSES = """node => {
    const spans = [...node.querySelectorAll('.prismq-message span:not(.prismq-frame)')];
    return spans.flatMap(span => [...span.classList]);
}"""


def finished(page: RunPage, code: str, fragment: str = "") -> None:
    page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.start(code, name="drawn")
    page.open(fragment=fragment)
    expect(page.root).to_have_attribute("data-link", "ended")


def row(page: RunPage, line: int) -> Locator:
    return page.root.locator(f".prismq-row[data-line='{line}']")


def messages(page: RunPage) -> list[str]:
    script = "nodes => nodes.map(node => node.textContent)"
    return list(page.root.locator(".prismq-rows .prismq-message").evaluate_all(script))


class TestCarriedColours:
    def test_a_colour_continues_until_it_is_reset_in_each_stream_separately(self, run_page):
        finished(run_page, CARRIED)
        shown = {}
        for found in run_page.root.locator(".prismq-row[data-line]").all():
            if text := str(found.locator(".prismq-message").text_content()):
                shown[text] = [name for name in found.evaluate(CLASSES) if name != "prismq-message"]
        for name, color in (("out", "prismq-fg-1"), ("err", "prismq-fg-2")):
            of_stream = {text: found for text, found in shown.items() if text.startswith(name)}
            coloured = {text for text, found in of_stream.items() if color in found}
            assert {f"{name} {what}" for what in ("begins", "between", "last", "ends")} == coloured
        assert ["prismq-bold"] == shown["out bold"]
        assert [] == shown["err plain"] == shown["err after"]
        ends = run_page.root.locator(".prismq-message", has_text="out ends")
        expect(ends.locator(".prismq-fg-1")).to_have_text("out ")
        for scheme in ("light", "dark"):
            run_page.page.emulate_media(color_scheme=scheme)
            run_page.screenshot(f"carried-{scheme}")

    @pytest.mark.parametrize(
        ("line", "color"),
        [
            (9_985, None),
            (10_100, "prismq-fg-1"),
            (10_199, "prismq-fg-1"),
            (10_300, None),
            (15_400, "prismq-fg-4"),
            # The look back is bounded, see `LOOK_BACK_LINES`.
            (19_000, None),
        ],
    )
    def test_a_window_in_the_middle_has_the_colours_of_lines_before_it(self, run_page, line, color):
        finished(run_page, IN_THE_MIDDLE, f"#L{line + 1}")
        expect(row(run_page, line)).to_be_in_viewport()
        expect(row(run_page, line).locator(".prismq-message")).to_have_text(f"line {line}")
        assert ([color] if color else []) == row(run_page, line).evaluate(CLASSES)

    def test_colours_do_not_depend_on_how_one_gets_there(self, run_page):
        finished(run_page, IN_THE_MIDDLE, "#L10196")
        expect(row(run_page, 10_199).locator(".prismq-fg-1")).to_have_text("line 10199")
        expect(row(run_page, 10_200).locator(".prismq-fg-1")).to_have_count(0)
        run_page.page.evaluate("() => { location.hash = '#L19901'; }")
        expect(row(run_page, 19_900)).to_be_in_viewport()
        run_page.page.evaluate("() => { location.hash = '#L9991'; }")
        expect(row(run_page, 9_990).locator(".prismq-fg-1")).to_have_text("line 9990")
        expect(row(run_page, 9_989).locator(".prismq-fg-1")).to_have_count(0)


def test_backgrounds_of_neighbouring_rows_touch(run_page):
    finished(run_page, r"for i in range(3): print(f'\x1b[44m row {i} \x1b[46m more \x1b[0m')")
    spans = run_page.root.locator(".prismq-rows .prismq-on")
    expect(spans).to_have_count(6)
    places = [spans.nth(i).bounding_box() for i in range(6)]
    expect(spans.first).to_have_css("border-radius", "0px")
    for above, below in zip(places, places[2:], strict=False):
        assert above["y"] + above["height"] >= below["y"]
    for left, right in zip(places[::2], places[1::2], strict=True):
        assert abs(left["x"] + left["width"] - right["x"]) < 1
    rows = run_page.root.locator(".prismq-row[data-line]")
    assert [20, 20, 20] == rows.evaluate_all("rows => rows.map(row => row.offsetHeight)")
    run_page.screenshot("grounds")


class TestEarlierUpdates:
    def test_frames_are_opened_in_order_and_closed(self, run_page):
        finished(run_page, FRAMES)
        line = row(run_page, 0)
        expect(line.locator(".prismq-message")).to_have_text("load 48%")
        height = line.bounding_box()["height"]
        button = line.locator(".prismq-tool-updates")
        expect(button).to_have_text("48 earlier updates")
        button.click()
        frames = line.locator(".prismq-frame")
        expect(frames).to_have_text([f"load {i:2d}%" for i in range(49)])
        assert [f"prismq-fg-{1 + i % 6}" for i in range(49)] == line.evaluate(CLASSES)
        expect(frames.last).to_be_in_viewport()
        expect(button).to_have_attribute("aria-expanded", "true")
        expect(button).to_be_focused()
        run_page.screenshot("frames-open")
        run_page.page.keyboard.press("Enter")
        expect(frames).to_have_count(0)
        expect(line.locator(".prismq-message")).to_have_text("load 48%")
        assert height == line.bounding_box()["height"]

    def test_the_newest_of_very_many_are_shown_and_the_others_counted(self, run_page):
        finished(run_page, FRAMES)
        line = row(run_page, 1)
        line.locator(".prismq-tool-updates").click()
        expect(line.locator(".prismq-frame")).to_have_count(500)
        expect(line.locator(".prismq-frame").last).to_have_text("700 of 700")
        expect(line.locator(".prismq-frame-omitted")).to_have_text(
            "202 earlier updates not shown\n"
        )

    def test_a_line_with_open_frames_is_copied_and_found_by_its_final_text(self, run_page):
        finished(run_page, FRAMES)
        row(run_page, 0).locator(".prismq-tool-updates").click()
        expect(row(run_page, 0).locator(".prismq-frame")).to_have_count(49)
        row(run_page, 0).locator(".prismq-number").click()
        bar = run_page.root.locator(".prismq-selection")
        bar.get_by_role("button", name="Copy", exact=True).click()
        copied = "async () => (await navigator.clipboard.readText()) === 'load 48%'"
        run_page.page.wait_for_function(copied)
        field = run_page.root.get_by_role("textbox", name="Find in the whole log")
        count = run_page.root.locator(".prismq-find-count")
        run_page.root.locator(".prismq-scroller").focus()
        run_page.page.keyboard.press("/")
        field.fill("load")
        expect(count).to_contain_text("1")
        field.fill("load 17%")
        expect(count).to_contain_text("No")
        run_page.page.keyboard.press("Escape")
        expect(row(run_page, 0).locator(".prismq-frame")).to_have_count(49)

    def test_a_record_in_place_of_a_bar_has_none_of_its_frames(self, run_page):
        finished(run_page, FRAMES)
        record = run_page.root.locator(".prismq-row", has_text="INFO a record")
        expect(record).to_be_visible()
        expect(record.locator(".prismq-tool-updates")).to_have_count(0)
        bar = run_page.root.locator(".prismq-row", has_text="40%|##| bar")
        expect(bar.locator(".prismq-tool-updates")).to_have_text("1 earlier update")


class TestTrainingLoop:
    SHOWN = (
        *("12:00:00 INFO start", "12:00:01 WARNING norm is high", "12:00:02 WARNING norm is high"),
        *("epoch 1: loss 1.0", "epoch 2: loss 0.5", "epochs: 100%|  | 2/2", "12:00:09 INFO done"),
    )

    def test_it_looks_like_a_terminal_and_the_button_is_on_the_bar(self, run_page):
        finished(run_page, TRAINING)
        shown = messages(run_page)
        assert sorted(self.SHOWN) == sorted(shown)
        button = run_page.root.locator(".prismq-tool-fold")
        expect(button).to_have_count(1)
        owner = run_page.page.locator(".prismq-row", has=run_page.page.locator(".prismq-tool-fold"))
        expect(owner).to_contain_text("epochs: 100%")
        run_page.screenshot("training")
        button.click()
        expect(button).to_have_attribute("aria-expanded", "true")
        expect(run_page.root.locator(".prismq-message", has_text="epoch 1: 60%")).to_be_visible()
        assert sorted(shown) == sorted(text for text in messages(run_page) if text in shown)
        run_page.page.keyboard.press("Enter")
        expect(run_page.root.locator(".prismq-message", has_text="epoch 1: 60%")).to_have_count(0)
        assert shown == messages(run_page)
