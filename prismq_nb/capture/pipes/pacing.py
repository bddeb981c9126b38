"""When a run's streams are looked at, and when there is time for levels. Pure; times are seconds of one monotonic clock. Standard library only.

Few lines are read when they come: the order of two streams is known only by when each is read.
Many small writes are let gather, as each look costs a few hundred µs whatever it finds. A full pipe
is read at once, before anything else is done: the module waits.
"""

from __future__ import annotations

GATHER_SECONDS = 0.004
"""Small writes that come faster than this are read together: at most 250 looks a second, and a single line is never later by more."""
BUSY_GATHER_SECONDS = 0.01
"""The same while more than `BUSY_LINES` a second come: nobody reads that fast, and each look costs about as much as ten lines do in larger chunks."""
BUSY_LINES = 2000
PROMPT_LINES = 200
"""Up to so many a second, no line waits for others."""
PROMPT_LINES_OF_TWO = 12_000
"""The same while both streams have lines, whose order is at stake: looks cost up to a quarter of a core."""
BOTH_SECONDS = 1.0
"""Both streams have lines, where each had one in the last second."""
_RATE_SECONDS = 0.1
"""Over about this time lines are counted, so a burst of a tenth of the above is read as it comes."""
_LINE_BYTES = 512
"""A longer line counts as several."""
SHORTEST_SECONDS = 0.0001
"""The operating system's timers are not more exact than this."""
FLOOD_SECONDS = 0.02
"""How long no level is worked out after a pipe was full, or would have been within `FILL_SECONDS`: reading comes first."""
FILL_SECONDS = 0.001
"""As long as a slice of levels takes."""
_FULL_LOOKS = 8
"""For so many looks after a full pipe no look waits for more to come: the module is faster than we are, and would wait for us."""
_REST_SECONDS = 0.002
"""From here on a wait is told to `poll`, which knows whole milliseconds."""


class Pace:
    """What follows from how much the last looks found.

    Attributes:
        next_look: not before this are the streams looked at again.
        levels_from: before this no level is worked out.
        is_seldom: lines are so few that none waits for others.
        is_prompt: each is read when it comes, for the sake of the order of two streams.
        of_two: both streams had lines within `BOTH_SECONDS`.
    """

    def __init__(self, levels_from: float) -> None:
        """Nothing was found yet. `levels_from`: in seconds of the monotonic clock."""
        self.next_look = self._last_look = 0.0
        self.levels_from = levels_from
        self._flooded = False
        self._since = 0.0
        self._wait: float | None = None
        self._full_looks = 0
        self._rate = 0.0
        self._now = 0.0
        self._seen = [float("-inf"), float("-inf")]
        self.is_seldom = self.is_prompt = True
        self.of_two = False

    def look(self, now: float) -> None:
        """A look at the streams begins."""
        self._since, self._last_look = now - self._last_look, now
        self._now = now
        self._rate /= 1.0 + self._since / _RATE_SECONDS
        self._wait = None
        self._flooded = False

    def found(self, size: int, lines: int, capacity: int, *, full: bool, stream: int = 0) -> bool:
        """One stream had this; to be called between `look` and `plan`.

        Args:
            size: bytes.
            lines: lines.
            capacity: bytes that its pipe holds.
            full: the pipe was full.
            stream: 0 stdout, 1 stderr.

        Returns:
            Whether it is sure to have more at the next look, and that is some time ahead: until then nobody need ask whether it has.
        """
        half_full = self._since * capacity / (2 * max(1, size))
        busy = lines > BUSY_LINES * self._since
        self._flooded |= full or half_full < FILL_SECONDS / 2
        self._full_looks = _FULL_LOOKS if full else max(0, self._full_looks - 1)
        wait = 0.0 if self._full_looks or half_full < SHORTEST_SECONDS else min(half_full, BUSY_GATHER_SECONDS if busy else GATHER_SECONDS)
        self._wait = wait if self._wait is None else min(self._wait, wait)
        if size:
            self._rate += max(lines, size // _LINE_BYTES) / _RATE_SECONDS
            self._seen[stream] = self._now
            self.of_two = self._now - min(self._seen) < BOTH_SECONDS
            self.is_seldom = self._rate < PROMPT_LINES
            self.is_prompt = self._rate < (PROMPT_LINES_OF_TWO if self.of_two else PROMPT_LINES)
        return busy and wait >= _REST_SECONDS and not self.is_prompt

    def plan(self, now: float) -> None:
        """The look that began at `now` is over."""
        wait = GATHER_SECONDS if self._wait is None else self._wait
        self.next_look = now + (0.0 if self.is_prompt else wait)
        if self._flooded:
            self.levels_from = now + FLOOD_SECONDS
