"""A tab with the page of one run, on a plain Jupyter server: the cheapest place to see a viewer, and the strictest (Content-Security-Policy)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests
from playwright.sync_api import Locator, Page
from support.leftovers import kill_all_with

if TYPE_CHECKING:
    from support.jupyter_process import JupyterProcess

WAIT_MS = 60_000


class RunPage:
    """``/prismq/runs/{id}`` in one tab, logged in at the first `open`.

    Attributes:
        errors: uncaught errors and console errors of the tab, violations of its Content-Security-Policy among them.
        expected: what errors begin with that belong to the test.
        run_id: the run that was started last.
    """

    def __init__(self, page: Page, server: JupyterProcess, screenshots: Path) -> None:
        self.page = page
        self.server = server
        self.errors: list[str] = []
        self.expected: tuple[str, ...] = ()
        self.run_id = ""
        self._started: list[str] = []
        self._screenshots = screenshots
        page.set_default_timeout(WAIT_MS)
        page.on("pageerror", lambda error: self.errors.append(f"{error}\n{error.stack}"))
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)

    @property
    def unexpected(self) -> list[str]:
        """Errors that do not belong to the test."""
        return [error for error in self.errors if not error.startswith(self.expected)]

    @property
    def root(self) -> Locator:
        """The viewer."""
        return self.page.locator(".prismq-root")

    def start(self, code: str | None, **spec: Any) -> str:
        """Starts a run of source text, or of what `spec` says; returns its id."""
        body = spec if code is None else {"code": code, **spec}
        answer = requests.post(f"{self.server.url}api/runs", json=body, headers=self.server.headers, timeout=30)
        assert answer.status_code == 202, answer.text
        self.run_id = str(answer.json()["run_id"])
        self._started.append(self.run_id)
        return self.run_id

    def end_started(self) -> None:
        """Ends the programs that were started here: those that print for ever would slow down the tests to come."""
        for run_id in self._started:
            kill_all_with("PRISMQ_RUN_ID", run_id)

    def send(self, text: str) -> None:
        """Writes to the run's stdin."""
        url = f"{self.server.url}api/runs/{self.run_id}/input"
        assert requests.post(url, json={"text": text}, headers=self.server.headers, timeout=10).status_code == 202

    def open(self, run_id: str | None = None, fragment: str = "") -> None:
        """Shows a run: the one that was started last, or another."""
        self.page.goto(f"{self.server.url}prismq/runs/{run_id or self.run_id}?token={self.server.token}{fragment}")

    def wait_lines(self, count: int) -> None:
        """Waits until the viewer says that its log has so many lines or more."""
        self.page.wait_for_function("count => Number(document.querySelector('.prismq-root')?.dataset.lines) >= count", arg=count)

    def wait_state(self, state: str) -> None:
        """Waits until the viewer shows a state of its run."""
        self.page.wait_for_function("state => document.querySelector('.prismq-root')?.dataset.state === state", arg=state)

    def screenshot(self, name: str) -> Path:
        """A picture of the tab, kept for those who want to look."""
        self._screenshots.mkdir(exist_ok=True)
        path = self._screenshots / f"page-{name}.png"
        self.page.screenshot(path=path)
        return path
