"""Which engine a process talks to."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from support.fake_server import RUN_ID, FakeServer

import prismq_nb
from prismq_nb.client.discovery import current, discover
from prismq_nb.client.http.client import HttpClient
from prismq_nb.client.local import LocalClient
from prismq_nb.errors import ServerUnreachable


def test_without_a_server_it_is_the_engine_itself(data_dir: Path) -> None:
    client = discover()
    assert isinstance(client, LocalClient)
    assert f"<LocalClient {data_dir}>" == repr(client)


def test_the_connection_file_names_the_server(found: FakeServer) -> None:
    client = discover()
    assert isinstance(client, HttpClient)
    assert client.get(RUN_ID).run_id == RUN_ID


def test_a_removed_connection_file_means_no_server(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A server that stopped cleanly removes it; kernels that remain can still launch."""
    monkeypatch.setenv("PRISMQ_CONNECTION_FILE", str(tmp_path / "gone.json"))
    assert isinstance(discover(), LocalClient)


def test_an_explicit_address_takes_precedence(
    found: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRISMQ_URL", "https://hub.example.org/user/me/")
    monkeypatch.setenv("PRISMQ_TOKEN", "t0ken")
    connection = prismq_nb.connection()
    assert (connection.url, dict(connection.headers)) == (
        "https://hub.example.org/user/me",
        {"Authorization": "token t0ken"},
    )
    assert "t0ken" not in f"{connection} {connection.headers} {[connection.headers]}"


def runtime_file(folder: Path, url: str) -> None:
    """What a Jupyter server with the pid 4242 leaves in Jupyter's runtime directory."""
    folder.mkdir()
    (folder / "jpserver-4242.json").write_text(
        json.dumps({"url": url, "token": "t", "pid": 4242, "port": 1})
    )


@pytest.mark.parametrize("works", [True, False], ids=["with prismq_nb", "without"])
def test_the_server_that_started_the_kernel_is_used(
    fake: FakeServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, works
) -> None:
    """For kernels that do not inherit its environment."""
    monkeypatch.setenv("JPY_PARENT_PID", "4242")
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    runtime_file(tmp_path / "runtime", f"{fake.url}/")
    fake.answers = [
        (
            (200, b'{"runs": [], "total": 0, "limit": 1, "offset": 0}', {})
            if works
            else (404, b"{}", {})
        )
    ]
    assert isinstance(discover(), HttpClient if works else LocalClient)
    assert fake.requests[0][2]["Authorization"] == "token t"


@pytest.mark.parametrize("pid", ["4243", "0x1f", ""])
def test_a_parent_that_is_not_a_jupyter_server_is_ignored(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, pid: str
) -> None:
    monkeypatch.setenv("JPY_PARENT_PID", pid)
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    assert isinstance(discover(), LocalClient)


def test_the_server_is_discovered_once_and_again_when_the_environment_changes(
    found: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = current()
    assert first is current()
    monkeypatch.delenv("PRISMQ_CONNECTION_FILE")
    assert isinstance(current(), LocalClient)


def test_a_fork_discovers_its_own_server(found: FakeServer) -> None:
    """Sockets and locks must not be shared with a child of multiprocessing."""
    mine = id(current())
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, b"other" if id(current()) != mine else b"same")
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(read, 10) == b"other"
    os.close(read)
    os.close(write)


def test_get_and_runs_give_handles(found: FakeServer) -> None:
    assert repr(prismq_nb.get(RUN_ID)) == f"<Run collect running, {RUN_ID}>"
    runs = prismq_nb.runs(status="running", limit=5)
    assert ([prismq_nb.get(RUN_ID)], 1) == (list(runs), runs.total)
    assert "/base/api/runs?status=running&limit=5&offset=0" in [
        path for _, path, _, _ in found.requests
    ]
    assert RUN_ID in repr(runs)


def test_without_a_server_there_is_no_connection(data_dir: Path) -> None:
    with pytest.raises(ServerUnreachable, match="there is no Jupyter server with prismq_nb"):
        prismq_nb.connection()
