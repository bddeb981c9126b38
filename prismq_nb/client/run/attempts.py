"""`RunAttempts`: restart a run, and find the other attempts of its launch."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from prismq_nb.client.base.arguments import env_variables, mask_values
from prismq_nb.client.run.state import RunState
from prismq_nb.common.environment import is_secret
from prismq_nb.common.models import RestartRequest
from prismq_nb.common.run_words import missing, restart_call
from prismq_nb.errors import NotRepeatable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Self

    from prismq_nb.common.models import Attempts


class RunAttempts(RunState):
    """The methods of a run that concern restarts. An *attempt* is one run of a launch."""

    @property
    def attempt(self) -> int:
        """Number of this attempt, from 1; never changes."""
        return self._info.attempt

    @property
    def restart_of(self) -> str | None:
        """Id of the run that it is a restart of; None for a first attempt. Never changes."""
        return self._info.restart_of

    @property
    def attempts(self) -> list[Self]:
        """The newest 50 attempts of its launch, itself included, oldest first.

        Purged attempts are missing.
        """
        attempts = self._client.attempts(self.run_id).attempts
        return [type(self)(self._client, info) for info in attempts]

    @property
    def can_restart(self) -> bool:
        """Whether `restart()` would work now, without arguments."""
        state = self._client.attempts(self.run_id)
        if state.can_restart:
            return True
        needs_only = bool(state.restart_needs) and not state.restart_masks
        return needs_only and state.restart_needs == list(_of_this_process(state))

    def restart(
        self,
        *,
        env: Mapping[str, object] | None = None,
        mask: str | Sequence[str] = (),
    ) -> Self:
        """Launch the run again as it was launched before, and return the new run.

        Secrets are not stored. If the server no longer remembers the launch, variables that the run
        inherited are taken from this process's environment; pass those that were set explicitly,
        and masked values, again.

        Args:
            env: environment variables to set in addition to those of the launch, as for `launch`.
            mask: more values to mask, or names of variables that hold them, as for `launch`.

        Raises:
            RunNotFound: the run was purged.
            RunActive: the run has not ended; stop it first.
            NotRepeatable: a value is missing (the message shows the call), the file is gone, or it
                is a watched cell: run the cell again.
            LaunchFailed: the operating system refused to start the program.
            InvalidRequest: `env` or `mask` is invalid.

        Example:
            >>> prismq_nb.get("train").restart(env={"DATABASE_URL": url})
        """
        given = RestartRequest(env_variables(env), mask_values(mask))
        state = self._client.attempts(self.run_id)
        own = _of_this_process(state)
        names = [name for name in state.restart_needs if name not in {**own, **given.env}]
        masks = max(0, state.restart_masks - len(given.mask))
        if names or masks:
            what, call = missing(names, masks), restart_call(names, masks)
            again = "again (values are not stored)"
            raise NotRepeatable(f"{self.module_name} needs {what} {again}; call run.{call}")
        given.env = {**own, **given.env}
        return type(self)(self._client, self._client.restart(self.run_id, given))


def _of_this_process(state: Attempts) -> dict[str, str | None]:
    """Return the missing inherited variables that this process's environment has."""
    return {
        name: os.environ[name]
        for name in state.restart_needs
        if name in os.environ and name not in state.restart_chosen and not is_secret(name)
    }
