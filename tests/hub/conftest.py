"""JupyterHub's own single-user server, with its own patches, on a hub that is not one."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.fake_hub import PREFIX, FakeHub
from support.jupyter_process import JupyterProcess
from support.leftovers import kill_all_with

if TYPE_CHECKING:
    from _pytest.tmpdir import TempPathFactory

Start = Callable[..., JupyterProcess]


def free_port() -> int:
    """Return a port that nobody listens at now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@pytest.fixture(scope="module")
def hub() -> Iterator[FakeHub]:
    """What the server asks about its users."""
    fake = FakeHub()
    yield fake
    fake.close()


@pytest.fixture(scope="module")
def start(hub: FakeHub, tmp_path_factory: TempPathFactory) -> Iterator[Start]:
    """Start a single-user server with more options and environment."""
    started: list[JupyterProcess] = []

    def launch(*options: str, **env: str) -> JupyterProcess:
        port = free_port()
        server = JupyterProcess(
            tmp_path_factory.mktemp("singleuser"),
            token="",  # the hub has it, and its test of being up must not need an authorizer
            module="jupyterhub.singleuser",
            options=options,
            port=port,
            env=hub.environment(port) | {"PYTHONPATH": str(Path(__file__).parent)} | env,
        )
        server.launch()
        server.url = f"http://127.0.0.1:{port}{PREFIX}"
        started.append(server)
        return server

    yield launch
    for server in started:
        server.kill()
        kill_all_with("PRISMQ_DATA_DIR", str(server.data_dir))
        server.remove()


@pytest.fixture(scope="module", params=["extension", "mixins"])
def singleuser(request: pytest.FixtureRequest, start: Start) -> JupyterProcess:
    """The server as the hub's extension and as its older mixins make it."""
    return start(JUPYTERHUB_SINGLEUSER_EXTENSION="1" if request.param == "extension" else "0")
