"""The small detached process that owns one run: it starts the child, reads its output into the journal, watches it, stops it, and says how it ended.

One thread and one `poll` loop (a second thread only waits for `fdatasync`). Each thing that happens later is a timer with a name. What it must not
do: import anything but the standard library, `journal/` and `capture/` before the run is ready, or anything at all from `WARM_SECONDS` on: a
`pip install -U` under a live run would meet it half-way. (psutil, where it is needed, comes with the first sample.)
"""

from __future__ import annotations

import _thread
import contextlib
import os
import select
import signal
import time
from typing import Any

from prismq_nb.capture import child as children
from prismq_nb.capture import orphans
from prismq_nb.capture.clock import Clock
from prismq_nb.capture.control import ControlReader
from prismq_nb.capture.hold import Hold
from prismq_nb.capture.mask import Masker
from prismq_nb.capture.newlines import counter
from prismq_nb.capture.output import Output
from prismq_nb.capture.pace import Pace
from prismq_nb.capture.processes import RunIdentity, directory_identity
from prismq_nb.capture.procinfo import boot_seconds
from prismq_nb.capture.status import StatusFile
from prismq_nb.capture.stdin import INPUT_OPERATIONS, Stdin
from prismq_nb.capture.stopper import Family, Stopper
from prismq_nb.capture.storage import StoragePolicy
from prismq_nb.capture.timers import Timers
from prismq_nb.capture.usage import UsageSampler
from prismq_nb.capture.usage_log import UsageLog
from prismq_nb.capture.verdict import verdict
from prismq_nb.capture.waiting import InputWatch
from prismq_nb.journal.state import MICROSECONDS
from prismq_nb.journal.usage import Sample

RELAX_SECONDS = 5.0
LOOK_SECONDS = 0.1
"""How long what comes fast waits to be looked at: levels, progress, unfinished text."""
SURVIVOR_SECONDS = 2.0
"""How long after the child's own end its pipes are read while some survivor holds them."""
WARM_SECONDS = 0.1
"""How long after its start a run's patterns are compiled, and its first levels worked out: most have printed their first line by then."""
FIRST_SAMPLE_SECONDS = 0.15
SYNC_SECONDS, STORAGE_SECONDS, STATUS_SECONDS, HEARTBEAT_SECONDS = 5.0, 1.0, 1.0, 10.0
_MALFORMED = (ValueError, TypeError, KeyError, OverflowError)  # a command: it is dropped, the run goes on
_STOPPED_CHECK_SECONDS, _LAST_READS = 0.2, 16


