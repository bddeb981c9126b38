"""Imports of compiled libraries in a process that runs without site-packages. Standard library only."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType


def load(name: str, folders: dict[str, str]) -> ModuleType | None:
    """The library `name` from the folder that `folders` has for it, else from the path; None when it cannot be had.

    Each library here makes a run faster or tells a figure of it; none that is missing or broken may cost the run anything else.
    """
    folder = folders.get(name)
    if folder:
        sys.path.append(folder)
    try:
        return importlib.import_module(name)
    except Exception:  # noqa: BLE001 - whatever is wrong with it, the run goes on
        return None
    finally:
        if folder:
            sys.path.remove(folder)
