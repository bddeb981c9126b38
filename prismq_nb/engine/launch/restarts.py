"""Starting runs again: whether that can be done, what is missing, and which attempts there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prismq_nb.common.base import state
from prismq_nb.common.models import Attempts, RestartRequest
from prismq_nb.engine.files.lenient import MAX_ATTEMPT
from prismq_nb.engine.health import reach
from prismq_nb.engine.launch.prepare import prepare
from prismq_nb.engine.launch.relaunch import Needs, Recipe, Recipes
from prismq_nb.engine.store.run_info import shown_status
from prismq_nb.errors import InvalidRequest, NotRepeatable, RunActive, RunUnreachable

if TYPE_CHECKING:
    from pathlib import Path

    from prismq_nb.common.models import LaunchSpec
    from prismq_nb.engine.files.run_directory import RunFiles
    from prismq_nb.engine.store.index import RunIndex

SHOWN_ATTEMPTS = 50
"""Most attempts of a launch in one answer; the newest."""


class Restarts:
    """What one engine knows of starting its runs again. Usable from any thread."""

    def __init__(self, index: RunIndex, default_cwd: Path) -> None:
        """`index`: of the runs; `default_cwd`: of launches that name none."""
        self._index = index
        self._default_cwd = default_cwd
        self._recipes = Recipes()
        self.remember = self._recipes.remember

    def spec(self, files: RunFiles, given: RestartRequest) -> LaunchSpec:
        """Return how to launch an ended run again.

        Raises:
            RunActive, RunUnreachable: it has not ended.
            NotRepeatable: something is missing; the text says what, and what to do.
        """
        _check_ended(files)
        self._check_source(files, self._recipes.recall(files, RestartRequest()))
        recipe = self._recipes.recall(files, given)
        if not recipe:
            raise NotRepeatable(recipe.needs.sentence(files.run_id))
        return recipe.spec

    def lineage(self, files: RunFiles) -> dict[str, Any]:
        """Return what ``launch.json`` of the next attempt says of it. Raises OSError."""
        known = [entry.attempt for entry in self._index.attempts(files.first_attempt)]
        newest = max(known, default=files.launch.get("attempt", 1))
        return {
            "restart_of": files.run_id,
            "first_attempt": files.first_attempt,
            "attempt": min(newest + 1, MAX_ATTEMPT),
        }

    def attempts(self, files: RunFiles) -> Attempts:
        """Return all attempts of a run's launch, and whether it can be started again.

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
        """Return what is missing, and what stands in the way."""
        needs = Needs()
        try:
            recipe = self._recipes.recall(files, RestartRequest())
            needs = recipe.needs
            _check_ended(files)
            self._check_source(files, recipe)
        except (NotRepeatable, RunActive, RunUnreachable) as error:
            return needs, str(error)
        return needs, None if recipe else needs.sentence(files.run_id)

    def _check_source(self, files: RunFiles, recipe: Recipe) -> None:
        """Raise NotRepeatable where what was run, or its folder, is not there any more."""
        try:
            prepare(recipe.spec, self._default_cwd)
        except InvalidRequest as error:
            raise NotRepeatable(f"{files.run_id} cannot be started again: {error}") from None


def _check_ended(files: RunFiles) -> None:
    if shown_status(files) in state.ENDED:
        return
    reach.check(files)
    raise RunActive(f"{files.run_id} is {files.status}: stop it before it is started again")
