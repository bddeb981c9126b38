"""JupyterLab and Notebook 7 as a user sees them: a real server, a real kernel, a real Chromium."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser.jupyter_page import JupyterPage
from browser.run_page import RunPage
from browser.shown import Shown
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright
from support.jupyter_process import JupyterProcess
from support.leftovers import kill_all_with
from support.programs import CHROMIUM_OPTIONS, chromium, fonts
from support.waiting import WAIT_MS

ROOT = Path(__file__).parents[2]
LABEXTENSIONS = ROOT / "prismq_nb" / "static" / "labextensions"
# Notebook 7.0.0 needs no older JupyterLab
OLDEST = (
    "jupyterlab==4.0.2",
    "notebook==7.0.0",
    "ipywidgets==8.1.0",
    "anywidget==0.9.13",
    "ipykernel",
)
OLDEST_SECONDS = 900
"""The first test that asks for them waits until they are installed, on a busy machine some
minutes."""
SCREENSHOTS = Path(__file__).parent / "screenshots"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for one module: Playwright's event loop occupies the thread while it is open."""
    path = chromium()
    fonts()
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=CHROMIUM_OPTIONS)
        yield opened
        opened.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the applications in which a test runs: both, unless its module or a mark says that one
    is enough.

    With ``--whole`` both in any case, and the oldest supported ones too for modules that set
    `OLDEST_TOO`, which rely on undocumented behaviour of the applications.
    """
    if "application" not in metafunc.fixturenames:
        return
    whole, module = metafunc.config.getoption("--whole"), metafunc.module
    names: list[Any] = ["jupyterlab", "notebook"]
    if whole and getattr(module, "OLDEST_TOO", False):
        installs = pytest.mark.timeout(OLDEST_SECONDS)
        names += [pytest.param(f"oldest-{name}", marks=installs) for name in names]
    elif not whole and (
        getattr(module, "LAB_IS_ENOUGH", False)
        or metafunc.definition.get_closest_marker("lab_is_enough")
    ):
        names = ["jupyterlab"]
    metafunc.parametrize("application", names, indirect=True, scope="module")


@pytest.fixture(scope="session")
def oldest_python(tmp_path_factory) -> str:
    """An interpreter with the oldest supported applications and our own wheel.

    They find its extension where it was installed.
    """
    home = tmp_path_factory.mktemp("oldest")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(home)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    subprocess.run([sys.executable, "-m", "venv", str(home / "venv")], check=True)
    python = str(home / "venv" / "bin" / "python")
    subprocess.run(
        [python, "-m", "pip", "install", "-q", *OLDEST, str(next(home.glob("*.whl")))], check=True
    )
    return python


def without_news(home: Path) -> dict[str, str]:
    """The application's own folders, in which it asks nobody about news or updates.

    A pop-up would be in the pictures.
    """
    labs = "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR"
    names = "JUPYTER_CONFIG_DIR", "JUPYTER_PATH", *labs, "IPYTHONDIR"
    folders = {name: str(home / name.lower()) for name in names}
    settings = Path(folders["JUPYTERLAB_SETTINGS_DIR"], "@jupyterlab", "apputils-extension")
    settings.mkdir(parents=True)
    none = '{"fetchNews": "false", "checkForUpdates": false}'
    (settings / "notification.jupyterlab-settings").write_text(none)
    return folders


@pytest.fixture(scope="module")
def application(request, tmp_path_factory) -> Iterator[JupyterProcess]:
    """JupyterLab or Notebook 7, with a token login, below a base URL, with its own home."""
    home = tmp_path_factory.mktemp(request.param)
    folders = without_news(home)
    options = ["--expose-app-in-browser", "--ServerApp.base_url=/user/ann/"]
    age, _, name = request.param.rpartition("-")
    if age == "oldest":
        python = request.getfixturevalue("oldest_python")
    else:
        python = sys.executable
        # as it was built here, whatever is installed
        options.append(f"--LabServerApp.extra_labextensions_path={LABEXTENSIONS}")
    server = JupyterProcess(home, module=name, options=tuple(options), env=folders, python=python)
    server.launch()
    yield server
    server.end_runs()
    server.stop()
    kill_all_with("PRISMQ_DATA_DIR", str(server.data_dir))


def _context(browser: Browser) -> BrowserContext:
    return browser.new_context(
        viewport={"width": 1280, "height": 860}, device_scale_factor=1, accept_downloads=True
    )


@pytest.fixture(scope="module")
def one_context(browser: Browser) -> Iterator[BrowserContext]:
    context = _context(browser)
    yield context
    context.close()


@pytest.fixture
def jupyter(application: JupyterProcess, browser: Browser, request) -> Iterator[JupyterPage]:
    """A logged-in tab of the application; errors of ours in its console fail the test.

    The tabs of a module that sets `ONE_CONTEXT` share the browser's cache: the application's
    scripts, which are most of the work, are loaded and compiled once. They also share what pages
    keep in the browser.
    """
    is_shared = getattr(request.module, "ONE_CONTEXT", False)
    context = request.getfixturevalue("one_context") if is_shared else _context(browser)
    tab = context.new_page()
    page = JupyterPage(tab, application, SCREENSHOTS)
    yield page
    errors = [error for error in page.errors if "prismq" in error.lower()]
    (tab if is_shared else context).close()
    application.end_runs()
    assert errors == []


@pytest.fixture(scope="module")
def plain_server(tmp_path_factory) -> Iterator[JupyterProcess]:
    """A Jupyter server without any application, below a base URL; up in a second."""
    server = JupyterProcess.start(
        tmp_path_factory.mktemp("plain"), "--ServerApp.base_url=/user/ann/"
    )
    yield server
    server.end_runs()
    server.stop()
    kill_all_with("PRISMQ_DATA_DIR", str(server.data_dir))


@pytest.fixture
def run_page(plain_server: JupyterProcess, browser: Browser) -> Iterator[RunPage]:
    """A tab for the page of a run; any error in its console fails the test."""
    context = _context(browser)
    page = RunPage(context.new_page(), plain_server, SCREENSHOTS)
    yield page
    context.close()
    page.end_started()
    assert page.unexpected == []


@pytest.fixture
def shown(run_page: RunPage) -> Iterator[Shown]:
    made = Shown(run_page)
    yield made
    made.run.unlock()
