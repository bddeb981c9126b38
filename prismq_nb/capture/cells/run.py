"""One watched cell, in its supervisor: from its first output to its end. Standard library only."""

from __future__ import annotations

import contextlib
import math
import os
import time
from select import POLLIN
from typing import TYPE_CHECKING, Any

from prismq_nb.capture.base.clock import Clock
from prismq_nb.capture.base.control import KERNEL_EVENTS, ControlReader
from prismq_nb.capture.base.timers import Timers
from prismq_nb.capture.cells.marker import MarkerSearch
from prismq_nb.capture.masking.masker import Masker
from prismq_nb.capture.outcome import Outcome
from prismq_nb.capture.periodic import PeriodicTasks
from prismq_nb.capture.pipes.newlines import counter
from prismq_nb.capture.pipes.output import Output
from prismq_nb.capture.pipes.storage import StoragePolicy
from prismq_nb.capture.pipes.stream_reader import StreamReader
from prismq_nb.capture.processes.identity import directory_identity
from prismq_nb.capture.run_lock import RunLock
from prismq_nb.capture.status import StatusFile
from prismq_nb.common.base.end_reason import KERNEL_LOST
from prismq_nb.common.base.state import FAILED
from prismq_nb.journal.layout.format import GAP_REASONS

if TYPE_CHECKING:
    import _thread
    import select
    from collections.abc import Callable

    from prismq_nb.capture.cells.kernel import KernelProcess

INTERRUPTED_AGAIN = (
    "It was interrupted more than once and goes on. Only a restart of the kernel ends it: choose "
    "Restart Kernel in the Kernel menu. The variables of the notebook are lost then."
)
DIRECTORY_SECONDS = 1.0
"""Time between two checks that the run directory is still there."""
_COUNTED_SECONDS = 1.0


def removed(run_dir: str) -> str:
    """Return why a run without its directory cannot be stored."""
    return f"its directory {run_dir!r} was removed or replaced"


