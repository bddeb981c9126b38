"""A user's actions on a run from its viewer: answer it, stop it, restart it."""

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


def test_question_and_answer_of_a_terminal_are_in_one_row(run_page):
    code = "print('start')\nname = input('Name? ')\nprint('hello', name)"
    run_page.start(code, terminal=True)
    run_page.open()
    expect(run_page.root.locator(".prismq-pill")).to_have_text("Waiting for input")
    run_page.screenshot("asks-on-a-terminal")
    field(run_page).fill("Ada")
    field(run_page).press("Enter")
    run_page.wait_state("completed")
    shown = run_page.root.locator(".prismq-row[data-line]")
    expect(shown.locator(".prismq-message")).to_have_text(["start", "Name? Ada", "hello Ada"])
    assert ["0", "1", "3"] == [row.get_attribute("data-line") for row in shown.all()]
    expect(shown.nth(1)).not_to_have_class(re.compile("prismq-level-error"))
    run_page.screenshot("answered-on-a-terminal")
    run_page.page.goto("about:blank")
    run_page.open(fragment="#L3")
    expect(shown.nth(1)).to_have_class(re.compile("prismq-marked"))
    run_page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    shown.nth(1).locator(".prismq-number").click()
    run_page.root.get_by_role("button", name="Copy", exact=True).click()
    expect(run_page.root).to_contain_text("2 lines copied")
    assert run_page.page.evaluate("() => navigator.clipboard.readText()") == "Name? \nAda"


def test_typed_text_is_hidden_when_the_program_turns_the_echo_off(run_page):
    code = "import getpass, sys\nprint('up')\nsys.stdin.readline()\nprint(len(getpass.getpass()))"
    run_page.start(code, terminal=True)
    run_page.open()
    run_page.wait_lines(1)
    expect(run_page.root.locator(".prismq-pill")).to_have_text("Waiting for input")
    box = run_page.root.locator(".prismq-input-field")
    expect(box).to_have_attribute("type", "text")
    box.fill("open ses")
    run_page.send("\n")  # from elsewhere: now it asks for a password
    expect(box).to_have_attribute("type", "password")
    expect(box).to_have_value("open ses")
    expect(box).to_be_focused()
    run_page.page.keyboard.type("ame")
    run_page.page.keyboard.press("Enter")
    run_page.wait_state("completed")
    assert "open ses" not in run_page.page.content()
    expect(run_page.root.locator(".prismq-message", has_text="11")).to_be_visible()


def test_a_password_is_typed_into_a_hidden_field_and_never_seen(run_page):
    code = "import getpass\nprint(len(getpass.getpass()))\nprint(input('Next? '))"
    run_page.start(code, terminal=True)
    run_page.open()
    hidden = run_page.root.get_by_label("Hidden input (the program turned echo off)")
    hidden.fill("open sesame")
    hidden.press("Enter")
    expect(field(run_page)).to_be_visible()
    field(run_page).fill("done")
    field(run_page).press("Enter")
    run_page.wait_state("completed")
    expect(run_page.root.locator(".prismq-message", has_text="11")).to_have_count(1)
    assert "sesame" not in run_page.page.content()


def test_background_processes_are_named_keep_printing_and_can_be_stopped(run_page):
    ticks = (
        "import itertools, time\nfor i in itertools.count(): print(i, flush=True); time.sleep(0.05)"
    )
    start = f"subprocess.Popen([sys.executable, '-c', {ticks!r}])"
    run_page.start(f"import subprocess, sys\n{start}\nprint('module')")
    run_page.open()
    run_page.wait_state("completed")
    left = run_page.root.get_by_role("group", name="Background processes")
    expect(left).to_contain_text(re.compile(r"can still print: \S+ \(\d+\)"))
    run_page.wait_lines(20)
    expect(run_page.root).to_have_attribute("data-link", "live")
    run_page.screenshot("left-behind")
    left.get_by_role("button", name="Stop them").click()
    expect(left).to_be_hidden(timeout=20_000)
    expect(run_page.root).to_have_attribute("data-state", "completed")


def test_a_run_that_asks_without_a_prompt_can_be_answered(run_page):
    run_page.start("print('start')\nprint(input())")
    run_page.open()
    expect(run_page.root.locator(".prismq-pill")).to_have_text("Waiting for input")
    expect(run_page.page).to_have_title(re.compile("^● .+ · waiting for input$"))
    field(run_page).fill("quiet")
    field(run_page).press("Enter")
    run_page.wait_state("completed")
    expect(run_page.page).to_have_title(re.compile("^[^●]+ · completed$"))
    expect(run_page.root.locator(".prismq-row[data-line='1']")).to_contain_text("quiet")


def test_a_progress_bar_is_not_a_question(run_page):
    bar = " 45%|####      | 45/100 [00:04<00:05,  9.9it/s]"
    code = f"import sys, time\nprint('ready')\nsys.stderr.write({bar!r})\nsys.stderr.flush()\n"
    run_page.start(code + "time.sleep(600)")
    run_page.open()
    run_page.wait_lines(1)
    expect(run_page.root.locator(".prismq-row-pending")).to_be_visible()
    expect(run_page.root.get_by_role("progressbar").first).to_have_attribute("aria-valuenow", "45")
    expect(field(run_page)).to_be_hidden()
    run_page.root.get_by_role("button", name="Stop").click()
    run_page.wait_state("cancelled")


def test_a_run_is_restarted_with_the_same_parameters(run_page):
    first = run_page.start(
        "import sys\nprint(sys.argv[1:])", name="again", args=["a b"], parameters={"n": 3}
    )
    run_page.open()
    run_page.wait_state("completed")
    run_page.root.get_by_role("button", name="Restart").click()
    expect(run_page.root).not_to_have_attribute("data-run", first)
    run_page.wait_state("completed")
    expect(run_page.root.locator(".prismq-row[data-line='0']")).to_contain_text("['a b', '--n=3']")
    assert run_page.page.url.endswith(str(run_page.root.get_attribute("data-run")))
