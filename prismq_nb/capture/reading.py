"""Read a run's streams: when they are looked at, in which order, and what follows from output.

One `poll` for all that a supervisor waits for; descriptors other than streams are returned to it.
Standard library only.
"""

from __future__ import annotations

import select
import time
from typing import TYPE_CHECKING

from prismq_nb.capture.pace import Pace

if TYPE_CHECKING:
    from prismq_nb.capture.clock import Clock
    from prismq_nb.capture.output import Output

LOOK_SECONDS = 0.1
"""How long what comes fast waits to be looked at: levels, progress, unfinished text."""
_LAST_READS = 16
_ROUNDS = 32
"""How often in a row a turn reads what came while it read, before anything else is done."""


class Reading:
    """The streams of one run, and the `poll` that waits for them.

    Attributes:
        poll: where other descriptors may be registered.
        pace: when the streams are looked at.
        flooded: a pipe was full in the last turn.
        came: something was read in the last turn; `looked`: and it was looked at.
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
        self._streams = select.poll()
        for fd in output.splitters:
            self.poll.register(fd, select.POLLIN)
            self._streams.register(fd, select.POLLIN)

    def wait_until(self, due: float) -> float:
        """Return how long to wait for anything: until `due`, or until output wants something."""
        if self._resting:
            due = min(due, self.pace.next_look)
        if self._levels.behind:
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
        self.looked = True

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
        rest = [fd for fd in fds if fd not in self._output.splitters]
        ready = {fd for fd in fds if fd in self._output.splitters} | self._resting
        for _ in range(_ROUNDS):
            for fd in [fd for fd in self._output.splitters if fd in ready]:
                self._read(fd)  # stdout first: what fails says so last
            if self.flooded or self._resting or not self.pace.is_prompt or not ready:
                break
            ready = {fd for fd, _ in self._streams.poll(0)}
        return rest

    def _has_time_for_levels(self, now: float) -> bool:
        return self._levels.behind and now >= self.pace.levels_from

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
            self._streams.unregister(fd)
        if not rested and (rests or splitter is None):
            self.poll.unregister(fd)
        if rests:
            self._resting.add(fd)
        elif rested:
            self._resting.discard(fd)
            if splitter is not None:
                self.poll.register(fd, select.POLLIN)
        return count
