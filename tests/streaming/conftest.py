"""One real Jupyter server below a base URL, like on JupyterHub, for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streaming.api import Api
from support.jupyter_process import JupyterProcess
from support.leftovers import kill_all_with


@pytest.fixture(scope="module")
def server() -> Iterator[JupyterProcess]:
    server = JupyterProcess.start(
        None, "--ServerApp.base_url=/user/ann/", "--PrismQApp.keep_alive_seconds=0.5"
    )
    yield server
    server.stop()
    kill_all_with("PRISMQ_DATA_DIR", str(server.data_dir))
    server.remove()


@pytest.fixture
def api(server: JupyterProcess) -> Api:
    return Api(server.url, server.token)
