"""Read a run's streams: when they are looked at, in which order, and what follows from output.

One `poll` for all that a supervisor waits for; descriptors other than streams are returned to it.
Standard library only.
"""

from __future__ import annotations

import os
import time
from collections import deque
from select import POLLIN
from typing import TYPE_CHECKING, NamedTuple

from prismq_nb.capture.pipes.pacing import Pace
from prismq_nb.capture.pipes.readiness import Readiness

if TYPE_CHECKING:
    import select

    from prismq_nb.capture.base.clock import Clock
    from prismq_nb.capture.pipes.output import Output

LOOK_SECONDS = 0.1
"""How long what comes fast waits to be looked at: levels, progress, unfinished text."""
_LAST_READS = 16
_ROUNDS = 32
"""How often in a row a turn reads what came while it read, before anything else is done."""
QUIET_SECONDS = 0.0002
"""As long as nothing more comes of two streams, what a burst of lines printed is stored."""
_BURST_SECONDS = 0.004
"""So long a burst is kept in memory at most."""
_PIECE_BYTES = 4096
"""Bytes of one read."""
_FULL_BYTES = _PIECE_BYTES - 1
"""A read that gives so many ends the burst: the program prints in bulk. A terminal has no more."""
_MAX_PIECES = 256
"""As many are kept in memory; more come from a program that prints faster than they are stored."""


class _Piece(NamedTuple):
    """What was read of a stream, and when (µs since the epoch)."""

    fd: int
    arrival: int
    data: bytes


