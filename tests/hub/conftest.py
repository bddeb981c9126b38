"""JupyterHub's own single-user server, with its own patches, on a simulated hub."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.fake_hub import PREFIX, FakeHub
from support.jupyter_process import JupyterProcess
from support.leftovers import kill_all_with
from support.ports import free_ports

if TYPE_CHECKING:
    from _pytest.tmpdir import TempPathFactory

Start = Callable[..., JupyterProcess]


@pytest.fixture(scope="module")
def hub() -> Iterator[FakeHub]:
    """The hub, which the server asks about its users."""
    fake = FakeHub()
    yield fake
    fake.close()


@pytest.fixture(scope="module")
def start(hub: FakeHub, tmp_path_factory: TempPathFactory) -> Iterator[Start]:
    """Start a single-user server with more options and environment."""
    started: list[JupyterProcess] = []

    def launch(*options: str, **env: str) -> JupyterProcess:
        [port] = free_ports(1)
        server = JupyterProcess(
            tmp_path_factory.mktemp("singleuser"),
            token="",  # the hub has it, and its health check must not need an authorizer
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
