"""The process that reads what watched cells print: one per kernel, for all its runs in turn.

The kernel is not its child and is never signalled: to stop a run, the kernel is asked to interrupt
itself. There is one thread and one `poll` loop, as in `capture/supervisor.py`; nothing waits for
the kernel, which may be stopped, dead or busy. Standard library only.
"""

from __future__ import annotations

import contextlib
import math
import os
import select
import signal
import socket
import time
from typing import TYPE_CHECKING, Any

from prismq_nb.capture.cells.kernel import KernelProcess
from prismq_nb.capture.cells.link import Link
from prismq_nb.capture.cells.open_runs import OpenRuns
from prismq_nb.capture.cells.run import CellRun
from prismq_nb.capture.outcome import Outcome
from prismq_nb.common.base.end_reason import SHUTDOWN
from prismq_nb.common.base.state import CANCELLED, FAILED

if TYPE_CHECKING:
    pass


LAST_OUTPUT_SECONDS = 0.1
"""How long after the kernel's death its terminals are read: the system moves text in the
background."""
_WAIT_SECONDS = 0.01
_ALONE_SECONDS = 1.0
_MALFORMED = (ValueError, TypeError, KeyError, OverflowError)


class CellSupervisor(OpenRuns):
    """The runs of one kernel, from its first watched cell to its death."""

    def __init__(self, link_fd: int, kernel: KernelProcess) -> None:
        """Listen to the kernel by `link_fd`, our end of the socket pair."""
        super().__init__(Link(socket.socket(fileno=link_fd)), kernel)
        self._is_asked_to_end = False
        for fd in (self._link.fd, self._wake_read, self._kernel.fd):
            if fd >= 0:
                self._poll.register(fd, select.POLLIN)
        for ignored in (signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
            signal.signal(ignored, signal.SIG_IGN)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGTERM, self._on_sigterm)

    def run(self) -> None:
        """Serve the kernel until it ends; then write how its runs ended."""
        while not self._is_over:
            self._turn()
        self._closing.finish()

    # The loop

    def _turn(self) -> None:
        self._regulate()
        ready = self._wait(self._due())
        for fd in ready:
            self._on_ready(fd)
        self._work_off()
        if self._link.unsent:
            with contextlib.suppress(OSError):  # its end is seen by `_hear`
                self._link.flush()
        now = time.monotonic()
        for run in list(self._open):
            run.after_turn(woken=run.control_fd in ready)
            run.tick(now)
            if run.lost is not None:
                self._abandon(run)
        if self._is_alone and self._kernel.fd < 0:
            self._on_kernel_end()

    def _regulate(self) -> None:
        """Read the newest run, unless the cell cannot keep up with what it is shown."""
        run = self._newest
        if run is None or self._marking is not None:
            return
        if self._echo.is_full() or run.awaits_earlier:
            run.hold()
        else:
            run.resume()

    def _due(self) -> float:
        """Do what there is time for; return when there is something else to do."""
        run, now = self._newest, time.monotonic()
        due = min((each.next_due for each in self._open), default=math.inf)
        if self._link.unsent:
            due = min(due, now + _WAIT_SECONDS)
        if self._marking is not None:
            due = min(due, self._marking.search.deadline_s)
        elif self._closing and (run is None or run.was_quiet):
            due = min(due, now + (0.0 if self._closing.step() else _WAIT_SECONDS))
        if self._is_alone:
            due = min(due, now + _ALONE_SECONDS)
        return due

    def _wait(self, due: float) -> list[int]:
        """Wait until `due`, and read what arrives; return the other descriptors that are ready."""
        run = self._newest
        if run is not None and run.is_read:
            return run.turn(due)
        search = self._marking.search if self._marking is not None else None
        fds = search.fds if search is not None and not self._echo.is_full() else []
        for fd in fds:
            self._poll.register(fd, select.POLLIN)
        wait_s = max(0.0, due - time.monotonic())
        ready = [fd for fd, _ in self._poll.poll(None if math.isinf(wait_s) else 1000 * wait_s)]
        for fd in fds:
            self._poll.unregister(fd)
            if fd in ready and search is not None:
                search.read(fd)
        return [fd for fd in ready if fd not in fds]

    def _on_ready(self, fd: int) -> None:
        if fd == self._link.fd and not self._is_alone:
            self._hear()
        elif fd == self._wake_read:
            with contextlib.suppress(BlockingIOError):
                os.read(self._wake_read, 4096)
            for run in self._open:
                run.mark_synced()
            if self._is_asked_to_end:
                self._give_way()
        elif fd == self._kernel.fd:
            self._on_kernel_end()
        for run in self._open:
            if fd == run.control_fd:
                for command in run.commands():
                    with contextlib.suppress(*_MALFORMED):
                        self._obey(run, command)

    def _obey(self, run: CellRun, command: dict[str, Any]) -> None:
        """Do what the server asks for."""
        if command.get("op") == "stop":
            run.stop()
            self._send({"op": "interrupt", "run_id": run.run_id})
        elif command.get("op") == "kernel":
            run.kernel_event(str(command["event"]))

    # The kernel

    def _hear(self) -> None:
        try:
            messages = self._link.receive()
        except EOFError:
            self._on_kernel_end()
            return
        self._sort(messages)

    def _hear_rest(self) -> None:
        """Do what the kernel has asked for before it ended: its last run may not have begun."""
        with contextlib.suppress(EOFError):
            while messages := self._link.receive():
                self._sort(messages)
        self._work_off()

    # The end

    def _on_sigterm(self, *_: object) -> None:
        self._is_asked_to_end = True

    def _give_way(self) -> None:
        """End all runs, because the system ends this process; the kernel goes on in its cell."""
        why = "the system asked its supervisor to end"
        self._end_all(Outcome(CANCELLED, None, SHUTDOWN, why))

    def _on_kernel_end(self) -> None:
        """End all runs if the kernel has ended.

        Otherwise it has replaced its program (execve(2)), which prints on, and says no more.
        """
        if self._is_over:
            return
        death = self._kernel.death()
        if death is None:
            if not self._is_alone:
                self._is_alone = True
                self._poll.unregister(self._link.fd)
                self._link.close()
            return
        if not self._is_alone:
            self._hear_rest()
        if self._open or self._marking is not None:
            time.sleep(LAST_OUTPUT_SECONDS)
        self._end_all(Outcome(FAILED, death.exit_code, death.end_reason, death.words))
