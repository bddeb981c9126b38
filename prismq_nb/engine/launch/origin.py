"""Check what a launch says about its origin, and name what it runs (`module_key`)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from prismq_nb.common.base import module_key
from prismq_nb.common.models import ORIGINS, Origin
from prismq_nb.common.spelling import did_you_mean
from prismq_nb.engine.files.run_directory import RUN_ID
from prismq_nb.engine.launch.strings import no_nul
from prismq_nb.engine.read.filters import quoted
from prismq_nb.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from prismq_nb.common.models import LaunchSpec

MAX_NOTEBOOK_CHARS, MAX_CELL_ID_CHARS = 4096, 200


def launch_origin(given: Origin | None) -> Origin:
    """Return the origin of a launch; one that says nothing came over the API.

    Raises:
        InvalidRequest: a field has a value that it cannot have.
    """
    if given is None:
        return Origin(kind="api")
    if given.kind not in ORIGINS:
        hint = did_you_mean(given.kind or "", ORIGINS)
        raise _invalid("kind", given.kind, f"use one of {', '.join(ORIGINS)}{hint}")
    for name, longest in (("notebook", MAX_NOTEBOOK_CHARS), ("cell_id", MAX_CELL_ID_CHARS)):
        value = getattr(given, name)
        if value is not None and not 0 < len(value) <= longest:
            raise _invalid(name, value, f"use 1 to {longest:,} characters, or omit it")
        if value is not None:
            no_nul(f"origin.{name}", value)
    if given.run_id is not None and not RUN_ID.match(given.run_id):
        remedy = "use the id of a run, as run_20251031_120000_collect_abc123, or omit it"
        raise _invalid("run_id", given.run_id, remedy)
    if given.kind == "run" and given.run_id is None:
        raise _invalid("kind", given.kind, "name the run in origin.run_id, or use another kind")
    return Origin(
        kind=given.kind, notebook=given.notebook, cell_id=given.cell_id, run_id=given.run_id
    )


def key_of(
    spec: LaunchSpec, kind: str, cwd: str, origin: Origin, clean: Callable[[str], str]
) -> str | None:
    """Return the `module_key` of a launch.

    Args:
        spec: the launch, which has been checked.
        kind: which of its sources is given.
        cwd: its working directory.
        origin: what starts it.
        clean: masks secrets, before a key is cut or hashed.
    """
    key: str | None
    if kind == "script":
        path = os.path.join(cwd, os.path.expanduser(str(spec.script)))
        key = module_key.of_script(os.path.realpath(path))
    elif kind == "module":
        key = module_key.of_module(str(spec.module), cwd)
    elif kind == "command":
        words = spec.command or []
        masked = clean(words) if isinstance(words, str) else [clean(word) for word in words]
        key = module_key.of_command(masked, cwd)
    else:
        notebook = None if origin.notebook is None else clean(origin.notebook)
        key = module_key.of_code(notebook, origin.cell_id)
    return None if key is None else module_key.bounded(clean(key))  # two words may be one secret


def _invalid(name: str, value: str | None, remedy: str) -> InvalidRequest:
    shown = "is missing" if value is None else f"is {quoted(value)}"
    return InvalidRequest(f"origin.{name} {shown}; {remedy}", parameter="origin")
