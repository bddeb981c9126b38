"""Find out whether a run waits for a line of input, once per second while it is quiet.

It waits if a process of the terminal's foreground group (with pipes: of the run) is blocked reading
it while it collects lines; or if an unfinished question is displayed and a process polls for input,
as line editors do (readline, prompt_toolkit, Node). A program that reads single keys without a
question, such as a dev server, does not wait, nor does one that is busy in another thread. If
nothing is known, it does not wait. Standard library only.
"""

from __future__ import annotations

import os
import time
from enum import IntEnum
from typing import TYPE_CHECKING

from prismq_nb.capture.base.terminal import far_end, modes
from prismq_nb.capture.processes import blocked
from prismq_nb.capture.processes.info import TICKS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Callable

    from prismq_nb.capture.base.timers import Timers
    from prismq_nb.capture.child import Child
    from prismq_nb.capture.pipes.output import Output
    from prismq_nb.capture.pipes.stdin import Stdin
    from prismq_nb.capture.processes.blocked import Task
    from prismq_nb.capture.status import StatusFile

QUIET_SECONDS = 1.0
"""Time without output before a check, and time between two checks."""
_CONFIRM_SECONDS = 0.25
_IDLE_SHARE = 0.1
"""A process with several threads that uses more of one core is busy."""
_SECRET_SECONDS = 0.05
_CHECK_COST_SHARE = 0.01
"""Maximum cost, as a share of one core: a run with very many processes is checked less often."""
_UNASKED = "A password was sent that the program never asked for; it was dropped."
_FULL_SCREEN = frozenset(
    (
        "less",
        "more",
        "most",
        "man",
        "vi",
        "vim",
        "nvim",
        "nano",
        "emacs",
        "top",
        "htop",
        "tmux",
        "screen",
        "mc",
    )
)


class Answer(IntEnum):
    """Whether a run waits. `UNSURE`: check again soon, a process may be busy in another thread."""

    NO = 0
    UNSURE = 1
    YES = 2


