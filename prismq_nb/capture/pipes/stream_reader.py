"""Read a run's streams: when, in which order, and what follows from output.

One `poll` waits for everything that a supervisor waits for; ready descriptors other than streams
are returned to it. Standard library only.
"""

from __future__ import annotations

import os
import time
from collections import deque
from select import POLLIN
from typing import TYPE_CHECKING, NamedTuple

from prismq_nb.capture.pipes.pacing import ReadPacing
from prismq_nb.capture.pipes.readiness import Readiness

if TYPE_CHECKING:
    import select

    from prismq_nb.capture.base.clock import Clock
    from prismq_nb.capture.pipes.output import Output

ANALYSIS_SECONDS = 0.1
"""How long output that arrives fast waits for analysis: levels, progress, unfinished text."""
_LAST_READS = 16
_ROUNDS = 32
"""How often a turn reads again what arrived while it read, before anything else is done."""
QUIET_SECONDS = 0.0002
"""When nothing has arrived on two streams for this long, a burst of lines is stored."""
_BURST_SECONDS = 0.004
"""How long a burst is kept in memory at most."""
_PIECE_BYTES = 4096
"""Maximum size of one read."""
_FULL_BYTES = _PIECE_BYTES - 1
"""A read of this size ends the burst: the program prints in bulk. A terminal returns no more."""
_MAX_PIECES = 256
"""Maximum number kept in memory; a program that prints more is faster than storing."""


class _Piece(NamedTuple):
    """What was read of a stream, and when (µs since the epoch)."""

    fd: int
    arrival: int
    data: bytes