class Reading:
    """The streams of one run, and the `poll` that waits for them.

    Attributes:
        poll: where other descriptors may be registered.
        pace: when the streams are looked at.
        flooded: a pipe was full in the last turn.
        came: something was read in the last turn.
        looked: what was read, in this turn or before, was looked at in the last turn.
    """

    def __init__(self, output: Output, clock: Clock, poll: select.poll) -> None:
        """Begin to wait for the streams of `output`."""
        self.poll = poll
        self.pace = Pace(levels_from=0.0)
        self.flooded = self.came = self.looked = False
        self._output = output
        self._clock = clock
        self._levels = output.insight.levels
        self._resting: set[int] = set()
        self._look_due = 0.0
        self._is_new = False  # something was read since the last look
        self._ready = Readiness()
        for fd in output.splitters:
            self.poll.register(fd, POLLIN)
            self._ready.register(fd)

    def wait_until(self, due: float) -> float:
        """Return how long to wait for anything: until `due`, or until output wants something."""
        if self._resting:
            due = min(due, self.pace.next_look)
        if self._levels.has_work:
            due = min(due, self.pace.levels_from)
        return max(0.0, due - time.monotonic())

    def turn(self, seconds: float) -> list[int]:
        """Wait, at most so long, and read what came. Returns the other descriptors that are ready.

        Where nothing came there is time for levels.
        """
        fds = [fd for fd, _ in self.poll.poll(1000 * seconds)]
        now = time.monotonic()
        self.flooded = self.came = self.looked = False
        if fds:
            now = self._gather(now)
            self.pace.look(now)
            rest = self._read_ready(fds)
            self.pace.plan(now)
            self.look()
            return rest
        if self._resting and now >= self.pace.next_look:
            self._look_again(now)
        elif self._has_time_for_levels(now):
            self._levels.catch_up()
        return fds

    def look(self) -> None:
        """Look at what was read: levels, progress, unfinished text."""
        self._look_due = time.monotonic() + LOOK_SECONDS
        self._output.look(self._clock.now())
        self.looked, self._is_new = self._is_new, False

    def drain(self) -> None:
        """Read what is in the streams still, at most a few buffers of each."""
        for fd in list(self._output.splitters):
            for _ in range(_LAST_READS):
                before = self._output.splitters.get(fd)
                if before is None or not self._read(fd):
                    break

    def _read_ready(self, fds: list[int]) -> list[int]:
        """Read the streams that are ready, and again what came meanwhile; returns the others.

        Two streams keep their order only by when they are read: the sooner, the better. So each
        round reads what is there, and nothing else is done before there is nothing more.
        """
        streams = self._output.splitters
        rest = [fd for fd in fds if fd not in streams]
        ready = [fd for fd in streams if fd in fds or fd in self._resting]
        for _ in range(_ROUNDS):
            if len(streams) > 1 and self.pace.is_prompt and not self._resting:
                in_turns = self.pace.of_two or len(ready) > 1
                ready = self._read_burst(ready) if in_turns else ready
            for fd in ready:
                self._read(fd)
            if self.flooded or self._resting or not self.pace.is_prompt or not ready:
                break
            ready = self._ready.wait(0)
        return rest

    def _read_burst(self, ready: list[int]) -> list[int]:
        """Read what two streams print by turns, and store it when they are quiet.

        To store a line takes longer than a program needs to print the next two, so each is stored
        only where nothing can be read. Returns the streams that have more than a few lines, or
        have ended; they are in order.
        """
        pieces = deque[_Piece]()
        much: list[int] = []
        gathers_until = time.monotonic() + _BURST_SECONDS
        ready = self._ready.order(ready)
        while not much and len(pieces) < _MAX_PIECES:
            for fd in ready:
                data = _read_piece(fd)
                if data:
                    pieces.append(_Piece(fd, self._clock.now(), data))
                if data is not None and (not data or len(data) >= _FULL_BYTES):
                    much.append(fd)
            left = max(0.0, gathers_until - time.monotonic())
            ready = self._ready.wait(min(left, QUIET_SECONDS) if self.pace.is_seldom else left)
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
        self.came = self._is_new = True
        splitter, lines = self._output.splitters[piece.fd], self._output.lines - before
        self.pace.found(len(piece.data), lines, splitter.capacity, full=False, stream=splitter.stream)

    def _has_time_for_levels(self, now: float) -> bool:
        return self._levels.has_work and now >= self.pace.levels_from

    def _gather(self, now: float) -> float:
        """Let a little more arrive when writes are small and many; meanwhile find levels."""
        while now < self.pace.next_look:
            if self._has_time_for_levels(now):
                self._levels.catch_up()
            else:
                time.sleep(self.pace.next_look - now)
            now = time.monotonic()
        return now

    def _look_again(self, now: float) -> None:
        """Read the streams that are sure to have more; what follows from that is done seldom."""
        self.pace.look(now)
        for fd in [fd for fd in self._output.splitters if fd in self._resting]:
            self._read(fd)
        self.pace.plan(now)
        if not self._resting or now >= self._look_due:
            self.look()

    def _read(self, fd: int) -> int:
        """Read one stream; returns the bytes.

        While it is sure to have more at the next look, `poll` is not asked about it: that is two
        system calls a look less.
        """
        lines = self._output.lines
        count = self._output.read(fd, self._clock.now())
        splitter = self._output.splitters.get(fd)
        self.came |= count > 0
        self._is_new |= count > 0 or splitter is None  # an unfinished line is one then
        self.flooded |= self._output.flooded
        rests = splitter is not None and self.pace.found(
            count,
            self._output.lines - lines,
            splitter.capacity,
            full=self._output.flooded,
            stream=splitter.stream,
        )
        rested = fd in self._resting
        if splitter is None:
            self._ready.unregister(fd)
        if not rested and (rests or splitter is None):
            self.poll.unregister(fd)
        if rests:
            self._resting.add(fd)
        elif rested:
            self._resting.discard(fd)
            if splitter is not None:
                self.poll.register(fd, POLLIN)
        return count


def _read_piece(fd: int) -> bytes | None:
    """What a stream has, `_PIECE_BYTES` at most; empty at its end, None where it has nothing."""
    try:
        return os.read(fd, _PIECE_BYTES)
    except BlockingIOError:
        return None
    except OSError:  # EIO: nobody has the far end of a terminal open
        return b""
