"""A simulated run in the page of a run."""

from __future__ import annotations

import itertools
import json
from typing import Any

from browser.run_page import RunPage
from playwright.sync_api import Locator, Route
from support.journals import MadeRun

numbers = itertools.count(1)


class Shown:
    """Requests of the page to the run are kept, and not passed on."""

    def __init__(self, run_page: RunPage) -> None:
        self.page = run_page
        self.run = MadeRun(
            run_page.server.data_dir, f"run_20251031_120000_made_{next(numbers):06x}"
        )
        self.sent: list[dict[str, Any]] = []
        self.stops = 0
        self.answer = 202
        run_page.page.route(f"**/api/runs/{self.run.run_id}/input", self._take)
        run_page.page.route(f"**/api/runs/{self.run.run_id}", self._stop)

    def _take(self, route: Route) -> None:
        self.sent.append(json.loads(route.request.post_data or ""))
        route.fulfill(status=self.answer, json={"message": "it is full", "reason": "InputFull"})

    def _stop(self, route: Route) -> None:
        if route.request.method != "DELETE":
            route.continue_()
            return
        self.stops += 1
        route.fulfill(status=202, json={})

    def open(self, text: str = "INFO: started\n", **state: object) -> Locator:
        self.run.write(text)
        self.run.state("running", **state)
        self.page.open(self.run.run_id)
        self.page.wait_lines(text.count("\n"))
        return self.page.root

    @property
    def root(self) -> Locator:
        return self.page.root

    @property
    def pill(self) -> Locator:
        return self.root.locator(".prismq-pill")

    @property
    def bar(self) -> Locator:
        return self.root.locator(".prismq-input")

    @property
    def field(self) -> Locator:
        return self.root.locator(".prismq-input-field")

    @property
    def problem(self) -> Locator:
        return self.root.locator(".prismq-note-bad:not(.prismq-link-banner)")

    def row(self, kind: str) -> Locator:
        return self.root.locator(f".prismq-row-{kind}")