class StreamReader:
    """The streams of one run, and the `poll` that waits for them.

    Attributes:
        poll: where other descriptors may be registered.
        pacing: when the streams are read.
        flooded: a pipe was full in the last turn.
        received: something was read in the last turn.
        analysed: the last turn analysed what was read, then or before.
    """

    def __init__(self, output: Output, clock: Clock, poll: select.poll) -> None:
        """Begin to wait for the streams of `output`."""
        self.poll = poll
        self.pacing = ReadPacing(levels_from=0.0)
        self.flooded = self.received = self.analysed = False
        self._output = output
        self._clock = clock
        self._levels = output.analysis.levels
        self._unpolled: set[int] = set()
        self._analysis_due = 0.0
        self._is_new = False  # something was read since the last analysis
        self._ready = Readiness()
        self.resume()

    def resume(self) -> None:
        """Wait for the streams, at first or after `suspend`."""
        for fd in self._output.splitters:
            self.poll.register(fd, POLLIN)
            self._ready.register(fd)

    def suspend(self) -> None:
        """Stop reading, so that others may read the far ends of the same streams."""
        for fd in self._output.splitters:
            if fd not in self._unpolled:
                self.poll.unregister(fd)
            self._ready.unregister(fd)
        self._unpolled.clear()

    def close(self) -> None:
        """Let go of a run that has ended, in a process that goes on; call `suspend` before."""
        self._ready.close()

    def wait_until(self, due: float) -> float:
        """Return the seconds to wait.

        Until `due` (monotonic seconds), or until output needs attention.
        """
        if self._unpolled:
            due = min(due, self.pacing.next_read)
        if self._levels.has_work:
            due = min(due, self.pacing.levels_from)
        return max(0.0, due - time.monotonic())

    def turn(self, seconds: float) -> list[int]:
        """Wait for at most `seconds`, and read what arrived.

        Return the other descriptors that are ready.

        If nothing arrived there is time to classify lines.
        """
        fds = [fd for fd, _ in self.poll.poll(1000 * seconds)]
        now = time.monotonic()
        self.flooded = self.received = self.analysed = False
        if fds:
            now = self._gather(now)
            self.pacing.begin_round(now)
            rest = self._read_ready(fds)
            self.pacing.end_round(now)
            self.analyse()
            return rest
        if self._unpolled and now >= self.pacing.next_read:
            self._read_unpolled(now)
        elif self._has_time_for_levels(now):
            self._levels.catch_up()
        return fds

    def analyse(self) -> None:
        """Analyse what was read: levels, progress, unfinished text."""
        self._analysis_due = time.monotonic() + ANALYSIS_SECONDS
        self._output.analyse(self._clock.now_us())
        self.analysed, self._is_new = self._is_new, False

    def drain(self) -> None:
        """Read what is left in the streams, at most a few buffers of each."""
        for fd in list(self._output.splitters):
            for _ in range(_LAST_READS):
                before = self._output.splitters.get(fd)
                if before is None or not self._read(fd):
                    break

    def _read_ready(self, fds: list[int]) -> list[int]:
        """Read the streams that are ready, and again what arrived meanwhile; return the others.

        The order of two streams is known only by when they are read, so reading early is better:
        each round reads what is there, and nothing else is done until there is nothing more.
        """
        streams = self._output.splitters
        rest = [fd for fd in fds if fd not in streams]
        ready = [fd for fd in streams if fd in fds or fd in self._unpolled]
        for _ in range(_ROUNDS):
            if len(streams) > 1 and self.pacing.is_immediate and not self._unpolled:
                in_turns = self.pacing.both_active or len(ready) > 1
                ready = self._read_burst(ready) if in_turns else ready
            for fd in ready:
                self._read(fd)
            if self.flooded or self._unpolled or not self.pacing.is_immediate or not ready:
                break
            ready = self._ready.wait(0)
        return rest

    def _read_burst(self, ready: list[int]) -> list[int]:
        """Read what two streams print by turns, and store it when they are quiet.

        Storing a line takes longer than a program needs to print the next two, so each is stored
        only when nothing can be read. Returns the streams that have more than a few lines, or have
        ended, in order.
        """
        pieces = deque[_Piece]()
        much: list[int] = []
        gathers_until = time.monotonic() + _BURST_SECONDS
        ready = self._ready.order(ready)
        while not much and len(pieces) < _MAX_PIECES:
            for fd in ready:
                data = read_piece(fd)
                if data:
                    pieces.append(_Piece(fd, self._clock.now_us(), data))
                if data is not None and (not data or len(data) >= _FULL_BYTES):
                    much.append(fd)
            left = max(0.0, gathers_until - time.monotonic())
            ready = self._ready.wait(min(left, QUIET_SECONDS) if self.pacing.is_sparse else left)
            if not ready:
                gathers_until = 0.0
                if not pieces:
                    break
                self._store(pieces.popleft())
        while pieces:
            self._store(pieces.popleft())
        return much

    def _store(self, piece: _Piece) -> None:
        before = self._output.lines
        self._output.take(piece.fd, piece.data, piece.arrival)
        self.received = self._is_new = True
        splitter, lines = self._output.splitters[piece.fd], self._output.lines - before
        self.pacing.record_read(
            len(piece.data), lines, splitter.capacity, full=False, stream=splitter.stream
        )

    def _has_time_for_levels(self, now: float) -> bool:
        return self._levels.has_work and now >= self.pacing.levels_from

    def _gather(self, now: float) -> float:
        """Let a little more arrive if writes are small and many; classify lines meanwhile."""
        while now < self.pacing.next_read:
            if self._has_time_for_levels(now):
                self._levels.catch_up()
            else:
                time.sleep(self.pacing.next_read - now)
            now = time.monotonic()
        return now

    def _read_unpolled(self, now: float) -> None:
        """Read the streams that are certain to have more; analyse that only now and then."""
        self.pacing.begin_round(now)
        for fd in [fd for fd in self._output.splitters if fd in self._unpolled]:
            self._read(fd)
        self.pacing.end_round(now)
        if not self._unpolled or now >= self._analysis_due:
            self.analyse()

    def _read(self, fd: int) -> int:
        """Read one stream; return the number of bytes.

        While it is certain to have more in the next round it is not polled, which saves two system
        calls per round.
        """
        lines = self._output.lines
        count = self._output.read(fd, self._clock.now_us())
        splitter = self._output.splitters.get(fd)
        self.received |= count > 0
        self._is_new |= count > 0 or splitter is None  # the unfinished line was stored then
        self.flooded |= self._output.flooded
        rests = splitter is not None and self.pacing.record_read(
            count,
            self._output.lines - lines,
            splitter.capacity,
            full=self._output.flooded,
            stream=splitter.stream,
        )
        rested = fd in self._unpolled
        if splitter is None:
            self._ready.unregister(fd)
        if not rested and (rests or splitter is None):
            self.poll.unregister(fd)
        if rests:
            self._unpolled.add(fd)
        elif rested:
            self._unpolled.discard(fd)
            if splitter is not None:
                self.poll.register(fd, POLLIN)
        return count


def read_piece(fd: int) -> bytes | None:
    """Read up to 4 kB of a stream; empty at its end, None if it has nothing."""
    try:
        return os.read(fd, _PIECE_BYTES)
    except BlockingIOError:
        return None
    except OSError:  # EIO: nobody has the far end of a terminal open
        return b""
