"""The automaton that reads the lines of one stream one by one: blocks, and the level of each line.

Separate module: `blocks` passes over the lines that need no close look. The automaton must
stay *bounded* (see `levels`): `_until` is only ever set by lines that begin a block by their own
text; the other lines may end a block or go on in it. Imports the standard library only.
"""

from __future__ import annotations

import re
import sys
from typing import Final

from prismq_nb.journal.levels.formats import progress_level, recognise
from prismq_nb.journal.levels.heads import begins_literal
from prismq_nb.journal.levels.notes import PARAGRAPH
from prismq_nb.journal.levels.parts import (
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
    STACK_INFO,
    THREAD_START,
    TRACEBACK,
    TRACEBACK_START,
)
from prismq_nb.journal.levels.tables import begins_table, draws_table
from prismq_nb.journal.levels.text import WRAPPER
from prismq_nb.journal.levels.words import CONTINUES, ERROR, INFO, NAMES, WARNING

__all__ = ["INSIDE", "JOINS", "LINE", "MESSAGE", "NONE", "RECORD", "TRACE", "Automaton"]

# What the lines before have left open. Plain ints, for they are compared at each line.
NONE: Final = 0
"""Nothing: a line without a format has the stream's default."""
RECORD: Final = 1
"""A record: indented lines continue it."""
TRACE: Final = 2
"""A Python traceback whose last line, at the margin, is still to come."""
_GROUP: Final = 3  # the traceback of an exception group, drawn with | and +
_ENDED: Final = 4
"""The last line of a traceback, or an exception of Java, JavaScript, .NET: frames may follow, a
blank line, another traceback."""
_BETWEEN: Final = 5  # the blank line after it
_STACK: Final = 6
"""The dump of a Go program, or what CMake says: blank lines belong to it, as do functions at the
margin."""
MESSAGE: Final = 7
"""A warning whose message is still to come, at the margin."""
_FRAMES: Final = 8  # the stack that a Python record carries (stack_info=True)
LINE: Final = 9
"""A warning of R or a panic of Rust, whose message is the next line."""
_PARAGRAPHS: Final = 10  # a note to which blank lines belong, and indented ones between them

JOINS: Final = CONTINUES
"""The line continues the one above it, if that one has the same level."""
INSIDE: Final = CONTINUES | 16
"""It begins no record, whatever stands above it."""

_PARAGRAPH = re.compile(PARAGRAPH)
_MESSAGE_LINES: Final = 10  # how far the message of a warning may go on, with the code behind it
_CODE: Final = 2  # by how much Python indents the line of code below a warning
_BLANKS: Final = 8  # no bar is shorter


