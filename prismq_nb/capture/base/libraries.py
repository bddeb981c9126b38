"""Import compiled libraries in a process that runs without site-packages. Standard library only."""

from __future__ import annotations

import importlib
import os
import sys
from functools import cache
from types import ModuleType


def load(name: str, folders: dict[str, str]) -> ModuleType | None:
    """Import a library from its folder, else from the path; None if that fails.

    The libraries make a run faster or measure it. None that is missing or broken may harm the run.

    Args:
        name: of the library.
        folders: the folder of each library, by name.
    """
    folder = folders.get(name)
    if folder:
        sys.path.append(folder)
    try:
        return importlib.import_module(name)
    except Exception:  # noqa: BLE001 - whatever is wrong with it, the run continues
        return None
    finally:
        if folder:
            sys.path.remove(folder)


@cache
def folders() -> dict[str, str]:
    """Return the folders of libraries for a supervisor, which runs without site-packages."""
    from importlib.util import find_spec  # noqa: PLC0415 - a supervisor needs none of this

    found: dict[str, str] = {}
    for name in ("psutil", "stringzilla"):
        spec = find_spec(name)
        if spec and spec.origin:
            place = os.path.dirname(spec.origin)
            found[name] = os.path.dirname(place) if spec.submodule_search_locations else place
    return found
