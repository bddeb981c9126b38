"""Section 2 of the document, server-sent events, outside of a browser.

The sseclient example and the curl line for troubleshooting.
"""

from __future__ import annotations

import json
from pathlib import Path

from contract import scripts
from contract.api import Api
from contract.examples import example, inline_command
from support.jupyter_process import until

LIVE = """
import sys
print("waiting")
sys.stdin.readline()
for number in range(200):
    print(f"line {number}")
print("DEBUG: Connection details")
print("WARNING: Low memory")
print("CRITICAL: ✗ no disk", file=sys.stderr)
"""
LIVE_LINES = [
    ("INFO", "waiting"),
    *(("INFO", f"line {number}") for number in range(200)),
    ("DEBUG", "DEBUG: Connection details"),
    ("WARNING", "WARNING: Low memory"),
    ("CRITICAL", "CRITICAL: ✗ no disk"),
]


def test_sseclient_prints_a_live_run_and_how_it_ended(api: Api, tmp_path: Path):
    run_id = api.launch(LIVE)
    source = api.adapt(example("Python Example (using sseclient-py)", "python"), run_id)

    with scripts.python(source, tmp_path) as client:
        client.wait_for(f"[{_first_second(api, run_id)}] [INFO    ] waiting")
        api.go(run_id)
        printed = client.wait()

    logs = api.logs(run_id)
    assert [(log["level"], log["message"]) for log in logs] == LIVE_LINES
    assert [
        *(f"[{log['timestamp'][:19]}] [{log['level']:8s}] {log['message']}" for log in logs),
        "",
        "✓ Run completed with status: completed",
    ] == printed


def test_sseclient_prints_a_run_that_has_ended(api: Api, tmp_path: Path):
    run_id = api.launch("import sys; print('ERROR: no'); sys.exit(3)")
    api.ended(run_id)

    with scripts.python(
        api.adapt(example("Python Example (using sseclient-py)", "python"), run_id), tmp_path
    ) as client:
        printed = client.wait()

    assert [
        f"[{_first_second(api, run_id)}] [ERROR   ] ERROR: no",
        "",
        "✓ Run completed with status: failed",
    ] == printed


def test_curl_shows_the_stream(api: Api, tmp_path: Path):
    """Troubleshooting, step 4: ``curl -N`` shows each line of the live run, and ends with the
    run.
    """
    run_id = api.launch(LIVE)

    with scripts.shell(api.adapt(inline_command("curl -N"), run_id), tmp_path) as curl:
        curl.wait_for("id: 0")
        api.go(run_id)
        text = "\n".join(curl.wait())

    events = [
        dict(line.split(": ", 1) for line in block.splitlines())
        for block in text.split("\n\n")
        if block
    ]
    logs = [json.loads(event["data"]) for event in events if event.get("event") == "log"]
    assert [(log["level"], log["message"]) for log in logs] == LIVE_LINES
    assert [str(number) for number in range(len(LIVE_LINES))] == [
        event["id"] for event in events if event.get("event") == "log"
    ]
    assert events[-1]["event"] == "complete"
    assert json.loads(events[-1]["data"]) == {
        "status": "completed",
        "exit_code": 0,
        "total_lines": len(LIVE_LINES),
    }


def _first_second(api: Api, run_id: str) -> str:
    """The time of the first line, as the example prints it; wait for that line."""
    return str(until(lambda: api.logs(run_id), "the first line")[0]["timestamp"][:19])
