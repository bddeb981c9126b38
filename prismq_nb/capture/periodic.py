"""The periodic tasks of a supervisor: samples, syncs, checks, and writing the run's state.

Each is a named timer. Standard library only, except psutil if `usage` needs it.
"""

from __future__ import annotations

import _thread
import contextlib
import os
import sys
import time
from typing import TYPE_CHECKING, Any

from prismq_nb.capture.monitor.usage import (
    LONGEST_SECONDS,
    SHORTEST_SECONDS,
    UsageSampler,
    differs_visibly,
)
from prismq_nb.capture.monitor.usage_log import UsageLog
from prismq_nb.common.base.state import MICROSECONDS
from prismq_nb.journal.layout.usage import Sample

if TYPE_CHECKING:
    from prismq_nb.capture.base.clock import Clock
    from prismq_nb.capture.base.timers import Timers
    from prismq_nb.capture.pipes.output import Output
    from prismq_nb.capture.pipes.stream_reader import StreamReader
    from prismq_nb.capture.run_lock import RunLock
    from prismq_nb.capture.status import StatusFile

SHRINK_SECONDS = 5.0
WARM_SECONDS = 0.1
"""How long after its start a run's patterns are compiled and its first lines classified: most runs
have printed their first line by then."""
FIRST_SAMPLE_SECONDS = 0.15
_SWITCH_SECONDS = 0.00005
"""How long the loop waits for a working thread, such as that of `_warm`."""
SYNC_SECONDS, STORAGE_SECONDS, STATUS_SECONDS, HEARTBEAT_SECONDS = 5.0, 1.0, 1.0, 10.0


