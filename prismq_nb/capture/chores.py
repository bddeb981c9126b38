"""What a supervisor does from time to time: samples, syncs, checks, and writes the run's state.

Each is a timer with a name. Standard library only, but for psutil where `usage` needs it.
"""

from __future__ import annotations

import _thread
import contextlib
import os
import sys
import time
from typing import TYPE_CHECKING, Any

from prismq_nb.capture.monitor.usage import LONGEST_SECONDS, SHORTEST_SECONDS, UsageSampler, looks_other
from prismq_nb.capture.monitor.usage_log import UsageLog
from prismq_nb.common.base.state import MICROSECONDS
from prismq_nb.journal.layout.usage import Sample

if TYPE_CHECKING:
    from prismq_nb.capture.base.clock import Clock
    from prismq_nb.capture.base.timers import Timers
    from prismq_nb.capture.hold import Hold
    from prismq_nb.capture.pipes.output import Output
    from prismq_nb.capture.pipes.reading import Reading
    from prismq_nb.capture.status import StatusFile

RELAX_SECONDS = 5.0
WARM_SECONDS = 0.1
"""How long after its start a run's patterns are compiled, and its first levels worked out: most have printed their first line by then."""
FIRST_SAMPLE_SECONDS = 0.15
_SWITCH_SECONDS = 0.00005
"""How long the loop waits for a thread that works, such as that of `_warm`."""
SYNC_SECONDS, STORAGE_SECONDS, STATUS_SECONDS, HEARTBEAT_SECONDS = 5.0, 1.0, 1.0, 10.0


class Chores:
    """The timers of one run that go by themselves."""

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

    def begin(self, output: Output, reading: Reading, hold: Hold, pid: int, wake: int) -> None:
        """Plan them all; `pid`: whose tree is sampled, `wake`: written to after a sync."""
        self._output, self._reading, self._hold = output, reading, hold
        self._pid, self._wake = pid, wake
        self._timers.set("usage", FIRST_SAMPLE_SECONDS, self._sample)
        self._timers.set("storage", 0.0, self._check_storage)
        self._timers.set("heartbeat", self._beat_seconds, self._beat)
        reading.pace.levels_from = time.monotonic() + WARM_SECONDS
        sys.setswitchinterval(_SWITCH_SECONDS)
        self._timers.set("warm", WARM_SECONDS, self._warm)

    def after_output(self) -> None:
        """Plan what follows from output having come."""
        self._timers.keep("status", STATUS_SECONDS, self.write_status)
        self._timers.keep("sync", SYNC_SECONDS, self.sync)
        if self._output.writer.lost is not None:
            self._timers.keep("resume", STORAGE_SECONDS, self._check_storage)
        if self._reading.flooded:
            self._timers.keep("relax", RELAX_SECONDS, self._relax)
        self._plan_part()

    def write_status(self) -> None:
        """Write the run's state as it is now."""
        self._output.check_log(self._clock.now())
        self._status.write(self._output, self._clock.now())
        if self._output.insight.levels.behind:  # their counts are written even if no more output comes
            self._timers.keep("status", STATUS_SECONDS, self.write_status)

    def write_status_now(self) -> None:
        """Write it in the next turn of the loop."""
        self._timers.set("status", 0.0, self.write_status)

    def sync(self) -> None:
        """`fdatasync` can take seconds on a busy disk: it waits in a thread of its own."""

        def wait() -> None:
            self._synced = self._output.writer.sync_log()
            with contextlib.suppress(OSError):
                os.write(self._wake, b"\0")

        with contextlib.suppress(RuntimeError):  # no thread to be had: the next try comes with the next output
            _thread.start_new_thread(wait, ())

    def mark_synced(self) -> None:
        """Note how far the log is on the medium, where a sync has ended."""
        if self._synced is None:
            return
        self._output.writer.mark_synced(self._synced, self._clock.now())
        self._synced = None
        with contextlib.suppress(RuntimeError):
            _thread.start_new_thread(self._output.writer.sync_index, ())

    def end_sampling(self) -> None:
        """The module has ended: what it leaves behind is not counted as its usage."""
        self._timers.drop("usage")
        self._usage_log.flush()

    def _warm(self) -> None:
        """Compile patterns, but not in a flood, whose levels are worked out behind it."""
        calm_in = self._reading.pace.levels_from - time.monotonic()
        if calm_in <= 0 and not self._is_warming:
            self._is_warming = True
            try:
                _thread.start_new_thread(self._warm_up, ())
            except RuntimeError:  # no thread to be had
                self._warm_up()
        if not self._output.insight.levels.is_warm:
            self._timers.set("warm", max(calm_in, WARM_SECONDS), self._warm)

    def _warm_up(self) -> None:
        """In a thread: some steps take longer than a program needs for several lines."""
        while not self._output.insight.warm():
            if self._reading.pace.levels_from > time.monotonic():
                break
        self._is_warming = False
        with contextlib.suppress(OSError):  # there is time for levels now
            os.write(self._wake, b"\0")

    def _sample(self) -> None:
        if self._sampler is None:  # not before: its import would delay the first line by 20 ms
            self._sampler = UsageSampler(self._pid, self._spec["folders"])
        usage = self._sampler.sample(time.monotonic())
        if usage is not None:
            self._usage_log.add(Sample(self._clock.now(), *usage))
            if looks_other(usage, self._status.usage):  # else every page would be woken for nothing
                self._status.usage = usage
                self._timers.keep("status", STATUS_SECONDS, self.write_status)
            self._timers.set("usage", self._sample_pause(), self._sample)

    def _sample_pause(self) -> float:
        """Return the seconds until the next sample.

        Of a quiet run it comes with a heartbeat: what is written together is read together.
        """
        assert self._sampler is not None
        interval, left = self._sampler.interval, self._timers.left("heartbeat")
        if min(interval, self._beat_seconds) < LONGEST_SECONDS:
            return interval
        return left if left >= SHORTEST_SECONDS else left + self._beat_seconds

    def _check_storage(self) -> None:
        self._output.check_storage(self._clock.now())
        self._timers.set("storage", STORAGE_SECONDS if self._output.writer.lost else 10 * STORAGE_SECONDS, self._check_storage)

    def _relax(self) -> None:
        if self._output.relax():
            self._timers.set("relax", RELAX_SECONDS, self._relax)

    def _write_part(self) -> None:
        self._output.write_part(self._clock.now())
        self._plan_part()

    def _plan_part(self) -> None:
        due = self._output.part_due
        if due is not None:
            self._timers.set("part", (due - self._clock.now()) / MICROSECONDS, self._write_part)

    def _beat(self) -> None:
        self._hold.renew()
        self.write_status()
        self._timers.set("heartbeat", self._beat_seconds, self._beat)
