"""The automaton of blocks as a table: for a state and a kind of line, the next state and the level.

A block is a record or a traceback with the lines that continue it. Lines that begin one by their
own text are not here: `automaton` begins a block for them. Imports the standard library only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from prismq_nb.journal.levels.block_lines import DRAWN, GO_FUNCTION, GO_LINE, STACK_INFO
from prismq_nb.journal.levels.grammar.format import LINE, PARAGRAPHS, RECORD, STACK
from prismq_nb.journal.levels.grammar.words import CONTINUES, ERROR, INFO

# States: what the lines before have left open. RECORD, STACK, LINE and PARAGRAPHS are states, too.
NONE: Final = 0
"""Nothing: a line without a format has the stream's default."""
TRACE: Final = 2
"""A Python traceback whose last line, at the margin, is still to come."""
GROUP: Final = 3
"""The traceback of an exception group, drawn with | and +."""
ENDED: Final = 4
"""The last line of a traceback, or an exception of Java, JavaScript, .NET: frames may follow, a
blank line, another traceback."""
BETWEEN: Final = 5
"""The blank line after it."""
MESSAGE: Final = 7
"""A warning whose message is still to come, at the margin."""
FRAMES: Final = 8
"""The stack that a Python record carries (stack_info=True)."""
_STATES: Final = (
    NONE, RECORD, TRACE, GROUP, ENDED, BETWEEN, STACK, MESSAGE, FRAMES, LINE, PARAGRAPHS,
)  # fmt: skip

# Kinds of lines: indented, blank, or at the margin without a format.
BLANK: Final = "blank"
CAUSE: Final = "a frame or the cause of an exception of Java"
TABLE_ROW: Final = "an indented row of a table"
CODE: Final = "code, indented as Python indents it below a warning"
INDENTED: Final = "any other indented line"
TEXT: Final = "any other line at the margin"

# Levels of a step that are no level of their own.
OPEN: Final = -1
"""That of the block."""
DEFAULT: Final = -2
"""That of a line without a format."""

JOINS: Final = CONTINUES
"""The line continues the one above it, if that one has the same level."""
INSIDE: Final = CONTINUES | 16
"""It begins no record, whatever stands above it."""
STDERR_ONLY: Final = 32
"""Only on stderr: what nothing gives a level to is an error there, and may be of several lines."""


class Step(NamedTuple):
    """What a line does.

    Attributes:
        state: after it; None: the same as before.
        level: of the line: a level, `OPEN` or `DEFAULT`.
        mark: `JOINS` or `INSIDE`, perhaps with `STDERR_ONLY`; 0: the line begins a record.
    """

    state: int | None
    level: int
    mark: int


_CONTINUES: Final = Step(None, OPEN, JOINS)
_KEEPS: Final = Step(None, OPEN, INSIDE)
_ENDS: Final = Step(NONE, DEFAULT, 0)
_BLANK_BETWEEN: Final = Step(BETWEEN, OPEN, INSIDE)
_LAST_LINE: Final = Step(ENDED, OPEN, JOINS)

TRANSITIONS: Final[dict[str, dict[int | None, Step]]] = {
    BLANK: {
        ENDED: _BLANK_BETWEEN,
        GROUP: _BLANK_BETWEEN,
        TRACE: _KEEPS,
        STACK: _KEEPS,
        MESSAGE: _KEEPS,
        PARAGRAPHS: _KEEPS,
        None: Step(NONE, INFO, INSIDE | STDERR_ONLY),
    },
    CAUSE: {
        NONE: Step(NONE, ERROR, JOINS),
        BETWEEN: Step(BETWEEN, ERROR, JOINS),
        None: _CONTINUES,
    },
    TABLE_ROW: {RECORD: Step(NONE, DEFAULT, JOINS | STDERR_ONLY)},
    CODE: {MESSAGE: Step(RECORD, OPEN, JOINS)},
    INDENTED: {
        NONE: Step(NONE, DEFAULT, JOINS | STDERR_ONLY),
        BETWEEN: Step(NONE, DEFAULT, JOINS | STDERR_ONLY),
        LINE: Step(RECORD, OPEN, JOINS),
        None: _CONTINUES,
    },
    "the stack of a Python record": {RECORD: Step(FRAMES, OPEN, JOINS)},
    "a drawing, or what a tool prints below its message": {
        RECORD: _CONTINUES,
        ENDED: _CONTINUES,
        STACK: _CONTINUES,
    },
    "a function of Go below a record of zap": {RECORD: _CONTINUES, ENDED: _CONTINUES},
    "a line of a stack of Go": {STACK: _CONTINUES},
    TEXT: {
        MESSAGE: _CONTINUES,
        TRACE: _LAST_LINE,
        LINE: _LAST_LINE,
        None: _ENDS,
    },
}
"""For each kind of line, the step in each state; that of None: in all other states."""

_PATTERNS: Final = {
    "the stack of a Python record": STACK_INFO,
    "a drawing, or what a tool prints below its message": DRAWN,
    "a function of Go below a record of zap": GO_FUNCTION,
    "a line of a stack of Go": GO_LINE,
}
TESTS: Final[dict[int, tuple[tuple[Callable[[bytes], object], Step, bool], ...]]] = {
    state: tuple(
        (pattern.match, TRANSITIONS[kind][state], pattern is DRAWN)
        for kind, pattern in _PATTERNS.items()
        if state in TRANSITIONS[kind]
    )
    for state in _STATES
}
"""For each state, what is held against a line at the margin that has no format, in this order, the
step where it matches, and whether it is a drawing, as tables are too."""


def step_of(kind: str, state: int) -> Step:
    """The step of a line of this kind in this state."""
    steps = TRANSITIONS[kind]
    return steps.get(state) or steps[None]
