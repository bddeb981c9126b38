"""What it takes to start a run again: as it was asked for while this process remembers it, and what ``launch.json`` keeps of it.

The environment that came with a launch may hold secrets, so it never reaches the disk; nor does what `mask` names. A run that had one can be repeated
by the process that launched it, and by its cell.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import msgspec

from prismq_nb.errors import NotRepeatable
from prismq_nb.models import LaunchSpec

if TYPE_CHECKING:
    from prismq_nb.engine.files import RunFiles

REMEMBERED = 200
"""Launches held in memory, the newest; a few kB each."""
_REMEDY = "launch it again from its cell"


def recipe(spec: LaunchSpec, cwd: str) -> dict[str, Any]:
    """What ``launch.json`` may keep of a launch in the working directory `cwd`; the caller masks it."""
    kept = msgspec.structs.replace(spec, cwd=cwd, env={}, mask=[])
    return {"spec": msgspec.to_builtins(kept), "environment_given": bool(spec.env)}


class Recipes:
    """The launches of one engine. Usable from any thread."""

    def __init__(self) -> None:
        self._specs: dict[str, LaunchSpec] = {}
        self._lock = threading.Lock()

    def remember(self, run_id: str, spec: LaunchSpec) -> None:
        """Keeps a launch, and forgets the oldest where there are too many."""
        with self._lock:
            self._specs[run_id] = spec
            if len(self._specs) > REMEMBERED:
                del self._specs[next(iter(self._specs))]

    def recall(self, files: RunFiles) -> LaunchSpec:
        """The launch that made a run.

        Raises:
            NotRepeatable: part of it was not kept; the text says what, and what to do.
        """
        if (spec := self._specs.get(files.run_id)) is not None:
            return spec
        launch = files.launch
        if launch.get("masked"):
            raise NotRepeatable(f"{files.run_id} had values to mask, which are kept nowhere: {_REMEDY}")
        if launch.get("environment_given"):
            raise NotRepeatable(f"{files.run_id} had an environment of its own, which the Jupyter server forgot when it was restarted: {_REMEDY}")
        try:
            return msgspec.convert(launch["spec"], LaunchSpec)
        except (KeyError, ValueError, RecursionError):
            raise NotRepeatable(
                f"{files.run_id} was launched by another version of prismq_nb, which kept too little to repeat it: {_REMEDY}"
            ) from None
