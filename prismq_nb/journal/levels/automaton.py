"""The automaton that reads the lines of one stream one by one: blocks, and the level of each line.

Separate module: `stream` passes over the lines that need no close look. The automaton must stay
*bounded* (see `classifier`): `_until` is only ever set by lines that begin a block by their own
text; the other lines may end a block or go on in it. Imports the standard library only.
"""

from __future__ import annotations

import sys
from typing import Final

from prismq_nb.journal.levels.block_lines import (
    COLUMN,
    COMPILER,
    EXCEPTION_NAME,
    GROUP_LINE,
    JAVA_FRAME,
    OPENING,
    PYTHON_FRAME,
    TRACEBACK,
    TRACEBACK_START,
    WARNING_ABOVE,
    begins_literal,
    begins_table,
    draws_table,
)
from prismq_nb.journal.levels.grammar.format import LINE, PARAGRAPHS, RECORD, STACK, Recognised
from prismq_nb.journal.levels.grammar.words import ERROR, INFO, NAMES, WARNING
from prismq_nb.journal.levels.recognise import GENERAL, progress_level, recognise
from prismq_nb.journal.levels.text import WRAPPER
from prismq_nb.journal.levels.transitions import (
    BETWEEN,
    BLANK,
    CAUSE,
    CODE,
    DEFAULT,
    ENDED,
    FRAMES,
    GROUP,
    INDENTED,
    INSIDE,
    JOINS,
    MESSAGE,
    NONE,
    OPEN,
    STDERR_ONLY,
    TABLE_ROW,
    TESTS,
    TEXT,
    TRACE,
    Step,
    step_of,
)

