"""Many viewers, many windows, one stream: nothing freezes, and everything recovers
automatically.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from browser.run_page import RunPage
from support.jupyter_process import until

TICKS = """\
import time, itertools
for i in itertools.count():
    print('tick', i, flush=True)
    time.sleep(0.05)"""
WINDOWS = 8
STATUS_MS = """async () => {
    const times = [];
    for (let i = 0; i < 21; i++) {
        const begin = performance.now();
        const url = document.body.dataset.baseUrl + 'api/status';
        await (await fetch(url, { cache: 'no-store' })).text();
        times.push(performance.now() - begin);
    }
    return times.sort((a, b) => a - b)[10];
}"""


@pytest.fixture
def windows(run_page, browser, tmp_path):
    """Eight windows of one browser, each with the page of a live run."""
    run_page.start(TICKS, name="ticks")
    context = run_page.page.context
    context.open_streams = set()

    def ended(request):
        context.open_streams.discard(request)

    context.on(
        "request",
        lambda request: "/api/runs/stream?" in request.url and context.open_streams.add(request),
    )
    context.on("requestfinished", ended)
    context.on("requestfailed", ended)
    opened = [RunPage(context.new_page(), run_page.server, tmp_path) for _ in range(WINDOWS)]
    for window in opened:
        # eight of them are drawn at every tick
        window.page.set_viewport_size({"width": 480, "height": 320})
        window.open(run_page.run_id)
    return opened


def streams(run_page):
    """Open requests for the stream; a closed window does not report that its own ended."""
    return [
        request
        for request in run_page.page.context.open_streams
        if not request.frame.page.is_closed()
    ]


def lines(window) -> int:
    return int(window.root.get_attribute("data-lines"))


def test_eight_windows_follow_with_one_stream_and_the_server_responds_at_once(run_page, windows):
    for window in windows:
        window.wait_lines(20)
    seen = [lines(window) for window in windows]
    for window, before in zip(windows, seen, strict=True):
        window.wait_lines(before + 20)
    median = windows[-1].page.evaluate(STATUS_MS)
    print(f"api/status with {WINDOWS} windows: median {median:.1f} ms")
    # it would hang if each window had a stream; the figure itself is in the note
    assert median < 5000
    assert len(streams(run_page)) == 1


def test_when_the_leading_window_is_closed_the_others_continue(run_page, windows):
    for window in windows:
        window.wait_lines(20)
    while len(windows) > 1:
        windows.pop(0).page.close()
        before = [lines(window) for window in windows]
        for window, count in zip(windows, before, strict=True):
            window.wait_lines(count + 10)
            assert window.root.get_attribute("data-link") == "live"
        assert len(streams(run_page)) == 1


def test_they_recover_when_the_server_does(run_page, windows):
    for window in windows:
        window.wait_lines(20)
    server = run_page.server
    server.kill()
    until(
        lambda: all(
            window.root.get_attribute("data-link") in ("reconnecting", "disconnected")
            for window in windows
        ),
        "noticed by all",
    )
    server.port = urlsplit(server.url).port  # the windows know no other
    server.launch()
    before = [lines(window) for window in windows]
    for window, count in zip(windows, before, strict=True):
        window.wait_lines(count + 10)
    for window in windows:
        window.errors.clear()  # the browser reports what it could not reach