class Supervisor:
    """One run, from fork to last record."""

    def __init__(self, run_dir: str, spec: dict[str, Any], lock_fd: int) -> None:
        """Prepare; start nothing. `spec`: what `engine/orders.py` makes; `lock_fd`: held."""
        self.clock = Clock()
        self._lock_fd = lock_fd
        self._spec = spec
        self._run_dir = run_dir
        self._masker = Masker(spec["mask"])
        self._status = StatusFile(run_dir, spec["run_id"], self._masker)
        self._timers = Timers()
        self._poll = select.poll()
        self._wait_status: int | None = None
        self._pipes_closed = False
        self._synced: int | None = None
        self._sampler: UsageSampler | None = None
        self._usage_log = UsageLog(run_dir)
        self._pace = Pace(levels_from=0.0)
        self._resting: set[int] = set()
        self._look_due, self._beat_seconds = 0.0, spec.get("heartbeat_seconds", HEARTBEAT_SECONDS)

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
        self._output = Output(self._run_dir, fds, self.clock.now(), masker=self._masker, policy=policy, count=count)
        self._levels = self._output.insight.levels
        self._stopper = Stopper(Family(identity, adopts=adopts), self._child.pid)
        self._describe_streams()
        self._status.started(self._child.pid, self.clock.now())
        self._stdin = Stdin(self._child.stdin, self._poll, self._control, self._child.terminal)
        self._input = InputWatch(self._child, self._stdin, self._output, self._status, self._timers, self._status_changed)
        self._stdin.on_answer = lambda: self._output.end_prompt(self.clock.now())
        children.release(self._child)

    def _describe_streams(self) -> None:
        for note in self._spec.get("notes", ()):
            self._status.add_note(note)
        if self._child.terminal is not None:
            self._status.terminal = list(self._child.terminal.size)
        elif self._child.no_terminal is not None:
            self._status.add_note(f"It has pipes: {self._child.no_terminal}.")
        self._status.takes_input = self._child.stdin >= 0

    def run(self) -> None:
        """Reads until the run has ended, and writes its end."""
        for fd in (self._wake_read, self._control.fd, *self._output.splitters):
            self._poll.register(fd, select.POLLIN)
        self._input.start()
        self._timers.set("usage", FIRST_SAMPLE_SECONDS, self._sample)
        self._timers.set("storage", 0.0, self._check_storage)
        self._timers.set("heartbeat", self._beat_seconds, self._beat)
        self._pace.levels_from = time.monotonic() + WARM_SECONDS
        self._timers.set("warm", WARM_SECONDS, self._warm)
        if self._spec.get("timeout"):
            seconds = float(self._spec["timeout"])
            self._timers.set("timeout", seconds, lambda: self._request_stop(f"it ran longer than its timeout of {seconds:g} s", failed=True))
        while not self._finished():
            self._turn()
        self._finish()

    # One turn of the loop

    def _turn(self) -> None:
        fds = [fd for fd, _ in self._poll.poll(1000 * self._wait_seconds())]
        now = time.monotonic()
        if fds:
            now = self._gather(now)
            self._handle([*fds, *self._resting], now)
        elif self._resting and now >= self._pace.next_look:
            self._look_again(now)
        elif self._has_time_for_levels(now):
            self._levels.catch_up()
        self._timers.run_due(now)
        self._stopper.tick(now)

    def _wait_seconds(self) -> float:
        """Until something is to be done without anything arriving."""
        due = self._timers.next_due  # there is one: storage is always planned
        if self._resting:
            due = min(due, self._pace.next_look)
        if self._levels.behind:
            due = min(due, self._pace.levels_from)
        if self._stopper.deadline is not None:
            due = min(due, self._stopper.deadline)
        return max(0.0, due - time.monotonic())

    def _has_time_for_levels(self, now: float) -> bool:
        return self._levels.behind and now >= self._pace.levels_from

    def _gather(self, now: float) -> float:
        """Lets a little more arrive when writes are small and many; what waits for its level uses the time."""
        while now < self._pace.next_look:
            if self._has_time_for_levels(now):
                self._levels.catch_up()
            else:
                time.sleep(self._pace.next_look - now)
            now = time.monotonic()
        return now

    def _look_again(self, now: float) -> None:
        """Reads the streams that are sure to have more, and nothing else: what follows from that is done seldom."""
        arrival = self.clock.now()
        self._pace.look(now)
        for fd in [fd for fd in self._output.splitters if fd in self._resting]:
            self._read(fd, arrival)
        self._pace.plan(now)
        if not self._resting or now >= self._look_due:
            self._look(now)

    def _handle(self, fds: list[int], now: float) -> None:
        arrival = self.clock.now()
        self._pace.look(now)
        for fd in [fd for fd in self._output.splitters if fd in fds]:  # stdout first, whatever `poll` says: what was printed last is told last
            self._read(fd, arrival)
            fds.remove(fd)
        for fd in fds:
            if fd == self._control.fd:
                for command in self._control.commands():
                    with contextlib.suppress(*_MALFORMED):
                        self._obey(command)
            elif fd == self._wake_read:
                self._woken()
            else:
                self._stdin.feed()
                self._status.input_waiting = self._stdin.waiting
        self._pace.plan(now)
        self._look(now)

    def _read(self, fd: int, arrival: int) -> None:
        """Reads one stream. While it is sure to have more at the next look, `poll` is not asked about it: that is two system calls a look less."""
        lines = self._output.lines
        count = self._output.read(fd, arrival)
        if count:
            self._input.heard()
        splitter = self._output.splitters.get(fd)
        rests = splitter is not None and self._pace.found(count, self._output.lines - lines, splitter.capacity, full=self._output.flooded)
        rested = fd in self._resting
        if not rested and (rests or splitter is None):
            self._poll.unregister(fd)
        if rests:
            self._resting.add(fd)
        elif rested:
            self._resting.discard(fd)
            if splitter is not None:
                self._poll.register(fd, select.POLLIN)
        if self._output.flooded:
            self._timers.keep("relax", RELAX_SECONDS, self._relax)

    def _look(self, now: float) -> None:
        """Looks at what was read, and sets the timers that follow from output having come."""
        self._look_due = now + LOOK_SECONDS
        self._output.look(self.clock.now())
        self._timers.keep("status", STATUS_SECONDS, self._write_status)
        self._timers.keep("sync", SYNC_SECONDS, self._sync)
        if self._output.writer.lost is not None:
            self._timers.keep("resume", STORAGE_SECONDS, self._check_storage)
        self._plan_part()

    # Timers

    def _warm(self) -> None:
        """Not in a flood: its first levels are worked out behind it, and the module would wait. One step at a time: the pipes come first."""
        calm_in = self._pace.levels_from - time.monotonic()
        if calm_in > 0:
            self._timers.set("warm", calm_in, self._warm)
        elif not self._output.insight.warm():
            self._timers.set("warm", 0.0, self._warm)

    def _sample(self) -> None:
        if self._sampler is None:  # not before: its import would delay the first line by 20 ms
            self._sampler = UsageSampler(self._child.pid, self._spec["folders"])
        usage = self._sampler.sample(time.monotonic())
        if usage is not None:
            self._status.usage = usage
            self._usage_log.add(Sample(self.clock.now(), *usage))
            self._timers.keep("status", STATUS_SECONDS, self._write_status)
            self._timers.set("usage", self._sampler.interval, self._sample)

    def _check_storage(self) -> None:
        self._output.check_storage(self.clock.now())
        self._timers.set("storage", STORAGE_SECONDS if self._output.writer.lost else 10 * STORAGE_SECONDS, self._check_storage)

    def _relax(self) -> None:
        if self._output.relax():
            self._timers.set("relax", RELAX_SECONDS, self._relax)

    def _write_part(self) -> None:
        self._output.write_part(self.clock.now())
        self._plan_part()

    def _plan_part(self) -> None:
        due = self._output.part_due
        if due is not None:
            self._timers.set("part", (due - self.clock.now()) / MICROSECONDS, self._write_part)

    def _write_status(self) -> None:
        self._output.check_log(self.clock.now())
        self._status.write(self._output, self.clock.now())

    def _status_changed(self) -> None:
        self._timers.set("status", 0.0, self._write_status)

    def _beat(self) -> None:
        self._hold.renew()
        self._write_status()
        self._timers.set("heartbeat", self._beat_seconds, self._beat)

    def _sync(self) -> None:
        """`fdatasync` can take seconds on a busy disk: it waits in a thread of its own."""

        def wait() -> None:
            self._synced = self._output.writer.sync_log()
            with contextlib.suppress(OSError):
                os.write(self._wake, b"\0")

        with contextlib.suppress(RuntimeError):  # no thread to be had: the next try comes with the next output
            _thread.start_new_thread(wait, ())

    # What comes in

    def _woken(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake_read, 4096)
        if self._synced is not None:
            self._output.writer.mark_synced(self._synced, self.clock.now())
            self._synced = None
            with contextlib.suppress(RuntimeError):
                _thread.start_new_thread(self._output.writer.sync_index, ())
        if ended := orphans.reap():
            self._timers.drop("stopped")
        if self._wait_status is None and self._child.pid in ended:
            self._child_ended(ended[self._child.pid])

    def _child_ended(self, status: int) -> None:
        self._wait_status = status
        self._stopper.leader_ended = True
        if self._child.terminal is not None:
            self._child.terminal.let_go()
        self._input.stop()
        self._timers.drop("timeout", "usage")
        self._timers.set("survivors", SURVIVOR_SECONDS, self._give_survivors_up)

    def _give_survivors_up(self) -> None:
        """A process that the module left behind still holds its pipes: it lives on, its output is not read any more."""
        if self._output.splitters and self._stopper.reason is None:
            self._status.note = "a process that the module started still held its output 2 s after its end; what it printed later was not captured"
            self._pipes_closed = True

    def _obey(self, command: dict[str, Any]) -> None:
        operation = command.get("op")
        if operation == "stop":
            self._request_stop("stopped", sent=command.get("at"))
        elif operation in INPUT_OPERATIONS:
            self._stdin.obey(command)
            self._status.input_waiting = self._stdin.waiting
            if operation != "count":
                self._input.given()
        elif operation == "resize" and self._child.terminal is not None:
            self._child.terminal.resize(int(command["columns"]), int(command["rows"]))
            self._status.terminal = list(self._child.terminal.size)

    def _request_stop(self, why: str, *, failed: bool = False, sent: float | None = None) -> None:
        if self._wait_status is not None and self._stopper.reason is None:
            return  # it has ended by itself; its survivors are not ours to kill
        self._stopper.request(time.monotonic(), why, sent)
        self._status.stopping = True
        self._status.failed_by = self._status.failed_by or (why if failed else None)
        self._write_status()

    # The end

    def _finished(self) -> bool:
        if self._wait_status is None:
            return False
        if self._stopper.reason is None:
            return self._pipes_closed or not self._output.splitters
        if "stopped" not in self._timers:
            self._timers.set("stopped", _STOPPED_CHECK_SECONDS, lambda: None)
            return self._stopper.finished(time.monotonic())
        return False

    def _finish(self) -> None:
        for fd in list(self._output.splitters):
            for _ in range(1 if self._pipes_closed else _LAST_READS):
                if not (fd in self._output.splitters and self._output.read(fd, self.clock.now())):
                    break  # what was written before the end was in the pipe still
        if self._stopper.reason is not None:
            self._status.note = self._stopper.note(list(self._output.splitters))
        if self._child.terminal is not None:
            self._child.terminal.prepare_exit()
        self._output.finish(self.clock.now())
        self._usage_log.flush()
        assert self._wait_status is not None
        code = os.waitstatus_to_exitcode(self._wait_status)
        why, last = self._stopper.reason, self._output.insight.last_error_line
        status, message = verdict(code, self._status.failed_by, why, last)
        self._status.ended(status, code, message, self._output, self.clock.now())
        self._output.close(self.clock)
        self._status.write(self._output, self.clock.now())
        self._levels.close()
