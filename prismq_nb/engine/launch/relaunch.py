"""How runs were launched, so that they can be started again.

As long as this process remembers it, as it was asked for; else from what ``launch.json`` keeps (see
`kept_environment`), and what is given with the request.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from prismq_nb.common.models import LaunchSpec, RestartRequest
from prismq_nb.common.run_words import missing, restart_call
from prismq_nb.engine.launch.kept_environment import Kept
from prismq_nb.errors import NotRepeatable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from prismq_nb.engine.files.run_directory import RunFiles

REMEMBERED = 200
"""Launches held in memory, the newest; a few kB each."""
_REMEDY = "launch it again from its cell"


class Needs(NamedTuple):
    """What has to be given to start a run again.

    Attributes:
        names: of variables.
        chosen: those of them that were chosen for the run.
        masks: how many masked values.
    """

    names: Sequence[str] = ()
    chosen: Sequence[str] = ()
    masks: int = 0

    def sentence(self, run_id: str) -> str:
        """Say what is missing, and the line of Python that gives it."""
        what = missing(self.names, self.masks)
        call = f"prismq_nb.get({run_id!r}).{restart_call(self.chosen, self.masks)}"
        again = "again (values are not stored): restart it from a notebook with"
        return f"{run_id} needs {what} {again} {call}"


class Recipe(NamedTuple):
    """A launch as it is known now.

    Attributes:
        spec: what it asked for, without what is missing.
        needs: what is missing.
    """

    spec: LaunchSpec
    needs: Needs = Needs()

    def __bool__(self) -> bool:
        return not (self.needs.names or self.needs.masks)


def on_disk(spec: LaunchSpec, cwd: str) -> dict[str, Any]:
    """Return what ``launch.json`` may keep of a launch but its environment; the caller masks it."""
    kept = msgspec.structs.replace(spec, cwd=cwd, env={}, inherited_env=[], mask=[])
    builtins: dict[str, Any] = msgspec.to_builtins(kept)
    return builtins


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

    def recall(
        self,
        files: RunFiles,
        given: RestartRequest,
        environ: Mapping[str, str] = os.environ,
    ) -> Recipe:
        """Return the launch that made a run, with what is given laid over it.

        Args:
            files: the run.
            given: what comes with the request.
            environ: this process's environment.

        Raises:
            NotRepeatable: part of it was not kept, and giving it is no remedy.
        """
        if (spec := self._specs.get(files.run_id)) is not None:
            return Recipe(_laid_over(spec, spec.env, spec.mask, given))
        return _read(files, given, environ)


def _laid_over(
    spec: LaunchSpec,
    env: Mapping[str, str | None],
    mask: list[str],
    given: RestartRequest,
) -> LaunchSpec:
    fresh = [entry for entry in given.mask if entry not in mask]
    changed = {**env, **given.env}
    return msgspec.structs.replace(spec, env=changed, mask=[*mask, *fresh])


def _read(files: RunFiles, given: RestartRequest, environ: Mapping[str, str]) -> Recipe:
    """Return the launch as it is on disk. Raises as `Recipes.recall`."""
    try:
        kept = msgspec.convert(files.launch["environment"], Kept)
        spec = msgspec.convert(files.launch["spec"], LaunchSpec)
    except (KeyError, ValueError, RecursionError):
        why = "too little is stored about its launch: another version of prismq_nb made it, "
        why += "or it had too many variables, or secrets in their names"
        raise NotRepeatable(f"{files.run_id} cannot be started again, because {why}; {_REMEDY}") from None
    if not kept.whole:
        why = "its arguments held masked values, which are not stored"
        raise NotRepeatable(f"{files.run_id} cannot be started again, because {why}; {_REMEDY}")
    env = {**kept.values, **given.env}
    here = {**environ, **env}
    valueless = {name for name in kept.mask if here.get(name) is None}
    wanted = dict.fromkeys((*(name for name in kept.asked if name not in env), *valueless))
    chosen = [name for name in wanted if name in kept.chosen]
    needs = Needs(list(wanted), chosen, max(0, kept.masks - len(given.mask)))
    mask = [name for name in kept.mask if name not in valueless]
    return Recipe(_laid_over(spec, kept.values, mask, given), needs)
