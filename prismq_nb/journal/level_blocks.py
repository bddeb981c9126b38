"""The lines of one stream as records, tracebacks and stack traces: which block a line belongs to, and so its level.

Apart from `levels` because compiling its patterns takes a moment. The automaton must stay *bounded* (see `levels`): `_until` is only ever set by
lines that begin a block by their own text; the other lines may end a block or go on in it. Imports the standard library only.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Final

from prismq_nb.journal.level_dull import dull
from prismq_nb.journal.level_formats import progress_level, recognise
from prismq_nb.journal.level_heads import NEAR, PLAIN, SOURCE_WARNING, Heads, alike, begins_literal, equal_digits
from prismq_nb.journal.level_text import WRAPPER, shown
from prismq_nb.journal.level_words import ERROR, INFO, NAMES, WARNING

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

_TRACEBACK = b"Traceback (most recent call last)"
_PANIC = b"thread '"
_STACK_INFO = b"Stack (most recent call last):"
_CHAINS = (
    b"During handling of the above exception, another exception occurred:",
    b"The above exception was the direct cause of the following exception:",
)
_TRACEBACK_START = re.compile(rb"(?:[|+][ |+-]*+)?(?:Exception Group )?Traceback \(most recent call last\):?\s*+$")
_THREAD_START = re.compile(rb"Exception (?:in thread [^\"\s]|ignored in[: ])|Error in sys\.excepthook:|Error in atexit\._run_exitfuncs:")
_PYTHON_FRAME = re.compile(rb"(?>(?:\| ++)*)File \"[^\"\n]{0,1000}+\", line \d")
_GROUP_LINE = re.compile(rb"[|+]")
_JAVA_FRAME = re.compile(
    rb"at (?:[\w.$/<>@\-\[\]]{1,300}+\(|[\w.$/<>`\[\], ]{1,200} in |async |new |file:|/|node:|<anonymous>)"
    rb"|\.\.\. \d++ (?:more|common frames)|Suppressed: "
)
_JAVA_CAUSE = re.compile(rb"(?:Caused by|Suppressed|Wrapped by): ")
# `MeanSquaredError: 0.1` is a figure, so a number alone behind the name does not count.
_EXCEPTION = re.compile(
    rb"((?>(?:[A-Za-z_$][\w$]{0,100}+\.){0,20}))[A-Z][\w$]{0,100}(?:Error|Exception)(?=:(?!\s*+[-+]?[\d.,]++(?:[eE][-+]?\d++)?\s*+(?:%\s*+)?$)|\s*+$)"
    rb"|(KeyboardInterrupt|SystemExit)\b[:\s]*+$"
)
_EXCEPTION_NAME = re.compile(rb"(?>(?:[A-Za-z_]\w{0,100}+\.){0,20})[A-Z]\w{0,100}(?:Error|Exception|Warning|Exit|Interrupt|Iteration)(?::|\s*+$)")
# Behind a record of zap; in other places a file's name looks the same.
_GO_FUNCTION = re.compile(
    rb"(?:main|runtime|testing|net/http|sync|[a-z\d\-]++\.[a-z]{2,6}/(?>(?:[\w.]{0,100}+[/\-]){0,20})\w{0,100}+)\."
    rb"(?:[\w.()*\[\]]++\s*+$|[\w.()*\[\]][\w.)*\[\]]*+\(.*\)\s*+$)"
)
_GO_LINE = re.compile(
    rb"panic\(.*\)\s*+$|exit status \d++\s*+$|rax |r\w\w? ++0x"
    rb"|(?:created by )?(?!\.)(?>(?:[\w.*()\-\[\]]{0,100}+/){0,20})[\w*()\-\[\]]{0,100}+\."
    rb"(?:[\w.()*\-\[\]{}]++(?: in goroutine \d++)?\s*+$|[\w.()*\-\[\]{}][\w.)*\-\[\]{}]*+\(.*\)(?: in goroutine \d++)?\s*+$)"
)
_DUMPS = (b"panic: ", b"fatal error: ", b"goroutine ", b"[signal ", b"CMake ")
# Boxes of rich, terraform and Julia; the source lines of rustc; what R, Julia, PHP and Rust print below a head; what closes a bracket; curl's meter.
_DRAWN = re.compile(
    rb"\xe2[\x94\x95]|\d++ *+\| ?|\xe2\x9d\xb1|(?:\d++: )?In .{1,200}? : ?|\d++: package \xe2\x80\x98"
    rb"|[Ss]tack ?(?:back)?trace:\s*+$|\#\d++ (?:/|\{main\}|\[internal )"
    rb"|[^\s:]{1,200}+:\d++:in [`'\"]|Call Stack \(most recent|This warning is for project dev"  # Ruby, CMake
    rb"|\d{4}-\d\d-\d\d [\d:.]{8,15} \S{1,40} \[\d{1,10}\]:? (?:[\w\-@\[\].]++ ){0,3}(?:CONTEXT|QUERY|LOCATION): "  # PostgreSQL
    rb"|(?:DETAIL|HINT|CONTEXT|QUERY|LOCATION|LINE \d+): "  # psql
    rb"|[})\]]\s*+$|\[\[ {0,4}-?[\d.]|100(?: ++[\d.]++[kMGTP]?){7} ++[\d\-]"
)

# The head of clang is followed by a line of source. Reports of Erlang name their level in a line of their own.
_NO_LINE = re.compile(
    rb"Warning message:\s*+$|thread '.{1,1000}:\s*+$|=[A-Z]{4,10} REPORT==== .{1,60} ===\s*+$"
    rb"|[^\s:]{1,300}\.(?:c|cc|cpp|cu|cxx|h|hh|hpp|m|mm):\d+:\d+: "
    rb"(?:fatal error|error|warning|note|remark|style|performance|portability): (?!each undeclared)"
)

# Lines at the margin that do more than to begin a record or to end a block, or do so in some modes only.
_SPECIAL = re.compile(
    rb"|".join(
        (
            *(pattern.pattern for pattern in (_TRACEBACK_START, _THREAD_START, _JAVA_CAUSE, _EXCEPTION, _DRAWN, _GO_LINE, _NO_LINE, WRAPPER)),
            *map(re.escape, (*_CHAINS, _STACK_INFO, *_DUMPS, _PANIC)),
        )
    )
)
_HEADS = (Heads(_SPECIAL, stderr=False), Heads(_SPECIAL, stderr=True))  # shared by all runs: they are pure
# What Python's `warnings` prints above a line of code; where that is not to be had (`<frozen ...>:1: `, `sys:1: `), a message is one line.
_NO_MESSAGE = re.compile(rb".{0,1000}Warning:\s*+$|" + SOURCE_WARNING)
_MESSAGE_LINES: Final = 10  # how far the message of a warning may go on, with the line of code behind it
_COLUMN = re.compile(rb" {9,40}(DEBUG(?= {4})|INFO(?= {5})|WARNING(?=  )|ERROR(?= {4})|CRITICAL(?= ))")  # rich, below a time that it does not repeat
_CODE: Final = 2  # by how much Python indents the line of code below a warning
_BLANKS: Final = 8  # no bar is shorter
_ANGLE: Final = 0x3C
_NEWLINE: Final = 0x0A
_WHITE: Final = b" \t\n\v\f\r"


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
        self._length = block_lines
        self._stderr = stderr
        self._heads = _HEADS[stderr]
        self._mode = _NONE
        self._level = self._default  # of the open block
        self._until = 0  # number of the line at which the open block is over
        self._head = -1  # the level of the line before, where it was a record's head
        self._head_until = 0

    def classify(self, data: bytes, first: int) -> bytes:
        """The levels of the next lines of this stream; the first has number `first` in the run."""
        text = shown(data)
        equal = equal_digits(text)
        last = len(text) - 1
        patterns, heads, default = dull(text, stderr=self._stderr), self._heads, bytes((self._default,))
        next_look, closing, find, begins = patterns.next_look.search, patterns.closing.match, equal.find, heads.begins
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
                        return bytes(levels) + default * count
                found = next_look(text, newline)
                stop = last if found is None else found.start()
                if stop > newline:  # all lines up to the next that needs a look
                    if mode != _NONE:
                        self._close()
                    levels += default * text.count(b"\n", newline, stop)
                    self._head = -1
                    newline = stop
                    continue
            stop = find(b"\n", start)
            levels.append(self._line(text, equal, newline, stop, number, closing=closing))
            newline = stop
        return bytes(levels)

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
            return self._level
        bare = text.lstrip(b" \t")
        head, self._head = (self._head if number < self._head_until else -1), -1
        if not bare.strip():
            # Blanks take a bar away: tqdm's, of a nested loop.
            blanks = len(text) >= _BLANKS and not text.strip(b" ") and self._mode in (_NONE, _RECORD, _BETWEEN, _ENDED)
            if blanks and self._open_level() == self._default:
                return INFO
            return self._level if blanks and self._mode == _RECORD else self._blank()  # rich fills its lines
        if _TRACEBACK in bare[:200] and _TRACEBACK_START.match(bare):
            return self._trace(_GROUP if b"Group" in bare[:60] else _TRACE, number)
        if len(bare) != len(text):
            column = _COLUMN.match(text)
            return self._indented(bare, number, len(text) - len(bare)) if column is None else self._record(NAMES[column[1].lower()], number)
        return self._margin(bare, number, head)

    def _blank(self) -> int:
        mode, level = self._mode, self._open_level()
        if mode in (_ENDED, _GROUP):
            self._mode = _BETWEEN
        elif mode not in (_TRACE, _STACK, _MESSAGE):
            self._mode = _NONE
        return level

    def _indented(self, bare: bytes, number: int, indent: int) -> int:
        mode = self._mode
        if mode != _FRAMES and _PYTHON_FRAME.match(bare):
            return self._trace(_GROUP if bare.startswith(b"|") else _TRACE, number)
        if _JAVA_FRAME.match(bare) or _JAVA_CAUSE.match(bare):
            return self._cause()
        if mode == _GROUP and not _GROUP_LINE.match(bare):
            mode = self._mode = _NONE
        if mode in (_NONE, _RECORD, _ENDED, _BETWEEN, _MESSAGE):
            level = recognise(bare, stderr=self._stderr, indented=True)
            if level < 0 and self._stderr:
                level = progress_level(bare)
            if level >= 0:
                return self._record(level, number)
        if mode == _BETWEEN:
            self._close()
        elif mode == _LINE or (mode == _MESSAGE and indent == _CODE):
            self._mode = _RECORD
        return self._open_level()

    def _margin(self, text: bytes, number: int, head: int) -> int:
        mode = self._mode
        if text.startswith(_CHAINS):
            self._begin(_ENDED, self._level if mode in (_ENDED, _BETWEEN, _GROUP) else ERROR, number)
            return self._level
        if _THREAD_START.match(text):
            return self._trace(_RECORD, number)
        if _JAVA_CAUSE.match(text):
            return self._cause()
        named = self._named(text, head)
        if named >= 0:
            return self._exception(named, number)
        level = recognise(text, stderr=self._stderr)
        if level < 0:
            return self._unrecognised(text, head)
        self._record(level, number)
        if text.startswith(_DUMPS):
            self._mode = _STACK
        elif level == WARNING and _NO_MESSAGE.match(text):
            self._begin(_MESSAGE, level, number, _MESSAGE_LINES)
        elif _NO_LINE.match(text):
            self._begin(_LINE, level, number)
        return level

    def _named(self, text: bytes, head: int) -> int:
        """The level of a line that names an exception; -1 if it does not."""
        if self._mode == _TRACE and _EXCEPTION_NAME.match(text):
            return self._level
        named = _EXCEPTION.match(text) if self._mode not in (_MESSAGE, _LINE) else None
        if named is None:
            return -1
        return head if head >= 0 and named[1] else ERROR  # with a package before its name, right below a record: a logger of Java printed it

    def _unrecognised(self, text: bytes, head: int) -> int:
        """A line at the margin to which no format gives a level: the end or the going on of a block, or nothing of note."""
        mode = self._mode
        if mode == _MESSAGE:
            return self._level
        if mode in (_TRACE, _LINE):
            self._mode = _ENDED
            return self._level
        if mode == _RECORD and text.startswith(_STACK_INFO):
            self._mode = _FRAMES
            return self._level
        drawn = mode in (_RECORD, _ENDED, _STACK) and (_DRAWN.match(text) or (head >= 0 and begins_literal(text)))
        if drawn or (mode == _STACK and _GO_LINE.match(text)) or (mode in (_RECORD, _ENDED) and _GO_FUNCTION.match(text)):
            return self._level
        self._close()
        return self._default

    # ---- what a line does to the block -----------------------------------------------------------------------------------------------------------

    def _open_level(self) -> int:
        return self._default if self._mode in (_NONE, _BETWEEN) else self._level

    def _cause(self) -> int:
        return ERROR if self._mode in (_NONE, _BETWEEN) else self._level

    def _begin(self, mode: int, level: int, number: int, lines: int = sys.maxsize) -> None:
        self._mode, self._level, self._until = mode, level, number + min(self._length, lines)

    def _close(self) -> None:
        self._mode, self._head = _NONE, -1

    def _record(self, level: int, number: int) -> int:
        self._begin(_RECORD, level, number)
        self._head, self._head_until = level, self._until
        return level

    def _trace(self, mode: int, number: int) -> int:
        """A traceback is an ERROR, whatever stands above it: also a crash right below a WARNING."""
        self._begin(mode, self._level if self._mode in (_TRACE, _GROUP) else ERROR, number)
        return self._level

    def _exception(self, level: int, number: int) -> int:
        self._begin(_ENDED, level, number)
        return level
