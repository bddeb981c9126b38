"""`prismq_nb.runs()` in a notebook: a live table."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Locator, expect
from support import many_runs
from support.jupyter_process import until
from support.waiting import WAIT_SECONDS

LAB_IS_ENOUGH = True  # Notebook 7 has the same outputs; with --whole it is tested too

OLDEST_TOO = True

AXE = Path(__file__).parents[2] / "prismq_nb/frontend/node_modules/axe-core/axe.min.js"
MIME_TYPE = "application/vnd.prismq.runs+json"
FOREVER = "import time\nprint('up', flush=True)\ntime.sleep(1000)"


def output(**question: Any) -> dict[str, Any]:
    """The output of a cell that somebody executed elsewhere."""
    data = {
        MIME_TYPE: {"limit": 50, "offset": 0, **question},
        "text/plain": "status  name\nfailed  <b>kept</b>",
        "text/html": "<table></table>",
    }
    return {"output_type": "execute_result", "execution_count": 1, "data": data, "metadata": {}}


def table(jupyter: Any) -> Locator:
    return jupyter.page.locator(".prismq-runs")


def row(jupyter: Any, name: str) -> Locator:
    return (
        table(jupyter)
        .locator("tbody tr")
        .filter(has=jupyter.page.get_by_role("rowheader", name=name, exact=True))
    )


def shows(jupyter: Any, run_id: str) -> dict[str, Any]:
    url = f"{jupyter.server.url}api/runs/{run_id}"
    return dict(requests.get(url, headers=jupyter.server.headers, timeout=WAIT_SECONDS).json())


def test_it_is_live_and_runs_are_stopped_and_restarted_in_it(jupyter):
    jupyter.open(
        "live.ipynb",
        "import prismq_nb\nprismq_nb.runs('live-', status='running')",
        "len(prismq_nb.runs())",
    )
    jupyter.run_all()
    expect(table(jupyter)).to_contain_text("No running runs match “live-”")
    field = table(jupyter).get_by_role("searchbox")
    expect(field).to_have_value("running live-")
    run_id = jupyter.start_run(FOREVER, name="live-train", args=["--epochs", "3"])
    expect(row(jupyter, "live-train")).to_contain_text("Running")
    expect(row(jupyter, "live-train")).to_contain_text("--epochs 3")
    field.fill("live-")
    row(jupyter, "live-train").get_by_role("button", name="Stop live-train").press("Enter")
    expect(row(jupyter, "live-train")).to_contain_text("Cancelled")
    assert shows(jupyter, run_id)["status"] == "cancelled"
    again = row(jupyter, "live-train").get_by_role("button", name="Restart live-train")
    again.hover()  # the new run is shown all the same
    expect(again).to_be_enabled()
    again.press("Enter")  # a click so soon after the row appeared would not be meant for it
    expect(row(jupyter, "live-train")).to_have_count(2)
    expect(row(jupyter, "live-train").first).to_contain_text("Running")
    opened = row(jupyter, "live-train").last.get_by_role("link", name="live-train", exact=True)
    assert opened.get_attribute("href") == f"/user/ann/prismq/runs/{run_id}"
    jupyter.screenshot("runs-live")


def test_a_saved_notebook_shows_it_live_without_a_kernel(jupyter):
    run_id = jupyter.start_run("print('ERROR: <b>bad</b>')", name="<b>saved</b>")
    until(
        lambda: (
            shows(jupyter, run_id)["levels"]["complete"]
            and shows(jupyter, run_id)["status"] == "completed"
        ),
        "its end",
    )
    jupyter.open_without_kernel("saved-table.ipynb", output(q="<b>saved</b>"))
    found = row(jupyter, "<b>saved</b>")
    expect(found).to_contain_text("Completed")
    expect(found.locator(".prismq-runs-errors")).to_have_text("1")
    expect(jupyter.page.locator(".prismq-kept")).to_have_count(0)
    assert jupyter.page.locator("b", has_text="saved").count() == 0
    times = found.locator("time").get_attribute("title")
    assert times is not None
    assert times.startswith("Started 20")
    assert times.endswith(" UTC")


@pytest.mark.own_tab  # which has no viewer yet
def test_without_the_viewer_the_saved_text_is_shown(jupyter):
    jupyter.page.route(
        "**/prismq/static/viewer.js", lambda route: route.fulfill(status=404, body="{}")
    )
    jupyter.open_without_kernel("no-viewer.ipynb", output())
    expect(
        jupyter.page.get_by_text("this Jupyter server has no prismq_nb extension")
    ).to_be_visible()
    expect(jupyter.page.locator(".prismq-kept")).to_contain_text("failed  <b>kept</b>")


@pytest.mark.own_tab  # some requests are those of a page that is loaded
def test_a_notebook_by_somebody_else_requests_only_runs(jupyter):
    asked: list[str] = []
    jupyter.page.on("request", lambda request: asked.append(request.url))
    jupyter.open_without_kernel(
        "hostile.ipynb", output(q={"a": 1}, limit="9", url="//evil.example", status="<b>")
    )
    expect(table(jupyter)).to_have_attribute("data-runs", str(len(listed(jupyter))))
    tables = [url for url in asked if "api/runs?" in url]
    # the table's, that for viewers which the notebook has lost, and that of the status bar
    queries = [url.partition("?")[2] for url in tables if "status=running,queued&" not in url]
    assert (set(queries), queries.count("limit=200")) == ({"limit=50&offset=0", "limit=200"}, 1)
    assert not [url for url in asked if "evil" in url]


def listed(jupyter: Any, **query: Any) -> list[dict[str, Any]]:
    url = f"{jupyter.server.url}api/runs"
    return list(
        requests.get(
            url, params=query, headers=jupyter.server.headers, timeout=WAIT_SECONDS
        ).json()["runs"]
    )


def test_it_makes_no_requests_while_it_is_not_visible(jupyter):
    asked: list[str] = []
    jupyter.open_without_kernel("hidden.ipynb", output(q="hidden-"))
    expect(table(jupyter)).to_contain_text("No runs match")
    jupyter.page.on(
        "request", lambda request: asked.append(request.url) if "api/runs?" in request.url else None
    )
    table(jupyter).evaluate("table => { table.style.display = 'none'; }")
    jupyter.page.wait_for_timeout(300)  # the browser reports it a frame later
    asked.clear()
    jupyter.page.wait_for_timeout(6_000)  # longer than between two requests
    assert asked == []
    jupyter.start_run("pass", name="hidden-one")
    table(jupyter).evaluate("table => { table.style.display = ''; }")
    expect(row(jupyter, "hidden-one")).to_be_visible()


def launch_elsewhere(jupyter: Any, code: str, name: str) -> None:
    """Launch a run without the server, as the local client of another process does."""
    environment = {
        name: text
        for name, text in os.environ.items()
        if name not in ("PRISMQ_URL", "PRISMQ_CONNECTION_FILE", "JPY_PARENT_PID")
    }
    script = "import prismq_nb, sys; prismq_nb.launch(code=sys.argv[1], name=sys.argv[2])"
    subprocess.run(
        [sys.executable, "-c", script, code, name],
        env=environment | {"PRISMQ_DATA_DIR": str(jupyter.server.data_dir)},
        check=True,
    )


def test_changes_arrive_without_a_request_whoever_made_them(jupyter):
    asked: list[str] = []
    jupyter.open_without_kernel("told.ipynb", output(q="told-"))
    expect(table(jupyter)).to_contain_text("No runs match")
    jupyter.page.on(
        "request", lambda request: asked.append(request.url) if "api/runs?" in request.url else None
    )
    launch_elsewhere(jupyter, FOREVER, "told-one")
    expect(row(jupyter, "told-one")).to_contain_text("Running")
    launch_elsewhere(jupyter, "1 / 0", "told-other")
    expect(row(jupyter, "told-other")).to_contain_text("Failed")
    (other,) = listed(jupyter, q="told-other")
    shutil.rmtree(jupyter.server.data_dir / "runs" / other["run_id"])
    expect(row(jupyter, "told-other")).to_have_count(0)
    expect(table(jupyter)).to_contain_text("1 run, 1 running")
    assert asked == []


def test_no_row_appears_or_disappears_under_the_pointer(jupyter):
    jupyter.start_run(FOREVER, name="aimed-one")
    jupyter.open_without_kernel("aimed.ipynb", output(q="aimed-"))
    row(jupyter, "aimed-one").get_by_role("button", name="Stop aimed-one").hover()
    jupyter.start_run(FOREVER, name="aimed-two")
    expect(table(jupyter)).to_contain_text("2 runs, 2 running")
    expect(row(jupyter, "aimed-two")).to_have_count(0)
    table(jupyter).get_by_role("searchbox").hover()
    expect(row(jupyter, "aimed-two")).to_be_visible()


def test_it_is_navigated_by_keyboard_and_sorted(jupyter):
    for name in ("walk-b", "walk-a"):
        jupyter.start_run(f"print({name!r})\n" * (1 if name == "walk-b" else 2), name=name)
    jupyter.open_without_kernel("walk.ipynb", output(q="walk-"))
    expect(table(jupyter)).to_contain_text("2 runs")
    expect(row(jupyter, "walk-b").locator(".prismq-runs-lines")).to_have_text("1")
    expect(row(jupyter, "walk-a").locator(".prismq-runs-lines")).to_have_text("2")
    names = table(jupyter).get_by_role("rowheader")
    expect(names).to_have_text(["walk-a", "walk-b"])
    table(jupyter).get_by_role("button", name="Lines").click()
    expect(names).to_have_text(["walk-a", "walk-b"])
    table(jupyter).get_by_role("button", name="Lines").click()
    expect(names).to_have_text(["walk-b", "walk-a"])
    expect(table(jupyter).get_by_role("columnheader", name="Lines")).to_have_attribute(
        "aria-sort", "ascending"
    )
    jupyter.page.keyboard.press("Tab")  # Errors
    jupyter.page.keyboard.press("Tab")
    expect(row(jupyter, "walk-b").get_by_role("link", name="walk-b", exact=True)).to_be_focused()
    jupyter.page.keyboard.press("ArrowDown")
    expect(row(jupyter, "walk-a").get_by_role("link", name="walk-a", exact=True)).to_be_focused()
    jupyter.page.keyboard.press("x")  # in the notebook's command mode it cuts the cell
    expect(table(jupyter)).to_be_visible()
    jupyter.page.add_script_tag(path=AXE)
    found = table(jupyter).evaluate(
        "async table => (await axe.run(table)).violations.map(({ id, nodes }) => [id,"
        " nodes[0].html])"
    )
    assert found == []


@pytest.mark.parametrize("count", [180])
def test_the_newest_of_many_runs_are_shown_and_more_are_a_click_away(jupyter, count):
    many_runs.make(jupyter.server.data_dir, count)
    jupyter.open_without_kernel("many.ipynb", output(q="Job 7", limit=2))
    total = len([n for n in range(count) if n % many_runs.NAMES == 7])
    expect(table(jupyter)).to_contain_text(f"Newest 2 of {total} runs")
    expect(table(jupyter).get_by_role("rowheader")).to_have_count(2)
    table(jupyter).get_by_role("button", name="Show more").click()
    expect(table(jupyter).get_by_role("rowheader")).to_have_count(total)
    expect(table(jupyter).get_by_role("button", name="Show more")).to_be_hidden()
    table(jupyter).get_by_role("searchbox").fill("failed Job 7")
    expect(table(jupyter).locator(".prismq-is-completed")).to_have_count(0)
    assert (
        json.dumps(listed(jupyter, q="Job 7", status="failed")).count('"status": "failed"')
        == table(jupyter).get_by_role("rowheader").count()
    )
