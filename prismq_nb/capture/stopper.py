"""How a run is stopped: SIGINT to its group, after a grace SIGTERM, after another SIGKILL, to every process of the run. Standard library only.

    request ──> SIGINT ── 5 s ──> SIGTERM ── 5 s ──> SIGKILL (again every 0.5 s until nobody is left)

SIGINT comes first because it is what Ctrl-C in a terminal does: Python modules see KeyboardInterrupt and can clean up. A second request
goes to the next step at once. The first two go to the process group; SIGKILL also finds, by `PRISMQ_RUN_ID`, those that left it.
"""

from __future__ import annotations

import signal

from prismq_nb.capture import child

STOP_GRACE_SECONDS = 5.0
_KILL_AGAIN_SECONDS = 0.5
_STEPS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)


class Stopper:
    """The escalation of one run. Times are seconds of one monotonic clock.

    Attributes:
        reason: why the stop was asked for; None as long as it was not.
        deadline: when the next step is due; None when none is.
        leader_ended: the child itself was reaped, so its id may become another process's: from then on only `PRISMQ_RUN_ID` tells whom to signal.
    """

    def __init__(self, run_id: str, pgid: int) -> None:
        self._run_id = run_id
        self._pgid = pgid
        self._step = -1
        self.reason: str | None = None
        self.deadline: float | None = None
        self.leader_ended = False

    def request(self, now: float, reason: str) -> None:
        """Begins, or goes to the next step at once."""
        self.reason = self.reason or reason
        self._advance(now)

    def tick(self, now: float) -> None:
        """Goes to the next step when its time has come."""
        if self.deadline is not None and now >= self.deadline:
            self._advance(now)

    def finished(self) -> bool:
        """Whether a stop was asked for and nobody of the run is left. Costs a few ms; ask after the child itself has ended."""
        return self.reason is not None and not child.processes_of(self._run_id)

    def _advance(self, now: float) -> None:
        self._step = min(self._step + 1, len(_STEPS) - 1)
        number = _STEPS[self._step]
        self.deadline = now + (_KILL_AGAIN_SECONDS if number == signal.SIGKILL else STOP_GRACE_SECONDS)
        if number == signal.SIGKILL:
            child.kill_run(self._run_id, None if self.leader_ended else self._pgid)
        elif self.leader_ended:
            child.signal_each(child.processes_of(self._run_id), number)
        else:
            child.signal_group(self._pgid, number)
