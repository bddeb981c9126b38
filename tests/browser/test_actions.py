"""What a person does to a run from its viewer: answer it, stop it, start it again."""

from __future__ import annotations

import re

from playwright.sync_api import expect

ASKS = "name = input('Name? ')\nprint('hello', name)\nprint(repr(__import__('sys').stdin.read()))"


def field(run_page):
    return run_page.root.get_by_role("textbox", name="Line for the run's standard input")


def test_a_run_that_asks_gets_a_line_to_answer_in(run_page):
    run_page.start(ASKS, name="asks")
    run_page.open()
    expect(field(run_page)).to_be_visible()
    run_page.screenshot("asks")
    field(run_page).fill("Ann")
    field(run_page).press("Enter")
    run_page.wait_lines(1)
    expect(run_page.root.locator(".prismq-row[data-line='0']")).to_contain_text("Name? hello Ann")
    field(run_page).fill("rest")
    run_page.root.get_by_role("button", name="Send EOF").click()
    run_page.wait_state("completed")
    expect(run_page.root.locator(".prismq-row[data-line='1']")).to_contain_text("'rest'")
    expect(field(run_page)).to_be_hidden()


def test_a_run_that_asks_without_a_prompt_is_answered_as_well(run_page):
    run_page.start("print('start')\nprint(input())")
    run_page.open()
    expect(run_page.root.locator(".prismq-pill")).to_have_text("Waiting for input")
    field(run_page).fill("quiet")
    field(run_page).press("Enter")
    run_page.wait_state("completed")
    expect(run_page.root.locator(".prismq-row[data-line='1']")).to_contain_text("quiet")


def test_a_bar_that_is_drawn_is_no_question(run_page):
    run_page.start(
        "import sys\nprint('ready')\nsys.stderr.write(' 45%|####      | 45/100 [00:04<00:05,  9.9it/s]')\nsys.stderr.flush()\nimport time\ntime.sleep(600)"
    )
    run_page.open()
    run_page.wait_lines(1)
    expect(run_page.root.locator(".prismq-row-pending")).to_be_visible()
    expect(run_page.root.get_by_role("progressbar").first).to_have_attribute("aria-valuenow", "45")
    expect(field(run_page)).to_be_hidden()
    run_page.root.get_by_role("button", name="Stop").click()
    run_page.wait_state("cancelled")


def test_a_run_is_started_again_with_the_same_parameters(run_page):
    first = run_page.start("import sys\nprint(sys.argv[1:])", name="again", args=["a b"], parameters={"n": 3})
    run_page.open()
    run_page.wait_state("completed")
    run_page.root.get_by_role("button", name="Restart").click()
    expect(run_page.root).not_to_have_attribute("data-run", first)
    run_page.wait_state("completed")
    expect(run_page.root.locator(".prismq-row[data-line='0']")).to_contain_text("['a b', '--n=3']")
    assert run_page.page.url.endswith(str(run_page.root.get_attribute("data-run")))


def test_what_cannot_be_started_again_says_why(run_page):
    run_page.start("pass", mask=["hunter2hunter2"])
    run_page.server.stop()
    run_page.server.launch()
    run_page.open()
    run_page.wait_state("completed")
    run_page.root.get_by_role("button", name="Restart").click()
    expect(run_page.root.locator(".prismq-note-bad", has_text=re.compile("values to mask.*launch it again from its cell"))).to_be_visible()
    run_page.errors.clear()  # the browser tells of the 409
