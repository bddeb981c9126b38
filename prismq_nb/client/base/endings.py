"""Who hears that a run has ended, as soon as any handle in this process learns of it."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["listen", "tell"]

_listeners: list[Callable[[str], None]] = []


def listen(listener: Callable[[str], None]) -> None:
    """Call `listener` with the id of each run that is learned to have ended, in whatever thread."""
    _listeners.append(listener)


def tell(run_id: str) -> None:
    """Say that this run was learned to have ended."""
    for listener in _listeners:
        listener(run_id)
