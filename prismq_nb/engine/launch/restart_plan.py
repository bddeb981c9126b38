"""How to launch a run again.

While this process remembers a launch, it is repeated as it was requested. Otherwise it is read from
``launch.json`` (see `stored_environment`), and the request gives what is missing there.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from prismq_nb.common.models import LaunchSpec, RestartRequest
from prismq_nb.common.run_words import missing, restart_call
from prismq_nb.engine.launch.notify_targets import without_addresses
from prismq_nb.engine.launch.stored_environment import StoredEnvironment
from prismq_nb.errors import NotRepeatable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from prismq_nb.engine.files.run_directory import RunFiles

REMEMBERED = 200
"""Launches kept in memory, the newest; a few kB each."""
_REMEDY = "launch it again from its cell"


class Needs(NamedTuple):
    """What must be given to restart a run.

    Attributes:
        names: names of variables.
        chosen: those of them that were chosen for the run.
        masks: number of masked values.
    """

    names: Sequence[str] = ()
    chosen: Sequence[str] = ()
    masks: int = 0

    def sentence(self, run_id: str) -> str:
        """Say what is missing, with the line of Python that gives it."""
        what = missing(self.names, self.masks)
        call = f"prismq_nb.get({run_id!r}).{restart_call(self.chosen, self.masks)}"
        again = "again (values are not stored): restart it from a notebook with"
        return f"{run_id} needs {what} {again} {call}"


class RestartPlan(NamedTuple):
    """A launch as far as it is known. True if nothing is missing.

    Attributes:
        spec: the launch, without what is missing.
        needs: what is missing.
    """

    spec: LaunchSpec
    needs: Needs = Needs()

    def __bool__(self) -> bool:
        return not (self.needs.names or self.needs.masks)


def on_disk(spec: LaunchSpec, cwd: str) -> dict[str, Any]:
    """Return what ``launch.json`` keeps of a launch, without environment; the caller masks it."""
    notify = without_addresses(spec.notify)
    kept = msgspec.structs.replace(spec, cwd=cwd, env={}, inherited_env=[], mask=[], notify=notify)
    builtins: dict[str, Any] = msgspec.to_builtins(kept)
    return builtins


class LaunchHistory:
    """The remembered launches of one engine. Usable from any thread."""

    def __init__(self) -> None:
        self._specs: dict[str, LaunchSpec] = {}
        self._lock = threading.Lock()

    def remember(self, run_id: str, spec: LaunchSpec) -> None:
        """Remember a launch, and forget the oldest if there are too many."""
        with self._lock:
            self._specs[run_id] = spec
            if len(self._specs) > REMEMBERED:
                del self._specs[next(iter(self._specs))]

    def plan_of(
        self,
        files: RunFiles,
        given: RestartRequest,
        environ: Mapping[str, str] = os.environ,
    ) -> RestartPlan:
        """Return the launch of a run, updated by what is given.

        Args:
            files: the run.
            given: values that come with the request.
            environ: this process's environment.

        Raises:
            NotRepeatable: something was not stored, and cannot be given.
        """
        if (spec := self._specs.get(files.run_id)) is not None:
            return RestartPlan(_laid_over(spec, spec.env, spec.mask, given))
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


def _read(files: RunFiles, given: RestartRequest, environ: Mapping[str, str]) -> RestartPlan:
    """Return the launch as it is on disk. Raises as `LaunchHistory.plan_of` does."""
    try:
        kept = msgspec.convert(files.launch["environment"], StoredEnvironment)
        spec = msgspec.convert(files.launch["spec"], LaunchSpec)
    except (KeyError, msgspec.MsgspecError, RecursionError):
        why = "too little is stored about its launch: another version of prismq_nb made it, "
        why += "or it had too many variables, or secrets in their names"
        raise NotRepeatable(
            f"{files.run_id} cannot be started again, because {why}; {_REMEDY}"
        ) from None
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
    return RestartPlan(_laid_over(spec, kept.values, mask, given), needs)
