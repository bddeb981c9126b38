"""An active run as the list of runs follows it: when to read it, and whether to report it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from prismq_nb.common.base import state

if TYPE_CHECKING:
    from prismq_nb.common.models import RunInfo
    from prismq_nb.engine.live.notify import Watch

DEBOUNCE_SECONDS = 0.005
"""Time from a change of a run's directory to reading it: files are written, then renamed."""
MIN_READ_SECONDS = 0.05
"""Minimum time between two reads of one run."""
CONFLATE_SECONDS = 1.0
"""Minimum time between two changes of a run that only tell how far it is."""
RECHECK_SECONDS = 2.0
"""How long a run is read again and again after its index was closed: see `run_state`."""
_RECHECK_EVERY = 0.25
_NEVER = float("inf")


class ActiveRun:
    """One active run.

    Attributes:
        watch: reports changes of its directory.
        due_s: when to read it next, in seconds of the event loop's clock.
    """

    def __init__(self, watch: Watch) -> None:
        """Nothing is known of it."""
        self.watch = watch
        self.due_s = _NEVER
        self._read_s = self._sent_s = self._recheck_until_s = -_NEVER
        self._sent: RunInfo | None = None

    def changed(self, now_s: float, *, closed: bool) -> None:
        """Read it soon: its directory has changed.

        Args:
            now_s: the event loop's clock.
            closed: its index was closed: its supervisor may be dead, and its lock free a moment
                later.
        """
        if closed:
            self._recheck_until_s = now_s + RECHECK_SECONDS
        self.due_s = min(self.due_s, max(now_s + DEBOUNCE_SECONDS, self._read_s + MIN_READ_SECONDS))

    def read(self, run: RunInfo, now_s: float) -> bool:
        """Return whether a run that was read must be reported now; else it may be due later."""
        self._read_s = now_s
        self.due_s = now_s + _RECHECK_EVERY if now_s < self._recheck_until_s else _NEVER
        run = msgspec.structs.replace(run, duration_seconds=None)  # it always changes
        if run == self._sent:
            return False
        if self._sent is None or _urgent(run) != _urgent(self._sent):
            self._sent, self._sent_s = run, now_s
            return True
        if now_s < self._sent_s + CONFLATE_SECONDS:
            self.due_s = min(self.due_s, self._sent_s + CONFLATE_SECONDS)
            return False
        self._sent, self._sent_s = run, now_s
        return True


def is_final(run: RunInfo) -> bool:
    """Return whether a run and its output have ended."""
    return run.status in state.ENDED and not run.output_open


def _urgent(run: RunInfo) -> tuple[object, ...]:
    """Return what is reported at once."""
    ends = (run.status, run.stopping, run.exit_code, run.error_message, run.output_open)
    return (*ends, run.waiting_for_input, run.kept, run.unreachable, run.started_at)