class PeriodicTasks:
    """The timers of one run that need no event."""

    def __init__(
        self,
        spec: dict[str, Any],
        run_dir: str,
        clock: Clock,
        timers: Timers,
        status: StatusFile,
    ) -> None:
        """Plan nothing yet."""
        self._spec = spec
        self._clock = clock
        self._timers = timers
        self._status = status
        self._sampler: UsageSampler | None = None
        self._usage_log = UsageLog(run_dir)
        self._synced: int | None = None
        self._is_warming = False
        self._beat_seconds = spec.get("heartbeat_seconds", HEARTBEAT_SECONDS)

    def begin(
        self, output: Output, stream_reader: StreamReader, run_lock: RunLock, pid: int, wake: int
    ) -> None:
        """Plan all tasks.

        Args:
            output: the run's output.
            stream_reader: reads it.
            run_lock: renewed with every heartbeat.
            pid: root of the process tree that is sampled.
            wake: descriptor that is written to after a sync.
        """
        self._output, self._stream_reader, self._run_lock = output, stream_reader, run_lock
        self._pid, self._wake = pid, wake
        self._timers.set("usage", FIRST_SAMPLE_SECONDS, self._sample)
        self._timers.set("storage", 0.0, self._check_storage)
        self._timers.set("heartbeat", self._beat_seconds, self._beat)
        stream_reader.pacing.levels_from = time.monotonic() + WARM_SECONDS
        sys.setswitchinterval(_SWITCH_SECONDS)
        self._timers.set("warm", WARM_SECONDS, self._warm)

    def end(self) -> None:
        """Cancel all tasks of a run that has ended, in a process that goes on."""
        self.end_sampling()
        self._timers.clear()

    def after_output(self) -> None:
        """Plan what output requires: status, sync, storage, unfinished text."""
        self._timers.set_default("status", STATUS_SECONDS, self.write_status)
        self._timers.set_default("sync", SYNC_SECONDS, self.sync)
        if self._output.writer.lost is not None:
            self._timers.set_default("resume", STORAGE_SECONDS, self._check_storage)
        if self._stream_reader.flooded:
            self._timers.set_default("relax", SHRINK_SECONDS, self._shrink)
        self._plan_part()

    def write_status(self) -> None:
        """Write the run's current state."""
        self._output.check_log(self._clock.now_us())
        self._status.write(self._output, self._clock.now_us())
        # Write their counts even if there is no more output
        if self._output.analysis.levels.is_behind:
            self._timers.set_default("status", STATUS_SECONDS, self.write_status)

    def write_status_now(self) -> None:
        """Write the state in the next turn of the loop."""
        self._timers.set("status", 0.0, self.write_status)

    def sync(self) -> None:
        """Sync the log in a thread: `fdatasync` can take seconds on a busy disk."""

        def wait() -> None:
            self._synced = self._output.writer.sync_log()
            with contextlib.suppress(OSError):
                os.write(self._wake, b"\0")

        # RuntimeError: no thread can be started; the next output tries again
        with contextlib.suppress(RuntimeError):
            _thread.start_new_thread(wait, ())

    def mark_synced(self) -> None:
        """Record how far the log is on disk, if a sync has ended."""
        if self._synced is None:
            return
        self._output.writer.mark_synced(self._synced, self._clock.now_us())
        self._synced = None
        with contextlib.suppress(RuntimeError):
            _thread.start_new_thread(self._output.writer.sync_index, ())

    def end_sampling(self) -> None:
        """Stop sampling: what the module leaves behind does not count as its usage."""
        self._timers.cancel("usage")
        self._usage_log.flush()

    def _warm(self) -> None:
        """Compile patterns, but not in a flood, whose lines are classified later."""
        calm_in = self._stream_reader.pacing.levels_from - time.monotonic()
        if calm_in <= 0 and not self._is_warming:
            self._is_warming = True
            try:
                _thread.start_new_thread(self._warm_up, ())
            except RuntimeError:  # no thread can be started
                self._warm_up()
        if not self._output.analysis.levels.is_warm:
            self._timers.set("warm", max(calm_in, WARM_SECONDS), self._warm)

    def _warm_up(self) -> None:
        """Compile in a thread: some steps take longer than a program needs for several lines."""
        while not self._output.analysis.warm_up_step():
            if self._stream_reader.pacing.levels_from > time.monotonic():
                break
        self._is_warming = False
        with contextlib.suppress(OSError):  # there is time for levels now
            os.write(self._wake, b"\0")

    def _sample(self) -> None:
        if self._sampler is None:  # not before: its import would delay the first line by 20 ms
            self._sampler = UsageSampler(self._pid, self._spec["folders"])
        usage = self._sampler.sample(time.monotonic())
        if usage is not None:
            self._usage_log.add(Sample(self._clock.now_us(), *usage))
            if differs_visibly(
                usage, self._status.usage
            ):  # else every page would be woken for nothing
                self._status.usage = usage
                self._timers.set_default("status", STATUS_SECONDS, self.write_status)
            self._timers.set("usage", self._sample_pause(), self._sample)

    def _sample_pause(self) -> float:
        """Return the seconds until the next sample.

        In a quiet run it coincides with a heartbeat: what is written together is read together.
        """
        assert self._sampler is not None
        interval, left = self._sampler.interval, self._timers.remaining("heartbeat")
        if min(interval, self._beat_seconds) < LONGEST_SECONDS:
            return interval
        return left if left >= SHORTEST_SECONDS else left + self._beat_seconds

    def _check_storage(self) -> None:
        self._output.check_storage(self._clock.now_us())
        self._timers.set(
            "storage",
            STORAGE_SECONDS if self._output.writer.lost else 10 * STORAGE_SECONDS,
            self._check_storage,
        )

    def _shrink(self) -> None:
        if self._output.shrink():
            self._timers.set("relax", SHRINK_SECONDS, self._shrink)

    def _write_part(self) -> None:
        self._output.write_part(self._clock.now_us())
        self._plan_part()

    def _plan_part(self) -> None:
        due = self._output.part_due
        if due is not None:
            self._timers.set("part", (due - self._clock.now_us()) / MICROSECONDS, self._write_part)

    def _beat(self) -> None:
        self._run_lock.renew()
        self.write_status()
        self._timers.set("heartbeat", self._beat_seconds, self._beat)
