"""Notices of real servers: killed between the claim and the result, started again, two at once."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests
from support.jupyter_process import JupyterProcess
from support.receivers import WebReceiver
from support.runs import everything_stored, until

import prismq_nb


@pytest.fixture
def web():
    with WebReceiver() as receiver:
        yield receiver


@pytest.fixture
def start(tmp_path, web):
    """Starts servers that know the receiver as ``team`` from ``notify.json``."""
    file = tmp_path / "config" / "notify.json"
    file.parent.mkdir()
    file.write_text(json.dumps({"team": web.address}))
    file.chmod(0o600)
    with ExitStack() as stack:

        def start_one(name: str, data_dir: Path | None = None) -> JupyterProcess:
            env = {"JUPYTER_CONFIG_DIR": str(file.parent)}
            if data_dir is not None:
                env["PRISMQ_DATA_DIR"] = str(data_dir)
            server = JupyterProcess.start(tmp_path / name, env=env)
            stack.callback(server.stop)
            return server

        yield start_one


def launch(server, **spec):
    answer = requests.post(f"{server.url}api/runs", json=spec, headers=server.headers, timeout=60)
    assert answer.status_code == 202, answer.text
    return answer.json()["run_id"]


def notified(server, run_id):
    """The run, when the result of its notice is known."""

    def run():
        url = f"{server.url}api/runs/{run_id}"
        return requests.get(url, headers=server.headers, timeout=60).json()

    until(lambda: run()["notified"] is not None, what=f"result of the notice of {run_id}")
    return run()


def test_a_server_killed_while_it_sends_does_not_send_again(start, web):
    server = start("server")
    web.answers.clear()
    run_id = launch(server, code="1", notify="team")
    until(lambda: web.received, what="the notice")
    server.kill()
    web.answers.set()
    server.launch()
    run = notified(server, run_id)
    assert ("unknown", 1) == (run["notified"], len(web.received))
    later = notified(server, launch(server, code="1", notify="team", name="later"))
    assert ("sent", ["code completed", "later completed"]) == (later["notified"], web.titles)


def test_of_a_run_that_outlives_its_server_another_one_tells(start, web):
    first = start("first")
    run_id = launch(first, code="input()", notify="team")
    first.kill()
    second = start("second", first.data_dir)
    body = {"text": "go on\n"}
    url = f"{second.url}api/runs/{run_id}/input"
    requests.post(url, json=body, headers=second.headers, timeout=60)
    run = notified(second, run_id)
    assert ("sent", ["code completed"]) == (run["notified"], web.titles)
    first.launch()
    last = launch(first, code="1", notify="team", name="last")
    assert "sent" == notified(first, last)["notified"]
    assert ["code completed", "last completed"] == web.titles


def test_an_address_from_python_is_in_no_file_and_no_answer(start, web, monkeypatch):
    server = start("server")
    monkeypatch.setenv("PRISMQ_CONNECTION_FILE", str(server.connection_file))
    run = prismq_nb.launch(
        code="import sys; print(sys.argv)", args=[web.address], notify=web.address, notify_lines=1
    )
    assert "sent" == notified(server, run.run_id)["notified"]
    listed = requests.get(f"{server.url}api/runs", headers=server.headers, timeout=60).text
    assert "p4ssw0rd" not in listed + server.log + repr(run) + repr(run.info)
    assert b"p4ssw0rd" not in everything_stored(server.home)
    assert ["code completed"] == web.titles
    assert "p4ssw0rd" not in web.received[0]["message"]
