"""Decide when a run's streams are read, and when there is time to classify lines. Pure.

Times are seconds of one monotonic clock. A few lines are read when they arrive: the order of two
streams is only known by when each is read. Many small writes are collected, as each round costs a
few hundred µs whatever it finds. A full pipe is read immediately, before anything else is done: the
module is blocked. Standard library only.
"""

from __future__ import annotations

GATHER_SECONDS = 0.004
"""Small writes that arrive faster than this are read together: at most 250 rounds per second, and
no line waits longer for others."""
BUSY_GATHER_SECONDS = 0.01
"""The same while more than `BUSY_LINES` per second arrive: nobody reads that fast, and each round
costs about as much as ten lines in larger chunks."""
BUSY_LINES = 2000
IMMEDIATE_LINES = 200
"""Up to this many lines per second, no line waits for others."""
IMMEDIATE_LINES_BOTH = 12_000
"""The same while both streams have lines, whose order is at stake: rounds cost up to a quarter of a
core."""
BOTH_SECONDS = 1.0
"""Both streams are active if each had a line within this time."""
_RATE_SECONDS = 0.1
"""Time constant of the line rate: a burst of a tenth of the bounds above is read as it arrives."""
_LINE_BYTES = 512
"""A longer line counts as several."""
MIN_WAIT_SECONDS = 0.0001
"""The operating system's timers are not more precise than this."""
FLOOD_SECONDS = 0.02
"""How long nothing is classified after a pipe was full, or would have been within `FILL_SECONDS`:
reading comes first."""
FILL_SECONDS = 0.001
"""Duration of a slice of classification."""
_FULL_ROUNDS = 8
"""After a full pipe, this many rounds do not wait for more to arrive: the module is faster than we
are, and would wait for us."""
_UNPOLLED_SECONDS = 0.002
"""Longer waits are left to `poll`, which has a resolution of 1 ms."""


class ReadPacing:
    """The consequences of how much the last rounds of reading found.

    Attributes:
        next_read: the streams are not read again before this time.
        levels_from: nothing is classified before this time.
        is_sparse: lines are so few that none waits for others.
        is_immediate: each line is read when it arrives, for the sake of the order of two streams.
        both_active: both streams had lines within `BOTH_SECONDS`.
    """

    def __init__(self, levels_from: float) -> None:
        """Begin without any reads; `levels_from` in monotonic seconds."""
        self.next_read = self._last_round = 0.0
        self.levels_from = levels_from
        self._flooded = False
        self._since = 0.0
        self._wait: float | None = None
        self._full_rounds = 0
        self._rate = 0.0
        self._now = 0.0
        self._seen = [float("-inf"), float("-inf")]
        self.is_sparse = self.is_immediate = True
        self.both_active = False

    def begin_round(self, now: float) -> None:
        """Begin a round of reading."""
        self._since, self._last_round = now - self._last_round, now
        self._now = now
        self._rate /= 1.0 + self._since / _RATE_SECONDS
        self._wait = None
        self._flooded = False

    def record_read(
        self, size: int, lines: int, capacity: int, *, full: bool, stream: int = 0
    ) -> bool:
        """Record what one stream had; call it between `begin_round` and `end_round`.

        Args:
            size: bytes.
            lines: lines.
            capacity: capacity of its pipe in bytes.
            full: the pipe was full.
            stream: 0 stdout, 1 stderr.

        Returns:
            Whether it is certain to have more in the next round, which is some time ahead: until
                then it
            need not be polled.
        """
        half_full = self._since * capacity / (2 * max(1, size))
        busy = lines > BUSY_LINES * self._since
        self._flooded |= full or half_full < FILL_SECONDS / 2
        self._full_rounds = _FULL_ROUNDS if full else max(0, self._full_rounds - 1)
        wait = (
            0.0
            if self._full_rounds or half_full < MIN_WAIT_SECONDS
            else min(half_full, BUSY_GATHER_SECONDS if busy else GATHER_SECONDS)
        )
        self._wait = wait if self._wait is None else min(self._wait, wait)
        if size:
            self._rate += max(lines, size // _LINE_BYTES) / _RATE_SECONDS
            self._seen[stream] = self._now
            self.both_active = self._now - min(self._seen) < BOTH_SECONDS
            self.is_sparse = self._rate < IMMEDIATE_LINES
            self.is_immediate = self._rate < (
                IMMEDIATE_LINES_BOTH if self.both_active else IMMEDIATE_LINES
            )
        return busy and wait >= _UNPOLLED_SECONDS and not self.is_immediate

    def end_round(self, now: float) -> None:
        """End the round that began at `now`."""
        wait = GATHER_SECONDS if self._wait is None else self._wait
        self.next_read = now + (0.0 if self.is_immediate else wait)
        if self._flooded:
            self.levels_from = now + FLOOD_SECONDS