class InputWatch:
    """Keeps `waiting_for_input`, `hides_input` and `takes_input` of a run.

    Notes stopped processes.
    """

    def __init__(  # noqa: PLR0917 - what it reads, and where it reports
        self,
        child: Child,
        stdin: Stdin,
        output: Output,
        status: StatusFile,
        timers: Timers,
        changed: Callable[[], None],
    ) -> None:
        """Watch nothing yet.

        Args:
            child: the run's child.
            stdin: its standard input.
            output: its output.
            status: where the result is kept.
            timers: where the next check is planned.
            changed: called when a field of `status` has changed.
        """
        self._child, self._stdin, self._output = child, stdin, output
        self._status, self._timers, self._changed = status, timers, changed
        self._last_activity = time.monotonic()
        self._knows = blocked.is_known()
        self._ticks: dict[int, tuple[int, float]] = {}
        self._stopped: set[int] = set()
        self._newly_stopped = False
        own_end = child.terminal.main if child.terminal is not None else stdin.fd
        name = far_end(own_end) if own_end >= 0 else None
        self._files = frozenset[str]()
        if name is not None:
            self._files = frozenset((name, "/dev/tty") if child.terminal is not None else (name,))

    def start(self) -> None:
        """Plan the first check."""
        self._timers.set("input", QUIET_SECONDS, self._check)

    def on_output(self) -> None:
        """Note output or input: as far as is known, the run does not wait any more."""
        self._last_activity = time.monotonic()
        if self._status.waiting_for_input or self._status.hides_input:
            hides = self._status.hides_input and self._hides()
            self._set(waiting=False, hides=hides)

    def on_input(self) -> None:
        """Note that input was sent, or stdin was closed."""
        self.on_output()
        self._set(waiting=False, hides=self._hides())
        if self._stdin.has_secret_next:
            self._timers.set_default("secret", _SECRET_SECONDS, self._feed)

    def stop(self) -> None:
        """Note that the child has ended; a password that was kept for it is dropped."""
        self._timers.cancel("input", "secret")
        if self._stdin.has_secret:
            self._stdin.drop()
            self._status.add_note(_UNASKED)
            self._status.input_waiting = 0
        self._set(waiting=False, hides=False)

    def _feed(self) -> None:
        self._stdin.feed()
        self._status.input_waiting = self._stdin.waiting
        if self._stdin.has_secret_next:
            self._timers.set("secret", _SECRET_SECONDS, self._feed)

    def _check(self) -> None:
        now = time.monotonic()
        quiet = now - self._last_activity
        if quiet < QUIET_SECONDS:
            self._timers.set("input", QUIET_SECONDS - quiet, self._check)
            return
        answer = self._waits(now)
        took = time.monotonic() - now
        pause = max(QUIET_SECONDS, took / _CHECK_COST_SHARE)
        if answer is Answer.UNSURE or self._newly_stopped:
            pause = _CONFIRM_SECONDS
        if answer is not Answer.UNSURE:
            self._set(waiting=answer is Answer.YES, hides=self._hides())
        self._timers.set("input", pause, self._check)

    def _set(self, *, waiting: bool, hides: bool) -> None:
        status, takes = self._status, self._stdin.is_open
        if (waiting, hides, takes) == (
            status.waiting_for_input,
            status.hides_input,
            status.takes_input,
        ):
            return
        status.waiting_for_input, status.hides_input, status.takes_input = waiting, hides, takes
        self._changed()

    def _hides(self) -> bool:
        found = modes(self._child.terminal.main) if self._child.terminal is not None else None
        return found is not None and found.hides

    def _waits(self, now: float) -> Answer:
        if not self._knows:  # a hidden question is sure by itself
            return Answer.YES if self._output.is_unfinished and self._hides() else Answer.NO
        terminal = self._child.terminal
        group = terminal.foreground() if terminal is not None else None
        session = os.getsid(0) if terminal is not None else self._child.pid
        stopped: set[int] = set()
        ticks: dict[int, tuple[int, float]] = {}
        answer = Answer.NO
        for task in blocked.descendants():
            if task.state == "T" and task.session == session:
                stopped.add(task.pid)
                if task.pid in self._stopped:
                    self._note_stopped(task)
            is_asked = (
                answer is not Answer.YES and task.state == "S" and group in (None, task.group)
            )
            if is_asked and self._files and self._asks(task):
                if task.threads > 1:
                    ticks[task.pid] = task.ticks, now
                answer = max(answer, self._is_idle(task, now))
        self._newly_stopped = not stopped <= self._stopped
        self._ticks, self._stopped = ticks, stopped
        return answer

    def _asks(self, task: Task) -> bool:
        """Whether a process waits for a line."""
        found = modes(self._child.terminal.main) if self._child.terminal is not None else None
        question = self._output.is_unfinished
        try:
            how = blocked.awaited(task.pid, self._files)
        except PermissionError:  # another user's, as sudo's
            return question and found is not None and found.hides
        if how == "read" and (found is None or found.canonical):
            return True
        return how is not None and question and task.name not in _FULL_SCREEN

    def _is_idle(self, task: Task, now: float) -> Answer:
        if task.threads == 1:
            return Answer.YES  # it is blocked
        if task.pid not in self._ticks:
            return Answer.UNSURE
        ticks, at = self._ticks[task.pid]
        used = (task.ticks - ticks) / TICKS_PER_SECOND
        return Answer.YES if used <= _IDLE_SHARE * (now - at) else Answer.NO

    def _note_stopped(self, task: Task) -> None:
        why = ""
        if self._child.terminal is not None:
            why = (
                ", as happens to a background process that reads from the terminal; `timeout` runs "
                "its command in the background, `timeout --foreground` does not"
            )
        before = len(self._status.notes)
        self._status.add_note(f"Process {task.pid} ({task.name}) was stopped{why}.")
        if len(self._status.notes) > before:
            self._changed()
