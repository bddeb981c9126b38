"""What the lines of a block look like: its first line, those that continue it, and its last one.

Patterns only: `transitions` says what they mean in each state. Imports the standard library only.
"""

from __future__ import annotations

import re
from typing import Final

TRACEBACK: Final = b"Traceback (most recent call last)"
TRACEBACK_START: Final = re.compile(
    rb"(?:[|+][ |+-]*+)?(?:Exception Group )?Traceback \(most recent call last\):?\s*+$"
)
OPENING: Final = re.compile(
    rb"(?P<chain>During handling of the above exception, another exception occurred:"
    rb"|The above exception was the direct cause of the following exception:)"
    rb"|(?P<thread>Exception (?:in thread [^\"\s]|ignored in[: ])|Error in sys\.excepthook:"
    rb"|Error in atexit\._run_exitfuncs:)"
    rb"|(?P<cause>(?:Caused by|Suppressed|Wrapped by): )"
    rb"|(?P<exception>((?>(?:[A-Za-z_$][\w$]{0,100}+\.){0,20}))[A-Z][\w$]{0,100}(?:Error|Exception)"
    rb"(?=:(?!\s*+[-+]?[\d.,]++(?:[eE][-+]?\d++)?\s*+(?:%\s*+)?$)|\s*+$)"
    rb"|(?:KeyboardInterrupt|SystemExit)\b[:\s]*+$)"
)
"""Lines at the margin that say what they are, whatever stands above them: that one exception led to
another; the crash of a thread; the cause of an exception of Java; an exception by its name.
`MeanSquaredError: 0.1` is a figure, so a number alone behind the name does not count."""
EXCEPTION_NAME: Final = re.compile(
    rb"(?>(?:[A-Za-z_]\w{0,100}+\.){0,20})[A-Z]\w{0,100}"
    rb"(?:Error|Exception|Warning|Exit|Interrupt|Iteration)(?::|\s*+$)"
)
PYTHON_FRAME: Final = re.compile(rb"(?>(?:\| ++)*)File \"[^\"\n]{0,1000}+\", line \d")
GROUP_LINE: Final = re.compile(rb"[|+]")
JAVA_FRAME: Final = re.compile(
    rb"at (?:[\w.$/<>@\-\[\]]{1,300}+\(|[\w.$/<>`\[\], ]{1,200} in |async |new |file:|/|node:"
    rb"|<anonymous>)"
    rb"|\.\.\. \d++ (?:more|common frames)|(?:Caused by|Suppressed|Wrapped by): "
)
"""Indented: a frame, or a cause."""
STACK_INFO: Final = re.compile(rb"Stack \(most recent call last\):")
# Behind a record of zap; in other places a file's name looks the same.
GO_FUNCTION: Final = re.compile(
    rb"(?:main|runtime|testing|net/http|sync"
    rb"|[a-z\d\-]++\.[a-z]{2,6}/(?>(?:[\w.]{0,100}+[/\-]){0,20})\w{0,100}+)\."
    rb"(?:[\w.()*\[\]]++\s*+$|[\w.()*\[\]][\w.)*\[\]]*+\(.*\)\s*+$)"
)
GO_LINE: Final = re.compile(
    rb"panic\(.*\)\s*+$|exit status \d++\s*+$|rax |r\w\w? ++0x"
    rb"|(?:created by )?(?!\.)(?>(?:[\w.*()\-\[\]]{0,100}+/){0,20})[\w*()\-\[\]]{0,100}+\."
    rb"(?:[\w.()*\-\[\]{}]++(?: in goroutine \d++)?\s*+$"
    rb"|[\w.()*\-\[\]{}][\w.)*\-\[\]{}]*+\(.*\)(?: in goroutine \d++)?\s*+$)"
)
# Boxes of rich, terraform and Julia; the source lines of rustc; what R, Julia, PHP and Rust print
# below a head; what closes a bracket; curl's meter.
DRAWN: Final = re.compile(
    rb"\xe2[\x94\x95]|\d++ *+\| ?|\xe2\x9d\xb1|(?:\d++: )?In .{1,200}? : ?"
    rb"|\d++: package \xe2\x80\x98"
    rb"|[Ss]tack ?(?:back)?trace:\s*+$|\#\d++ (?:/|\{main\}|\[internal )"
    # Ruby, CMake
    rb"|[^\s:]{1,200}+:\d++:in [`'\"]|Call Stack \(most recent|This warning is for project dev"
    # PostgreSQL
    rb"|\d{4}-\d\d-\d\d [\d:.]{8,15} \S{1,40} \[\d{1,10}\]:? (?:[\w\-@\[\].]++ ){0,3}"
    rb"(?:CONTEXT|QUERY|LOCATION): "
    rb"|(?:DETAIL|HINT|CONTEXT|QUERY|LOCATION|LINE \d+): "  # psql
    rb"|[})\]]\s*+$|\[\[ {0,4}-?[\d.]|\d{3}(?: ++[\d.]++[kMGTP]?){7} ++[\d\-]"
)
COMPILER: Final = re.compile(
    rb"[^\s:]{1,300}\.(?:c|cc|cpp|cu|cxx|h|hh|hpp|m|mm):\d+:\d+: "
    rb"(?:fatal error|error|warning|note|remark|style|performance|portability): "
    rb"(?!each undeclared)"
)
"""The head of a compiler's message, below which stands a line of source (clang, gcc)."""
WARNING_ABOVE: Final = re.compile(
    rb".{0,1000}Warning:\s*+$"
    rb"|[^<\s:][^:\n]{0,300}\.py:\d++: (?>(?:[A-Za-z_]\w*+\.)*)[A-Z]\w*Warning: "
)
"""What Python's `warnings` prints above a line of code; where that is not to be had (`<frozen
...>:1: `, `sys:1: `), a message is one line."""
COLUMN: Final = re.compile(
    rb" {9,40}(DEBUG(?= {4})|INFO(?= {5})|WARNING(?=  )|ERROR(?= {4})|CRITICAL(?= ))"
)
"""rich, below a time that it does not repeat."""