_MESSAGE_LINES: Final = 10  # how far the message of a warning may go on, with the code behind it
_CODE_INDENT: Final = 2  # by how much Python indents the line of code below a warning
_WARNS: Final = b"Warning:"
_MIN_WIDE: Final = 8  # no bar is shorter
_MAY_BE_RECORD: Final = frozenset((NONE, RECORD, ENDED, BETWEEN, MESSAGE, PARAGRAPHS))
"""Indented lines may be records of their own in these states."""
_MAY_BE_DRAWN: Final = frozenset((RECORD, ENDED, STACK))
"""Lines at the margin may be drawn, or be a literal, in these."""
_LETTERS: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_$")
_WRAPPER_BYTES: Final = 140
"""Bytes of a line in which a wrapper's mark must stand."""


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
        self._state = NONE
        self._level = self._default  # of the open block
        self._until = 0  # number of the line at which the block is over
        # The level of the line before, where it was a record's first line.
        self._above = -1
        self._above_until = 0
        # An exception led to another, whose traceback goes on with the first.
        self._chained = False

    # A close look at one line

    def _look(self, text: bytes, number: int, *, may_be_record: bool = True) -> int:
        """The level of one line, with the marks of `transitions`.

        Args:
            text: the line.
            number: of the line in the run.
            may_be_record: see `recognise`.
        """
        if text[:1] in b"[(" or b"| " in text[:_WRAPPER_BYTES]:
            wrapper = WRAPPER.match(text)
            if wrapper is not None:
                text, may_be_record = text[wrapper.end() :], True
        if self._state != NONE and number >= self._until:
            self._close()
        elif self._state == TRACE and text[:4] == b"    " and text[4:5] not in b" \t|+F":
            self._above = -1  # a line of source, or what is drawn below it
            return self._level | JOINS
        bare = text.lstrip(b" \t")
        above, self._above = (self._above if number < self._above_until else -1), -1
        if not bare.strip():
            return self._blank(is_wide=len(text) >= _MIN_WIDE and not text.strip(b" "))
        if TRACEBACK in bare[:200] and TRACEBACK_START.match(bare):
            return self._trace(GROUP if b"Group" in bare[:60] else TRACE, number)
        if len(bare) == len(text):
            return self._margin(bare, number, above, may_be_record=may_be_record)
        column = COLUMN.match(text)
        if column is None:
            return self._indented(bare, number, len(text) - len(bare))
        return self._record(NAMES[column[1].lower()], number)

    def _blank(self, *, is_wide: bool) -> int:
        """A line that shows nothing: it is of the level of what goes on behind it, else of none."""
        state = self._state
        if is_wide and state in (NONE, RECORD, BETWEEN, ENDED):
            # Blanks take a bar away: tqdm's, of a nested loop.
            level = self._default if state in (NONE, BETWEEN) else self._level
            if level == self._default:
                return self._take(Step(None, INFO, INSIDE | STDERR_ONLY))
            if state == RECORD:  # rich fills its lines
                return self._level | INSIDE
        return self._take(step_of(BLANK, state))

    def _indented(self, bare: bytes, number: int, indent: int) -> int:
        if self._state != FRAMES and PYTHON_FRAME.match(bare):
            return self._trace(GROUP if bare.startswith(b"|") else TRACE, number)
        if JAVA_FRAME.match(bare):
            return self._take(step_of(CAUSE, self._state))
        if self._state == GROUP and not GROUP_LINE.match(bare):
            self._state = NONE
        if self._state in _MAY_BE_RECORD:
            found = recognise(bare, stderr=self._stderr, indented=True)
            level = found.level if found is not None else -1
            if level < 0 and self._stderr:
                level = progress_level(bare)
            if level >= 0:
                return self._record(level, number)
        if self._state == RECORD and self._level >= WARNING and begins_table(bare):
            return self._take(step_of(TABLE_ROW, RECORD))
        is_code = self._state == MESSAGE and indent == _CODE_INDENT
        return self._take(step_of(CODE if is_code else INDENTED, self._state))

    def _margin(self, text: bytes, number: int, above: int, *, may_be_record: bool) -> int:
        if text[0] in _LETTERS:
            level = self._opening(text, number, above)
            if level >= 0:
                return level
        found = recognise(text, stderr=self._stderr, may_be_record=may_be_record)
        return self._unrecognised(text, above) if found is None else self._own(found, text, number)

    def _opening(self, text: bytes, number: int, above: int) -> int:
        """The level of a line that says what it is, whatever stands above it; -1 for others."""
        state = self._state
        if state == TRACE and EXCEPTION_NAME.match(text):
            self._begin(ENDED, self._level, number)
            return self._level | JOINS
        found = OPENING.match(text)
        kind = found.lastgroup if found is not None else None
        if found is None or (kind == "exception" and state in (MESSAGE, LINE)):
            return -1
        if kind == "thread":
            return self._trace(RECORD, number)
        if kind == "cause":
            return self._take(step_of(CAUSE, state))
        if kind == "chain":
            self._begin(ENDED, self._level if state in (ENDED, BETWEEN, GROUP) else ERROR, number)
            self._chained = True
            return self._level | JOINS
        # With a package before its name, right below a record: a logger of Java printed it.
        level = above if above >= 0 and found[5] else ERROR
        self._begin(ENDED, level, number)
        return level | JOINS if state == GROUP or above >= 0 else level

    def _own(self, found: Recognised, text: bytes, number: int) -> int:
        """Begin the record of a line that has a level by its own text."""
        level, each = found.level, found.format
        self._record(level, number)
        if each.follows != RECORD:
            self._state = each.follows
        elif level == WARNING and _WARNS in text and WARNING_ABOVE.match(text):
            self._begin(MESSAGE, level, number, _MESSAGE_LINES)
        elif (each is GENERAL or each.late) and COMPILER.match(text):
            self._state = LINE
        return level | JOINS if each.continues else level

    def _unrecognised(self, text: bytes, above: int) -> int:
        """Classify a line at the margin that has no level: a block ends or goes on."""
        state = self._state
        is_drawn = state in _MAY_BE_DRAWN
        if is_drawn and state == RECORD and self._level >= WARNING:
            is_drawn = not draws_table(text, below_record=above >= 0)
        if is_drawn and above >= 0 and begins_literal(text):
            return self._level | JOINS
        for matches, step, draws in TESTS[state]:
            if (is_drawn or not draws) and matches(text):
                return self._take(step)
        return self._take(step_of(TEXT, state))

    # What a line does to the block

    def _take(self, step: Step) -> int:
        state, level, mark = step
        if level == OPEN:
            level = self._level
        elif level == DEFAULT:
            level = self._default
        if state is not None:
            self._state = state
        if mark & STDERR_ONLY:
            return level | (mark ^ STDERR_ONLY) if self._stderr else level
        return level | mark

    def _begin(self, state: int, level: int, number: int, lines: int = sys.maxsize) -> None:
        self._state, self._level, self._chained = state, level, False
        self._until = number + min(self._length, lines)

    def _close(self) -> None:
        self._state, self._above = NONE, -1

    def _record(self, level: int, number: int) -> int:
        self._begin(RECORD, level, number)
        self._above, self._above_until = level, self._until
        return level

    def _trace(self, state: int, number: int) -> int:
        """A traceback is an ERROR, whatever stands above it: also a crash right below a WARNING."""
        before, level = self._state, self._level
        goes_on = before in (TRACE, GROUP)
        logged = before == RECORD and level >= ERROR
        caused = self._chained and before in (ENDED, BETWEEN)
        self._begin(state, level if goes_on else ERROR, number)
        return self._level | (INSIDE if goes_on or logged or caused else 0)
