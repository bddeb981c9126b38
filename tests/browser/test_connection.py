"""What a viewer says about its connection, behind a proxy like a hub's, and that it recovers by
itself.
"""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

import pytest
import requests
from browser.legible import assert_legible
from browser.run_page import RunPage
from browser.shared import SCREENSHOTS
from jupyter_server.auth.security import passwd
from playwright.sync_api import expect
from support.jupyter_process import JupyterProcess, until
from support.leftovers import kill_all_with
from support.proxy import REFUSALS, Proxy, only
from support.waiting import WAIT_SECONDS

TICKS = """\
import itertools, time
for i in itertools.count():
    print('tick', i, flush=True)
    time.sleep(0.02)"""
BRIEF_SECONDS = 5.0
"""What a clock that is stopped skips: too little for a page that slept."""
QUIET = "print('ERROR: one', flush=True)\ninput()"
LINKS = {
    "403": "signed-out",
    "redirect": "signed-out",
    "login-page": "signed-out",
    "424": "not-running",
    "502": "not-running",
    "503": "not-running",
    "429": "busy",
}
PICTURED = ("403", "503", "429")
"""One for each sentence."""
SAYS = {
    "signed-out": "Signed out.",
    "not-running": "The server is not running.",
    "busy": "Too many streams are open",
}
CONTIGUOUS = """() => {
    const rows = [...document.querySelectorAll('.prismq-row[data-line]')];
    const lines = rows.map(row => Number(row.dataset.line)).sort((a, b) => a - b);
    return lines.every((line, at) => at === 0 || line === lines[at - 1] + 1);
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A Jupyter server that may be killed and restarted at the same address."""
    one = JupyterProcess.start(
        tmp_path_factory.mktemp("behind"),
        "--ServerApp.base_url=/user/ann/",
        "--ServerApp.allow_remote_access=True",
    )
    one.port = urlsplit(one.url).port
    yield one
    one.kill()
    kill_all_with("PRISMQ_DATA_DIR", str(one.data_dir))


@pytest.fixture
def proxy(server):
    one = Proxy(f"http://127.0.0.1:{server.port}")
    yield one
    one.close()


class ProxiedPage(RunPage):
    """The page of a run behind the proxy."""

    def open_by(self, proxy) -> None:
        self.page.goto(f"{proxy.url}/user/ann/prismq/runs/{self.run_id}?token={self.server.token}")

    def wait_link(self, state: str) -> None:
        expect(self.root).to_have_attribute("data-link", state)

    @property
    def banner(self):
        return self.root.locator(".prismq-link-banner")

    @property
    def lines(self) -> int:
        return int(self.root.get_attribute("data-lines"))

    def stop_clock(self) -> float:
        """Let no timer of the page run any more; return its time, in seconds since the epoch."""
        now = self.page.evaluate("() => Date.now()") / 1000 + BRIEF_SECONDS
        self.page.clock.pause_at(now)
        return now

    def find(self, text: str) -> None:
        self.root.locator(".prismq-scroller").press("/")
        self.page.keyboard.type(text)


@pytest.fixture
def behind(server, browser):
    """A tab of a user who has signed in."""
    context = browser.new_context(viewport={"width": 1100, "height": 500}, accept_downloads=True)
    page = ProxiedPage(context.new_page(), server, SCREENSHOTS)
    page.expected = (
        "Failed to load resource",
        "Connecting to 'https://login",
        "Fetch API cannot load",
        "Refused to connect",
        "Access to fetch",
    )
    yield page
    context.close()
    page.end_started()
    assert page.unexpected == []


@pytest.mark.parametrize("refusal", LINKS)
def test_a_response_of_the_proxy_is_reported_and_the_log_continues_where_it_was(
    behind, proxy, refusal, whole
):
    behind.start(TICKS, name="ticks")
    behind.open_by(proxy)
    behind.wait_lines(20)
    before = behind.root.bounding_box()
    if refusal == "429":  # which says nothing about other streams
        behind.start(TICKS, name="other")
        proxy.answer = lambda handler: (
            "/stream" in handler.request.path and REFUSALS[refusal](handler)
        )
        behind.open_by(proxy)
    else:
        proxy.answer = REFUSALS[refusal]
        behind.find("tick")
    link = LINKS[refusal]
    behind.wait_link(link)
    expect(behind.banner).to_contain_text(SAYS[link])
    for name in ("Reload", "Retry now"):
        expect(behind.banner.get_by_role("button", name=name)).to_be_visible(
            visible=(name == "Reload") == (link == "signed-out")
        )
    assert before == behind.root.bounding_box()
    if refusal in PICTURED:
        assert_legible(behind, f"connection-{refusal}", whole=whole)
    seen = behind.lines
    proxy.answer = None
    behind.wait_link("live")
    behind.wait_lines(seen + 20)
    expect(behind.banner).to_be_hidden()
    assert behind.page.evaluate(CONTIGUOUS)


