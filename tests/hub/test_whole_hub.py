"""A user's way through a real hub: `pytest --hub tests/hub`."""

from __future__ import annotations

import pytest
from browser.jupyter_page import JupyterPage
from playwright.sync_api import expect, sync_playwright
from support.leftovers import kill_all_with
from support.programs import CHROMIUM_OPTIONS, chromium
from support.waiting import WAIT_MS

pytestmark = [pytest.mark.hub, pytest.mark.timeout(300)]

TICKS = """\
import itertools, time
for i in itertools.count():
    print('tick', i)
    time.sleep(0.05)"""
LAUNCH = f"import prismq_nb\nrun = prismq_nb.launch(code={TICKS!r}, name='ticks')\nrun"


@pytest.fixture
def hub(tmp_path):
    from hub.real_hub import RealHub

    one = RealHub(tmp_path)
    yield one
    one.close()
    kill_all_with("PRISMQ_DATA_DIR", str(one.data_dir))


@pytest.fixture
def page(hub):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_OPTIONS)
        tab = browser.new_context(viewport={"width": 1280, "height": 860}).new_page()
        yield JupyterPage(tab, hub, hub.home / "screenshots")
        browser.close()


def test_launch_stream_stop_page_reload_and_a_restarted_server(hub, page):
    page.page.goto(f"{hub.hub}login")
    page.page.fill("input[name=username]", "ann")
    page.page.fill("input[name=password]", "x")
    page.page.click("input[type=submit]")
    page.page.wait_for_url("**/user/ann/**")

    page.open("one.ipynb", LAUNCH)
    page.run_all()
    page.wait_lines(20)
    expect(page.viewer()).to_have_attribute("data-link", "live")
    page.viewer().locator(".prismq-button-stop").click()
    page.wait_state("cancelled")
    page.viewer().locator(".prismq-button-restart").click()
    page.wait_state("running")
    page.wait_lines(20)
    page.save()

    with page.page.expect_popup() as opened:
        page.viewer().get_by_role("link", name="Open on its own page").click()
    tab = opened.value
    viewer = tab.locator(".prismq-root")
    expect(viewer).to_have_attribute("data-link", "live")
    tab.reload()
    expect(viewer).to_have_attribute("data-link", "live")

    hub.stop()
    viewer.locator(".prismq-scroller").press("/")  # any request tells that the server is gone
    tab.keyboard.type("tick")
    expect(viewer).to_have_attribute("data-link", "not-running", timeout=WAIT_MS)
    expect(viewer.locator(".prismq-link-banner")).to_contain_text("The server is not running.")

    hub.start()
    expect(viewer).to_have_attribute("data-link", "signed-out", timeout=WAIT_MS)
    seen = int(viewer.get_attribute("data-lines"))
    tab.get_by_role("button", name="Reload").click()
    expect(viewer).to_have_attribute("data-link", "live", timeout=WAIT_MS)
    tab.wait_for_function("n => document.querySelector('.prismq-root').dataset.lines > n", arg=seen)
    viewer.locator(".prismq-button-stop").click()
    expect(viewer).to_have_attribute("data-state", "cancelled")

    page.page.bring_to_front()  # the sign-in in the other tab counts here, too
    expect(page.viewer()).to_have_attribute("data-state", "cancelled", timeout=WAIT_MS)
