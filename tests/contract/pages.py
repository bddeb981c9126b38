"""Pages for the examples that run in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contract.api import Api
    from playwright.sync_api import Page


def show(page: Page, api: Api, script: str, body: str = "") -> None:
    """Open a page of the API's own origin that runs `script` after its `body`.

    Playwright answers for its address, not the server.
    """
    address = f"{api.url}/contract-example.html"
    html = f"<!doctype html><meta charset='utf-8'><body>{body}<script>{script}</script></body>"
    page.unroute(address)
    page.route(
        address, lambda route: route.fulfill(content_type="text/html; charset=utf-8", body=html)
    )
    page.goto(address)
