"""Stop a run: SIGINT to its group, then SIGTERM and SIGKILL to all of it, after grace periods.

    first request ──> SIGINT ── 5 s ──> SIGTERM ── 5 s ──> SIGKILL, again every 0.5 s
    second request ──────────────────> SIGTERM ─ 0.8 s ──> SIGKILL

SIGINT comes first because that is what Ctrl-C in a terminal does: Python modules get
KeyboardInterrupt and can clean up. It goes to the process group, and with a terminal also to the
foreground group; the others go to every process of the run (`RunProcesses`). Each is followed by
SIGCONT, because a stopped process handles no other signal (signal(7)). A second request within 1 s
of the one before is the same request, repeated by a client or a proxy. Standard library only.
"""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

from prismq_nb.capture.processes import identity as processes

if TYPE_CHECKING:
    from collections.abc import Callable

    from prismq_nb.capture.processes.info import Process

STOP_GRACE_SECONDS = 5.0
KILL_GRACE_SECONDS = 0.8
"""After the SIGTERM of a second request: the person said "Kill"."""
SAME_REQUEST_SECONDS = 1.0
_KILL_AGAIN_SECONDS = 0.5
_GIVE_UP_SECONDS = 10.0
"""A run does not wait longer for a process in an uninterruptible sleep."""
_STEPS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
_ROUNDS = 10
_NAMED = 5


class RunProcesses:
    """The processes of a run whose supervisor is this process.

    If the supervisor adopts orphans (Linux), they are the tree below it, without nested supervisors
    and their trees; elsewhere, the processes whose environment has the run's id and directory.
    """

    def __init__(self, identity: processes.RunIdentity, *, adopts: bool) -> None:
        """Find the processes of `identity`.

        `adopts`: this process is the parent of every orphan below it.
        """
        self._identity = identity
        self._adopts = adopts

    def members(self) -> list[Process]:
        """Return the living processes of the run. Costs a few ms."""
        if not self._adopts:
            return processes.marked_processes(self._identity).proved
        if not has_children():
            return []
        return processes.below(os.getpid())

    def has_unlisted(self, seen: list[Process]) -> bool:
        """Whether a process other than `seen` lives.

        One that forks and ends at once is never listed.

        The system knows that this process still has children, and an orphan is one of them.
        """
        if not self._adopts or not has_children():
            return False
        known = {process.pid for process in seen}
        children = processes.own_children()
        return not children or not all(
            child.pid in known or processes.is_supervisor(child.pid) for child in children
        )

    def kill_orphans(self) -> None:
        """SIGKILL the groups of the children of this process: no member can escape that by forking.

        The group of a descendant consists of descendants: a group never spans sessions, and each
        session below here was begun by a descendant, except our own, in which a module with a
        terminal is. We began that and are in our own group of it, which is spared: a member that
        joined it is killed by itself.
        """
        if not self._adopts:
            return
        children = processes.own_children()
        spared = {child.group for child in children if processes.is_supervisor(child.pid)}
        for group in {child.group for child in children} - spared - {os.getpgrp()}:
            processes.signal_group(group, signal.SIGKILL)


