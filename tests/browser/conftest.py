"""JupyterLab and Notebook 7 as a person sees them: a real server, a real kernel, a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.jupyter_page import JupyterPage
from browser.run_page import RunPage
from playwright.sync_api import Browser, sync_playwright
from support.jupyter_process import JupyterProcess
from support.programs import CHROMIUM_OPTIONS, chromium

import prismq_nb

LABEXTENSIONS = Path(prismq_nb.__file__).parent / "static" / "labextensions"
SCREENSHOTS = Path(__file__).parent / "screenshots"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for one module: Playwright's event loop occupies the thread while it is open."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_OPTIONS)
        yield opened
        opened.close()


@pytest.fixture(scope="module", params=["jupyterlab", "notebook"])
def application(request, tmp_path_factory) -> Iterator[JupyterProcess]:
    """JupyterLab, and Notebook 7, each with a password-like token login, below a base URL, with a home of its own."""
    home = tmp_path_factory.mktemp(request.param)
    folders = {
        name: str(home / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR")
    }
    # The extension as it was built here, whatever is installed.
    options = ("--expose-app-in-browser", "--ServerApp.base_url=/user/ann/", f"--LabServerApp.extra_labextensions_path={LABEXTENSIONS}")
    notification = home / "jupyterlab_settings_dir" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    notification.parent.mkdir(parents=True)
    notification.write_text('{"fetchNews": "false", "checkForUpdates": false}')  # a pop-up would stand in the pictures
    server = JupyterProcess(home, module=request.param, options=options, env=folders)
    server.launch()
    yield server
    server.stop()


@pytest.fixture
def jupyter(application: JupyterProcess, browser: Browser, request) -> Iterator[JupyterPage]:
    """A logged-in tab of the application; errors of ours in its console fail the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 860}, device_scale_factor=1, accept_downloads=True)
    page = JupyterPage(context.new_page(), application, SCREENSHOTS)
    yield page
    errors = [error for error in page.errors if "prismq" in error.lower()]
    context.close()
    assert errors == []


@pytest.fixture(scope="module")
def plain_server(tmp_path_factory) -> Iterator[JupyterProcess]:
    """A Jupyter server without any application, below a base URL; up in a second."""
    server = JupyterProcess.start(tmp_path_factory.mktemp("plain"), "--ServerApp.base_url=/user/ann/")
    yield server
    server.stop()


@pytest.fixture
def run_page(plain_server: JupyterProcess, browser: Browser) -> Iterator[RunPage]:
    """A tab for the page of a run; any error in its console fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 860}, device_scale_factor=1, accept_downloads=True)
    page = RunPage(context.new_page(), plain_server, SCREENSHOTS)
    yield page
    context.close()
    assert page.errors == []


@pytest.fixture
def jp_asyncio_loop() -> None:
    """Not here: pytest-jupyter makes an event loop for every test and could not close it, because Playwright's is the one that runs."""


@pytest.fixture
def jp_server_cleanup() -> None:
    """Not here: no test in this folder has a server in its own process."""
