"""The stream of a page: many runs in one connection, fair and bounded whatever one of them prints.

Also in a browser across a restart of the server.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright
from streaming.api import Api, Subscriber, values
from support.jupyter_process import JupyterProcess
from support.programs import CHROMIUM_OPTIONS, chromium

FLOOD = "import os\nwhile True: os.write(1, b'flood ' * 16 + b'\\n')"
WHISPER = "import sys, time\nfor i in range(40): print('whisper', i); time.sleep(0.05)"
MAX_BATCHES_PER_SECOND = 20
MAX_BYTES_PER_SECOND = 3_000_000


def test_a_slow_run_is_streamed_beside_a_flood_and_both_are_bounded(api: Api):
    floods, whisper = [api.launch(FLOOD) for _ in range(2)], api.launch(WHISPER)
    query = "&".join(f"run={run}" for run in (*floods, f"{whisper}@0"))
    page = Subscriber(api, f"api/runs/stream?{query}")
    begin, size, batches = time.monotonic(), 0, 0
    heard: list[str] = []
    seen = dict.fromkeys(floods, 0)
    complete = None
    while complete is None:
        for event in page.read():
            if event.name != "batch":
                continue
            batch = json.loads(event.data)
            batches += 1
            size += len(event.data)
            if batch["run"] == whisper:
                assert not batch.get("skipped")
                heard += [line[4] for line in batch.get("lines", [])]
                complete = batch.get("complete")
            else:
                assert batch.get("total", seen[batch["run"]]) >= seen[batch["run"]]
                seen[batch["run"]] = batch.get("total", seen[batch["run"]])
    seconds = time.monotonic() - begin
    page.drop()
    for run in floods:
        api.stop(run)
    assert heard == [f"whisper {i}" for i in range(40)]
    assert all(total > 0 for total in seen.values())
    assert batches <= (MAX_BATCHES_PER_SECOND * seconds + 2) * 3
    assert size <= MAX_BYTES_PER_SECOND * (seconds + 1)


def test_fifty_runs_share_a_connection(api: Api):
    runs = [api.launch(f"print('hello from', {i})") for i in range(50)]
    page = Subscriber(api, "api/runs/stream?" + "&".join(f"run={run}@0" for run in runs))
    heard: dict[str, list[str]] = {run: [] for run in runs}
    ended: set[str] = set()
    while len(ended) < len(runs):
        for batch in values(page.read(), "batch"):
            heard[batch["run"]] += [line[4] for line in batch.get("lines", [])]
            if batch.get("complete"):
                ended.add(batch["run"])
    page.drop()
    assert heard == {run: [f"hello from {i}"] for i, run in enumerate(runs)}


def test_runs_are_added_to_a_page_without_losing_a_line(api: Api):
    """A change of runs is a new request, with the position of each run in its URL."""
    runs = [
        api.launch("import time\nfor i in range(100): print(i); time.sleep(0.01)") for _ in range(3)
    ]
    places, heard, ended = {runs[0]: 0}, {run: [] for run in runs}, set()
    while len(ended) < len(runs):
        page = Subscriber(
            api, "api/runs/stream?" + "&".join(f"run={run}@{line}" for run, line in places.items())
        )
        for _ in range(4):
            for batch in values(page.read(), "batch"):
                run, lines = batch["run"], batch.get("lines", [])
                heard[run] += [line[4] for line in lines]
                places[run] = lines[-1][0] + 1 if lines else places[run]
                if batch.get("complete"):
                    ended.add(run)
            if page.closed:
                break
        page.drop()
        for run in runs:
            if run not in places:
                places[run] = 0
                break
    assert heard == {run: [str(i) for i in range(100)] for run in runs}


@pytest.fixture
def own_server() -> Iterator[JupyterProcess]:
    server = JupyterProcess.start()
    yield server
    server.stop()
    server.remove()


def test_an_eventsource_continues_after_the_server_was_killed_and_restarted(
    own_server: JupyterProcess, tmp_path: Path
):
    go = tmp_path / "go"
    code = f"""
import pathlib, time
for i in range(300):
    print(i)
    time.sleep(0.005)
while not pathlib.Path({str(go)!r}).exists(): time.sleep(0.01)
for i in range(300, 400): print(i)
"""
    api = Api(own_server.url, own_server.token)
    run_id = api.launch(code)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_OPTIONS)
        page = browser.new_page()
        page.route("**/blank", lambda route: route.fulfill(body="<p>", content_type="text/html"))
        # of the server's origin, and without the policy of its own pages
        page.goto(f"{own_server.url}blank")
        page.evaluate(
            """url => {
                window.lines = []; window.opened = 0; window.done = 0;
                const source = new EventSource(url);
                source.addEventListener('open', () => { window.opened += 1; });
                source.addEventListener('log', event => {
                    window.lines.push(JSON.parse(event.data).message);
                });
                source.addEventListener('complete', () => { window.done += 1; source.close(); });
            }""",
            f"{api.stream_url(run_id)}&token={own_server.token}",
        )
        page.wait_for_function("() => window.lines.length >= 20")
        own_server.kill()
        page.wait_for_function("() => window.lines.length >= 20")
        own_server.port = urlsplit(own_server.url).port or 0
        own_server.launch()
        page.wait_for_function("() => window.opened >= 2")
        go.touch()
        page.wait_for_function("() => window.done === 1")
        assert page.evaluate("window.lines") == [str(i) for i in range(400)]
        browser.close()