class CellRun:
    """One run. Only the newest that is open is read; the others wait for those inside them.

    Attributes:
        run_id: the run.
        run_dir: its directory.
        control_fd: descriptor of its control FIFO.
        is_read: `turn` reads its streams.
        lost: why it cannot be stored any more; None: it can.
    """

    def __init__(
        self,
        config: dict[str, Any],
        descriptors: list[int],
        kernel: KernelProcess,
        poll: select.poll,
        wake: int,
        *,
        echo: Callable[[int, bytes], None],
    ) -> None:
        """Begin to read its streams.

        Args:
            config: the run, as the kernel describes it.
            descriptors: of its lock, and of its streams: stdout, and stderr unless both are one.
            kernel: who prints.
            poll: waits for everything.
            wake: descriptor that is written to after a sync.
            echo: sends output into the cell: gets the stream and the bytes.

        Raises:
            OSError: a file cannot be created.
        """
        lock_fd, *streams = descriptors
        self.run_id: str = config["run_id"]
        self.lost: str | None = None
        self.run_dir: str = config["run_dir"]
        self._identity = directory_identity(self.run_dir)
        self._echo = echo
        self._echoes: bool = config["echo"]
        self._is_unstored = False
        self._is_in_cell = False  # what is taken is in the cell already
        self._poll = poll
        self._clock = Clock()
        self._timers = Timers()
        self._restart: str | None = None
        self._began_us = min(config["began"], self._clock.now_us())
        masker = Masker(config["mask"], "utf-8")
        self._control = ControlReader(self.run_dir)
        self.control_fd = self._control.fd
        self._run_lock = RunLock(lock_fd, self._control, self.run_dir)
        self._status = StatusFile(self.run_dir, self.run_id, masker)
        self._tasks = PeriodicTasks(config, self.run_dir, self._clock, self._timers, self._status)
        self._status.terminal = config.get("terminal")
        process = {"kernel_pid": kernel.pid, "kernel_started": kernel.started}
        with contextlib.ExitStack() as undo:
            undo.callback(self._control.close)  # else a supervisor would seem to listen
            self._output = self._create_output(config, streams, masker)
            undo.callback(self._output.begin_close, self._clock)
            self._status.started(process, self._began_us)
            undo.pop_all()
        self._echoes_records = self._echoes and bool(masker)
        self._reader = StreamReader(self._output, self._clock, poll)  # `poll` has them from here on
        self.is_read = True
        poll.register(self.control_fd, POLLIN)
        self._tasks.begin(self._output, self._reader, self._run_lock, kernel.pid, wake)
        self._timers.set("directory", DIRECTORY_SECONDS, self._check_directory)
        self._synced: _thread.LockType | None = None
        self._counted_at = 0.0
        self._earlier: int = config["earlier"]
        if self._earlier:
            self.hold()

    def _create_output(self, config: dict[str, Any], streams: list[int], masker: Masker) -> Output:
        for fd in streams:
            os.set_blocking(fd, False)
        return Output(
            self.run_dir,
            streams,
            self._began_us,
            masker=masker,
            policy=StoragePolicy(
                self.run_dir,
                min_free_bytes=config.get("min_free_bytes"),
                max_run_bytes=config.get("max_run_bytes"),
            ),
            count=counter(config["folders"]),
            on_read=self._on_read if self._echoes and not masker else None,
            on_stored=self._on_stored,
        )

    @property
    def awaits_earlier(self) -> bool:
        """Whether some of what was printed before it began has not arrived yet."""
        return self._earlier > 0

    @property
    def next_due(self) -> float:
        """When `tick` has something to do (monotonic seconds)."""
        return self._timers.next_due

    def take_earlier(self, stream: int, time_us: int, data: bytes) -> None:
        """Store what was printed before it was watched, and when, before the rest is read."""
        self._earlier -= 1
        self.take_row(stream, data, time_us)

    def take_row(self, stream: int, data: bytes, time_us: int | None = None) -> None:
        """Store what the cell shows already, so that it is not echoed; None: now."""
        fds, now_us = list(self._output.splitters), self._clock.now_us()
        at_us = now_us if time_us is None else min(time_us, now_us)  # the clock may have been set
        self._is_in_cell = True
        for start in range(0, len(data), 8192):
            piece = data[start : start + 8192]
            self._output.take(fds[min(stream, len(fds) - 1)], piece, at_us)
        self._is_in_cell = False
        self._output.analyse(self._clock.now_us())
        self._tasks.after_output()

    def turn(self, due: float) -> list[int]:
        """Wait until `due` (monotonic seconds) at most, and read what arrived.

        Returns:
            The other descriptors that are ready.
        """
        return self._reader.turn(self._reader.wait_until(due))

    @property
    def was_quiet(self) -> bool:
        """Whether the last turn read nothing and had nothing to classify."""
        return not self._reader.received and not self._output.analysis.levels.has_work

    def after_turn(self, *, woken: bool) -> None:
        """Plan what follows from output, or from a command if `woken`."""
        if self._reader.analysed or woken:
            self._tasks.after_output()

    def tick(self, now: float) -> None:
        """Run the timer that is due, if any."""
        self._timers.run_due(now)

    def mark_synced(self) -> None:
        """Record how far the log is on disk, if a sync has ended."""
        self._tasks.mark_synced()

    # What people ask for

    def commands(self) -> list[dict[str, Any]]:
        """Return the commands that have arrived."""
        return self._control.commands()

    def stop(self) -> None:
        """Note that a person stopped it: the kernel is asked to interrupt itself."""
        if self._status.stopping:
            self._status.add_note(INTERRUPTED_AGAIN)
        else:
            self._status.lines_at_stop = self._output.lines
            self._output.analysis.levels.mark_stop(self._output.lines)
        self._status.stopping = True
        self._tasks.write_status()

    def kernel_event(self, event: str) -> None:
        """Note that the server restarts the kernel, or shuts it down: how the run will end."""
        if event in KERNEL_EVENTS:
            self._restart = f"the kernel was {event}"

    # Where it is read up to

    def hold(self) -> None:
        """Stop reading."""
        if self.is_read:
            self._reader.suspend()
            self.is_read = False

    def resume(self) -> None:
        """Read again."""
        if not self.is_read:
            self._reader.resume()
            self.is_read = True

    def search(self, marker: bytes) -> MarkerSearch:
        """Stop reading, and return what reads it up to a marker."""
        self.hold()
        return MarkerSearch(list(self._output.splitters), marker, self._take)

    def end_search(self, search: MarkerSearch) -> dict[int, bytes]:
        """Analyse what was read; return what comes behind the marker, by stream."""
        search.give_up()
        self._output.analyse(self._clock.now_us())
        self._tasks.after_output()
        splitters = self._output.splitters
        return {splitters[fd].stream: rest for fd, rest in search.behind.items() if rest}

    def take_behind(self, rest: dict[int, bytes]) -> None:
        """Take what was read of the streams behind another run's marker."""
        for fd, splitter in self._output.splitters.items():
            if rest.get(splitter.stream):
                self._take(fd, rest[splitter.stream])

    def drain(self) -> None:
        """Read what is left, without a marker: nobody can print one."""
        self.resume()
        self._reader.drain()
        self._reader.analyse()

    def _take(self, fd: int, data: bytes) -> None:
        self._output.take(fd, data, self._clock.now_us())

    def _on_read(self, stream: int, data: bytes) -> None:
        if not self._is_in_cell:
            self._echo(stream, data)

    def _on_stored(self, stream: int, data: bytes, stored: bool) -> None:
        if self._is_in_cell:
            return
        lost = self._output.writer.lost
        if not stored and lost is not None and not self._is_unstored:
            why = GAP_REASONS[lost.reason].replace("-", " ")
            words = f"prismq_nb: what follows is not in the log ({why}). It is shown here.\n"
            self._echo(1, words.encode())
        self._is_unstored = not stored
        if self._echoes_records or (not stored and not self._echoes):
            self._echo(stream, data)

    # The end

    def end(self, outcome: Outcome) -> None:
        """Store the rest, and write how it ended."""
        self.hold()
        for command in self._control.commands():  # what came just before the kernel ended
            if command.get("op") == "kernel":
                self.kernel_event(str(command.get("event")))
        self._reader.close()
        if self._restart is not None:
            outcome = Outcome(FAILED, outcome.exit_code, KERNEL_LOST, self._restart)
        self._tasks.end()
        with contextlib.suppress(ValueError):
            self._status.notes.remove(INTERRUPTED_AGAIN)  # it has ended now
        now_us = self._clock.now_us()
        self._output.finish(now_us)
        self._status.ended(outcome, self._output, now_us)
        self._synced = self._output.begin_close(self._clock)

    def close_step(self) -> bool:
        """Classify a slice of what is left after the end; return whether all is done.

        Some ten million lines take a minute, and the next cell must not wait for that.
        """
        levels = self._output.analysis.levels
        assert self._synced is not None
        if levels.is_behind:
            levels.catch_up()
            if time.monotonic() >= self._counted_at + _COUNTED_SECONDS:
                self._counted_at = time.monotonic()
                self._write_status()
            return False
        if not self._synced.acquire(blocking=False):
            return False
        self._write_status()
        levels.close()
        self.release()
        return True

    def abandon(self) -> None:
        """Let go of everything: it cannot be stored any more."""
        self.hold()
        self._reader.close()
        self._tasks.end()
        with contextlib.suppress(OSError):
            self._output.finish(self._clock.now_us())
        self._output.begin_close(self._clock)
        self.release()

    @property
    def has_close_work(self) -> bool:
        """Whether `close_step` has more to do than to wait for the disk."""
        return self._output.analysis.levels.is_behind

    def release(self) -> None:
        """Let go of the lock and of the control FIFO."""
        with contextlib.suppress(KeyError, OSError):
            self._poll.unregister(self.control_fd)
        self._control.close()
        self._run_lock.release()

    def _write_status(self) -> None:
        self._status.write(self._output, self._clock.now_us())

    def _check_directory(self) -> None:
        try:
            is_there = directory_identity(self.run_dir) == self._identity
        except OSError:
            is_there = False
        if is_there:
            self._timers.set("directory", DIRECTORY_SECONDS, self._check_directory)
        else:
            self.lost = removed(self.run_dir)
            self._timers.set("directory", math.inf, self._check_directory)
