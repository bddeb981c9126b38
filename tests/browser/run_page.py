"""A tab with the page of one run, on a plain Jupyter server.

The cheapest place to see a viewer, and the strictest (Content-Security-Policy).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests
from browser.page_errors import errors_of
from playwright.sync_api import Locator, Page
from support.leftovers import kill_all_with
from support.waiting import WAIT_MS, WAIT_SECONDS

if TYPE_CHECKING:
    from support.jupyter_process import JupyterProcess


class RunPage:
    """``/prismq/runs/{id}`` in one tab, logged in at the first `open`.

    Attributes:
        errors: uncaught errors and console errors of the tab, violations of its
            Content-Security-Policy among them.
        expected: what errors begin with that belong to the test.
        run_id: the run that was started last.
    """

    def __init__(self, page: Page, server: JupyterProcess, screenshots: Path) -> None:
        self.page = page
        self.server = server
        self.errors = errors_of(page)
        self.expected: tuple[str, ...] = ()
        self.run_id = ""
        self._started: list[str] = []
        self._screenshots = screenshots
        page.set_default_timeout(WAIT_MS)

    @property
    def unexpected(self) -> list[str]:
        """Errors that do not belong to the test."""
        return [error for error in self.errors if not error.startswith(self.expected)]

    @property
    def root(self) -> Locator:
        """The viewer."""
        return self.page.locator(".prismq-root")

    def start(self, code: str | None, **spec: Any) -> str:
        """Start a run of source text, or of `spec`; return its id."""
        body = spec if code is None else {"code": code, **spec}
        answer = requests.post(
            f"{self.server.url}api/runs",
            json=body,
            headers=self.server.headers,
            timeout=WAIT_SECONDS,
        )
        assert answer.status_code == 202, answer.text
        self.run_id = str(answer.json()["run_id"])
        self._started.append(self.run_id)
        return self.run_id

    def end_started(self) -> None:
        """End the programs that were started here: one that prints for ever would slow down later
        tests.
        """
        for run_id in self._started:
            kill_all_with("PRISMQ_RUN_ID", run_id)

    def send(self, text: str) -> None:
        """Write to the run's stdin."""
        url = f"{self.server.url}api/runs/{self.run_id}/input"
        assert (
            requests.post(
                url, json={"text": text}, headers=self.server.headers, timeout=WAIT_SECONDS
            ).status_code
            == 202
        )

    def open(self, run_id: str | None = None, fragment: str = "") -> None:
        """Show a run: the one that was started last, or another."""
        address = f"{self.server.url}prismq/runs/{run_id or self.run_id}"
        self.page.goto(f"{address}?token={self.server.token}{fragment}")

    def wait_frames(self) -> None:
        """Wait until the page has drawn two frames, and has done what these caused."""
        self.page.evaluate(
            """async () => {
                for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
                await new Promise(setTimeout);
            }"""
        )

    def wait_lines(self, count: int) -> None:
        """Wait until the viewer says that its log has at least so many lines."""
        self.page.wait_for_function(
            "count => Number(document.querySelector('.prismq-root')?.dataset.lines) >= count",
            arg=count,
        )

    def wait_state(self, state: str) -> None:
        """Wait until the viewer shows a state of its run."""
        self.page.wait_for_function(
            "state => document.querySelector('.prismq-root')?.dataset.state === state", arg=state
        )

    def screenshot(self, name: str) -> Path:
        """A picture of the tab, kept to be looked at."""
        self._screenshots.mkdir(exist_ok=True)
        path = self._screenshots / f"page-{name}.png"
        self.page.screenshot(path=path)
        return path
