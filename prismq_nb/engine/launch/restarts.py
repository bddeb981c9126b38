"""Restart runs: whether that is possible, what is missing, and which attempts there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prismq_nb.common.base import state
from prismq_nb.common.base.plain_text import shorten
from prismq_nb.common.models import Attempts, RestartRequest
from prismq_nb.engine.files.lenient import MAX_ATTEMPT
from prismq_nb.engine.health import reachability
from prismq_nb.engine.launch.prepare import prepare
from prismq_nb.engine.launch.restart_plan import LaunchHistory, Needs, RestartPlan
from prismq_nb.engine.store.run_info import effective_status
from prismq_nb.errors import InvalidRequest, NotRepeatable, RunActive, RunUnreachable

if TYPE_CHECKING:
    from pathlib import Path

    from prismq_nb.common.models import LaunchSpec
    from prismq_nb.engine.files.run_directory import RunFiles
    from prismq_nb.engine.launch.notify_targets import Targets
    from prismq_nb.engine.store.index import RunIndex

_NOTEBOOK_CHARS = 200
SHOWN_ATTEMPTS = 50
"""Maximum number of attempts in one answer; the newest."""


class Restarts:
    """What one engine knows about restarting its runs. Usable from any thread."""

    def __init__(self, index: RunIndex, default_cwd: Path, targets: Targets) -> None:
        """Use the runs in `index`; `default_cwd` is the directory of launches that name none."""
        self._targets = targets
        self._index = index
        self._default_cwd = default_cwd
        self._history = LaunchHistory()
        self.remember = self._history.remember

    def spec(self, files: RunFiles, given: RestartRequest) -> LaunchSpec:
        """Return how to launch an ended run again.

        Raises:
            RunActive: it has not ended.
            RunUnreachable: it was started on another machine and may be running there.
            NotRepeatable: something is missing, or it is a watched cell; the message says what, and
                what to do.
        """
        _check_launched(files)
        _check_ended(files)
        self._check_source(files, self._history.plan_of(files, RestartRequest()))
        plan = self._history.plan_of(files, given)
        if not plan:
            raise NotRepeatable(plan.needs.sentence(files.run_id))
        return plan.spec

    def lineage(self, files: RunFiles) -> dict[str, Any]:
        """Return the fields of the next attempt's ``launch.json`` that name its predecessors.

        Raises:
            OSError: the directory of runs cannot be read.
        """
        known = [entry.attempt for entry in self._index.attempts(files.first_attempt)]
        newest = max(known, default=files.launch.get("attempt", 1))
        return {
            "restart_of": files.run_id,
            "first_attempt": files.first_attempt,
            "attempt": min(newest + 1, MAX_ATTEMPT),
        }

    def attempts(self, files: RunFiles) -> Attempts:
        """Return all attempts of a run's launch, and whether it can be restarted.

        Raises:
            OSError: the directory of runs cannot be read.
        """
        entries = self._index.attempts(files.first_attempt)[-SHOWN_ATTEMPTS:]
        shown = [run for run in map(self._index.run, entries) if run is not None]
        needs, problem = self._state(files)
        return Attempts(
            run_id=files.run_id,
            attempts=shown,
            can_restart=problem is None,
            restart_needs=list(needs.names),
            restart_chosen=list(needs.chosen),
            restart_masks=needs.masks,
            restart_problem=problem,
        )

    def _state(self, files: RunFiles) -> tuple[Needs, str | None]:
        """Return what is missing, and what prevents a restart."""
        needs = Needs()
        try:
            _check_launched(files)
            plan = self._history.plan_of(files, RestartRequest())
            needs = plan.needs
            _check_ended(files)
            self._check_source(files, plan)
        except (NotRepeatable, RunActive, RunUnreachable) as error:
            return needs, str(error)
        return needs, None if plan else needs.sentence(files.run_id)

    def _check_source(self, files: RunFiles, plan: RestartPlan) -> None:
        """Raise `NotRepeatable` if what was run, or its working directory, no longer exists."""
        try:
            prepare(plan.spec, self._default_cwd, targets=self._targets)
        except InvalidRequest as error:
            raise NotRepeatable(f"{files.run_id} cannot be started again: {error}") from None


def _check_launched(files: RunFiles) -> None:
    """Raise `NotRepeatable` for a watched cell: only its kernel has what it works on."""
    if not files.is_cell:
        return
    notebook, kernel = files.launch.get("notebook"), files.launch.get("kernel_id")
    if notebook or kernel:
        where = f" in {shorten(notebook, _NOTEBOOK_CHARS)!r}" if notebook else ""
        remedy = f"run the cell again{where}"
    else:
        remedy = "run that code again where it ran"
    raise NotRepeatable(
        f"{files.run_id} is a watched cell, which cannot be started again from here: {remedy}"
    )


def _check_ended(files: RunFiles) -> None:
    if effective_status(files) in state.ENDED:
        return
    reachability.check_reachable(files)
    raise RunActive(f"{files.run_id} is {files.status}: stop it before it is started again")
