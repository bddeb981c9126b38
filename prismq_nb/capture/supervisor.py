"""The small detached process that owns one run: it starts the child, reads its output into the journal, watches it, stops it, and says how it ended.

The module's end is the run's end, with its status and exit code. What it leaves behind may go on
printing: as long as somebody holds its output that is read and stored.

One thread and one `poll` loop (a second thread waits for `fdatasync`, or compiles patterns). Each
thing that happens later is a timer with a name; a turn reads output first, then does one of them at
most. What it must not do: import anything but the standard library, `journal/` and `capture/`
before the run is ready, or anything at all from `WARM_SECONDS` on: a `pip install -U` under a live
run would meet it half-way. (psutil, where it is needed, comes with the first sample.)
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from typing import Any

from prismq_nb.capture import child as children
from prismq_nb.capture.base.clock import Clock
from prismq_nb.capture.base.control import ControlReader
from prismq_nb.capture.base.timers import Timers
from prismq_nb.capture.chores import Chores
from prismq_nb.capture.hold import Hold
from prismq_nb.capture.masking.masker import Masker
from prismq_nb.capture.pipes.newlines import counter
from prismq_nb.capture.pipes.output import Output
from prismq_nb.capture.pipes.reading import Reading
from prismq_nb.capture.pipes.stdin import INPUT_OPERATIONS, Stdin
from prismq_nb.capture.pipes.storage import StoragePolicy
from prismq_nb.capture.processes import orphans
from prismq_nb.capture.processes.identity import RunIdentity, directory_identity
from prismq_nb.capture.processes.info import boot_seconds
from prismq_nb.capture.processes.stopper import Family, Stopper
from prismq_nb.capture.status import StatusFile
from prismq_nb.capture.survivors import Survivors
from prismq_nb.capture.verdict import verdict
from prismq_nb.capture.waiting import InputWatch
from prismq_nb.common.base.encodings import is_recoded, recoded_note

_MALFORMED = (ValueError, TypeError, KeyError, OverflowError)  # a command: it is dropped, the run goes on
_STOPPED_CHECK_SECONDS = 0.2
LINGER_SECONDS = 0.1
"""How long after the module's end its output may take to end by itself: helpers of its own, as
multiprocessing has them, end a moment later."""
BACKGROUND_SECONDS = 10.0
"""Between two looks at who holds the output, unless one of them is seen to end."""


class Supervisor:
    """One run, from fork to last record."""

    def __init__(self, run_dir: str, spec: dict[str, Any], lock_fd: int) -> None:
        """Prepare; start nothing. `spec`: what `engine/launch/orders.py` makes; `lock_fd`: held."""
        self.clock = Clock()
        self._lock_fd = lock_fd
        self._spec = spec
        self._run_dir = run_dir
        self._encoding = spec.get("encoding", "utf-8")
        self._masker = Masker(spec["mask"], self._encoding)
        self._status = StatusFile(run_dir, spec["run_id"], self._masker)
        self._timers = Timers()
        self._poll = select.poll()
        self._chores = Chores(spec, run_dir, self.clock, self._timers, self._status)
        self._wait_status: int | None = None
        self._has_told_end = False
        self._lets_go = False

    def start(self) -> None:
        """Starts the child. When this returns it runs; when it raises OSError there is nothing left of it."""
        spec = self._spec
        self._wake_read, self._wake = os.pipe()
        for fd in (self._wake_read, self._wake):
            os.set_blocking(fd, False)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: self._request_stop("the system asked its supervisor to end"))
        for ignored in (signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
            signal.signal(ignored, signal.SIG_IGN)
        self._control = ControlReader(self._run_dir)
        self._hold = Hold(self._lock_fd, self._control)
        adopts = children.adopt_orphans()
        identity = RunIdentity(spec["run_id"], directory_identity(self._run_dir), boot_seconds())
        self._child = children.fork(spec["argv"], spec["cwd"], spec["env"], children.Streams.of(spec))
        fds = [fd for fd in (self._child.stdout, self._child.stderr) if fd is not None]
        policy = StoragePolicy(self._run_dir, min_free_bytes=spec.get("min_free_bytes"), max_run_bytes=spec.get("max_run_bytes"))
        count = counter(spec["folders"])
        self._output = Output(self._run_dir, fds, self.clock.now(), masker=self._masker, policy=policy, count=count, encoding=self._encoding)
        self._reading = Reading(self._output, self.clock, self._poll)
        family = Family(identity, adopts=adopts)
        terminal = self._child.terminal
        self._stopper = Stopper(family, self._child.pid, terminal.foreground if terminal else None)
        self._survivors = Survivors(family, self._status)
        self._describe_streams()
        self._status.started(self._child.pid, self.clock.now())
        self._stdin = Stdin(self._child.stdin, self._poll, self._control, self._child.terminal)
        self._input = InputWatch(self._child, self._stdin, self._output, self._status, self._timers, self._chores.write_status_now)
        self._stdin.on_answer = lambda: self._output.end_prompt(self.clock.now())
        self._stdin.on_end = lambda: self._output.end_question(self.clock.now())
        children.release(self._child)

    def _describe_streams(self) -> None:
        for note in self._spec.get("notes", ()):
            self._status.add_note(note)
        if is_recoded(self._encoding):
            self._status.add_note(recoded_note(self._encoding))
        if self._child.terminal is not None:
            self._status.terminal = list(self._child.terminal.size)
        elif self._child.no_terminal is not None:
            self._status.add_note(f"It has pipes, because {self._child.no_terminal}.")
        self._status.takes_input = self._child.stdin >= 0

    def run(self) -> None:
        """Reads until the run and its output have ended, and writes both ends."""
        for fd in (self._wake_read, self._control.fd):
            self._poll.register(fd, select.POLLIN)
        self._chores.begin(self._output, self._reading, self._hold, self._child.pid, self._wake)
        self._input.start()
        if self._spec.get("timeout"):
            seconds = float(self._spec["timeout"])
            self._timers.set("timeout", seconds, lambda: self._request_stop(f"it ran longer than its timeout of {seconds:,.10g} s", failed=True))
        while not self._is_over():
            self._turn()
        self._finish()

    def _turn(self) -> None:
        """One turn of the loop."""
        due = self._timers.next_due  # there is one: storage is always planned
        if self._stopper.deadline is not None:
            due = min(due, self._stopper.deadline)
        ready = self._reading.turn(self._reading.wait_until(due))
        for fd in ready:
            if fd == self._control.fd:
                for command in self._control.commands():
                    with contextlib.suppress(*_MALFORMED):
                        self._obey(command)
            elif fd == self._wake_read:
                self._woken()
            else:
                self._stdin.feed()
                self._status.input_waiting = self._stdin.waiting
        if self._reading.came:
            self._input.heard()
        # Not where only its own threads woke it: a sync would follow each sync for ever.
        if self._reading.looked or any(fd != self._wake_read for fd in ready):
            self._chores.after_output()
        now = time.monotonic()
        self._timers.run_due(now)
        self._stopper.tick(now)

    # What comes in

    def _woken(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake_read, 4096)
        self._chores.mark_synced()
        if ended := orphans.reap():
            self._timers.drop("stopped")
            if self._has_told_end:
                self._timers.set("background", _STOPPED_CHECK_SECONDS, self._look_at_background)
        if self._wait_status is None and self._child.pid in ended:
            self._child_ended(ended[self._child.pid])

    def _child_ended(self, status: int) -> None:
        self._wait_status = status
        self._stopper.leader_ended = True
        if self._child.terminal is not None:
            self._child.terminal.let_go()
        self._input.stop()
        self._timers.drop("timeout")
        self._chores.end_sampling()
        if self._stopper.reason is None:
            self._timers.set("linger", LINGER_SECONDS, self._leave_open)

    def _leave_open(self) -> None:
        """The module has ended, and a process that it left behind still holds its output."""
        if self._output.splitters and self._stopper.reason is None and not self._has_told_end:
            self._reading.drain()
            self._reading.look()
            if self._output.splitters:
                self._status.output_open = True
                self._survivors.look(list(self._output.splitters))
                self._tell_end()
                self._chores.sync()
                self._timers.set("background", BACKGROUND_SECONDS, self._look_at_background)

    def _look_at_background(self) -> None:
        if self._survivors.look(list(self._output.splitters)):
            self._chores.write_status()
        self._timers.set("background", BACKGROUND_SECONDS, self._look_at_background)

    def _obey(self, command: dict[str, Any]) -> None:
        operation = command.get("op")
        if operation == "stop":
            self._leave_open_if_ended()
            self._request_stop("stopped", sent=command.get("at"), by_person=True)
        elif operation in INPUT_OPERATIONS:
            self._stdin.obey(command)
            self._status.input_waiting = self._stdin.waiting
            if operation != "count":
                self._input.given()
        elif operation == "resize" and self._child.terminal is not None:
            self._child.terminal.resize(int(command["columns"]), int(command["rows"]))
            self._status.terminal = list(self._child.terminal.size)

    def _leave_open_if_ended(self) -> None:
        if self._wait_status is not None:
            self._leave_open()

    def _request_stop(self, why: str, *, failed: bool = False, sent: float | None = None, by_person: bool = False) -> None:
        """Stop the run; after its end only a person stops what it left behind."""
        if self._wait_status is not None and self._stopper.reason is None and not (by_person and self._has_told_end):
            self._lets_go = not by_person  # survivors live on, and their output is not read any more
            return
        if self._stopper.reason is None:
            self._output.end_question(self.clock.now())
            self._status.lines_at_stop = self._output.lines
            self._output.insight.levels.stopped_at(self._output.lines)
        self._stopper.request(time.monotonic(), why, sent)
        self._status.stopping = True
        self._status.failed_by = self._status.failed_by or (why if failed else None)
        self._chores.write_status()

    # The end

    def _is_over(self) -> bool:
        if self._wait_status is None:
            return False
        if self._stopper.reason is None:
            return self._lets_go or not self._output.splitters
        if "stopped" not in self._timers:
            self._timers.set("stopped", _STOPPED_CHECK_SECONDS, lambda: None)
            return self._stopper.finished(time.monotonic())
        return False

    def _finish(self) -> None:
        """Store the rest of the output, and write the end."""
        self._reading.drain()  # what was written before the end was in the pipes still
        if self._stopper.reason is not None:
            self._status.note = self._stopper.note(list(self._output.splitters))
        elif self._lets_go and self._output.splitters:
            self._status.add_note("The system ended its supervisor: later output of background processes is not stored.")
        if self._child.terminal is not None:
            self._child.terminal.prepare_exit()
        self._output.finish(self.clock.now())
        self._status.output_open = False
        if self._has_told_end:
            self._status.output_ended(self._output, self.clock.now())
        else:
            self._tell_end()
        self._output.close(self.clock, self._write_status)
        self._write_status()
        self._output.insight.levels.close()

    def _write_status(self) -> None:
        self._status.write(self._output, self.clock.now())

    def _tell_end(self) -> None:
        """Write how the module ended: that is how the run ended."""
        assert self._wait_status is not None
        code = os.waitstatus_to_exitcode(self._wait_status)
        why, last = self._stopper.reason, self._output.insight.last_error_line
        found = verdict(code, self._status.failed_by, why, last, text_command=bool(self._spec.get("text_command")))
        if found.note is not None:
            self._status.add_note(found.note)
        self._has_told_end = True
        self._status.ended(found, self._output, self.clock.now())
