"""The lines of one stream as records, tracebacks and stack traces, and so their levels.

Apart from `levels` because compiling its patterns takes a moment. Here, runs of lines are told at
once, by what they begin with; `automaton` looks closely at the others. Imports the standard
library only.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import itemgetter
from typing import Final

from prismq_nb.journal.levels.automaton import INSIDE, JOINS, LINE, MESSAGE, NONE, RECORD, TRACE, Automaton
from prismq_nb.journal.levels.heads import NEAR, PLAIN, Heads, alike, equal_digits
from prismq_nb.journal.levels.parts import SPECIAL
from prismq_nb.journal.levels.prefilter import dull
from prismq_nb.journal.levels.text import shown
from prismq_nb.journal.levels.words import CONTINUES, ERROR, INFO, JOINED_LINES

__all__ = ["Block"]

_BITS: Final = 7  # of a byte, those that are the level

_HEADS = (Heads(SPECIAL, stderr=False), Heads(SPECIAL, stderr=True))  # shared: they are pure
_ANGLE: Final = 0x3C
_NEWLINE: Final = 0x0A
_WHITE: Final = b" \t\n\v\f\r"


_BLANK: Final = bytes((INFO | CONTINUES,))
_INDENTED: Final = bytes((ERROR | JOINS,))
_BY_WHITE: Final = dict.fromkeys(_WHITE, _INDENTED[0]) | {_NEWLINE: _BLANK[0]}
#: The byte of a line of stderr to which nothing gives a level, by its first byte.
_BY_FIRST: Final = bytes(_BY_WHITE.get(byte, ERROR) for byte in range(256))
_FIRST: Final = itemgetter(0)

_Match = Callable[[bytes, int], re.Match[bytes] | None]


class Block(Automaton):
    """The automaton of one stream, for many lines at once."""

    def __init__(self, default: int, block_lines: int, *, stderr: bool) -> None:
        """As `Automaton`."""
        super().__init__(default, block_lines, stderr=stderr)
        self._heads = _HEADS[stderr]
        self._last = (-1, 0)  # the level and the number of the line before

    def classify(self, data: bytes, first: int) -> bytes:
        """Return the levels of whole lines, with `CONTINUES` at those that begin no record.

        Args:
            data: the next lines of this stream.
            first: the number of the first of them in the run.

        Returns:
            One byte per line.
        """
        levels = self._classified(data, first)
        if levels:
            self._last = (levels[-1] & _BITS, first + len(levels) - 1)
        return bytes(levels)

    def _classified(self, data: bytes, first: int) -> bytearray:
        text = shown(data)
        equal = equal_digits(text)
        last = len(text) - 1
        patterns, heads, defaults = dull(text, stderr=self._stderr), self._heads, self._defaults
        closing, find, begins = patterns.closing.match, equal.find, heads.begins
        next_look, next_other = patterns.next_look.search, patterns.next_other
        levels, tried, untried = bytearray(), not patterns.by_beginning, len(text)
        newline = 0  # the one before the next line
        while newline < last:
            mode, done, start = self._mode, len(levels), newline + 1
            number = first + done
            is_head = equal[start : start + NEAR] in begins or equal[start] == _ANGLE
            if is_head and (mode != TRACE or number >= self._until):
                stop, untried = heads.records(text, equal, start, levels, untried)
                newline = stop - 1
                if len(levels) > done:
                    self._record(levels[-1], first + len(levels) - 1)
                    continue
            if mode == NONE or (mode == RECORD and closing(text, newline)):
                if not tried and (plain := closing(text, newline)) is not None:
                    tried = True
                    if (count := _begun_alike(text, equal, plain)) > 0:
                        self._close()
                        return levels + defaults * count
                found = next_look(text, newline)
                stop = last if found is None else found.start()
                if stop > newline:  # all lines up to the next that needs a look
                    passed = defaults * text.count(b"\n", newline, stop)
                else:
                    stop, passed = self._others(text, newline, levels, number, next_other)
                if stop > newline:
                    self._mode, self._head = NONE, -1
                    levels += passed
                    newline = stop
                    continue
            stop = find(b"\n", start)
            level = self._line(text, equal, newline, stop, number, closing=closing)
            if level >= CONTINUES:
                level = self._joined(level, number, levels[-1] if levels else -1)
            levels.append(level)
            newline = stop
        return levels

    def _others(
        self,
        text: bytes,
        newline: int,
        above: bytearray,
        number: int,
        next_other: re.Pattern[bytes] | None,
    ) -> tuple[int, bytes]:
        """Pass over lines of stderr to which nothing gives a level, also indented and blank ones.

        Args:
            text: whole lines.
            newline: the one before the first of these lines.
            above: the bytes of the lines before, as far as they came with these.
            number: of the first of these lines.
            next_other: for this text.

        Returns:
            The newline before the next line that needs a look, and the bytes of those before it.
        """
        if next_other is None or text[newline + 1] not in _WHITE:
            return newline, b""
        found = next_other.search(text, newline)
        stop = len(text) - 1 if found is None else found.start()
        if stop == newline:
            return stop, b""
        lines = text[newline + 1 : stop].split(b"\n")
        try:
            levels = bytes(map(_FIRST, lines)).translate(_BY_FIRST)
        except IndexError:
            levels = bytes([line[0] if line else _NEWLINE for line in lines]).translate(_BY_FIRST)
        if levels[:1] == _INDENTED:
            first = self._joined(_INDENTED[0], number, above[-1] if above else -1)
            levels = bytes((first,)) + levels[1:]
        return stop, levels.replace(_BLANK + _INDENTED, _BLANK + self._defaults)

    def _joined(self, level: int, number: int, above: int) -> int:
        """The byte of a line that `JOINS` or is `INSIDE`.

        Args:
            level: of the line, with these bits.
            number: of the line.
            above: the byte of the line above it; -1 if that came with the lines before.
        """
        if above < 0 and number - self._last[1] <= JOINED_LINES:
            above = self._last[0]
        joined = level >= INSIDE or (above >= 0 and (level ^ above) & _BITS == 0)
        return level & (_BITS | CONTINUES) if joined else level & _BITS

    def _line(
        self,
        text: bytes,
        equal: bytes,
        newline: int,
        stop: int,
        number: int,
        *,
        closing: _Match,
    ) -> int:
        """The level of one line: by what it is, where that decides; else by a close look."""
        start, mode = newline + 1, self._mode
        if text[start] in _WHITE or (mode in (TRACE, MESSAGE, LINE) and number < self._until):
            return self._look(text[start:stop], number)
        is_plain = mode > RECORD and closing(text, newline)
        kind = PLAIN if is_plain else self._heads.kind(text, equal, start, stop)
        if kind >= 0:
            return self._record(kind, number)
        if kind == PLAIN:
            self._close()
            return self._default
        return self._look(text[start:stop], number)


def _begun_alike(text: bytes, equal: bytes, plain: re.Match[bytes]) -> int:
    """How many lines there are from one on, if all begin like it: with more than a match of it all."""
    start, end = plain.start() + 1, plain.end()
    return 0 if text[end - 1] == _NEWLINE else alike(text, equal, start, equal[start:end])