@pytest.mark.parametrize("how", ["search", "silence"])
def test_a_dead_server_is_noticed_though_the_proxy_keeps_the_stream_open(
    behind, proxy, server, how
):
    behind.page.clock.install()
    behind.start(QUIET)
    behind.open_by(proxy)
    behind.wait_link("live")
    behind.wait_lines(1)
    server.kill()
    if how == "search":
        behind.find("one")
    else:
        behind.page.clock.fast_forward(21_000)
    behind.wait_link("not-running")
    retry = behind.banner.get_by_role("button", name="Retry now")
    expect(retry).to_be_visible()
    behind.stop_clock()  # so that it does not retry by itself
    server.launch()
    asked = proxy.streams
    retry.dispatch_event("click")
    until(lambda: proxy.streams > asked, "a retry")
    behind.page.clock.resume()
    behind.wait_link("live")
    behind.send("\n")
    behind.wait_state("completed")


def test_a_server_that_was_absent_for_long_is_back_within_five_seconds(behind, server):
    behind.start(QUIET, name="quiet")
    behind.open()
    behind.wait_link("live")
    behind.wait_lines(1)
    pill = behind.root.locator(".prismq-pill")
    expect(pill).to_have_text("Waiting for input")
    coloured = pill.evaluate("pill => getComputedStyle(pill).color")
    tries = []

    def tried(request) -> None:
        if "/stream?" in request.url:
            tries.append(request.url)

    behind.page.on("request", tried)
    server.kill()
    expect(behind.root).to_have_attribute("data-link", "disconnected")
    expect(pill).to_have_attribute("title", re.compile("^Last known status"))
    assert pill.evaluate("pill => getComputedStyle(pill).color") != coloured
    for scheme in ("dark", "light"):
        behind.page.emulate_media(color_scheme=scheme)
        behind.screenshot(f"connection-away-{scheme}")
    while len(tries) < 4:  # the longest wait has begun
        behind.page.wait_for_event("request", lambda request: "/stream?" in request.url)
    server.launch()
    # five seconds, and what a busy machine needs
    expect(behind.root).to_have_attribute("data-link", "live", timeout=20_000)
    expect(pill).to_have_css("color", coloured)
    behind.send("\n")
    behind.wait_state("completed")


@pytest.mark.parametrize("sign", ["focus", "online", "visibilitychange"])
def test_a_stream_that_died_during_a_sleep_is_reopened_at_once(behind, proxy, server, sign):
    """The proxy keeps the stream open, and the page's timers stand still, as during a sleep."""
    behind.page.clock.install()
    behind.start(TICKS, name="ticks")
    behind.open_by(proxy)
    behind.wait_link("live")
    behind.wait_lines(20)
    fell_asleep = behind.stop_clock()
    server.kill()
    server.launch()
    behind.page.clock.set_system_time(fell_asleep + 3600)
    seen, asked = behind.lines, proxy.streams
    behind.page.evaluate(
        """sign => {
        const target = sign === 'visibilitychange' ? document : window;
        target.dispatchEvent(new Event(sign));
    }""",
        sign,
    )
    until(lambda: proxy.streams > asked, "a new stream, though no timer ran")
    behind.page.clock.resume()
    behind.wait_lines(seen + 20)
    behind.wait_link("live")


def test_a_search_in_an_ended_run_reports_the_connection_too(behind, proxy):
    behind.start("for i in range(200): print('ERROR: line', i)")
    behind.open_by(proxy)
    behind.wait_state("completed")
    behind.wait_link("ended")
    proxy.answer = REFUSALS["redirect"]
    behind.find("line 7")
    behind.wait_link("signed-out")
    proxy.answer = None
    behind.page.evaluate("() => window.dispatchEvent(new Event('focus'))")
    behind.wait_link("ended")
    expect(behind.root.get_by_text("38 matches")).to_be_visible()


def test_reload_leads_to_the_login_and_back(behind, proxy):
    behind.start(TICKS, name="ticks")
    behind.open_by(proxy)
    behind.wait_lines(20)
    proxy.answer = REFUSALS["403"]
    behind.find("tick")
    behind.wait_link("signed-out")
    proxy.answer = None
    with behind.page.expect_navigation():
        behind.banner.get_by_role("button", name="Reload").click()
    behind.wait_lines(20)
    behind.wait_link("live")


def test_an_action_refused_alone_is_not_allowed(behind, proxy):
    behind.start(TICKS, name="ticks")
    behind.open_by(proxy)
    behind.wait_lines(20)
    proxy.answer = only("DELETE", "403")
    behind.root.locator(".prismq-button-stop").click()
    problem = behind.root.locator(".prismq-banner", has_text="Could not stop the run")
    expect(problem).to_have_text(re.compile("Could not stop the run: not allowed$"))
    behind.screenshot("connection-not-allowed")
    behind.wait_lines(behind.lines + 20)
    behind.wait_link("live")


@pytest.mark.parametrize("refusal", ["403", "redirect", "503"])
def test_an_action_refused_like_everything_else_is_not_called_forbidden(behind, proxy, refusal):
    behind.start(TICKS, name="ticks")
    behind.open_by(proxy)
    behind.wait_lines(20)
    proxy.answer = REFUSALS[refusal]
    behind.root.locator(".prismq-button-stop").click()
    behind.wait_link(LINKS[refusal])
    expect(
        behind.root.locator(".prismq-banner", has_text="Could not stop the run")
    ).not_to_contain_text("not allowed")


