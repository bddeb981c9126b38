"""The small detached process that owns one run, from starting the child to recording its end.

It reads the child's output into the journal, watches it, and stops it on request. The module's end
is the run's end, with its status and exit code. Processes that it leaves behind may continue to
print: their output is read and stored as long as somebody holds it.

There is one thread and one `poll` loop; a second thread runs `fdatasync` or compiles patterns.
Everything that happens later is a named timer. A turn of the loop reads output first, then runs at
most one timer. The supervisor must import only the standard library, `journal/` and `capture/`
before the run is ready, and nothing at all from `WARM_SECONDS` on: a `pip install -U` under a live
run would break it. (psutil, where it is needed, is imported with the first sample.)
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from typing import Any

from prismq_nb.capture import child as children
from prismq_nb.capture.background import BackgroundProcesses
from prismq_nb.capture.base.clock import Clock
from prismq_nb.capture.base.control import ControlReader
from prismq_nb.capture.base.timers import Timers
from prismq_nb.capture.input_watch import InputWatch
from prismq_nb.capture.masking.masker import Masker
from prismq_nb.capture.outcome import outcome_of
from prismq_nb.capture.periodic import PeriodicTasks
from prismq_nb.capture.pipes.newlines import counter
from prismq_nb.capture.pipes.output import Output
from prismq_nb.capture.pipes.stdin import INPUT_OPERATIONS, Stdin
from prismq_nb.capture.pipes.storage import StoragePolicy
from prismq_nb.capture.pipes.stream_reader import StreamReader
from prismq_nb.capture.processes import orphans
from prismq_nb.capture.processes.identity import RunIdentity, directory_identity
from prismq_nb.capture.processes.info import boot_seconds
from prismq_nb.capture.processes.stopper import RunProcesses, Stopper
from prismq_nb.capture.run_lock import RunLock
from prismq_nb.capture.status import StatusFile, child_fields
from prismq_nb.common.base.encodings import is_recoded, recoded_note

# Errors of a malformed command: it is dropped, and the run continues
_MALFORMED = (ValueError, TypeError, KeyError, OverflowError)
_STOPPED_CHECK_SECONDS = 0.2
LINGER_SECONDS = 0.1
"""How long the output may take to end by itself after the module's end: helpers, such as those of
multiprocessing, end a moment later."""
BACKGROUND_SECONDS = 10.0
"""Time between two checks of who holds the output, unless a process is seen to end."""


class Supervisor:
    """One run, from fork to the last record."""

    def __init__(self, run_dir: str, spec: dict[str, Any], lock_fd: int) -> None:
        """Prepare, and start nothing.

        Args:
            run_dir: the run directory.
            spec: the launch parameters that `engine` writes to the supervisor's stdin.
            lock_fd: descriptor of the run's lock, which is held.
        """
        self.clock = Clock()
        self._lock_fd = lock_fd
        self._spec = spec
        self._run_dir = run_dir
        self._encoding = spec.get("encoding", "utf-8")
        self._masker = Masker(spec["mask"], self._encoding)
        self._status = StatusFile(run_dir, spec["run_id"], self._masker)
        self._timers = Timers()
        self._poll = select.poll()
        self._tasks = PeriodicTasks(spec, run_dir, self.clock, self._timers, self._status)
        self._wait_status: int | None = None
        self._has_written_end = False
        self._abandons_output = False

    def start(self) -> None:
        """Start the child. When this returns, it runs.

        Raises:
            OSError: it cannot be started; nothing is left of it.
        """
        self._handle_signals()
        self._control = ControlReader(self._run_dir)
        self._run_lock = RunLock(self._lock_fd, self._control)
        adopts = children.adopt_orphans()
        spec = self._spec
        identity = RunIdentity(spec["run_id"], directory_identity(self._run_dir), boot_seconds())
        self._child = children.fork(
            spec["argv"], spec["cwd"], spec["env"], children.Streams.of(spec)
        )
        self._output = self._create_output()
        self._stream_reader = StreamReader(self._output, self.clock, self._poll)
        run_processes = RunProcesses(identity, adopts=adopts)
        terminal = self._child.terminal
        self._stopper = Stopper(
            run_processes, self._child.pid, terminal.foreground if terminal else None
        )
        self._background = BackgroundProcesses(run_processes, self._status)
        self._describe_streams()
        self._status.started(child_fields(self._child.pid), self.clock.now_us())
        self._open_stdin()
        children.release(self._child)

    def _handle_signals(self) -> None:
        """Turn signals into bytes in a pipe that the loop polls (`signal.set_wakeup_fd`)."""
        self._wake_read, self._wake = os.pipe()
        for fd in (self._wake_read, self._wake):
            os.set_blocking(fd, False)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(
            signal.SIGTERM, lambda *_: self._request_stop("the system asked its supervisor to end")
        )
        for ignored in (signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
            signal.signal(ignored, signal.SIG_IGN)

    def _create_output(self) -> Output:
        spec = self._spec
        policy = StoragePolicy(
            self._run_dir,
            min_free_bytes=spec.get("min_free_bytes"),
            max_run_bytes=spec.get("max_run_bytes"),
        )
        return Output(
            self._run_dir,
            [fd for fd in (self._child.stdout, self._child.stderr) if fd is not None],
            self.clock.now_us(),
            masker=self._masker,
            policy=policy,
            count=counter(spec["folders"]),
            encoding=self._encoding,
        )

    def _open_stdin(self) -> None:
        self._stdin = Stdin(self._child.stdin, self._poll, self._control, self._child.terminal)
        self._input = InputWatch(
            self._child,
            self._stdin,
            self._output,
            self._status,
            self._timers,
            self._tasks.write_status_now,
        )
        self._stdin.on_answer = lambda: self._output.end_prompt(self.clock.now_us())
        self._stdin.on_end = lambda: self._output.end_question(self.clock.now_us())

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
        """Read until the run and its output have ended, and write both ends."""
        for fd in (self._wake_read, self._control.fd):
            self._poll.register(fd, select.POLLIN)
        self._tasks.begin(
            self._output, self._stream_reader, self._run_lock, self._child.pid, self._wake
        )
        self._input.start()
        if self._spec.get("timeout"):
            seconds = float(self._spec["timeout"])
            self._timers.set(
                "timeout",
                seconds,
                lambda: self._request_stop(
                    f"it ran longer than its timeout of {seconds:,.10g} s", failed=True
                ),
            )
        while not self._is_over():
            self._turn()
        self._finish()

    def _turn(self) -> None:
        """Run one turn of the loop."""
        due = self._timers.next_due  # there is one: storage is always planned
        if self._stopper.deadline is not None:
            due = min(due, self._stopper.deadline)
        ready = self._stream_reader.turn(self._stream_reader.wait_until(due))
        for fd in ready:
            if fd == self._control.fd:
                for command in self._control.commands():
                    with contextlib.suppress(*_MALFORMED):
                        self._handle(command)
            elif fd == self._wake_read:
                self._on_wake_up()
            else:
                self._stdin.feed()
                self._status.input_waiting = self._stdin.waiting
        if self._stream_reader.received:
            self._input.on_output()
        # Not if only its own threads woke it: a sync would follow each sync for ever.
        if self._stream_reader.analysed or any(fd != self._wake_read for fd in ready):
            self._tasks.after_output()
        now = time.monotonic()
        self._timers.run_due(now)
        self._stopper.tick(now)

    # What comes in

    def _on_wake_up(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake_read, 4096)
        self._tasks.mark_synced()
        if ended := orphans.reap():
            self._timers.cancel("stopped")
            if self._has_written_end:
                self._timers.set("background", _STOPPED_CHECK_SECONDS, self._refresh_background)
        if self._wait_status is None and self._child.pid in ended:
            self._child_ended(ended[self._child.pid])

    def _child_ended(self, status: int) -> None:
        self._wait_status = status
        self._stopper.leader_ended = True
        if self._child.terminal is not None:
            self._child.terminal.let_go()
        self._input.stop()
        self._timers.cancel("timeout")
        self._tasks.end_sampling()
        if self._stopper.reason is None:
            self._timers.set("linger", LINGER_SECONDS, self._end_with_open_output)

    def _end_with_open_output(self) -> None:
        """Note that the module has ended while a process that it left behind holds its output."""
        if self._output.splitters and self._stopper.reason is None and not self._has_written_end:
            self._stream_reader.drain()
            self._stream_reader.analyse()
            if self._output.splitters:
                self._status.output_open = True
                self._background.refresh(list(self._output.splitters))
                self._write_end()
                self._tasks.sync()
                self._timers.set("background", BACKGROUND_SECONDS, self._refresh_background)

    def _refresh_background(self) -> None:
        if self._background.refresh(list(self._output.splitters)):
            self._tasks.write_status()
        self._timers.set("background", BACKGROUND_SECONDS, self._refresh_background)

    def _handle(self, command: dict[str, Any]) -> None:
        operation = command.get("op")
        if operation == "stop":
            self._end_with_open_output_if_due()
            self._request_stop("stopped", sent=command.get("at"), by_person=True)
        elif operation in INPUT_OPERATIONS:
            self._stdin.handle(command)
            self._status.input_waiting = self._stdin.waiting
            if operation != "count":
                self._input.on_input()

    def _end_with_open_output_if_due(self) -> None:
        if self._wait_status is not None:
            self._end_with_open_output()

    def _request_stop(
        self, why: str, *, failed: bool = False, sent: float | None = None, by_person: bool = False
    ) -> None:
        """Stop the run; after its end only a person stops what it left behind."""
        if (
            self._wait_status is not None
            and self._stopper.reason is None
            and not (by_person and self._has_written_end)
        ):
            # Background processes live on, and their output is no longer read
            self._abandons_output = not by_person
            return
        if self._stopper.reason is None:
            self._output.end_question(self.clock.now_us())
            self._status.lines_at_stop = self._output.lines
            self._output.analysis.levels.mark_stop(self._output.lines)
        self._stopper.request(time.monotonic(), why, sent)
        self._status.stopping = True
        self._status.failed_by = self._status.failed_by or (why if failed else None)
        self._tasks.write_status()

    # The end

    def _is_over(self) -> bool:
        if self._wait_status is None:
            return False
        if self._stopper.reason is None:
            return self._abandons_output or not self._output.splitters
        if "stopped" not in self._timers:
            self._timers.set("stopped", _STOPPED_CHECK_SECONDS, lambda: None)
            return self._stopper.finished(time.monotonic())
        return False

    def _finish(self) -> None:
        """Store the rest of the output, and write the end."""
        self._stream_reader.drain()  # what was written before the end is still in the pipes
        if self._stopper.reason is not None:
            self._status.note = self._stopper.note(list(self._output.splitters))
        elif self._abandons_output and self._output.splitters:
            self._status.add_note(
                "The system ended its supervisor: later output of background processes is not"
                " stored."
            )
        if self._child.terminal is not None:
            self._child.terminal.prepare_exit()
        self._output.finish(self.clock.now_us())
        self._status.output_open = False
        if self._has_written_end:
            self._status.output_ended(self._output, self.clock.now_us())
        else:
            self._write_end()
        self._output.close(self.clock, self._write_status)
        self._write_status()
        self._output.analysis.levels.close()

    def _write_status(self) -> None:
        self._status.write(self._output, self.clock.now_us())

    def _write_end(self) -> None:
        """Write how the module ended, which is how the run ended."""
        assert self._wait_status is not None
        code = os.waitstatus_to_exitcode(self._wait_status)
        why, last = self._stopper.reason, self._output.analysis.last_error_line
        found = outcome_of(
            code,
            self._status.failed_by,
            why,
            last,
            text_command=bool(self._spec.get("text_command")),
        )
        if found.note is not None:
            self._status.add_note(found.note)
        self._has_written_end = True
        self._status.ended(found, self._output, self.clock.now_us())
