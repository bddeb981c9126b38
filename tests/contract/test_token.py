"""The examples on a server with a token and a base URL.

`adapt` puts the token into command lines and Python, a browser has its login cookie.
"""

from __future__ import annotations

import json
from pathlib import Path

import requests
from contract import scripts
from contract.api import Api
from contract.examples import commands, example
from contract.pages import show
from playwright.sync_api import Page, expect
from support.waiting import WAIT_SECONDS


def test_without_a_token_every_request_is_refused(locked: Api):
    run_id = locked.finished("print(1)")

    for path in ("", "/logs", "/logs/stream", "/logs/download"):
        assert (
            requests.get(f"{locked.url}/api/runs/{run_id}{path}", timeout=WAIT_SECONDS).status_code
            == 403
        )


def test_command_lines_with_the_token(locked: Api, tmp_path: Path):
    run_id = locked.finished("for number in range(200): print(number)")

    page = json.loads(scripts.output(locked.adapt(commands("Basic Usage")[1], run_id), tmp_path))
    scripts.output(locked.adapt(commands("Command Line")[0], run_id), tmp_path)

    assert [str(number) for number in range(100, 200)] == [log["message"] for log in page["logs"]]
    assert len((tmp_path / f"{run_id}.log").read_text().splitlines()) == 200


def test_python_with_the_token(locked: Api, tmp_path: Path):
    run_id = locked.finished("print('WARNING: Low memory')")
    source = locked.adapt(example("Python Example (using sseclient-py)", "python"), run_id)

    with scripts.python(source, tmp_path) as script:
        line, _, end = script.wait()

    assert line.endswith("[WARNING ] WARNING: Low memory")
    assert end == "✓ Run completed with status: completed"


def test_a_logged_in_browser_needs_no_token(locked: Api, page: Page):
    """It logs in at Jupyter's own page; then the examples run as they are, on the server's base
    URL.
    """
    run_id = locked.finished("print('one'); print('two')")
    page.goto(f"{locked.url}/login")
    page.locator("#password_input").fill(locked.server.token)
    page.locator("#login_submit").click()
    page.wait_for_function("!location.pathname.endsWith('/login')")

    show(
        page,
        locked,
        locked.adapt(example("JavaScript/Browser Example", "javascript"), run_id),
        "<div id='status'></div><div id='log-container'></div>",
    )
    expect(page.locator("#status")).to_have_text("Completed")
    expect(page.locator("#log-container .message")).to_have_text(["one", "two"])

    show(page, locked, locked.adapt(example("2. SSE Reconnection", "javascript"), run_id))
    opened = (
        "runId => new Promise(resolve => connectSSE(runId).addEventListener('complete', event =>"
        " resolve(JSON.parse(event.data))))"
    )
    assert page.evaluate(opened, run_id) == {
        "status": "completed",
        "exit_code": 0,
        "total_lines": 2,
    }