class Stopper:
    """The escalation of one run. Times are seconds of one monotonic clock.

    Attributes:
        reason: why the stop was requested; None if it was not.
        deadline: when the next step is due; None if none is.
        leader_ended: the child was reaped, so its id is not signalled any more.
    """

    def __init__(
        self,
        run_processes: RunProcesses,
        pgid: int,
        foreground: Callable[[], int] | None = None,
    ) -> None:
        """Stop nothing yet.

        Args:
            run_processes: the processes of the run.
            pgid: the child's process group.
            foreground: returns the foreground group of the run's terminal, 0 if there is none.
        """
        self._processes = run_processes
        self._foreground = foreground
        self._pgid = pgid
        self._step = -1
        self._requested = float("-inf")
        self._killed_at: float | None = None
        self._refused: set[Process] = set()
        self._left: list[Process] = []
        self.reason: str | None = None
        self.deadline: float | None = None
        self.leader_ended = False

    def request(self, now: float, reason: str, sent: float | None = None) -> None:
        """Begin, or go to the next step immediately, unless this is the last request sent again.

        Args:
            now: the time.
            reason: why; that of the first request counts.
            sent: when it was sent, if that is known: several may have waited to be read.
        """
        sent = now if sent is None else float(sent)
        if abs(sent - self._requested) < SAME_REQUEST_SECONDS:
            return
        again = self.reason is not None
        self._requested = sent
        self.reason = self.reason or reason
        self._advance(now)
        if again and self._step < len(_STEPS) - 1:
            self.deadline = now + KILL_GRACE_SECONDS

    def tick(self, now: float) -> None:
        """Go to the next step when it is due."""
        if self.deadline is not None and now >= self.deadline:
            self._advance(now)

    def finished(self, now: float) -> bool:
        """Whether a stop was requested and nothing is left that can be ended. Costs a few ms."""
        if self.reason is None:
            return False
        self._left = self._processes.members()
        if self._killed_at is not None and now - self._killed_at >= _GIVE_UP_SECONDS:
            return True
        return self._refused.issuperset(self._left) and not self._processes.has_unlisted(self._left)

    def note(self, held: list[int]) -> str | None:
        """Name what is left: what cannot be ended, and other processes that hold the run's output.

        Args:
            held: our ends of the pipes that somebody still has open.
        """
        notes = [f"could not be ended: {join_names(self._left)}"] if self._left else []
        if self._processes.has_unlisted(self._left):
            notes.append("processes that keep replacing themselves could not be ended")
        if held and (strangers := processes.holders(held)):
            notes.append(
                f"its output is still held open by {join_names(strangers)}, which was left alone"
            )
        return "; ".join(notes) or None

    def _advance(self, now: float) -> None:
        self._step = min(self._step + 1, len(_STEPS) - 1)
        number = _STEPS[self._step]
        self.deadline = now + (
            _KILL_AGAIN_SECONDS if number == signal.SIGKILL else STOP_GRACE_SECONDS
        )
        if number == signal.SIGKILL:
            self._killed_at = self._killed_at or now
            self._kill()
        else:
            self._signal(number)

    def _signal(self, number: int) -> None:
        """Signal once, and continue stopped processes, which handle no signal before."""
        if not self.leader_ended:
            processes.signal_group(self._pgid, number)
            processes.signal_group(self._pgid, signal.SIGCONT)
            if number == signal.SIGINT:
                self._interrupt_foreground()
                return
        for process in self._processes.members():
            if self.leader_ended or process.group != self._pgid:
                processes.send(process, number)
                processes.send(process, signal.SIGCONT)

    def _interrupt_foreground(self) -> None:
        """Interrupt the terminal's foreground group, as Ctrl-C would, if it is one of the run."""
        group = self._foreground() if self._foreground is not None else 0
        if group in (0, self._pgid):
            return
        if any(process.group == group for process in self._processes.members()):
            processes.signal_group(group, signal.SIGINT)
            processes.signal_group(group, signal.SIGCONT)

    def _kill(self) -> None:
        if not self.leader_ended:
            processes.signal_group(self._pgid, signal.SIGKILL)
        for _ in range(_ROUNDS):  # one that forks while we look is found in the next round
            self._processes.kill_orphans()
            left = [
                process for process in self._processes.members() if process not in self._refused
            ]
            if not left and not self._processes.has_unlisted(list(self._refused)):
                return
            self._refused.update(one for one in left if not processes.send(one, signal.SIGKILL))
            time.sleep(0.002)


def has_children() -> bool:
    """Whether this process has any child, ended or not."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def join_names(found: list[Process]) -> str:
    """Name some processes in a sentence."""
    more = len(found) - _NAMED
    names = ", ".join(str(process) for process in found[:_NAMED])
    return f"{names} and {more} more" if more > 0 else names
