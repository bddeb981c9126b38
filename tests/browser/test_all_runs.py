"""All runs on a page of their own, `/prismq`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from browser.run_page import RunPage
from playwright.sync_api import Locator, expect
from support import many_runs
from support.jupyter_process import JupyterProcess, until
from support.waiting import WAIT_SECONDS

AXE = Path(__file__).parents[2] / "prismq_nb/frontend/node_modules/axe-core/axe.min.js"
FOREVER = "import time\nprint('up', flush=True)\ntime.sleep(1000)"
HOSTILE = "<img src=x onerror=alert(1)>\u202egpj"
MANY = 2_000
FIRST_PAINT_MS = 200
"""From the answer of the server to the first rows; the bound of the issue."""
PHONE = {"width": 390, "height": 780}


class AllRuns:
    """The page in one tab."""

    def __init__(self, run_page: RunPage) -> None:
        self.tab, self.page, self.server = run_page, run_page.page, run_page.server
        self.start = run_page.start

    def open(self, query: str = "") -> None:
        token = f"{'&' if query else '?'}token={self.server.token}"
        self.page.goto(f"{self.server.url}prismq{query}{token}")

    @property
    def root(self) -> Locator:
        return self.page.locator(".prismq-all")

    def row(self, name: str) -> Locator:
        exact = self.page.get_by_role("link", name=name, exact=True)
        return self.root.locator("[role=row]").filter(has=exact)

    def chip(self, name: str) -> Locator:
        return self.root.get_by_role("button", name=re.compile(f"^{name} [0-9,]+$"))

    def field(self) -> Locator:
        return self.root.get_by_role("searchbox")

    def names(self) -> list[str]:
        return self.root.locator(".prismq-all-name").all_text_contents()

    def get(self, path: str, **query: Any) -> Any:
        url = f"{self.server.url}api/runs{path}"
        return requests.get(url, params=query, headers=self.server.headers, timeout=WAIT_SECONDS)


@pytest.fixture(scope="module")
def plain_server(tmp_path_factory) -> Iterator[JupyterProcess]:
    """A server that keeps thousands of ended runs."""
    options = "--ServerApp.base_url=/user/ann/", "--PrismQApp.keep_runs=0"
    server = JupyterProcess.start(tmp_path_factory.mktemp("many"), *options)
    yield server
    server.end_runs()
    server.stop()


@pytest.fixture
def view(run_page: RunPage) -> AllRuns:
    return AllRuns(run_page)


def status_of(view: AllRuns, run_id: str) -> Callable[[], str]:
    return lambda: str(view.get(f"/{run_id}").json()["status"])


def ended(view: AllRuns, name: str, code: str = "pass", **spec: Any) -> str:
    run_id = view.start(code, name=name, **spec)
    until(lambda: status_of(view, run_id)() not in ("queued", "running"), "its end")
    return run_id


def test_without_runs_it_teaches_the_first_launch(tmp_path, browser):
    server = JupyterProcess.start(tmp_path, "--ServerApp.base_url=/user/ann/")
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    view = AllRuns(RunPage(context.new_page(), server, tmp_path))
    try:
        view.open()
        expect(view.root).to_contain_text("No runs yet")
        assert "token" not in view.page.url
        view.root.get_by_role("button", name="Copy").click()
        expect(view.root.get_by_text("Copied")).to_be_visible()
        assert "prismq_nb.launch(" in view.page.evaluate("navigator.clipboard.readText()")
        view.start("print(1)", name="the-first")
        expect(view.row("the-first")).to_contain_text("Completed")
        assert view.tab.unexpected == []
        server.stop()  # what was seen last stays, and the page says so
        view.tab.expected = ("Failed to load resource",)
        expect(view.root).to_contain_text("Disconnected")
        expect(view.root).to_contain_text("No connection to the Jupyter server.")
        expect(view.row("the-first")).to_be_visible()
    finally:
        context.close()
        server.stop()


def test_runs_are_stopped_restarted_kept_and_deleted(view):
    run_id = view.start(FOREVER, name="acted", args=["--epochs", "3"])
    view.open("?q=acted")
    expect(view.field()).to_have_value("acted")
    row = view.row("acted")
    expect(row).to_contain_text("Running")
    expect(row).to_contain_text("--epochs 3")
    expect(view.page).to_have_title("(1) Runs")
    row.get_by_role("button", name="Stop acted").press("Enter")
    expect(row).to_contain_text("Cancelled")
    assert status_of(view, run_id)() == "cancelled"
    again = row.get_by_role("button", name="Restart acted")
    expect(again).to_have_attribute("aria-disabled", "false")
    again.press("Enter")
    expect(view.row("acted")).to_have_count(2)
    expect(view.row("acted").first).to_contain_text("Running")
    last = view.root.locator(f"[data-run='{run_id}']")
    last.get_by_role("button", name="More actions for acted").click()
    view.page.get_by_role("menuitemcheckbox", name="Keep").click()
    expect(last).to_contain_text("kept")
    assert view.get(f"/{run_id}").json()["kept"]
    view.page.keyboard.press("Escape")
    last.get_by_role("button", name="More actions for acted").click()
    with view.page.expect_download() as download:
        view.page.get_by_role("menuitem", name="Download the log").click()
    assert download.value.suggested_filename == f"{run_id}.log"
    last.focus()
    view.page.keyboard.press("Delete")
    dialog = view.page.get_by_role("dialog", name="Delete “acted”?")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    view.page.keyboard.press("Enter")
    expect(last).to_be_focused()
    assert view.get(f"/{run_id}").status_code == 200
    view.page.keyboard.press("Delete")
    dialog.get_by_role("button", name="Delete").click()
    expect(last).to_have_count(0)
    assert view.get(f"/{run_id}").status_code == 404


def test_hostile_names_stay_text_and_a_run_opens_on_its_page(view):
    run_id = ended(view, HOSTILE, "raise ValueError('<b>bad</b>')", args=["<i>given</i>"])
    view.open("?q=%3Cimg")
    row = view.row(HOSTILE)
    expect(row).to_contain_text("ValueError: <b>bad</b>")
    expect(row).to_contain_text("<i>given</i>")
    expect(row).to_contain_text("1 error")
    assert view.root.locator("img, b, i").count() == 0
    row.locator(".prismq-all-status").click()  # anywhere on it
    expect(view.page).to_have_url(f"{view.server.url}prismq/runs/{run_id}")
    view.page.get_by_role("link", name="All runs").click()
    expect(view.page).to_have_url(f"{view.server.url}prismq")
    view.page.go_back()
    view.page.go_back()
    expect(view.field()).to_have_value("<img")


@pytest.fixture(scope="module")
def many(plain_server: JupyterProcess) -> list[str]:
    made = many_runs.make(plain_server.data_dir, MANY)
    many_runs.settle(plain_server.data_dir)
    url = f"{plain_server.url}api/runs"

    def count() -> int:
        answer = requests.get(
            url, params={"q": "Job"}, headers=plain_server.headers, timeout=WAIT_SECONDS
        )
        return int(answer.json()["total"])

    until(lambda: count() == MANY, "all to be known")
    return made


def first_paint_ms(view: AllRuns) -> float:
    """Load the page: one of several times, another program may take the processor."""
    view.page.reload()
    expect(view.root.locator("[data-run]").first).to_be_visible()
    return view.page.evaluate(
        """() => {
            const ends = performance.getEntriesByType('resource')
                .filter(({ name }) => name.includes('api/runs?')).map((one) => one.responseEnd);
            return performance.getEntriesByName('prismq-all-runs-drawn')[0].startTime
                - Math.max(...ends.slice(0, 2));
        }"""
    )


def test_thousands_are_scrolled_filtered_and_sorted(view, many):
    view.open("?q=Job")
    expect(view.chip("All")).to_contain_text("2,000")
    expect(view.chip("Failed")).to_contain_text("667")
    until(lambda: first_paint_ms(view) < FIRST_PAINT_MS, "an early first paint")
    scroll = view.root.get_by_role("grid")
    expect(scroll).to_have_attribute("aria-rowcount", str(MANY))
    assert view.root.locator("[role=row]").count() < 60
    scroll.evaluate("node => { node.scrollTop = node.scrollHeight; }")
    oldest = view.root.locator(f"[data-run='{many[0]}']")
    expect(oldest).to_be_visible()
    expect(oldest).to_have_attribute("aria-rowindex", str(MANY))
    scroll.evaluate("node => { node.scrollTop = node.scrollHeight / 2; }")
    expect(view.root.locator(f"[data-run='{many[MANY // 2]}']")).to_be_visible()

    view.chip("Failed").click()
    expect(scroll).to_have_attribute("aria-rowcount", "667")
    expect(view.chip("Completed")).to_contain_text("667")  # what it would show
    view.field().fill("Job 7")
    expect(scroll).to_have_attribute("aria-rowcount", re.compile("^[0-9]{2,3}$"))
    expect(view.root.locator(".prismq-all-status").first).to_have_text("Failed")
    view.root.get_by_role("button", name="Sort").click()
    view.page.get_by_role("menuitemradio", name="Oldest first").click()
    view.page.keyboard.press("Escape")
    expect(view.page).to_have_url(re.compile(r"\?status=failed&q=Job\+7&sort=created_at$"))
    first = view.root.locator("[data-run]").first
    expect(first).to_have_attribute("data-run", many[7])
    view.page.reload()
    expect(view.field()).to_have_value("Job 7")
    expect(first).to_have_attribute("data-run", many[7])
    expect(view.chip("Failed")).to_have_attribute("aria-pressed", "true")
    view.root.get_by_role("button", name="Group").click()
    view.page.get_by_role("menuitemradio", name="Module").click()
    expect(view.root.locator(".prismq-all-heading").first).to_contain_text("Job 7")
    view.field().fill("nothing like that")
    expect(view.root).to_contain_text("No failed runs match “nothing like that”")
    view.root.get_by_role("button", name="Clear filter").click()
    expect(view.chip("All")).to_have_attribute("aria-pressed", "true")


def test_several_runs_are_selected_by_keyboard_and_deleted(view, many):
    view.open("?q=--max-results%3D19")  # 1900 to 1999, and some more
    grid = view.root.get_by_role("grid")
    expect(view.root.locator("[data-run]").first).to_be_visible()
    total = int(grid.get_attribute("aria-rowcount") or 0)
    view.page.keyboard.press("/")
    expect(view.field()).to_be_focused()
    rows = view.root.locator("[data-run]")
    newest = [rows.nth(place).get_attribute("data-run") for place in range(4)]
    rows.first.focus()
    view.page.keyboard.press("Space")
    for _ in range(2):
        view.page.keyboard.press("Shift+ArrowDown")
    expect(rows.nth(2)).to_be_focused()
    bar = view.root.get_by_role("toolbar", name="Selected runs")
    expect(bar).to_contain_text("3 runs selected")
    assert [rows.nth(place).get_attribute("aria-selected") for place in range(4)] == [
        "true", "true", "true", "false"
    ]  # fmt: skip
    bar.get_by_role("button", name="Delete").click()
    view.page.get_by_role("dialog", name="Delete 3 runs?").get_by_role(
        "button", name="Delete"
    ).click()
    expect(view.root.get_by_text("3 runs deleted", exact=True)).to_be_visible()
    expect(grid).to_have_attribute("aria-rowcount", str(total - 3))
    assert {404} == {view.get(f"/{run}").status_code for run in newest[:3]}
    expect(bar).to_have_count(0)
    rows.first.focus()
    view.page.keyboard.press("Control+a")
    expect(bar).to_contain_text(f"{total - 3} runs selected")
    view.page.keyboard.press("Escape")
    expect(bar).to_have_count(0)
    view.page.keyboard.press("End")
    expect(view.root.locator("[data-run]").last).to_be_focused()
    view.page.keyboard.press("Home")
    expect(view.root.locator(f"[data-run='{newest[3]}']")).to_be_focused()
    view.page.keyboard.press("Enter")
    expect(view.page).to_have_url(f"{view.server.url}prismq/runs/{newest[3]}")


def test_it_is_usable_on_a_phone_and_accessible(view, many):
    view.page.set_viewport_size(PHONE)
    view.start(FOREVER, name="on-a-phone", args=["--data", "/mnt/somewhere/far/away/in/a/path"])
    ended(view, "broken-on-a-phone", "raise ValueError('a message that is longer than a phone')")
    view.open()
    row = view.row("on-a-phone")
    expect(row).to_contain_text("Running")
    width = view.page.evaluate("document.documentElement.scrollWidth")
    assert width == PHONE["width"]
    for part in view.root.locator("[role=row] > *, .prismq-all-toolbar > *").all():
        if box := part.bounding_box():
            assert box["x"] + box["width"] <= PHONE["width"] + 0.5, part.inner_text()
    assert view.page.evaluate(OVERLAPS) == []
    assert view.field().evaluate("field => field.offsetWidth") > PHONE["width"] / 2
    view.page.evaluate(AXE.read_text())
    for scheme in ("light", "dark"):
        view.page.emulate_media(color_scheme=scheme)
        found = view.root.evaluate(
            "async root => (await axe.run(root)).violations.map(({ id, nodes }) => [id,"
            " nodes[0].html])"
        )
        assert found == []
    row.get_by_role("button", name="Stop on-a-phone").press("Enter")
    expect(row).to_contain_text("Cancelled")
    view.tab.screenshot("all-runs-phone")


OVERLAPS = """() => {
    const found = [];
    for (const row of document.querySelectorAll('.prismq-all-row')) {
        const cells = [...row.children].map((cell) => cell.getBoundingClientRect())
            .filter(({ width, height }) => width && height);
        for (const [i, a] of cells.entries())
            for (const b of cells.slice(i + 1))
                if (a.left < b.right - 1 && b.left < a.right - 1
                    && a.top < b.bottom - 1 && b.top < a.bottom - 1) found.push(row.innerText);
    }
    return found;
}"""


def test_the_logs_of_all_runs_are_searched(view):
    ended(view, "log-search-1", "for i in range(5): print('needle in step', i)")
    ended(view, "log-search-2", f"print('a Needle: {HOSTILE}'); raise SystemExit(1)")
    ended(view, "log-search-3", "print('nothing of the kind')")
    view.open("?q=log-search")
    expect(view.row("log-search-3")).to_be_visible()
    view.root.get_by_role("button", name="Logs", exact=True).click()
    view.field().fill("needle")
    found = view.root.get_by_role("listitem")
    expect(view.root.get_by_text("6 lines in 2 runs")).to_be_visible()
    assert ["log-search-2", "log-search-1"] == view.names()
    expect(found.nth(0)).to_contain_text(f"a Needle: {HOSTILE}")
    expect(found.nth(1)).to_contain_text("5 lines")
    expect(found.nth(1).locator("mark")).to_have_text(["needle"] * 3)
    expect(view.page).to_have_url(re.compile(r"\?log=needle$"))
    view.chip("Completed").click()
    expect(view.root.get_by_text("5 lines in 1 run")).to_be_visible()
    view.page.reload()  # the address keeps what was searched, and in which runs
    expect(view.field()).to_have_value("needle")
    expect(view.root.get_by_text("5 lines in 1 run")).to_be_visible()
    view.tab.screenshot("log-search")
    view.field().fill("needle not there")
    expect(view.root.get_by_text("No log has “needle not there”")).to_be_visible()
    view.field().fill("needle")
    found.get_by_role("link", name="needle in step 2").click()
    expect(view.page).to_have_url(re.compile(r"/prismq/runs/run_[\w-]+#L3$"))
    expect(view.page.locator(".prismq-row[data-line='2']")).to_be_in_viewport()
