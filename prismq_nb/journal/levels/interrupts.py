"""What a program prints because its run was stopped is no error of the program's.

SIGINT ends most programs with a trace of where they were. From the moment of the stop on, such a
trace is INFO, as far as the interrupt is its end; another exception in its place is an error, from
its own line on. Standard library only.
"""

from __future__ import annotations

import re
from typing import Final

from prismq_nb.journal.levels.block_lines import TRACEBACK
from prismq_nb.journal.levels.grammar.words import CONTINUES, INFO
from prismq_nb.journal.levels.text import shown

_LONGEST: Final = 300
"""Bytes of a line that are looked at."""
_INTERRUPT: Final = re.compile(
    rb"KeyboardInterrupt\b|(?:asyncio\.exceptions\.)?CancelledError\b"
    rb"|Aborted!$|(?:ERROR: )?(?:LoadError: )?InterruptException\b"
    rb"|\S{1,200}:in [`'][^'\n]{1,100}': Interrupt$"
    rb"|\S{0,100}make(?:\[\d{1,3}\])?: \*\*\* \[.{1,200}\] Interrupt$"
)
"""What Python, click, Julia, Ruby and make call it; ends a trace, or stands alone."""
_PROCESS: Final = re.compile(rb"Process [\w-]{1,100}:(?:[\w-]{1,100}:)?$")
"""Of a pool of `multiprocessing`, before the trace of one of its processes."""
_DRAWN: Final = re.compile(rb"\s|\xe2[\x94-\x96]|-{20}|Stacktrace:$")
"""A frame, or a line of what rich, IPython and Julia draw around frames."""
_EXCEPTION: Final = re.compile(rb"(?>(?:[A-Za-z_]\w{0,100}\.){0,20})[A-Z]\w{0,100}(?::\s|:?$)")
_MENTIONS: Final = (TRACEBACK, b"nterrupt", b"CancelledError", b"Process ", b"Aborted!")


class Interrupts:
    """Looks at the lines of a run that come after a stop was asked for, apart for each stream."""

    def __init__(self) -> None:
        """No stream is within a trace."""
        self._inside = [False, False]

    def soften(self, levels: bytes, data: bytes, stream: int) -> bytes:
        """Return the bytes of the lines (see `Classifier.mark`), with traces of the stop as INFO.

        Args:
            levels: of these lines, as their own text has them.
            data: the lines, whole.
            stream: 0 stdout, 1 stderr.
        """
        if not self._inside[stream] and not any(word in data for word in _MENTIONS):
            return levels
        changed = bytearray(levels)
        lines = shown(data).split(b"\n")[1:]  # it puts a newline in front
        for at, line in enumerate(lines[: len(levels)]):
            changed[at] = self._one(levels[at], line[:_LONGEST], stream)
        return bytes(changed)

    def _one(self, level: int, line: bytes, stream: int) -> int:
        bare = line.strip()
        begins = TRACEBACK in bare
        if begins or _INTERRUPT.match(bare):
            goes_on = level & CONTINUES or (self._inside[stream] and not begins)
            self._inside[stream] = True
            return INFO | (CONTINUES if goes_on else 0)
        if _PROCESS.match(bare):
            return INFO | (level & CONTINUES)
        if not self._inside[stream]:
            return level
        if bare and not _DRAWN.match(line) and _EXCEPTION.match(bare):
            self._inside[stream] = False
            return level & ~CONTINUES
        if level & CONTINUES or not bare or _DRAWN.match(line):
            return INFO | CONTINUES
        self._inside[stream] = False
        return level
