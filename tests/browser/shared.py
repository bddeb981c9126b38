"""What browser tests of one process share, because starting it takes seconds: a browser, servers,
and a tab of JupyterLab.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from browser.jupyter_page import JupyterPage
from playwright.sync_api import (
    Browser,
    BrowserContext,
    BrowserType,
    Playwright,
    expect,
    sync_playwright,
)
from support.jupyter_process import JupyterProcess
from support.leftovers import kill_all_with
from support.programs import CHROMIUM_OPTIONS, chromium, fonts
from support.waiting import WAIT_MS, WAIT_SECONDS

ROOT = Path(__file__).parents[2]
LABEXTENSIONS = ROOT / "prismq_nb" / "static" / "labextensions"
SCREENSHOTS = Path(__file__).parent / "screenshots"
BASE_URL = "--ServerApp.base_url=/user/ann/"


def new_context(browser: Browser) -> BrowserContext:
    """A browser's window with nothing stored."""
    return browser.new_context(
        viewport={"width": 1280, "height": 860}, device_scale_factor=1, accept_downloads=True
    )


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


def application_server(home: Path, module: str, python: str = "", *more: str) -> JupyterProcess:
    """JupyterLab or Notebook 7, with a token login, below a base URL, with its own home.

    Args:
        home: an empty directory.
        module: ``jupyterlab`` or ``notebook``.
        python: an interpreter that has them and our extension; default: this one.
        more: options.
    """
    options = ["--expose-app-in-browser", BASE_URL, *more]
    if not python:
        # as it was built here, whatever is installed
        options.append(f"--LabServerApp.extra_labextensions_path={LABEXTENSIONS}")
    server = JupyterProcess(
        home,
        module=module,
        options=tuple(options),
        env=without_news(home),
        python=python or sys.executable,
    )
    server.launch()
    return server


def plain_server(home: Path, *options: str) -> JupyterProcess:
    """A Jupyter server without any application, below a base URL; up in a second."""
    return JupyterProcess.start(home, BASE_URL, *options)


def empty(server: JupyterProcess) -> None:
    """Let the next module find no kernels, no runs and no files."""
    server.end_runs()
    url = f"{server.url}api/kernels"
    if server.module != "jupyter_server":
        for kernel in requests.get(url, headers=server.headers, timeout=WAIT_SECONDS).json():
            requests.delete(f"{url}/{kernel['id']}", headers=server.headers, timeout=WAIT_SECONDS)
    for folder in (server.data_dir / "runs", server.root_dir):
        for path in folder.iterdir() if folder.is_dir() else ():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()


def stop(server: JupyterProcess) -> None:
    """End a server, and what it left running."""
    server.end_runs()
    server.stop()
    kill_all_with("PRISMQ_DATA_DIR", str(server.data_dir))


class Shared:
    """Each is started when it is first asked for."""

    def __init__(self, new_home: Callable[[str], Path]) -> None:
        """Start nothing; `new_home` makes an empty directory from a name."""
        self._new_home = new_home
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._servers: dict[str, JupyterProcess] = {}
        self._lab: JupyterPage | None = None

    @property
    def browser(self) -> Browser:
        """A headless Chromium."""
        if self._playwright is None or self._browser is None:
            path = chromium()
            fonts()
            expect.set_options(timeout=WAIT_MS)
            self._playwright = sync_playwright().start()
            kind: BrowserType = self._playwright.chromium
            self._browser = kind.launch(executable_path=path, args=CHROMIUM_OPTIONS)
        return self._browser

    def server(self, name: str) -> JupyterProcess:
        """The server of this name: ``plain``, ``jupyterlab`` or ``notebook``."""
        if name not in self._servers:
            home = self._new_home(name)
            self._servers[name] = (
                plain_server(home) if name == "plain" else application_server(home, name)
            )
        return self._servers[name]

    def has_tab(self, server: JupyterProcess) -> bool:
        """Whether `lab` is a tab of this server."""
        return self._servers.get("jupyterlab") is server

    def lab(self) -> JupyterPage:
        """A tab of JupyterLab in which no document is open; loading it takes four seconds."""
        if self._lab is None:
            tab = new_context(self.browser).new_page()
            self._lab = JupyterPage(tab, self.server("jupyterlab"), SCREENSHOTS)
        self._lab.errors.clear()
        return self._lab

    def forget_lab(self) -> None:
        """Let the next test have a new tab."""
        if self._lab is not None:
            self._lab.page.context.close()
            self._lab = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Close the browser before the tests of other folders.

        Playwright's event loop occupies the thread while it is open.
        """
        if item.path.parent != Path(__file__).parent:
            self.close_browser()

    def close_browser(self) -> None:
        """Close the browser, if it is open."""
        self._lab = None
        if self._browser is not None:
            self._browser.close()
            self._browser = None
        if self._playwright is not None:
            self._playwright.stop()
            self._playwright = None

    def close(self) -> None:
        """Close everything."""
        self.close_browser()
        for server in self._servers.values():
            stop(server)
