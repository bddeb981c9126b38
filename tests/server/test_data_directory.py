"""A server whose data directory is unusable starts, says so on every route, and recovers."""

from __future__ import annotations

import pytest
import requests
from support.jupyter_process import JupyterProcess, until
from support.waiting import WAIT_SECONDS

RUN = "run_20250101_000000_x_abcdef"
ROUTES = [
    ("GET", "api/runs"),
    ("POST", "api/runs"),
    ("GET", f"api/runs/{RUN}"),
    ("DELETE", f"api/runs/{RUN}"),
    ("POST", f"api/runs/{RUN}/input"),
    ("POST", f"api/runs/{RUN}/restart"),
    ("GET", f"api/runs/{RUN}/logs"),
    ("GET", f"api/runs/{RUN}/logs/stream"),
    ("GET", f"api/runs/{RUN}/logs/search?q=x"),
    ("GET", f"api/runs/{RUN}/logs/timeline"),
    ("GET", f"api/runs/{RUN}/logs/download"),
    ("GET", f"api/runs/{RUN}/usage"),
    ("GET", f"api/runs/{RUN}/attempts"),
    ("GET", f"api/runs/stream?run={RUN}"),
]

BODIES = {"api/runs": {"code": "pass"}, f"api/runs/{RUN}/input": {"text": "x"}}


def ask(server, method, path, **options):
    return requests.request(
        method, server.url + path, headers=server.headers, timeout=WAIT_SECONDS, **options
    )


def assert_refused(server, place):
    for method, path in ROUTES:
        answer = ask(server, method, path, json=BODIES.get(path))
        if "stream?" in path and answer.ok:  # a page's stream reports it for each run
            assert "cannot be used" in answer.text
            continue
        assert answer.status_code == 507, (method, path, answer.text)
        assert answer.json()["reason"] == "DataDirectoryUnusable"
        assert f"the data directory '{place}' cannot be used" in answer.json()["message"]
        assert "PRISMQ_DATA_DIR" in answer.json()["message"]
    page = ask(server, "GET", f"prismq/runs/{RUN}")
    assert page.status_code == 507
    assert "PRISMQ_DATA_DIR" in page.text
    assert ask(server, "GET", "api/status").status_code == 200


def assert_works(server):
    run_id = until(
        lambda: ask(server, "POST", "api/runs", json={"code": "print(5)"}).json().get("run_id"),
        "a launch",
    )
    until(
        lambda: ask(server, "GET", f"api/runs/{run_id}").json()["status"] == "completed", "its end"
    )
    assert [
        line["message"] for line in ask(server, "GET", f"api/runs/{run_id}/logs").json()["logs"]
    ] == ["5"]


@pytest.fixture
def place(tmp_path):
    return tmp_path / "elsewhere" / "data"


@pytest.fixture
def server(tmp_path, place):
    place.parent.mkdir()
    place.symlink_to("/nowhere/at/all")
    server = JupyterProcess.start(tmp_path / "home", env={"PRISMQ_DATA_DIR": str(place)})
    yield server
    server.kill()


@pytest.mark.slow
def test_it_starts_and_recovers_without_a_restart(server, place):
    assert_refused(server, place)
    assert requests.get(f"{server.url}api/runs", timeout=WAIT_SECONDS).status_code == 403, (
        "no stranger is told"
    )
    assert "Traceback" not in server.log
    assert server.log.count("cannot be used") == 1
    place.unlink()
    assert_works(server)
    (connection,) = (place / "connections").iterdir()
    assert connection.suffix == ".json"


@pytest.mark.slow
def test_the_directory_is_lost_while_the_server_runs(server, place, tmp_path):
    place.unlink()
    assert_works(server)
    place.rename(tmp_path / "moved")
    place.write_text("")
    assert_refused(server, place)
    place.unlink()
    (tmp_path / "moved").rename(place)
    assert_works(server)
    place.rename(tmp_path / "gone")
    assert ask(server, "GET", "api/runs").json()["total"] == 0
    assert_works(server)
    assert "Traceback" not in server.log
