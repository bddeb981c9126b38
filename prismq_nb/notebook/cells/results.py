"""Where the values of watched cells' last expressions are: they are not kept alive for it."""

from __future__ import annotations

import weakref
from typing import Any

MAX_RESULTS = 1000
"""Newest runs whose values can be found."""


class Results:
    """The values of the last expressions of one shell's watched cells, by run."""

    def __init__(self, shell: Any) -> None:
        """Know of none."""
        self._shell = shell
        self._known: dict[str, tuple[int | None, Any]] = {}

    def remember(self, run_id: str, result: Any) -> None:
        """Remember a cell that has ended; `result`: IPython's `ExecutionResult`."""
        try:
            kept = weakref.ref(result.result)
        except TypeError:  # a number, a text, a list
            kept = None
        self._known[run_id] = (result.execution_count, kept)
        if len(self._known) > MAX_RESULTS:
            del self._known[next(iter(self._known))]

    def get(self, run_id: str) -> Any:
        """Return the value.

        Raises:
            LookupError: it is not there: there was none, it was suppressed with ``;`` or deleted.
        """
        count, kept = self._known[run_id]
        outputs = self._shell.user_ns.get("Out", {})
        if count in outputs:
            return outputs[count]
        value = kept() if kept is not None else None
        if value is None:
            raise LookupError(run_id)
        return value
