"""Errors of a tab, which fail its test."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Page


def errors_of(page: Page) -> list[str]:
    """Collect uncaught errors and console errors of a tab from now on."""
    errors: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(message.text)

    page.on("pageerror", lambda error: errors.append(f"{error}\n{error.stack}"))
    page.on("console", on_console)
    return errors
