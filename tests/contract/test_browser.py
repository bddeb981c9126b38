"""The document's examples for a browser, in a real one.

`EventSource`, React, the reconnecting client, the download.

The pages come from the API's own origin (Playwright answers for their address), as they would on
any site that embeds the API: CORS is not needed.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import psutil
from contract.api import Api
from contract.examples import example
from contract.pages import show
from playwright.sync_api import Page, Request, expect
from support.jupyter_process import until
from support.programs import bundle

HOSTILE = [
    "<script>window.hacked = 1</script>",
    '<img src="x" onerror="window.hacked = 1">',
    "ERROR: \"quoted\" & 'single' <b>bold</b>",
    "`${window.hacked = 1}`",
]
LIVE = f"""
import sys
print("waiting")
sys.stdin.readline()
for number in range(100): print("line", number)
for text in {HOSTILE!r}: print(text)
print("WARNING: Low memory")
print("stderr output", file=sys.stderr)
"""
LIVE_LINES = [
    ("INFO", "waiting"),
    *(("INFO", f"line {number}") for number in range(100)),
    *zip(["INFO", "INFO", "ERROR", "INFO"], HOSTILE, strict=True),
    ("WARNING", "WARNING: Low memory"),
    ("ERROR", "stderr output"),
]
READ_ENTRIES = """entries => entries.map(entry => {
    const text = part => entry.querySelector(part).textContent;
    return [entry.className, text('.level'), text('.message'), text('.timestamp')];
})"""


def assert_entries(page: Page, selector: str) -> None:
    """The page shows all lines of the live run: level, text and class of each, and the text is only
    text.
    """
    entries = page.locator(selector).evaluate_all(READ_ENTRIES)
    assert [
        (f"log-entry log-{level.lower()}", f"[{level}]", message) for level, message in LIVE_LINES
    ] == [tuple(entry[:3]) for entry in entries]
    assert all("Invalid" not in entry[3] and ":" in entry[3] for entry in entries)
    assert page.locator(f"{selector} :is(script, img, b)").count() == 0
    assert page.evaluate("window.hacked") is None


def test_the_eventsource_page_shows_a_live_run(api: Api, page: Page):
    run_id = api.launch(LIVE)
    console: list[str] = []
    page.on("console", lambda message: console.append(message.text))

    show(
        page,
        api,
        api.adapt(example("JavaScript/Browser Example", "javascript"), run_id),
        "<div id='status'></div><div id='log-container'></div>",
    )
    expect(page.locator("#log-container .message")).to_have_text(["waiting"])
    api.go(run_id)
    expect(page.locator("#status")).to_have_text("Completed")

    assert_entries(page, "#log-container > div")
    assert "Run completed with status: completed" in console
    assert page.evaluate("eventSource.readyState") == 2


def test_the_react_component_shows_a_live_run(api: Api, page: Page, tmp_path: Path):
    run_id = api.launch(LIVE)
    source = "import { createRoot } from 'react-dom/client';\n" + api.adapt(
        example("React Example", "jsx"), run_id
    )
    source += (
        f"\ncreateRoot(document.getElementById('root')).render(<LogViewer runId={run_id!r} />);\n"
    )

    show(page, api, "", "<div id='root'></div>")
    page.add_script_tag(content=bundle(source, tmp_path))
    expect(page.locator(".log-viewer .message")).to_have_text(["waiting"])
    expect(page.locator(".log-viewer > .status")).to_have_text("Status: streaming")
    api.go(run_id)
    expect(page.locator(".log-viewer > .status")).to_have_text("Status: completed")

    assert_entries(page, ".log-viewer > .logs > div")


def test_the_reconnecting_client_gets_every_line_and_reconnects_to_a_finished_run(
    api: Api, page: Page
):
    """It replays a finished run after one second, repeatedly: each time completely, and nothing
    stays open on the server.
    """
    run_id = api.launch(LIVE)
    server = psutil.Process(api.server.process.pid)
    streams: list[Request] = []
    page.on(
        "requestfinished",
        lambda request: streams.append(request) if "/logs/stream" in request.url else None,
    )
    show(page, api, api.adapt(example("2. SSE Reconnection", "javascript"), run_id))

    page.evaluate(
        """runId => {
            window.lines = [];
            window.ends = 0;
            const source = connectSSE(runId);
            source.addEventListener('log', event => lines.push(JSON.parse(event.data).message));
            source.addEventListener('complete', () => { ends += 1; });
        }""",
        run_id,
    )
    page.wait_for_function("lines.length === 1")
    api.go(run_id)
    page.wait_for_function("ends === 1")
    assert [message for _, message in LIVE_LINES] == page.evaluate("lines")

    descriptors = None
    while len(streams) < 4:
        page.wait_for_event("requestfinished")
        descriptors = descriptors or server.num_fds()
    until(
        lambda: server.num_fds() <= descriptors + 1,
        f"the number of open files going back to {descriptors}",
    )
    _, *starts = (request.timing["startTime"] for request in streams)
    between = [later - earlier for earlier, later in pairwise(starts)]
    assert min(between) > 900, between
    assert len({request.sizes()["responseBodySize"] for request in streams[1:]}) == 1


def test_the_download_of_a_page_is_the_log(api: Api, page: Page):
    run_id = api.finished("print('one'); print('ERROR: <b>二</b>')")
    show(page, api, api.adapt(example("JavaScript", "javascript"), run_id))

    with page.expect_download() as download:
        page.evaluate("runId => downloadLogs(runId)", run_id)

    assert f"{run_id}.log" == download.value.suggested_filename
    expected = "".join(
        f"[{log['timestamp']}] [{log['level']}] [stdout] {log['message']}\n"
        for log in api.logs(run_id)
    )
    assert expected == Path(download.value.path()).read_text(encoding="utf-8")
    assert "ERROR: <b>二</b>" in expected
