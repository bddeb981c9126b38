"""Clients: of a fake server, for what real servers do only in a failure, and of a real one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.fake_server import FakeServer
from support.jupyter_process import JupyterProcess

from prismq_nb.client.http.client import HttpClient
from prismq_nb.client.http.connection import from_file

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeServer]:
    """A fake server with its connection file."""
    server = FakeServer(tmp_path / "connection.json")
    yield server
    server.close()


@pytest.fixture
def client(fake: FakeServer) -> HttpClient:
    """A client that found the fake server through its connection file."""
    return HttpClient(lambda: from_file(fake.connection_file))


@pytest.fixture
def found(fake: FakeServer, monkeypatch: pytest.MonkeyPatch) -> FakeServer:
    """The fake server, as what this process discovers."""
    monkeypatch.setenv("PRISMQ_CONNECTION_FILE", str(fake.connection_file))
    return fake


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterProcess]:
    """One Jupyter server for a file, unless the file has its own fixture."""
    process = JupyterProcess.start(tmp_path_factory.mktemp("jupyter"))
    yield process
    process.stop()


@pytest.fixture(params=["http", "local"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Once through a server and once without one."""
    if request.param == "http":
        server = request.getfixturevalue("server")
        monkeypatch.setenv("PRISMQ_CONNECTION_FILE", str(server.connection_file))
        monkeypatch.setenv("PRISMQ_DATA_DIR", str(server.data_dir))
    return str(request.param)
