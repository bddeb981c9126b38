"""What the viewer says about special states of a run.

It waits for input, hides it, left processes behind, or has notes.
"""

from __future__ import annotations

import re

import pytest
from browser.shown import Shown
from playwright.sync_api import expect

ASKS = {"terminal": [110, 40], "takes_input": True, "waiting_for_input": True}
HIDES = {**ASKS, "hides_input": True}
LEFT = [{"pid": 4711, "name": "python"}, {"pid": 4712, "name": "web-server"}]


class TestWaitingForInput:
    def test_it_is_reported_and_a_field_appears_without_taking_the_focus(
        self, shown: Shown
    ) -> None:
        shown.open(terminal=[110, 40])
        expect(shown.pill).to_have_text("Running")
        expect(shown.bar).to_be_hidden()
        shown.root.get_by_role("button", name="View").focus()
        shown.run.state("running", **ASKS)
        expect(shown.pill).to_have_text("Waiting for input")
        expect(shown.field).to_be_visible()
        expect(shown.root.get_by_role("button", name="View")).to_be_focused()
        expect(shown.root.locator(".prismq-spoken[role=status]")).to_have_text(
            "made: waiting for input"
        )
        shown.run.state("running", terminal=[110, 40])
        expect(shown.bar).to_be_hidden()
        expect(shown.pill).to_have_text("Running")

    def test_an_answer_is_sent_to_the_run_and_the_field_keeps_the_focus(self, shown: Shown) -> None:
        shown.open(**ASKS)
        shown.field.fill("Ada")
        shown.field.press("Enter")
        expect(shown.field).to_have_value("")
        expect(shown.field).to_be_focused()
        # the terminal echoes it into the log
        expect(shown.bar.get_by_role("status")).to_be_hidden()
        assert shown.sent == [{"text": "Ada\n", "eof": False}]

    def test_rejected_input_stays_in_the_field(self, shown: Shown) -> None:
        shown.answer = 409
        shown.open(**ASKS)
        shown.field.fill("Ada")
        shown.field.press("Enter")
        expect(shown.problem).to_contain_text("it is full")
        expect(shown.field).to_have_value("Ada")
        shown.page.errors.clear()  # the browser reports the 409

    @pytest.mark.parametrize("by", ["key", "button"])
    def test_the_end_of_input_is_sent_by_key_and_by_button(self, shown: Shown, by: str) -> None:
        shown.open(**ASKS)
        shown.field.fill("last")
        if by == "key":
            shown.field.press("Control+d")
        else:
            shown.bar.get_by_role("button", name="Send EOF").click()
        expect(shown.bar).to_be_hidden()
        expect(shown.root.get_by_role("log")).to_be_focused()
        assert shown.sent == [{"text": "last", "eof": True}]

    def test_a_closed_field_returns_for_the_next_question(self, shown: Shown) -> None:
        shown.open(**ASKS)
        shown.field.press("Escape")
        expect(shown.bar).to_be_hidden()
        expect(shown.pill).to_have_text("Waiting for input")
        shown.page.page.keyboard.press("i")
        expect(shown.field).to_be_focused()
        shown.field.press("Escape")
        shown.run.state("running", terminal=[110, 40])
        expect(shown.pill).to_have_text("Running")
        shown.run.state("running", **ASKS)
        expect(shown.field).to_be_visible()

    def test_with_pipes_the_bar_shows_the_sent_text(self, shown: Shown) -> None:
        shown.open(takes_input=True, waiting_for_input=True)
        shown.field.fill("Ada")
        shown.field.press("Enter")
        expect(shown.bar.get_by_role("status")).to_have_text("Sent: Ada")

    def test_a_run_without_input_offers_none_and_says_how_to_launch_it(self, shown: Shown) -> None:
        shown.open(takes_input=False, waiting_for_input=True)
        expect(shown.pill).to_have_text("Running")
        expect(shown.root.get_by_role("button", name="Input")).to_be_hidden()
        shown.root.get_by_role("log").focus()
        shown.page.page.keyboard.press("i")
        expect(shown.bar).to_be_hidden()
        shown.root.get_by_role("button", name="Details").click()
        expect(shown.root.get_by_role("dialog", name="Details")).to_contain_text(
            "terminal=True or stdin=True"
        )


