"""Two real Jupyter servers for all examples of the contract, and a real browser.

`api` is a server without a token at the root of its host, where every example runs as printed,
except for the port. `locked` has a token and a base URL, as on a JupyterHub, where the token and
the path are inserted mechanically.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from contract.api import Api
from playwright.sync_api import Browser, Page, expect, sync_playwright
from support.jupyter_process import JupyterProcess
from support.programs import CHROMIUM_OPTIONS, chromium
from support.waiting import WAIT_MS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def _serve(home: Path, *options: str, token: str) -> Iterator[Api]:
    server = JupyterProcess(
        home, token=token, options=options, env={"JUPYTER_CONFIG_DIR": str(home / "config")}
    )
    server.launch()
    try:
        yield Api(server)
    finally:
        server.stop()


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A server at the root, open to everybody on this machine."""
    yield from _serve(tmp_path_factory.mktemp("open"), "--IdentityProvider.token=", token="")


@pytest.fixture(scope="session")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A server with a token, below ``/user/ann/``."""
    yield from _serve(
        tmp_path_factory.mktemp("locked"),
        "--ServerApp.base_url=/user/ann/",
        token="a-token-for-tests",
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for one module: Playwright's event loop occupies the thread while it is open, and
    tests elsewhere need their own.
    """
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_OPTIONS)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty tab; an uncaught error of its scripts fails the test."""
    tab = browser.new_page()
    expect.set_options(timeout=WAIT_MS)
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    yield tab
    tab.context.close()
    assert errors == []
