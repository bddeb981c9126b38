"""The lines of one stream as records, tracebacks and stack traces: which block a line belongs to, and so its level.

Apart from `levels` because compiling its patterns takes a moment. The automaton must stay *bounded* (see `levels`): `_until` is only ever set by
lines that begin a block by their own text; the other lines may end a block or go on in it. Imports the standard library only.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from operator import itemgetter
from typing import Final

from prismq_nb.journal.level_dull import Dull, dull
from prismq_nb.journal.level_formats import progress_level, recognise
from prismq_nb.journal.level_heads import NEAR, PLAIN, Heads, alike, begins_literal, equal_digits
from prismq_nb.journal.level_notes import PARAGRAPH
from prismq_nb.journal.level_parts import (
    CHAINS,
    COLUMN,
    DRAWN,
    DUMPS,
    EXCEPTION,
    EXCEPTION_NAME,
    GO_FUNCTION,
    GO_LINE,
    GOES_ON,
    GROUP_LINE,
    JAVA_CAUSE,
    JAVA_FRAME,
    NO_LINE,
    NO_MESSAGE,
    PYTHON_FRAME,
    SPECIAL,
    STACK_INFO,
    THREAD_START,
    TRACEBACK,
    TRACEBACK_START,
)
from prismq_nb.journal.level_tables import begins_table, draws_table
from prismq_nb.journal.level_text import WRAPPER, shown
from prismq_nb.journal.level_words import CONTINUES, ERROR, INFO, JOINED_LINES, NAMES, WARNING

__all__ = ["Block"]


# What the lines before have left open. Plain ints, for they are compared at each line.
_NONE: Final = 0  # nothing: a line without a format has the stream's default
_RECORD: Final = 1  # a record: indented lines continue it
_TRACE: Final = 2  # a Python traceback whose last line, at the margin, is still to come
_GROUP: Final = 3  # the traceback of an exception group, drawn with | and +
_ENDED: Final = 4  # the last line of a traceback, or an exception of Java, JavaScript, .NET: frames may follow, a blank line, another traceback
_BETWEEN: Final = 5  # the blank line after it
_STACK: Final = 6  # the dump of a Go program, or what CMake says: blank lines belong to it, functions at the margin
_MESSAGE: Final = 7  # a warning whose message is still to come, at the margin
_FRAMES: Final = 8  # the stack that a Python record carries (stack_info=True)
_LINE: Final = 9  # a warning of R or a panic of Rust, whose message is the next line

_PARAGRAPHS: Final = 10  # a note to which blank lines belong, and indented ones between them

_JOINS: Final = CONTINUES  # the line continues the one above it, if that one has the same level
_INSIDE: Final = CONTINUES | 16  # it begins no record, whatever stands above it
_BITS: Final = 7  # of a byte, those that are the level

_HEADS = (Heads(SPECIAL, stderr=False), Heads(SPECIAL, stderr=True))  # shared by all runs: they are pure
_PARAGRAPH = re.compile(PARAGRAPH)
_MESSAGE_LINES: Final = 10  # how far the message of a warning may go on, with the line of code behind it
_CODE: Final = 2  # by how much Python indents the line of code below a warning
_BLANKS: Final = 8  # no bar is shorter
_ANGLE: Final = 0x3C
_NEWLINE: Final = 0x0A
_WHITE: Final = b" \t\n\v\f\r"


_BLANK: Final = bytes((INFO | CONTINUES,))
_INDENTED: Final = bytes((ERROR | _JOINS,))
#: The byte of a line of stderr to which nothing gives a level, by its first byte.
_BY_FIRST: Final = bytes(_BLANK[0] if byte == _NEWLINE else _INDENTED[0] if byte in _WHITE else ERROR for byte in range(256))
_FIRST: Final = itemgetter(0)

_Match = Callable[[bytes, int], re.Match[bytes] | None]


class Block:
    """The automaton of one stream."""

    def __init__(self, default: int, block_lines: int, *, stderr: bool) -> None:
        """One that has seen nothing.

        Args:
            default: level of a line that nothing else gives one.
            block_lines: lines of the run after which a block is over.
            stderr: the stream is stderr.
        """
        self._default = int(default)
        self._defaults = bytes((self._default,))
        self._length = block_lines
        self._stderr = stderr
        self._heads = _HEADS[stderr]
        self._mode = _NONE
        self._level = self._default  # of the open block
        self._until = 0  # number of the line at which the open block is over
        self._head = -1  # the level of the line before, where it was a record's head
        self._head_until = 0
        self._chained = False  # an exception led to another, whose traceback goes on with the first
        self._last = (-1, 0)  # the level and the number of the line before

    def classify(self, data: bytes, first: int) -> bytes:
        """The levels of the next lines of this stream, with `CONTINUES` at those that begin no record.

        The first line has number `first` in the run.
        """
        levels = self._classified(data, first)
        if levels:
            self._last = (levels[-1] & _BITS, first + len(levels) - 1)
        return bytes(levels)

    def _classified(self, data: bytes, first: int) -> bytearray:
        text = shown(data)
        equal = equal_digits(text)
        last = len(text) - 1
        patterns, heads = dull(text, stderr=self._stderr), self._heads
        closing, find, begins = patterns.closing.match, equal.find, heads.begins
        levels, tried, untried = bytearray(), False, len(text)
        newline = 0  # the one before the next line
        while newline < last:
            mode, done, start = self._mode, len(levels), newline + 1
            number = first + done
            if (equal[start : start + NEAR] in begins or equal[start] == _ANGLE) and (mode != _TRACE or number >= self._until):
                stop, untried = heads.records(text, equal, start, levels, untried)
                newline = stop - 1
                if len(levels) > done:
                    self._record(levels[-1], first + len(levels) - 1)
                    continue
            if mode == _NONE or (mode == _RECORD and closing(text, newline)):
                if not tried and patterns.by_beginning and (plain := closing(text, newline)) is not None:
                    tried = True
                    end = plain.end()
                    if text[end - 1] != _NEWLINE and (count := alike(text, equal, start, equal[start:end])) > 0:
                        self._close()
                        return levels + self._defaults * count
                stop, plain_levels = self._plain(text, newline, levels, number, patterns)
                if stop > newline:  # all lines up to the next that needs a look
                    if mode != _NONE:
                        self._close()
                    levels += plain_levels
                    self._head = -1
                    newline = stop
                    continue
            stop = find(b"\n", start)
            level = self._line(text, equal, newline, stop, number, closing=closing)
            if level >= CONTINUES:
                level = self._joined(level, number, levels[-1] if levels else -1)
            levels.append(level)
            newline = stop
        return levels

    def _plain(self, text: bytes, newline: int, above: bytearray, number: int, patterns: Dull) -> tuple[int, bytes]:
        """Pass over lines to which nothing gives a level, while no block is open.

        Args:
            text: whole lines.
            newline: the one before the first of these lines.
            above: the bytes of the lines before, as far as they came with these.
            number: of the first of these lines.
            patterns: for this text.

        Returns:
            The newline before the next line that needs a look, and the bytes of those before it.
        """
        found, last = patterns.next_look.search(text, newline), len(text) - 1
        stop = last if found is None else found.start()
        if stop > newline or patterns.next_other is None or text[newline + 1] not in _WHITE:
            return stop, self._defaults * text.count(b"\n", newline, stop)
        found = patterns.next_other.search(text, newline)
        stop = last if found is None else found.start()
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
        """The byte of a line that `_JOINS` or is `_INSIDE`.

        Args:
            level: of the line, with these bits.
            number: of the line.
            above: the byte of the line above it; -1 if that came with the lines before.
        """
        if above < 0 and number - self._last[1] <= JOINED_LINES:
            above = self._last[0]
        joined = level >= _INSIDE or (above >= 0 and (level ^ above) & _BITS == 0)
        return level & (_BITS | CONTINUES) if joined else level & _BITS

    def _line(self, text: bytes, equal: bytes, newline: int, stop: int, number: int, *, closing: _Match) -> int:
        """The level of one line: by what it is, where that decides; else by a close look."""
        start, mode = newline + 1, self._mode
        if text[start] in _WHITE or (mode in (_TRACE, _MESSAGE, _LINE) and number < self._until):
            return self._look(text[start:stop], number)
        kind = PLAIN if mode > _RECORD and closing(text, newline) else self._heads.kind(text, equal, start, stop)
        if kind >= 0:
            return self._record(kind, number)
        if kind == PLAIN:
            self._close()
            return self._default
        return self._look(text[start:stop], number)

    # ---- a close look at one line ------------------------------------------------------------------------------------------------------------

    def _look(self, text: bytes, number: int) -> int:
        wrapper = WRAPPER.match(text)
        if wrapper is not None:
            text = text[wrapper.end() :]
        if self._mode != _NONE and number >= self._until:
            self._close()
        elif self._mode == _TRACE and text[:4] == b"    " and text[4:5] not in b" \t|+F":
            self._head = -1  # a line of source, or what is drawn below it
            return self._level | _JOINS
        bare = text.lstrip(b" \t")
        head, self._head = (self._head if number < self._head_until else -1), -1
        if not bare.strip():
            # Blanks take a bar away: tqdm's, of a nested loop.
            blanks = len(text) >= _BLANKS and not text.strip(b" ") and self._mode in (_NONE, _RECORD, _BETWEEN, _ENDED)
            if blanks and self._open_level() == self._default:
                return INFO | _INSIDE if self._stderr else INFO
            return self._level | _INSIDE if blanks and self._mode == _RECORD else self._blank()  # rich fills its lines
        if TRACEBACK in bare[:200] and TRACEBACK_START.match(bare):
            return self._trace(_GROUP if b"Group" in bare[:60] else _TRACE, number)
        if len(bare) != len(text):
            column = COLUMN.match(text)
            return self._indented(bare, number, len(text) - len(bare)) if column is None else self._record(NAMES[column[1].lower()], number)
        return self._margin(bare, number, head)

    def _blank(self) -> int:
        """A line that shows nothing: it is of the level of what goes on behind it, else of none."""
        mode = self._mode
        if mode in (_ENDED, _GROUP):
            self._mode = _BETWEEN
        elif mode not in (_TRACE, _STACK, _MESSAGE, _PARAGRAPHS):
            self._mode = _NONE
            return INFO | _INSIDE if self._stderr else INFO
        return self._level | _INSIDE

    def _indented(self, bare: bytes, number: int, indent: int) -> int:
        mode = self._mode
        if mode != _FRAMES and PYTHON_FRAME.match(bare):
            return self._trace(_GROUP if bare.startswith(b"|") else _TRACE, number)
        if JAVA_FRAME.match(bare) or JAVA_CAUSE.match(bare):
            return self._cause() | _JOINS
        if mode == _GROUP and not GROUP_LINE.match(bare):
            mode = self._mode = _NONE
        if mode in (_NONE, _RECORD, _ENDED, _BETWEEN, _MESSAGE, _PARAGRAPHS):
            level = recognise(bare, stderr=self._stderr, indented=True)
            if level < 0 and self._stderr:
                level = progress_level(bare)
            if level >= 0:
                return self._record(level, number)
        if mode == _BETWEEN or (mode == _RECORD and self._level >= WARNING and begins_table(bare)):
            self._close()
        elif mode == _LINE or (mode == _MESSAGE and indent == _CODE):
            self._mode = _RECORD
        return self._open_level() | (_JOINS if self._stderr or self._mode not in (_NONE, _BETWEEN) else 0)

    def _margin(self, text: bytes, number: int, head: int) -> int:
        mode = self._mode
        if text.startswith(CHAINS):
            self._begin(_ENDED, self._level if mode in (_ENDED, _BETWEEN, _GROUP) else ERROR, number)
            self._chained = True
            return self._level | _JOINS
        if THREAD_START.match(text):
            return self._trace(_RECORD, number)
        if JAVA_CAUSE.match(text):
            return self._cause() | _JOINS
        named = self._named(text, head)
        if named >= 0:
            self._begin(_ENDED, named, number)
            return named | _JOINS if mode in (_TRACE, _GROUP) or head >= 0 else named
        level = recognise(text, stderr=self._stderr)
        if level < 0:
            return self._unrecognised(text, head)
        self._record(level, number)
        if text.startswith(DUMPS):
            self._mode = _STACK
        elif level == WARNING and NO_MESSAGE.match(text):
            self._begin(_MESSAGE, level, number, _MESSAGE_LINES)
        elif NO_LINE.match(text):
            self._begin(_LINE, level, number)
        elif level == INFO and self._stderr and _PARAGRAPH.match(text):
            self._mode = _PARAGRAPHS
        return level | _JOINS if GOES_ON.match(text) else level

    def _named(self, text: bytes, head: int) -> int:
        """The level of a line that names an exception; -1 if it does not."""
        if self._mode == _TRACE and EXCEPTION_NAME.match(text):
            return self._level
        named = EXCEPTION.match(text) if self._mode not in (_MESSAGE, _LINE) else None
        if named is None:
            return -1
        return head if head >= 0 and named[1] else ERROR  # with a package before its name, right below a record: a logger of Java printed it

    def _unrecognised(self, text: bytes, head: int) -> int:
        """A line at the margin to which no format gives a level: the end or the going on of a block, or nothing of note."""
        mode = self._mode
        if mode == _MESSAGE:
            return self._level | _JOINS
        if mode in (_TRACE, _LINE):
            self._mode = _ENDED
            return self._level | _JOINS
        if mode == _RECORD and text.startswith(STACK_INFO):
            self._mode = _FRAMES
            return self._level | _JOINS
        go = GO_LINE if mode == _STACK else GO_FUNCTION if mode in (_RECORD, _ENDED) else None
        if self._is_drawn(text, head) or (go is not None and go.match(text)):
            return self._level | _JOINS
        self._close()
        return self._default

    def _is_drawn(self, text: bytes, head: int) -> bool:
        """Whether a line at the margin belongs to the open block by what it is drawn with, or the literal that it begins."""
        if self._mode not in (_RECORD, _ENDED, _STACK):
            return False
        alarming = self._mode == _RECORD and self._level >= WARNING
        if alarming and draws_table(text, below_head=head >= 0):
            return False
        return DRAWN.match(text) is not None or (head >= 0 and begins_literal(text))

    # ---- what a line does to the block -----------------------------------------------------------------------------------------------------------

    def _open_level(self) -> int:
        return self._default if self._mode in (_NONE, _BETWEEN) else self._level

    def _cause(self) -> int:
        return ERROR if self._mode in (_NONE, _BETWEEN) else self._level

    def _begin(self, mode: int, level: int, number: int, lines: int = sys.maxsize) -> None:
        self._mode, self._level, self._chained = mode, level, False
        self._until = number + min(self._length, lines)

    def _close(self) -> None:
        self._mode, self._head = _NONE, -1

    def _record(self, level: int, number: int) -> int:
        self._begin(_RECORD, level, number)
        self._head, self._head_until = level, self._until
        return level

    def _trace(self, mode: int, number: int) -> int:
        """A traceback is an ERROR, whatever stands above it: also a crash right below a WARNING."""
        open_mode, level = self._mode, self._level
        goes_on = open_mode in (_TRACE, _GROUP)
        logged = open_mode == _RECORD and level >= ERROR
        caused = self._chained and open_mode in (_ENDED, _BETWEEN)
        self._begin(mode, level if goes_on else ERROR, number)
        return self._level | (_INSIDE if goes_on or logged or caused else 0)
