"""The main use case in a real browser.

A cell launches a module, and its log is shown live, in colour, whatever happens to the kernel.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect
from support.waiting import WAIT_SECONDS

COLLECT = Path(__file__).parents[2] / "notebooks" / "collect.py"
TICKS = """\
import itertools, time
for i in itertools.count():
    print('INFO: tick', i)
    time.sleep(0.05)"""
LAUNCH = "import prismq_nb\nrun = prismq_nb.launch({}){}\nrun"


def launch(what: str, then: str = "") -> str:
    return LAUNCH.format(what, then)


def ticks() -> str:
    return launch(f"code={TICKS!r}, name='ticks'")


def lines(jupyter) -> int:
    return int(jupyter.viewer().get_attribute("data-lines"))


def test_a_collector_is_shown_live_in_colour_light_and_dark(jupyter):
    jupyter.open("collect.ipynb", launch(f"{str(COLLECT)!r}, max_results=60, pause=0.03"))
    jupyter.run_all()
    jupyter.wait_lines(30)
    root = jupyter.viewer()
    jupyter.wait_state("completed")
    errors = root.get_by_role("button", name=re.compile(r"\d errors"))
    expect(errors).to_have_text("3 errors")
    errors.click()
    expect(root.locator(".prismq-row.prismq-level-error")).not_to_have_count(0)
    errors.click()
    expect(root.get_by_role("button", name="1 warning")).to_have_text("1 warning")
    expect(
        root.locator(".prismq-row", has_text="Übergrößen im Möbelhaus").last.locator("span").last
    ).to_have_css("font-weight", "700")
    root.scroll_into_view_if_needed()
    jupyter.screenshot("completed-light")
    jupyter.theme("JupyterLab Dark")
    jupyter.screenshot("completed-dark")
    jupyter.theme("JupyterLab Light")


def test_it_continues_while_the_kernel_is_busy_restarted_and_shut_down(jupyter):
    jupyter.open(
        "kernel.ipynb",
        ticks(),
        "import time\nprint('never', 'idle', flush=True)\nwhile True: time.sleep(1)",
    )
    jupyter.run_all()
    jupyter.wait_lines(5)
    # The kernel's status would not do: widgets talk to a subshell, which is idle while the cell
    # runs.
    expect(jupyter.page.locator(".jp-OutputArea-output", has_text="never idle")).to_be_visible()
    jupyter.wait_lines(lines(jupyter) + 10)
    kernel = "() => window.jupyterapp.shell.currentWidget.sessionContext"
    jupyter.page.evaluate(f"async () => {{ await ({kernel})().session.kernel.restart(); }}")
    jupyter.wait_lines(lines(jupyter) + 10)
    jupyter.page.evaluate(f"async () => {{ await ({kernel})().shutdown(); }}")
    jupyter.wait_lines(lines(jupyter) + 10)
    expect(jupyter.viewer()).to_have_attribute("data-link", "live")
    jupyter.screenshot("kernel-gone")
    jupyter.viewer().locator(".prismq-button-stop").click()
    jupyter.wait_state("cancelled")


@pytest.mark.lab_is_enough
def test_it_follows_the_tail_and_pauses_when_scrolled_up(jupyter):
    jupyter.open(
        "follow.ipynb",
        launch(
            "code='for i in range(300): print(i)\\ninput()\\nfor i in range(300, 400): "
            "print(i)\\ninput()', name='scroll'"
        ),
        "",
    )
    jupyter.run_all()
    jupyter.wait_lines(300)
    root = jupyter.viewer()
    expect(root.locator(".prismq-row[data-line='299']")).to_be_visible()
    root.locator(".prismq-row[data-line='299']").hover()
    jupyter.page.mouse.wheel(0, -2000)
    expect(root.locator(".prismq-row[data-line='299']")).to_have_count(0)
    send(jupyter, "\n")
    jupyter.wait_lines(400)
    expect(root.locator(".prismq-row[data-line='399']")).to_have_count(0)
    jump = root.locator(".prismq-jump")
    expect(jump).to_contain_text("101")  # and the echo of Enter
    jupyter.screenshot("paused")
    jump.click()
    expect(root.locator(".prismq-row[data-line='399']")).to_be_visible()
    root.locator(".prismq-button-stop").click()
    jupyter.wait_state("cancelled")


def send(jupyter, text: str) -> None:
    """Send a line to the run's stdin, by the public API."""
    import requests

    run_id = jupyter.viewer().get_attribute("data-run")
    url = f"{jupyter.server.url}api/runs/{run_id}/input"
    assert (
        requests.post(
            url, json={"text": text}, headers=jupyter.server.headers, timeout=WAIT_SECONDS
        ).status_code
        == 202
    )


@pytest.mark.lab_is_enough
def test_the_download_button_gives_the_whole_log(jupyter):
    jupyter.open("download.ipynb", launch("code='for i in range(12000): print(i)', name='many'"))
    jupyter.run_all()
    jupyter.wait_state("completed")
    jupyter.wait_lines(12_000)
    jupyter.viewer().get_by_role("button", name="Download").click()
    with jupyter.page.expect_download() as download:
        jupyter.page.get_by_role("menuitem", name="Text").click()
    text = Path(download.value.path()).read_text()
    assert [line.rpartition(" ")[2] for line in text.splitlines()] == [
        str(i) for i in range(12_000)
    ]
    assert download.value.suggested_filename == f"{jupyter.viewer().get_attribute('data-run')}.log"


@pytest.mark.lab_is_enough
def test_elapsed_times_count_from_the_start_of_the_run_even_in_a_filtered_view(jupyter):
    code = "import time\nprint('one')\ntime.sleep(1)\nprint('two')"
    cell = f"""\
import prismq_nb
run = prismq_nb.launch(code={code!r})
run.wait()
prismq_nb.LogViewer(run, query='two', timestamps='elapsed')"""
    jupyter.open("elapsed.ipynb", cell)
    jupyter.run_all()
    jupyter.wait_state("completed")
    expect(jupyter.viewer().locator(".prismq-row[data-line='1'] .prismq-time")).to_have_text(
        re.compile(r"\+1\.\d+")
    )


@pytest.mark.lab_is_enough
def test_hostile_lines_stay_text(jupyter):
    hostile = [
        "<img src=x onerror='window.hacked=1'>",
        "<script>window.hacked=1</script>",
        "\x1b]8;;javascript:window.hacked=1\x07click\x1b]8;;\x07",
        "\u202egnp.exe",
    ]
    code = f"for text in {hostile!r}: print(text)"
    jupyter.open("hostile.ipynb", launch(f"code={code!r}"))
    jupyter.run_all()
    jupyter.wait_state("completed")
    jupyter.wait_lines(4)
    expect(jupyter.viewer()).to_contain_text("<script>window.hacked=1</script>")
    assert jupyter.page.evaluate("() => window.hacked") is None
    assert jupyter.viewer().locator("img, script").count() == 0
