"""JupyterLab and Notebook 7 as a user sees them: a real server, a real kernel, a real Chromium."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from browser import shared as sharing
from browser.jupyter_page import JupyterPage
from browser.run_page import RunPage
from browser.shared import ROOT, SCREENSHOTS, Shared, new_context
from browser.shown import Shown
from playwright.sync_api import Browser
from support.jupyter_process import JupyterProcess

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


@pytest.fixture(scope="session")
def shared(request, tmp_path_factory) -> Iterator[Shared]:
    """What all tests of this process share."""
    made = Shared(tmp_path_factory.mktemp)
    request.config.pluginmanager.register(made)
    yield made
    request.config.pluginmanager.unregister(made)
    made.close()


@pytest.fixture(scope="module")
def browser(shared: Shared) -> Browser:
    """A headless Chromium."""
    return shared.browser


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


@pytest.fixture(scope="module")
def application(request, shared: Shared, tmp_path_factory) -> Iterator[JupyterProcess]:
    """JupyterLab or Notebook 7, with a token login, below a base URL, with its own home.

    It has no runs and no files when a module begins. A module that changes more sets `OWN_SERVER`.
    """
    age, _, name = request.param.rpartition("-")
    if age != "oldest" and not getattr(request.module, "OWN_SERVER", False):
        yield shared.server(name)
        sharing.empty(shared.server(name))
        return
    python = request.getfixturevalue("oldest_python") if age == "oldest" else ""
    server = sharing.application_server(tmp_path_factory.mktemp(request.param), name, python)
    yield server
    sharing.stop(server)


@pytest.fixture
def jupyter(
    application: JupyterProcess, browser: Browser, shared: Shared, request
) -> Iterator[JupyterPage]:
    """A logged-in tab of the application; errors of ours in its console fail the test.

    Tests share a tab of JupyterLab, in which no document is open when they begin. The mark
    `own_tab` is for those that need a new one.
    """
    is_shared = shared.has_tab(application) and not request.node.get_closest_marker("own_tab")
    if is_shared:
        page = shared.lab()
    else:
        page = JupyterPage(new_context(browser).new_page(), application, SCREENSHOTS)
    failed_before = request.session.testsfailed
    yield page
    errors = [error for error in page.errors if "prismq" in error.lower()]
    if not is_shared:
        page.page.context.close()
    elif errors or request.session.testsfailed > failed_before:
        shared.forget_lab()
    else:
        page.clear()
    application.end_runs()
    assert errors == []


@pytest.fixture(scope="module")
def plain_server(shared: Shared) -> Iterator[JupyterProcess]:
    """A Jupyter server without any application, below a base URL.

    It has no runs when a module begins.
    """
    yield shared.server("plain")
    sharing.empty(shared.server("plain"))


@pytest.fixture
def run_page(plain_server: JupyterProcess, browser: Browser) -> Iterator[RunPage]:
    """A tab for the page of a run; any error in its console fails the test."""
    context = new_context(browser)
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
