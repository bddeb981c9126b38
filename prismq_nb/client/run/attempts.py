"""The part of a run's handle that starts it again, and knows its other attempts."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from prismq_nb.client.base.arguments import masked, variables
from prismq_nb.client.run.state import RunState
from prismq_nb.common.environment import is_secret
from prismq_nb.common.models import RestartRequest
from prismq_nb.common.run_words import missing, restart_call
from prismq_nb.errors import NotRepeatable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Self

    from prismq_nb.common.models import Attempts

__all__ = ["RunAttempts"]


class RunAttempts(RunState):
    """A run among those that were started again from each other."""

    @property
    def attempt(self) -> int:
        """1, or which attempt it is of those started again from each other; never changes."""
        return self._record.attempt

    @property
    def restart_of(self) -> str | None:
        """Id of the run that it was started again from; None: it was launched. Never changes."""
        return self._record.restart_of

    @property
    def attempts(self) -> list[Self]:
        """All attempts of its launch, itself among them, oldest first.

        Those that were purged are missing; the newest 50.
        """
        found = self._client.attempts(self.run_id).attempts
        return [type(self)(self._client, record) for record in found]

    @property
    def can_restart(self) -> bool:
        """Whether `restart` would start it again now, with nothing given."""
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
        """Start the run again, as it was launched, and return the new run.

        Where the server does not remember the launch any more, the values of variables that were
        inherited then are taken from this process's environment. What was chosen for the run is
        given again: variables by `env`, values that were masked by `mask`.

        Args:
            env: variables over those of the launch, as `launch` takes them.
            mask: more values, or names of variables, to mask, as `launch` takes them.

        Raises:
            RunActive: it has not ended; stop it first.
            NotRepeatable: a value is missing, or what it ran is not there any more.
            InvalidRequest: `env` or `mask` has something that cannot be used.

        Example:
            >>> prismq_nb.get("train").restart(env={"DATABASE_URL": url})
        """
        given = RestartRequest(variables(env), masked(mask))
        state = self._client.attempts(self.run_id)
        own = _of_this_process(state)
        names = [name for name in state.restart_needs if name not in {**own, **given.env}]
        masks = max(0, state.restart_masks - len(given.mask))
        if names or masks:
            what, call = missing(names, masks), restart_call(names, masks)
            again = "again (values are not stored)"
            raise NotRepeatable(f"{self.module_name} needs {what} {again}: call run.{call}")
        given.env = {**own, **given.env}
        return type(self)(self._client, self._client.restart(self.run_id, given))


def _of_this_process(state: Attempts) -> dict[str, str | None]:
    """Return what is missing and was inherited, as far as it is in this process's environment."""
    return {name: os.environ[name] for name in state.restart_needs if name in os.environ and name not in state.restart_chosen and not is_secret(name)}
