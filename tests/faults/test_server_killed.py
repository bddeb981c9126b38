"""The Jupyter server is killed while a run prints and a client streams.

Nothing is lost, duplicated or stopped.
"""

from __future__ import annotations

import json

import pytest
import requests
from sseclient import SSEClient
from support.jupyter_process import JupyterProcess, until
from support.waiting import WAIT_SECONDS

LINES = 400
CODE = f"""
import sys, time
for i in range({LINES}):
    print("line", i, file=(sys.stdout, sys.stderr)[i % 3 == 0], flush=True)
    time.sleep(0.005)
"""


@pytest.fixture
def server(tmp_path):
    server = JupyterProcess.start(tmp_path)
    yield server
    server.stop()


def stream(server, run_id, last_id):
    """Events of the run's stream until it breaks or ends, resumed after `last_id`."""
    headers = {**server.headers, **({} if last_id is None else {"Last-Event-ID": str(last_id)})}
    url = f"{server.url}api/runs/{run_id}/logs/stream"
    try:
        with requests.get(
            url, params={"after": -1}, headers=headers, stream=True, timeout=WAIT_SECONDS
        ) as response:
            assert response.status_code == 200, response.text
            yield from SSEClient(response).events()
    except requests.RequestException:
        return  # the connection broke off, as it does when a server is killed


def test_a_client_that_resumes_has_every_line_once_and_the_run_ends_normally(server):
    run_id = requests.post(
        f"{server.url}api/runs", json={"code": CODE}, headers=server.headers, timeout=WAIT_SECONDS
    ).json()["run_id"]
    lines, last_id, kills, complete = [], None, 0, None
    while complete is None:
        for event in stream(server, run_id, last_id):
            if event.event == "log":
                lines.append(json.loads(event.data))
                last_id = event.id
                if len(lines) in (LINES // 4, LINES // 2) and kills < 2:
                    kills += 1
                    server.kill()
                    server.launch()
                    break
            elif event.event == "complete":
                complete = json.loads(event.data)
    assert kills == 2
    assert sorted(line["message"] for line in lines) == sorted(f"line {i}" for i in range(LINES))
    assert [line["line"] for line in lines] == list(range(LINES))
    assert complete == {"status": "completed", "exit_code": 0, "total_lines": LINES}


def test_a_restarted_server_lists_streams_and_stops_runs_of_the_old_one(server):
    code = "import time\nprint('up', flush=True)\nwhile True: time.sleep(0.1)"
    run_id = requests.post(
        f"{server.url}api/runs", json={"code": code}, headers=server.headers, timeout=WAIT_SECONDS
    ).json()["run_id"]
    server.kill()
    server.launch()

    def get(path):
        return requests.get(
            f"{server.url}api/runs{path}", headers=server.headers, timeout=WAIT_SECONDS
        ).json()

    assert [(run["run_id"], run["status"]) for run in get("")["runs"]] == [(run_id, "running")]
    until(
        lambda: [log["message"] for log in get(f"/{run_id}/logs")["logs"]] == ["up"],
        "the first line",
    )
    assert (
        requests.delete(
            f"{server.url}api/runs/{run_id}", headers=server.headers, timeout=WAIT_SECONDS
        ).status_code
        == 202
    )
    until(lambda: get(f"/{run_id}")["status"] == "cancelled", "the end of the run")


def test_a_run_that_ends_while_there_is_no_server_has_its_true_exit_status(server):
    code = "import sys\nsys.stdin.read()\nprint('bye')\nsys.exit(7)"
    url, headers = server.url, server.headers
    run_id = requests.post(
        f"{url}api/runs", json={"code": code}, headers=headers, timeout=WAIT_SECONDS
    ).json()["run_id"]
    server.kill()
    control = server.data_dir / "runs" / run_id / "control"
    control.write_text('{"op": "eof"}\n')
    until(
        lambda: '"exit_code": 7' in (control.parent / "run.json").read_text(), "the end of the run"
    )
    server.launch()
    run = requests.get(
        f"{server.url}api/runs/{run_id}", headers=server.headers, timeout=WAIT_SECONDS
    ).json()
    assert (run["status"], run["exit_code"], run["lines"]) == ("failed", 7, 1)


def test_a_follower_of_the_list_is_reset_and_told_what_goes_on(server):
    def follow(position):
        response = requests.get(
            f"{server.url}api/runs/events",
            params={"after": position},
            headers=server.headers,
            stream=True,
            timeout=WAIT_SECONDS,
        )
        assert response.status_code == 200, response.text
        return response, SSEClient(response).events()

    _, events = follow("")
    first = next(events)
    run_id = requests.post(
        f"{server.url}api/runs",
        json={"code": "input()"},
        headers=server.headers,
        timeout=WAIT_SECONDS,
    ).json()["run_id"]
    told = next(events)
    assert ("reset", "run", run_id) == (first.event, told.event, json.loads(told.data)["run_id"])
    server.kill()
    server.launch()
    response, events = follow(told.id)
    assert "reset" == next(events).event
    requests.delete(f"{server.url}api/runs/{run_id}", headers=server.headers, timeout=WAIT_SECONDS)
    for event in events:
        if json.loads(event.data).get("status") == "cancelled":
            break
    response.close()
