"""The lines of one stream as records, tracebacks and stack traces, and so their levels.

Separate module: compiling its patterns takes a moment. Here many lines are classified at once:
runs of records, and lines that the prefilter skips; `automaton` looks closely at the others.
Imports the standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import itemgetter
from typing import Final

from prismq_nb.journal.levels.automaton import Automaton
from prismq_nb.journal.levels.formats.table import RECORDS
from prismq_nb.journal.levels.grammar.format import LINE, RECORD
from prismq_nb.journal.levels.grammar.words import CONTINUES, ERROR, INFO, JOINED_LINES
from prismq_nb.journal.levels.prefilter import Prefilter, prefilter_for
from prismq_nb.journal.levels.record_formats import RecordFormat, pass_over_records
from prismq_nb.journal.levels.text import shown
from prismq_nb.journal.levels.transitions import INSIDE, JOINS, MESSAGE, NONE, TRACE

_BITS: Final = 7  # of a byte, those that are the level

_NEWLINE: Final = 0x0A
_WHITE: Final = b" \t\n\v\f\r"


_BLANK: Final = bytes((INFO | CONTINUES,))
_INDENTED: Final = bytes((ERROR | JOINS,))
_BY_WHITE: Final = dict.fromkeys(_WHITE, _INDENTED[0]) | {_NEWLINE: _BLANK[0]}
_BY_FIRST: Final = bytes(_BY_WHITE.get(byte, ERROR) for byte in range(256))
"""The byte of a line of stderr to which nothing gives a level, by its first byte."""
_FIRST: Final = itemgetter(0)

_Match = Callable[[bytes, int], re.Match[bytes] | None]


class Stream(Automaton):
    """The automaton of one stream, for many lines at once."""

    def __init__(self, default: int, block_lines: int, *, stderr: bool) -> None:
        """As `Automaton`."""
        super().__init__(default, block_lines, stderr=stderr)
        self._format: RecordFormat | None = None
        self._last = (-1, 0)  # the level and the number of the line before
        # Whether the last line that was no record was plain: what it was is tried first.
        self._plain_first = False

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
        last = len(text) - 1
        patterns = prefilter_for(text, stderr=self._stderr)
        closing, find, can_begin = patterns.closing.match, text.find, RECORDS.groups
        levels = bytearray(self._defaults * self._count_alike(text, patterns))
        newline = last if levels else 0  # the one before the next line
        while newline < last:
            number = first + len(levels)
            if self._plain_first:
                newline = self._pass_over_plain(text, newline, levels, number, patterns)
                if newline == last:
                    break
                number = first + len(levels)
            may_be_record = True
            start = newline + 1
            if text[start] in can_begin and (self._state != TRACE or number >= self._until):
                stop, self._format = pass_over_records(text, newline, levels, self._format)
                if stop > newline:
                    self._record(levels[-1], first + len(levels) - 1)
                    newline = stop
                    continue
                stop = find(b"\n", start)
                may_be_record = text[stop - 10 : stop].rstrip().endswith(b"Warning:")
            if not self._plain_first:
                stop = self._pass_over_plain(text, newline, levels, number, patterns)
                if stop > newline:
                    newline, self._plain_first = stop, True
                    continue
            self._plain_first = False
            stop = find(b"\n", start)
            level = self._line(
                text, newline, stop, number, closing=closing, may_be_record=may_be_record
            )
            if level >= CONTINUES:
                level = self._joined(level, number, levels[-1] if levels else -1)
            levels.append(level)
            newline = stop
        return levels

    def _count_alike(self, text: bytes, patterns: Prefilter) -> int:
        """Close the block, and count the lines, if all are plain and begin alike; else 0."""
        if (
            len(text) < _MANY_BYTES
            or self._state not in (NONE, RECORD)
            or not patterns.by_beginning
            or (plain := patterns.closing.match(text)) is None
            or (count := _count_alike(text, plain.end())) == 0
        ):
            return 0
        self._close()
        return count

    def _pass_over_plain(
        self, text: bytes, newline: int, levels: bytearray, number: int, patterns: Prefilter
    ) -> int:
        """Append the levels of the lines to which the prefilter gives none, from here on.

        Args:
            text: whole lines.
            newline: the one before the first of these lines.
            levels: of the lines before, as far as they came with these.
            number: of the first of these lines.
            patterns: for this text.

        Returns:
            The newline before the next line that needs a look.
        """
        state = self._state
        if state != NONE and (state != RECORD or not patterns.closing.match(text, newline)):
            return newline
        found = patterns.next_look.search(text, newline)
        stop = len(text) - 1 if found is None else found.start()
        if stop > newline:
            count = text.count(b"\n", newline, stop)
            levels += self._defaults * count
            number += count
        if stop < len(text) - 1 and text[stop + 1] in _WHITE:
            stop, passed = self._others(text, stop, levels, number, patterns.next_other)
            levels += passed
        if stop > newline:
            self._close()
        return stop

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
        if next_other is None:
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
        newline: int,
        stop: int,
        number: int,
        *,
        closing: _Match,
        may_be_record: bool,
    ) -> int:
        """The level of one line: by what it is, where that decides; else by a close look."""
        start, state = newline + 1, self._state
        if text[start] in _WHITE or (state in (TRACE, MESSAGE, LINE) and number < self._until):
            return self._look(text[start:stop], number, may_be_record=may_be_record)
        if state > RECORD and closing(text, newline):
            self._close()
            return self._default
        return self._look(text[start:stop], number, may_be_record=may_be_record)


_EQUAL_DIGITS: Final = bytes.maketrans(b"023456789", b"111111111")
"""Makes all digits equal."""
_MANY_BYTES: Final = 4096
"""Fewer bytes are not worth the look at all of them."""


def _count_alike(text: bytes, end: int) -> int:
    r"""Count the lines, if all begin like the first but for their digits; else 0.

    Args:
        text: whole lines, between two ``\n``.
        end: of the beginning of the first line. If that is the whole line, the answer is 0.
    """
    if text[end - 1] == _NEWLINE:
        return 0
    equal = text.translate(_EQUAL_DIGITS)
    beginning = equal[:end]
    if not equal.startswith(beginning, equal.rfind(b"\n", 0, -1)):
        return 0
    lines = equal.count(b"\n") - 1
    return lines if equal.count(beginning) == lines else 0