_OPENING: Final = frozenset(b"[{(")
_OPEN_ENDS: Final = frozenset(b",[{(")
_VALUE: Final = frozenset(b"[{('\"-0123456789")


def begins_literal(line: bytes) -> bool:
    """Whether a line may be the first of several of a dictionary or a list.

    Right below a record it continues it: Scrapy's settings.
    """
    return line[0] in _OPENING and line[-1] in _OPEN_ENDS and (len(line) == 1 or line[1] in _VALUE)


_CELL = rb"(?:NaN|[-+]?[\d.]+%?|[A-Za-z_%][\w.%\-]*)"
# Indented: the names of columns, as pandas prints them above a frame; rows and rules of psql,
# SQLite, prettytable, tabulate; boxes.
_TABLE = re.compile(
    _CELL + rb"(?>(?: {2,40}" + _CELL + rb"){1,64})[ \t]*$"
    rb"|[A-Za-z_]\w*(?> \w+)* +(?>(?:\| +\w+(?> \w+)* *){1,64})$"
    rb"|\+?[-=]{3,}+(?>(?:[+| ]+[-=]{2,}+){0,64})\+?[ \t]*$"
    rb"|\|(?=[^|\n]{1,200}\|[^\n]{0,1000}\|[ \t]*$)"
    rb"|\xe2(?:\x94[\x8c-\x8f]|\x95[\x92-\x94])"
)  # fmt: skip
# At the margin: the upper edge of a box that is no traceback of rich (Julia's `\xe2\x94\x8c
# Warning: ` is a record), and a rule.
_EDGE = re.compile(
    rb"\xe2(?:\x94[\x80\x81\x8c-\x8f]"
    rb"|\x95(?:[\x90\x92-\x94]|\xad(?![^\n]{0,200}Traceback )))"
)
_ROW = re.compile(rb"\d+ *\|")
"""`2 | x` is a row, though rustc prints source so: between it and the record stands where that
is."""
_MAX_ROW: Final = 1024  # bytes; no longer row is looked at


def begins_table(text: bytes) -> bool:
    """Whether an indented line, given without its indentation, begins a table.

    Below a record such a line is no part of it.
    """
    return len(text) <= _MAX_ROW and _TABLE.match(text) is not None


def draws_table(text: bytes, *, below_record: bool) -> bool:
    """Whether a line at the margin that a record's text could be drawn with begins a table.

    Args:
        text: the line.
        below_record: it stands right below a record's first line.
    """
    return _EDGE.match(text) is not None or (below_record and _ROW.match(text) is not None)
