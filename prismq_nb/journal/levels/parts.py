"""The lines that make up a block of several: how its first line, those that go on with it, and its last one look.

Patterns only: `automaton` knows what they mean in which place. Imports the standard library only.
"""

from __future__ import annotations

import re

from prismq_nb.journal.levels.heads import SOURCE_WARNING
from prismq_nb.journal.levels.notes import PARAGRAPH
from prismq_nb.journal.levels.text import WRAPPER

__all__ = [
    "CHAINS",
    "COLUMN",
    "DRAWN",
    "DUMPS",
    "EXCEPTION",
    "EXCEPTION_NAME",
    "GOES_ON",
    "GO_FUNCTION",
    "GO_LINE",
    "GROUP_LINE",
    "JAVA_CAUSE",
    "JAVA_FRAME",
    "NO_LINE",
    "NO_MESSAGE",
    "PYTHON_FRAME",
    "SPECIAL",
    "STACK_INFO",
    "THREAD_START",
    "TRACEBACK",
    "TRACEBACK_START",
]

TRACEBACK = b"Traceback (most recent call last)"
_PANIC = b"thread '"
STACK_INFO = b"Stack (most recent call last):"
CHAINS = (
    b"During handling of the above exception, another exception occurred:",
    b"The above exception was the direct cause of the following exception:",
)
TRACEBACK_START = re.compile(rb"(?:[|+][ |+-]*+)?(?:Exception Group )?Traceback \(most recent call last\):?\s*+$")
THREAD_START = re.compile(rb"Exception (?:in thread [^\"\s]|ignored in[: ])|Error in sys\.excepthook:|Error in atexit\._run_exitfuncs:")
PYTHON_FRAME = re.compile(rb"(?>(?:\| ++)*)File \"[^\"\n]{0,1000}+\", line \d")
GROUP_LINE = re.compile(rb"[|+]")
JAVA_FRAME = re.compile(
    rb"at (?:[\w.$/<>@\-\[\]]{1,300}+\(|[\w.$/<>`\[\], ]{1,200} in |async |new |file:|/|node:|<anonymous>)"
    rb"|\.\.\. \d++ (?:more|common frames)|Suppressed: "
)
JAVA_CAUSE = re.compile(rb"(?:Caused by|Suppressed|Wrapped by): ")
# `MeanSquaredError: 0.1` is a figure, so a number alone behind the name does not count.
EXCEPTION = re.compile(
    rb"((?>(?:[A-Za-z_$][\w$]{0,100}+\.){0,20}))[A-Z][\w$]{0,100}(?:Error|Exception)(?=:(?!\s*+[-+]?[\d.,]++(?:[eE][-+]?\d++)?\s*+(?:%\s*+)?$)|\s*+$)"
    rb"|(KeyboardInterrupt|SystemExit)\b[:\s]*+$"
)
EXCEPTION_NAME = re.compile(rb"(?>(?:[A-Za-z_]\w{0,100}+\.){0,20})[A-Z]\w{0,100}(?:Error|Exception|Warning|Exit|Interrupt|Iteration)(?::|\s*+$)")
# Several records in a row that are one: an error of npm, an assertion of pytest, the threads of a
# Go program, a note of Rust below a panic.
GOES_ON = re.compile(
    rb"npm (?:ERR!|error\b)|E {3,24}\S|INTERNALERROR> |goroutine \d|\[signal SIG"
    rb"|note: (?:Some [a-z ]{1,20}, )?run with `RUST_"
)
# Behind a record of zap; in other places a file's name looks the same.
GO_FUNCTION = re.compile(
    rb"(?:main|runtime|testing|net/http|sync|[a-z\d\-]++\.[a-z]{2,6}/(?>(?:[\w.]{0,100}+[/\-]){0,20})\w{0,100}+)\."
    rb"(?:[\w.()*\[\]]++\s*+$|[\w.()*\[\]][\w.)*\[\]]*+\(.*\)\s*+$)"
)
GO_LINE = re.compile(
    rb"panic\(.*\)\s*+$|exit status \d++\s*+$|rax |r\w\w? ++0x"
    rb"|(?:created by )?(?!\.)(?>(?:[\w.*()\-\[\]]{0,100}+/){0,20})[\w*()\-\[\]]{0,100}+\."
    rb"(?:[\w.()*\-\[\]{}]++(?: in goroutine \d++)?\s*+$|[\w.()*\-\[\]{}][\w.)*\-\[\]{}]*+\(.*\)(?: in goroutine \d++)?\s*+$)"
)
DUMPS = (b"panic: ", b"fatal error: ", b"goroutine ", b"[signal ", b"CMake ")
# Boxes of rich, terraform and Julia; the source lines of rustc; what R, Julia, PHP and Rust print below a head; what closes a bracket; curl's meter.
DRAWN = re.compile(
    rb"\xe2[\x94\x95]|\d++ *+\| ?|\xe2\x9d\xb1|(?:\d++: )?In .{1,200}? : ?|\d++: package \xe2\x80\x98"
    rb"|[Ss]tack ?(?:back)?trace:\s*+$|\#\d++ (?:/|\{main\}|\[internal )"
    rb"|[^\s:]{1,200}+:\d++:in [`'\"]|Call Stack \(most recent|This warning is for project dev"  # Ruby, CMake
    rb"|\d{4}-\d\d-\d\d [\d:.]{8,15} \S{1,40} \[\d{1,10}\]:? (?:[\w\-@\[\].]++ ){0,3}(?:CONTEXT|QUERY|LOCATION): "  # PostgreSQL
    rb"|(?:DETAIL|HINT|CONTEXT|QUERY|LOCATION|LINE \d+): "  # psql
    rb"|[})\]]\s*+$|\[\[ {0,4}-?[\d.]|\d{3}(?: ++[\d.]++[kMGTP]?){7} ++[\d\-]"
)

# The head of clang is followed by a line of source. Reports of Erlang name their level in a line of their own.
NO_LINE = re.compile(
    rb"Warning message:\s*+$|thread '.{1,1000}:\s*+$|=[A-Z]{4,10} REPORT==== .{1,60} ===\s*+$"
    rb"|[^\s:]{1,300}\.(?:c|cc|cpp|cu|cxx|h|hh|hpp|m|mm):\d+:\d+: "
    rb"(?:fatal error|error|warning|note|remark|style|performance|portability): (?!each undeclared)"
)

# Lines at the margin that do more than to begin a record or to end a block, or do so in some modes only.
SPECIAL = re.compile(
    rb"|".join(
        (
            *(pattern.pattern for pattern in (TRACEBACK_START, THREAD_START, JAVA_CAUSE, EXCEPTION, DRAWN, GO_LINE, NO_LINE, GOES_ON, WRAPPER)),
            PARAGRAPH,
            *map(re.escape, (*CHAINS, STACK_INFO, *DUMPS, _PANIC)),
        )
    )
)
# What Python's `warnings` prints above a line of code; where that is not to be had (`<frozen ...>:1: `, `sys:1: `), a message is one line.
NO_MESSAGE = re.compile(rb".{0,1000}Warning:\s*+$|" + SOURCE_WARNING)
COLUMN = re.compile(rb" {9,40}(DEBUG(?= {4})|INFO(?= {5})|WARNING(?=  )|ERROR(?= {4})|CRITICAL(?= ))")  # rich, below a time that it does not repeat
