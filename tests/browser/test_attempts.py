"""The attempts of a run: the menu that leads to each, and the button where no other is possible."""

from __future__ import annotations

import re

import pytest
import requests
from playwright.sync_api import expect
from support.jupyter_process import until
from support.waiting import WAIT_SECONDS

LAB_IS_ENOUGH = True  # with --whole Notebook 7 is tested, too

TELLS = "import os; print('this is', os.environ['PRISMQ_RUN_ID'])"


def api(server, method, path, **more):
    url = f"{server.url}api/runs{path}"
    return requests.request(method, url, headers=server.headers, timeout=WAIT_SECONDS, **more)


def again(run_page, run_id):
    """Restart a run, and wait for its end; return its id."""
    server = run_page.server
    wait_end(server, run_id)
    found = api(server, "POST", f"/{run_id}/restart").json()["run_id"]
    wait_end(server, found)
    return found


def wait_end(server, run_id):
    until(lambda: api(server, "GET", f"/{run_id}").json()["completed_at"], "the end of the run")


def log(page_or_cell):
    return page_or_cell.locator(".prismq-row[data-line='0']")


def menu(root, number):
    return root.get_by_role("button", name=f"Attempt {number}", exact=True)


def test_the_menu_leads_to_every_attempt_by_keyboard_and_a_bar_to_the_newest(run_page):
    first = run_page.start(TELLS, name="train")
    second = again(run_page, first)
    third = again(run_page, first)
    run_page.open(first)
    newer = run_page.root.locator(".prismq-note-newer")
    expect(newer).to_contain_text("Attempt 3 is newer: completed.")
    expect(log(run_page.root)).to_contain_text(first)
    menu(run_page.root, 1).focus()
    run_page.page.keyboard.press("Enter")
    items = run_page.root.get_by_role("menuitemradio")
    expect(items).to_have_count(3)
    expect(items).to_have_text(
        [re.compile(rf"^Attempt {n}Completed · \d{{4}}-") for n in (3, 2, 1)]
    )
    expect(items.nth(2)).to_have_attribute("aria-checked", "true")
    run_page.screenshot("attempts")
    run_page.page.keyboard.press("ArrowDown")
    run_page.page.keyboard.press("Enter")
    expect(run_page.root).to_have_attribute("data-run", second)
    run_page.wait_state("completed")
    expect(log(run_page.root)).to_contain_text(second)
    assert run_page.page.url.endswith(second)
    run_page.root.get_by_role("button", name="Show attempt 3").click()
    expect(log(run_page.root)).to_contain_text(third)
    expect(menu(run_page.root, 3)).to_be_visible()
    expect(newer).to_be_hidden()


def test_after_a_restart_the_previous_log_is_in_the_menu(run_page):
    first = run_page.start(TELLS)
    run_page.open()
    run_page.wait_state("completed")
    run_page.root.get_by_role("button", name="Restart").click()
    expect(menu(run_page.root, 2)).to_be_visible()
    menu(run_page.root, 2).click()
    run_page.root.get_by_role("menuitemradio", name="Attempt 1").click()
    expect(log(run_page.root)).to_contain_text(first)


def test_a_run_that_was_never_restarted_has_no_menu(run_page):
    run_page.start("pass")
    with run_page.page.expect_response("**/attempts"):
        run_page.open()
        run_page.wait_state("completed")
    expect(run_page.root.get_by_role("button", name="Restart")).to_be_enabled()
    expect(run_page.root.locator(".prismq-attempts")).to_be_hidden()
    expect(run_page.root.locator(".prismq-note-newer")).to_be_hidden()


def test_the_button_says_which_variables_are_missing_and_gives_the_line_of_python(run_page):
    run_page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    env = {"DATABASE_URL": "postgres://me:hidden@host", "API_KEY": "hidden"}
    run_id = run_page.start("pass", env=env, inherited_env=["DATABASE_URL", "API_KEY"])
    run_page.server.stop()
    run_page.server.launch()
    run_page.open()
    button = run_page.root.get_by_role("button", name="Restart")
    expect(button).to_have_attribute("aria-disabled", "true")
    missing = f"{run_id} needs the values of API_KEY and DATABASE_URL again (values are not stored)"
    expect(button).to_have_attribute("title", re.compile(re.escape(missing)))
    before = api(run_page.server, "GET", "").json()["total"]
    button.focus()
    run_page.page.keyboard.press("Enter")
    why = run_page.root.get_by_role("alert")
    expect(why).to_contain_text(missing.replace(run_id, "This run"))
    run_page.screenshot("restart-disabled")
    why.get_by_role("button", name="Copy this line of Python").click()
    expect(run_page.root).to_contain_text("Copied")
    copied = run_page.page.evaluate("() => navigator.clipboard.readText()")
    assert copied == f"prismq_nb.get('{run_id}').restart()"
    assert api(run_page.server, "GET", "").json()["total"] == before
    button.click(force=True)
    expect(why).to_be_hidden()


def test_a_missing_script_is_named(run_page, tmp_path):
    script = tmp_path / "gone.py"
    script.write_text("pass")
    answer = api(run_page.server, "POST", "", json={"script": str(script)})
    run_page.run_id = answer.json()["run_id"]
    wait_end(run_page.server, run_page.run_id)
    script.unlink()
    run_page.open()
    button = run_page.root.get_by_role("button", name="Restart")
    expect(button).to_have_attribute("title", re.compile("script is .*there is no such file"))
    script.write_text("print('back')")
    button.click(force=True)
    expect(button).to_have_attribute("aria-disabled", "false")
    button.click()
    expect(log(run_page.root)).to_contain_text("back")


@pytest.mark.parametrize("width", [420, 752])
def test_a_narrow_viewer_has_the_menu(run_page, width):
    first = run_page.start(TELLS, name="a-long-name-of-a-training-run")
    second = again(run_page, first)
    run_page.page.set_viewport_size({"width": width, "height": 700})
    run_page.open(second)
    expect(menu(run_page.root, 2)).to_be_in_viewport(ratio=1)
    expect(run_page.root.get_by_role("button", name="Restart")).to_be_in_viewport(ratio=1)


def test_a_cell_shows_attempts_in_place_and_the_notebook_keeps_the_one_shown(jupyter):
    launch = f"import prismq_nb\nrun = prismq_nb.launch(code={TELLS!r})\nrun"
    jupyter.open("attempts.ipynb", launch)
    jupyter.run_all()
    jupyter.wait_state("completed")
    root = jupyter.viewer()
    first = root.get_attribute("data-run")
    root.locator(".prismq-button-restart").click()
    expect(menu(root, 2)).to_be_visible()
    jupyter.wait_state("completed")
    second = root.get_attribute("data-run")
    menu(root, 2).focus()
    jupyter.page.keyboard.press("Enter")
    jupyter.page.keyboard.press("End")
    jupyter.page.keyboard.press("Enter")
    expect(root).to_have_attribute("data-run", first)
    expect(log(root)).to_contain_text(first)
    expect(root.locator(".prismq-scroller")).to_be_focused()
    jupyter.screenshot("attempts-in-a-cell")
    root.get_by_role("button", name="Show attempt 2").click()
    expect(log(root)).to_contain_text(second)
    jupyter.save()
    assert f"{second} · attempt 2 · " in str(jupyter.read("attempts.ipynb"))
