"""A tab with a notebook open: what a person does with it, in a few words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Locator, Page

if TYPE_CHECKING:
    from support.jupyter_process import JupyterProcess

WAIT_MS = 60_000
_READY = "() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.isReady === true"
_IDLE = "() => window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'"


class JupyterPage:
    """JupyterLab or Notebook 7 in one tab.

    Attributes:
        errors: uncaught errors and console errors of the page.
    """

    def __init__(self, page: Page, server: JupyterProcess, screenshots: Path) -> None:
        self.page = page
        self.server = server
        self.errors: list[str] = []
        self._screenshots = screenshots
        page.set_default_timeout(WAIT_MS)
        page.on("pageerror", lambda error: self.errors.append(f"{error}\n{error.stack}"))
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)

    @property
    def is_lab(self) -> bool:
        return self.server.module == "jupyterlab"

    def open(self, name: str, *cells: str) -> None:
        """Writes a notebook, opens it and waits for its kernel. The token is given once, for the login cookie, as Jupyter's own start page does."""
        code = [
            {"cell_type": "code", "id": f"c{i}", "metadata": {}, "execution_count": None, "outputs": [], "source": cell}
            for i, cell in enumerate(cells)
        ]
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        content = {"cells": code, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
        (self.server.root_dir / name).write_text(json.dumps(content))
        self.goto(name)

    def goto(self, name: str) -> None:
        """Opens a notebook that is there."""
        where = f"lab/tree/{name}?reset&token=" if self.is_lab else f"notebooks/{name}?token="
        self.page.goto(f"{self.server.url}{where}{self.server.token}")
        self.page.wait_for_function(_READY)

    def command(self, name: str, args: dict | None = None) -> None:
        """Executes a command of the application."""
        self.page.evaluate("([name, args]) => window.jupyterapp.commands.execute(name, args)", [name, args or {}])

    def run_all(self) -> None:
        """Runs all cells; does not wait for them."""
        self.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")

    def wait_idle(self) -> None:
        """Waits until the kernel has nothing to do."""
        self.page.wait_for_function(_IDLE)

    def theme(self, name: str) -> None:
        """``JupyterLab Light`` or ``JupyterLab Dark``."""
        self.command("apputils:change-theme", {"theme": name})
        light = "true" if name.endswith("Light") else "false"
        self.page.wait_for_function(f"() => document.body.dataset.jpThemeLight === '{light}' && !document.querySelector('#jupyterlab-splash')")

    def viewer(self, number: int = 0) -> Locator:
        """A viewer on the page."""
        return self.page.locator(".prismq-root").nth(number)

    def wait_lines(self, count: int, number: int = 0) -> None:
        """Waits until a viewer says that its log has so many lines or more."""
        script = """([number, count]) => {
            const root = document.querySelectorAll('.prismq-root')[number];
            return root && Number(root.dataset.lines) >= count;
        }"""
        self.page.wait_for_function(script, arg=[number, count])

    def wait_state(self, state: str, number: int = 0) -> None:
        """Waits until a viewer shows a state of its run."""
        script = "([number, state]) => document.querySelectorAll('.prismq-root')[number]?.dataset.state === state"
        self.page.wait_for_function(script, arg=[number, state])

    def save(self) -> None:
        """Saves the notebook."""
        self.command("docmanager:save")

    def screenshot(self, name: str) -> Path:
        """A picture of the tab, kept for those who want to look."""
        self._screenshots.mkdir(exist_ok=True)
        path = self._screenshots / f"{'lab' if self.is_lab else 'notebook'}-{name}.png"
        self.page.screenshot(path=path)
        return path
