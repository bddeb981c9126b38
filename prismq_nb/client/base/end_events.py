"""Notify subscribers when any handle in this process learns that a run has ended."""

from __future__ import annotations

from collections.abc import Callable

_listeners: list[Callable[[str], None]] = []


def subscribe(listener: Callable[[str], None]) -> None:
    """Call `listener` with the id of each run that ends, in the thread that learns of it."""
    _listeners.append(listener)


def notify(run_id: str) -> None:
    """Tell the subscribers that a run has ended."""
    for listener in _listeners:
        listener(run_id)