class TestHiddenInput:
    def test_it_is_sent_as_a_secret_and_is_nowhere_in_the_page(self, shown: Shown) -> None:
        shown.open(**HIDES)
        field = shown.root.get_by_label("Hidden input (the program turned echo off)")
        expect(field).to_have_attribute("type", "password")
        expect(shown.field).to_have_count(1)
        expect(shown.root.locator(".prismq-spoken[role=status]")).to_have_text(
            "made: waiting for hidden input"
        )
        field.fill("open sesame")
        field.press("Enter")
        expect(field).to_have_value("")
        assert shown.sent == [{"text": "open sesame\n", "eof": False, "secret": True}]
        assert "sesame" not in shown.page.page.content()

    def test_rejected_hidden_input_is_cleared(self, shown: Shown) -> None:
        shown.answer = 409
        shown.open(**HIDES)
        shown.field.fill("sesame")
        shown.field.press("Enter")
        expect(shown.problem).to_be_visible()
        expect(shown.field).to_have_value("")
        shown.page.errors.clear()  # the browser reports the 409

    def test_typed_text_is_hidden_when_the_echo_goes_off(self, shown: Shown) -> None:
        shown.open(**ASKS)
        shown.field.fill("open ses")
        shown.run.state("running", **HIDES)
        expect(shown.field).to_have_attribute("type", "password")
        expect(shown.field).to_be_focused()
        expect(shown.field).to_have_value("open ses")

    def test_unsent_hidden_text_is_dropped_when_the_echo_is_on_again(self, shown: Shown) -> None:
        shown.open(**HIDES)
        shown.field.fill("sesame")
        shown.run.state("running", **ASKS)
        expect(shown.field).to_have_attribute("type", "text")
        expect(shown.field).to_have_value("")
        expect(shown.field).to_be_focused()
        shown.field.press("Control+z")
        expect(shown.field).to_have_value("")


class TestBackgroundProcesses:
    def test_they_are_named_and_can_be_stopped_and_later_lines_are_below_the_end(
        self, shown: Shown
    ) -> None:
        shown.open()
        shown.run.now += 10
        left = {"exit_code": 0, "completed": shown.run.now, "output_open": True, "lines_at_end": 1}
        shown.run.state("completed", background=LEFT, **left)
        bar = shown.root.get_by_role("group", name="Background processes")
        expect(bar).to_contain_text(
            "Completed. Background processes can still print: python (4711), web-server (4712)"
        )
        expect(shown.pill).to_have_text("Completed")
        expect(shown.row("end")).to_be_visible()
        expect(shown.root).to_have_attribute("data-link", "live")
        spoken = "made: completed; background processes can still print"
        expect(shown.root.locator(".prismq-spoken[role=status]")).to_have_text(spoken)
        shown.run.write("INFO: GET /\n")
        shown.page.wait_lines(2)
        rows = shown.root.locator(".prismq-row")
        expect(rows.nth(1)).to_have_class(re.compile("prismq-row-end"))
        expect(rows.nth(2)).to_contain_text("GET /")
        bar.get_by_role("button", name="Stop them").click()
        expect(bar.get_by_role("button", name="Kill")).to_be_visible()
        expect(bar).to_contain_text("Stopping background processes")
        assert shown.stops == 1
        shown.run.now = left["completed"]
        shown.run.end(lines_at_end=1)
        expect(bar).to_be_hidden()
        expect(shown.root).to_have_attribute("data-link", "ended")
        expect(rows.nth(1)).to_have_class(re.compile("prismq-row-end"))
        shown.page.page.reload()
        expect(rows.nth(1)).to_have_class(re.compile("prismq-row-end"))


class TestDetails:
    def test_notes_are_behind_a_button_and_below_the_end(self, shown: Shown) -> None:
        notes = ["A leading nohup was dropped.", "<b>Stopped</b> by SIGTTIN."]
        shown.open(terminal=[110, 40], notes=notes)
        button = shown.root.get_by_role("button", name="Details, with 2 notes")
        button.press("Enter")
        panel = shown.root.get_by_role("dialog", name="Details")
        expect(panel).to_be_focused()
        expect(panel.get_by_role("listitem")).to_have_text(notes)
        expect(panel).to_contain_text("terminal 110 \u00d7 40")
        shown.page.page.keyboard.press("Escape")
        expect(button).to_be_focused()
        shown.run.end(notes=notes)
        expect(shown.row("note")).to_have_text(notes)

    def test_records_are_counted_and_not_their_lines(self, shown: Shown) -> None:
        levels = {"levels": [0, 10, 0, 161, 0], "levels_done": 171}
        shown.open("x\n" * 171, records=[0, 10, 0, 3, 0], **levels)
        chip = shown.root.get_by_role("button", name="3 errors in 161 lines")
        expect(chip).to_have_text("3 errors")
        shown.run.state("running", **{**levels, "levels_done": 100}, records=[0, 10, 0, 2, 0])
        expect(
            shown.root.get_by_role("button", name="at least 2 errors in 161 lines")
        ).to_have_text("2+ errors")


class TestOnePlaceForEachThing:
    def test_the_connection_is_shown_only_while_it_adds_to_the_status(self, shown: Shown) -> None:
        shown.open("INFO: started\n")
        link = shown.root.locator(".prismq-link")
        expect(link).to_have_text("Live")
        expect(link).to_be_visible()
        shown.run.end()
        expect(shown.root).to_have_attribute("data-link", "ended")
        expect(shown.pill).to_have_text("Completed")
        expect(link).to_be_hidden()

    def test_a_log_that_does_not_scroll_has_no_marks_beside_it(self, shown: Shown) -> None:
        shown.page.page.set_viewport_size({"width": 900, "height": 160})
        levels = {"levels": [0, 9, 0, 1, 0], "levels_done": 10}
        shown.open("ERROR: broke\n" + "INFO: step\n" * 9, **levels)
        marks = shown.root.locator(".prismq-strip")
        expect(marks).to_be_visible()
        shown.page.page.set_viewport_size({"width": 900, "height": 600})
        expect(marks).to_be_hidden()