class Automaton:
    """The state of one stream, and the close look at one line of it."""

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
        self._mode = NONE
        self._level = self._default  # of the open block
        self._until = 0  # number of the line at which the block is over
        self._head = -1  # the level of the line before, where it was a record's head
        self._head_until = 0
        # An exception led to another, whose traceback goes on with the first.
        self._chained = False

    # A close look at one line

    def _look(self, text: bytes, number: int) -> int:
        wrapper = WRAPPER.match(text)
        if wrapper is not None:
            text = text[wrapper.end() :]
        if self._mode != NONE and number >= self._until:
            self._close()
        elif self._mode == TRACE and text[:4] == b"    " and text[4:5] not in b" \t|+F":
            self._head = -1  # a line of source, or what is drawn below it
            return self._level | JOINS
        bare = text.lstrip(b" \t")
        head, self._head = (self._head if number < self._head_until else -1), -1
        if not bare.strip():
            return self._blank(is_wide=len(text) >= _BLANKS and not text.strip(b" "))
        if TRACEBACK in bare[:200] and TRACEBACK_START.match(bare):
            return self._trace(_GROUP if b"Group" in bare[:60] else TRACE, number)
        if len(bare) != len(text):
            column = COLUMN.match(text)
            if column is None:
                return self._indented(bare, number, len(text) - len(bare))
            return self._record(NAMES[column[1].lower()], number)
        return self._margin(bare, number, head)

    def _blank(self, *, is_wide: bool) -> int:
        """A line that shows nothing: it is of the level of what goes on behind it, else of none."""
        mode = self._mode
        if is_wide and mode in (NONE, RECORD, _BETWEEN, _ENDED):
            # Blanks take a bar away: tqdm's, of a nested loop.
            if self._open_level() == self._default:
                return INFO | INSIDE if self._stderr else INFO
            if mode == RECORD:  # rich fills its lines
                return self._level | INSIDE
        if mode in (_ENDED, _GROUP):
            self._mode = _BETWEEN
        elif mode not in (TRACE, _STACK, MESSAGE, _PARAGRAPHS):
            self._mode = NONE
            return INFO | INSIDE if self._stderr else INFO
        return self._level | INSIDE

    def _indented(self, bare: bytes, number: int, indent: int) -> int:
        mode = self._mode
        if mode != _FRAMES and PYTHON_FRAME.match(bare):
            return self._trace(_GROUP if bare.startswith(b"|") else TRACE, number)
        if JAVA_FRAME.match(bare) or JAVA_CAUSE.match(bare):
            return self._cause() | JOINS
        if mode == _GROUP and not GROUP_LINE.match(bare):
            mode = self._mode = NONE
        if mode in (NONE, RECORD, _ENDED, _BETWEEN, MESSAGE, _PARAGRAPHS):
            level = recognise(bare, stderr=self._stderr, indented=True)
            if level < 0 and self._stderr:
                level = progress_level(bare)
            if level >= 0:
                return self._record(level, number)
        if mode == _BETWEEN or (mode == RECORD and self._level >= WARNING and begins_table(bare)):
            self._close()
        elif mode == LINE or (mode == MESSAGE and indent == _CODE):
            self._mode = RECORD
        joins = self._stderr or self._mode not in (NONE, _BETWEEN)
        return self._open_level() | (JOINS if joins else 0)

    def _margin(self, text: bytes, number: int, head: int) -> int:
        mode = self._mode
        if text.startswith(CHAINS):
            level = self._level if mode in (_ENDED, _BETWEEN, _GROUP) else ERROR
            self._begin(_ENDED, level, number)
            self._chained = True
            return self._level | JOINS
        if THREAD_START.match(text):
            return self._trace(RECORD, number)
        if JAVA_CAUSE.match(text):
            return self._cause() | JOINS
        named = self._named(text, head)
        if named >= 0:
            self._begin(_ENDED, named, number)
            return named | JOINS if mode in (TRACE, _GROUP) or head >= 0 else named
        level = recognise(text, stderr=self._stderr)
        if level < 0:
            return self._unrecognised(text, head)
        self._record(level, number)
        if text.startswith(DUMPS):
            self._mode = _STACK
        elif level == WARNING and NO_MESSAGE.match(text):
            self._begin(MESSAGE, level, number, _MESSAGE_LINES)
        elif NO_LINE.match(text):
            self._begin(LINE, level, number)
        elif level == INFO and self._stderr and _PARAGRAPH.match(text):
            self._mode = _PARAGRAPHS
        return level | JOINS if GOES_ON.match(text) else level

    def _named(self, text: bytes, head: int) -> int:
        """The level of a line that names an exception; -1 if it does not."""
        if self._mode == TRACE and EXCEPTION_NAME.match(text):
            return self._level
        named = EXCEPTION.match(text) if self._mode not in (MESSAGE, LINE) else None
        if named is None:
            return -1
        # With a package before its name, right below a record: a logger of Java printed it.
        return head if head >= 0 and named[1] else ERROR

    def _unrecognised(self, text: bytes, head: int) -> int:
        """Classify a line at the margin that has no level: a block ends or goes on."""
        mode = self._mode
        if mode == MESSAGE:
            return self._level | JOINS
        if mode in (TRACE, LINE):
            self._mode = _ENDED
            return self._level | JOINS
        if mode == RECORD and text.startswith(STACK_INFO):
            self._mode = _FRAMES
            return self._level | JOINS
        go = GO_LINE if mode == _STACK else GO_FUNCTION if mode in (RECORD, _ENDED) else None
        if self._is_drawn(text, head) or (go is not None and go.match(text)):
            return self._level | JOINS
        self._close()
        return self._default

    def _is_drawn(self, text: bytes, head: int) -> bool:
        """Whether a line at the margin goes on with the block: a drawing, or a literal."""
        if self._mode not in (RECORD, _ENDED, _STACK):
            return False
        alarming = self._mode == RECORD and self._level >= WARNING
        if alarming and draws_table(text, below_head=head >= 0):
            return False
        return DRAWN.match(text) is not None or (head >= 0 and begins_literal(text))

    # What a line does to the block

    def _open_level(self) -> int:
        return self._default if self._mode in (NONE, _BETWEEN) else self._level

    def _cause(self) -> int:
        return ERROR if self._mode in (NONE, _BETWEEN) else self._level

    def _begin(self, mode: int, level: int, number: int, lines: int = sys.maxsize) -> None:
        self._mode, self._level, self._chained = mode, level, False
        self._until = number + min(self._length, lines)

    def _close(self) -> None:
        self._mode, self._head = NONE, -1

    def _record(self, level: int, number: int) -> int:
        self._begin(RECORD, level, number)
        self._head, self._head_until = level, self._until
        return level

    def _trace(self, mode: int, number: int) -> int:
        """A traceback is an ERROR, whatever stands above it: also a crash right below a WARNING."""
        open_mode, level = self._mode, self._level
        goes_on = open_mode in (TRACE, _GROUP)
        logged = open_mode == RECORD and level >= ERROR
        caused = self._chained and open_mode in (_ENDED, _BETWEEN)
        self._begin(mode, level if goes_on else ERROR, number)
        return self._level | (INSIDE if goes_on or logged or caused else 0)
