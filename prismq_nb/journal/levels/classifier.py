"""The level of every stored line: DEBUG to CRITICAL.

Several lines may form a block (a traceback, a stack trace, a record with continuation lines). One
pure, bounded automaton per stream. Records of one format, and lines that cannot carry a level, are
classified many at a time; only the others are looked at one by one, with the table of `formats`.
Cheap to import, for the supervisor has this in its start: the patterns are compiled when the first
line is classified. Imports the standard library only.

What must not be held up (an event loop, a pipe) classifies in steps: `Classifier.classify_for`.

How far a line depends on those before it: a block lasts `BLOCK_LINES` lines of the run (both
streams) after the last line that *by its own text* begins or renews one. After that the automaton
has forgotten everything, so a fresh `Classifier` that is fed `LOOK_BACK_LINES` lines classifies
what follows as one that saw the whole run does. Lines that continue a block never renew it.
"""

from __future__ import annotations

from enum import IntEnum
from time import perf_counter
from typing import TYPE_CHECKING, Final

from prismq_nb.journal.levels.grammar.words import CONTINUES, JOINED_LINES
from prismq_nb.journal.levels.warm_up import warm_up

if TYPE_CHECKING:
    from prismq_nb.journal.levels.interrupts import Interrupts
    from prismq_nb.journal.levels.stream import Stream

LEVEL_OF: Final = bytes(byte & ~CONTINUES for byte in range(256))
"""Takes `CONTINUES` away."""

STEP_BYTES: Final = 4096
"""Bytes of lines that are classified between two looks at the clock: 0.1 ms of ordinary lines, 3 ms
of the most expensive. Fewer: the overhead of a call shows. More: steps last longer."""

BLOCK_LINES: Final = 500
"""Lines of the run for which a record or a trace takes in the lines that continue it. Fewer: long
stack traces fall apart into default levels (on stderr that is ERROR anyway). More: looking back
takes longer (1 to 15 ms for twice this many lines)."""
LOOK_BACK_LINES: Final = 2 * BLOCK_LINES + 2 + JOINED_LINES
"""A fresh `Classifier` fed this many lines of the run (both streams, in order) before a window
classifies the window the same way. Twice a block: once until what came before has been forgotten,
once until what was mistaken in the meantime has. And as many as lie between a line and the one that
it continues by its look alone."""


class Level(IntEnum):
    """How much a line matters; the byte that the sidecar stores."""

    DEBUG = 0
    INFO = 1
    WARNING = 2
    ERROR = 3
    CRITICAL = 4


class Classifier:
    """Gives each line of one run its level; stateful over the lines in order, for each stream.

    Not thread-safe. Feeding the same lines in other chunks gives the same levels.

    Attributes:
        lines_at_stop: lines of the run when a stop was asked for; None: none was. What programs
            print of being interrupted is no error after that.
    """

    def __init__(self, block_lines: int = BLOCK_LINES) -> None:
        """A classifier that has seen nothing.

        Args:
            block_lines: lines for which a block lasts, at least 1; `LOOK_BACK_LINES` holds for the
                default.
        """
        self._block_lines = block_lines
        self._line = 0  # lines classified so far, of both streams
        self._streams: tuple[Stream, Stream] | None = None
        self.lines_at_stop: int | None = None
        self._interrupts: Interrupts | None = None

    def classify(self, data: bytes | bytearray | memoryview, stream: int) -> bytes:
        r"""The levels of the lines that come next.

        Args:
            data: whole lines: each ends in ``\n``, except perhaps the last. May be empty.
            stream: 0 for stdout (INFO unless recognised otherwise), 1 for stderr (ERROR unless
                recognised otherwise).

        Returns:
            One byte per line, a value of `Level`.
        """
        return self.mark(data, stream).translate(LEVEL_OF)

    def mark(self, data: bytes | bytearray | memoryview, stream: int) -> bytes:
        r"""The levels of the lines that come next, and which of these lines begin a record.

        Args:
            data: as for `classify`.
            stream: as for `classify`.

        Returns:
            One byte per line, as the sidecar stores it: a value of `Level`, with `CONTINUES` at
            lines that begin no record of their own.
        """
        if self._streams is None:
            # Its patterns are compiled when they are first needed
            from prismq_nb.journal.levels.stream import Stream  # noqa: PLC0415

            self._streams = (
                Stream(Level.INFO, self._block_lines, stderr=False),
                Stream(Level.ERROR, self._block_lines, stderr=True),
            )
        levels = self._streams[stream].classify(bytes(data), self._line)
        self._line += len(levels)
        if self.lines_at_stop is None or self._line <= self.lines_at_stop:
            return levels
        return self._soften(levels, bytes(data), stream, self.lines_at_stop)

    def _soften(self, levels: bytes, data: bytes, stream: int, lines_at_stop: int) -> bytes:
        if self._interrupts is None:
            # Few runs are stopped
            from prismq_nb.journal.levels.interrupts import Interrupts  # noqa: PLC0415

            self._interrupts = Interrupts()
        before = max(0, lines_at_stop - (self._line - len(levels)))
        after = data.split(b"\n", before)[-1]
        return levels[:before] + self._interrupts.soften(levels[before:], after, stream)

    def classify_for(
        self, seconds: float, data: bytes, stream: int, start: int = 0
    ) -> tuple[bytes, int]:
        r"""Classify the lines that come next until time is up: some milliseconds more at most.

        Args:
            seconds: how long.
            data: whole lines: each ends in ``\n``, except perhaps the last.
            stream: as for `classify`.
            start: where in `data` the first of these lines begins.

        Returns:
            One byte per line, as from `mark`, and where in `data` the next line begins. No line is
            done in a step that compiles patterns.
        """
        end = perf_counter() + seconds
        levels: list[bytes] = []
        while start < len(data):
            if not warm_up():
                if perf_counter() >= end:
                    break
                continue
            newline = data.rfind(b"\n", start, start + STEP_BYTES)
            if newline < 0:
                newline = data.find(b"\n", start + STEP_BYTES)
            stop = newline + 1 or len(data)
            levels.append(self.mark(data[start:stop], stream))
            start = stop
            if perf_counter() >= end:
                break
        return b"".join(levels), start