@pytest.mark.parametrize("refusal", ["403", "redirect", "login-page", "424"])
def test_a_login_page_is_not_saved_as_the_log(behind, proxy, refusal):
    behind.start("print('one')")
    behind.open_by(proxy)
    behind.wait_state("completed")
    downloads = []

    def saves(download) -> None:  # Playwright cannot wrap a method of a list
        downloads.append(download)

    behind.page.on("download", saves)
    proxy.answer = REFUSALS[refusal]
    behind.root.get_by_role("button", name="Download").click()
    behind.page.get_by_role("menuitem", name="JSON lines").click()
    expect(
        behind.root.locator(".prismq-banner", has_text="Could not download the log")
    ).to_be_visible()
    behind.wait_link(LINKS[refusal])
    assert not any("logs/download" in path for path in proxy.asked)
    proxy.answer = None
    with behind.page.expect_download() as saved:
        behind.root.get_by_role("button", name="Download").click()
        behind.page.get_by_role("menuitem", name="JSON lines").click()
    assert '"one"' in saved.value.path().read_text()
    assert len(downloads) == 1


def test_all_windows_are_notified(behind, proxy, browser, server):
    behind.start(TICKS, name="ticks")
    others = [
        behind,
        *(ProxiedPage(behind.page.context.new_page(), server, SCREENSHOTS) for _ in range(2)),
    ]
    for page in others:
        page.run_id = behind.run_id
        page.open_by(proxy)
        page.wait_lines(20)
    proxy.answer = REFUSALS["403"]
    others[-1].find("tick")  # not the leading one
    for page in others:
        page.wait_link("signed-out")
    proxy.answer = None
    until(
        lambda: all(page.root.get_attribute("data-link") == "live" for page in others), "all live"
    )


def restarted(server, page, *options: str) -> None:
    """Kill the server, wait until that is noticed, and restart it with other options."""
    server.kill()
    expect(page.root).to_have_attribute("data-link", re.compile("reconnecting|disconnected"))
    server.options = options
    server.launch()
    page.page.evaluate("() => window.dispatchEvent(new Event('focus'))")


@pytest.fixture
def own_server(tmp_path):
    """A server for one test, with everything needed to log in."""
    servers: list[JupyterProcess] = []

    def start(*options: str) -> JupyterProcess:
        one = JupyterProcess(tmp_path, token="", options=options)
        one.launch()
        one.port = urlsplit(one.url).port
        servers.append(one)
        return one

    yield start
    for one in servers:
        one.kill()
        kill_all_with("PRISMQ_DATA_DIR", str(one.data_dir))


def launch(server) -> str:
    """A run, started as by a kernel."""
    file = json.loads(server.connection_file.read_text())
    headers = {"Authorization": f"prismq {file['secret']}"}
    answer = requests.post(
        f"{file['url']}api/runs", json={"code": TICKS}, headers=headers, timeout=WAIT_SECONDS
    )
    return answer.json()["run_id"]


@pytest.fixture
def tab(browser):
    context = browser.new_context()
    yield context.new_page()
    context.close()


def test_without_a_login_nobody_is_signed_out(own_server, tab):
    server = own_server("--IdentityProvider.token=")
    page = ProxiedPage(tab, server, SCREENSHOTS)
    tab.goto(f"{server.url}prismq/runs/{launch(server)}")
    page.wait_lines(20)
    tab.evaluate("""() => {
        const root = document.querySelector('.prismq-root');
        window.links = [];
        const note = () => window.links.push(root.dataset.link);
        const options = { attributes: true, attributeFilter: ['data-link'] };
        new MutationObserver(note).observe(root, options);
    }""")
    restarted(server, page, *server.options)
    page.wait_link("live")
    page.wait_lines(page.lines + 20)
    assert not {"signed-out", "refused"} & set(tab.evaluate("() => window.links"))
    page.root.locator(".prismq-button-stop").click()
    page.wait_state("cancelled")


def test_a_changed_password_signs_out_and_reload_leads_to_the_login_and_back(own_server, tab):
    options = ("--ServerApp.base_url=/a/b/", "--IdentityProvider.token=")
    first, second = (
        f"--PasswordIdentityProvider.hashed_password={passwd(word)}" for word in ("one", "two")
    )
    server = own_server(*options, first)
    page = ProxiedPage(tab, server, SCREENSHOTS)
    tab.goto(f"{server.url}prismq/runs/{launch(server)}")

    def sign_in(word: str) -> None:
        tab.fill("input[name=password]", word)
        tab.click("button[type=submit]")
        page.wait_link("live")

    sign_in("one")
    page.wait_lines(20)
    # Jupyter Server 2.16 lets an earlier login pass
    (server.runtime_dir / "jupyter_cookie_secret").unlink()
    restarted(server, page, *options, second)
    page.wait_link("signed-out")
    with tab.expect_navigation(url="**/login**"):
        page.banner.get_by_role("button", name="Reload").click()
    sign_in("two")
    page.wait_lines(20)
