"""What was run: the panel behind the "i", by mouse and by keyboard, with facts to copy."""

from __future__ import annotations

import shlex
import sys

import pytest
from playwright.sync_api import expect

HOSTILE = "<img src=x onerror='window.hacked=1'>\u202e"


@pytest.fixture
def details(run_page, tmp_path):
    """The panel of a run of a script with arguments, open."""
    (tmp_path / "train.py").write_text("print('ok')")
    run_page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    run_page.start(
        None,
        script="train.py",
        cwd=str(tmp_path),
        args=["it's", HOSTILE, "x " * 3_000],
        parameters={"epochs": 2, "lr": 1e-3},
        env={"A": "b"},
    )
    run_page.open()
    run_page.wait_state("completed")
    run_page.root.get_by_role("button", name="Details").click()
    panel = run_page.root.get_by_role("dialog", name="Details")
    expect(panel).to_contain_text("Interpreter")
    return panel


def clipboard(run_page) -> str:
    return run_page.page.evaluate("() => navigator.clipboard.readText()")


def test_facts_are_there_and_each_is_copied_by_a_click(run_page, details, tmp_path):
    terms = details.locator("dt").all_inner_texts()
    assert terms[:8] == [
        "Command",
        "Parameters",
        "Folder",
        "Interpreter",
        "Variables",
        "Host",
        "User",
        "Run",
    ]
    assert {"Started", "Ended", "Duration", "Completed", "Streams", "Output"} <= set(terms)
    command = shlex.join(
        [
            sys.executable,
            str(tmp_path / "train.py"),
            "it's",
            HOSTILE,
            "x " * 3_000,
            "--epochs=2",
            "--lr=0.001",
        ]
    )
    copies = {
        "Copy: Command": command,
        "Copy: Folder": str(tmp_path),
        "Copy: Interpreter": sys.executable,
        "Copy: Run": run_page.run_id,
        "Copy for Python": f'prismq_nb.get("{run_page.run_id}")',
        "Copy for a shell": f"cd {shlex.quote(str(tmp_path))} && {command}",
    }
    for name, text in copies.items():
        details.get_by_role("button", name=name, exact=True).click()
        expect(details.get_by_role("status")).to_have_text(
            f"Copied {text[:60]}…" if len(text) > 60 else f"Copied {text}"
        )
        assert clipboard(run_page) == text
    assert run_page.page.evaluate("() => window.hacked") is None
    assert details.locator("img").count() == 0
    started = details.locator("dt:text-is('Started') + dd > span")
    assert started.get_attribute("title").endswith(" UTC")


def test_it_works_by_keyboard(run_page, details):
    expect(details).to_be_focused()
    run_page.page.keyboard.press("Tab")
    expect(details.get_by_role("button", name="Copy: Command")).to_be_focused()
    run_page.page.keyboard.press("Shift+Tab")
    run_page.page.keyboard.press("Shift+Tab")
    expect(details.get_by_role("button", name="Copy for a shell")).to_be_focused()
    run_page.page.keyboard.press("Enter")
    expect(details.get_by_role("status")).to_contain_text("Copied cd ")
    run_page.page.keyboard.press("Escape")
    expect(details).to_be_hidden()
    expect(run_page.root.get_by_role("button", name="Details")).to_be_focused()


def test_it_fits_at_every_width_in_both_themes(run_page, details):
    for width in (1300, 752, 420):
        run_page.page.keyboard.press("Escape")
        run_page.page.set_viewport_size({"width": width, "height": 700})
        run_page.root.get_by_role("button", name="Details").click()
        for scheme in ("light", "dark"):
            run_page.page.emulate_media(color_scheme=scheme)
            run_page.screenshot(f"details-{scheme}-{width}")
        box = details.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] + box["height"] <= 700
        assert details.evaluate("node => node.scrollWidth <= node.clientWidth")


def test_an_open_panel_follows_a_resized_window_and_the_log_its_end(run_page):
    run_page.start("import time\nfor i in range(200): print(i, flush=True)\ntime.sleep(600)")
    run_page.open()
    run_page.wait_lines(200)
    follow = run_page.root.get_by_role("button", name="Follow", exact=True)
    run_page.page.set_viewport_size({"width": 1300, "height": 420})
    run_page.root.get_by_role("button", name="Details").click()
    panel = run_page.root.get_by_role("dialog", name="Details")
    for width, height in ((752, 420), (420, 500), (1300, 700)):
        run_page.page.set_viewport_size({"width": width, "height": height})
        run_page.page.wait_for_function(
            "([panel, width]) => { const { left, right } = panel.getBoundingClientRect();"
            " return innerWidth === width && left >= 0 && right <= innerWidth; }",
            arg=[panel.element_handle(), width],
        )
        expect(follow).to_have_attribute("aria-pressed", "true")


def test_source_text_and_secrets_have_no_shell_line(run_page):
    run_page.start("print('ok')", mask=["s3cret-value"], args=["s3cret-value"])
    run_page.open()
    run_page.root.get_by_role("button", name="Details").click()
    panel = run_page.root.get_by_role("dialog", name="Details")
    expect(panel).to_contain_text("Secrets are shown as ******")
    assert "s3cret" not in panel.inner_text()
    expect(panel.get_by_role("button", name="Copy for a shell")).to_have_count(0)
    expect(panel.get_by_role("button", name="Copy for Python")).to_be_visible()
