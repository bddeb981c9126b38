"""Replace a function of a shared module for one thread.

What earlier tests left running keeps the real one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest


def replace(patch: pytest.MonkeyPatch, owner: object, name: str, by: Callable[..., Any]) -> None:
    """Make calls of ``owner.name`` reach `by`, if they come from the current thread."""
    real, asker = getattr(owner, name), threading.get_ident()

    def call(*args: Any, **more: Any) -> Any:
        return (by if threading.get_ident() == asker else real)(*args, **more)

    patch.setattr(owner, name, call)
