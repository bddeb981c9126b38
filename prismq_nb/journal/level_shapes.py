"""Formats that have a shape of their own at the start of a line: one letter, a number, the words of one tool.

Apart from `level_formats`, which reads general headers. Each family of patterns is tried only on lines whose first byte can begin it, or that contain
the text that it cannot do without: most lines need two or three quick tests. Pure functions of one line. Imports the standard library only.
"""

from __future__ import annotations

import re
from typing import Final

from prismq_nb.journal.level_words import CRITICAL, DEBUG, ERROR, INFO, MONTH, NAMES, WARNING, lazily

__all__ = ["far_level", "letter_match", "may_begin_shape", "priority_level", "shape_end"]

# ---- one letter ----------------------------------------------------------------------------------------------------------------------------

_LETTERS: Final = {
    b"T": DEBUG, b"V": DEBUG, b"D": DEBUG, b"DB": DEBUG, b"I": INFO, b"II": INFO, b"N": INFO,
    b"W": WARNING, b"WW": WARNING, b"w": WARNING, b"E": ERROR, b"EE": ERROR, b"e": ERROR, b"C": CRITICAL, b"F": CRITICAL, b"A": CRITICAL,
}  # fmt: skip
_LETTER_FIRST = re.compile(
    rb"([DIWEF])(?:\d{4}|\d{6}|\d{8})[ ]\d\d:\d\d:\d\d"  # glog, klog, absl, CockroachDB
    rb"|([VDIWEFA])/[^\n(:]{1,80}(?:\([ ]*\d+\))?:[ ]"  # logcat: brief, tag
    rb"|([VDIWEF])[ ]?\([ ]*\d+(?:[:]\s*\w+)?\)[ ]"  # logcat: process, thread; ESP-IDF
    rb"|([EWN]):[ ](?=[A-Z])"  # apt
    rb"|([ew]):[ ](?:file:|/)"  # kotlinc
    rb"|([DIWEF]),[ ]\[\d"  # Ruby
)
_ANDROID_TIME = rb"(?:\d{4}-)?\d\d-\d\d[ ]\d\d:\d\d:\d\d\.\d+[ ]"
_DIGIT_FIRST = re.compile(
    _ANDROID_TIME + rb"[ ]*(?:(?![A-Z]+[ ])\S+[ ]+)?\d+[ ]+\d+[ ]([VDIWEFA])[ ]"  # logcat: threadtime
    rb"|" + _ANDROID_TIME + rb"([VDIWEFA])/"  # logcat: time
    rb"|\d{4}-\d\d-\d\dT[\d:.]{8,18}Z[ ]([DIWE])![ ]"  # Telegraf
)
_BRACKET_FIRST = re.compile(
    rb"\[[ ]" + _ANDROID_TIME + rb"[ ]*\d+:[ ]*\w+[ ]([VDIWEFA])/"  # logcat: long
    rb"|\[([TDIWECFV])[ ]+\d[\d:.\-]+[ \]]"  # tornado, Jupyter
    rb"|(?:\[rank\d+\]:[ ]?)?\[([DIWEF])(?:\d{3,4}[ ]\d\d:\d\d:|[ ]+[\w./\-]{1,80}\.(?:c|cc|cpp|cu|h|hpp|py|go|rs):\d+\])"  # PyTorch
    rb"|\[\d{4}-\d\d-\d\d[ ]\d\d:\d\d:\d\d[.,]\d+[ ]([DIWEFC])[ ]\d+"  # Ray
    rb"|\[\d\d:\d\d:\d\d(?:\.\d+)?\]\[([VDIWEC])\]\["  # ESPHome
)
_CLOCK = rb"\[?(?=[^A-SU-Za-z\n]{0,34}\d:\d\d)\d[\d\-/:.,\ TZ+]{5,40}\]?:?"
_LONE = re.compile(rb"[TDIWEFCV][ |/:\]](?<=[ |\[][A-Z].)")  # what the next pattern looks for, without what must stand before it
_CLOCK_FIRST = re.compile(
    _CLOCK + rb"[ ]+(?:\|[ ]*)?([TDIWEFCV])(?:[ ](?=\S)|[ ]?[|/:])"  # TensorFlow, MongoDB before 4.4
    rb"|(?:" + _CLOCK + rb"[ ]+)?\[([DIWE])\][ ]"
)
_X_ORG = re.compile(rb"(?:\[[ ]*\d+\.\d+\][ ])?\((II|WW|EE|DB)\)[ ]|\([\w ]{1,60}\)[ ]\[\d{4}-\d\d-\d\d[ ]\d\d:\d\d:\d\d[.,]\d+[ ]([DIWEFC])[ ]\d+")


def letter_match(head: bytes) -> re.Match[bytes] | None:
    """The format that gives a level by one letter to a line that begins so; its last group is the letter."""
    first = head[:1]
    if first in b"VDIWEFANew":
        return _LETTER_FIRST.match(head)
    if first in b"0123456789":
        return _DIGIT_FIRST.match(head) or (_CLOCK_FIRST.match(head) if _LONE.search(head) else None)
    if first == b"[":
        return _BRACKET_FIRST.match(head) or (_CLOCK_FIRST.match(head) if _LONE.search(head) else None) or _X_ORG.match(head)
    return _X_ORG.match(head) if first == b"(" else None


# ---- one number ----------------------------------------------------------------------------------------------------------------------------

_PRIORITY = re.compile(rb"<(\d{1,3})>")  # RFC 5424, section 6.2.1: facility * 8 + severity; sd-daemon(3) uses the severity alone
_SEVERITIES: Final = (CRITICAL, CRITICAL, CRITICAL, ERROR, WARNING, INFO, INFO, DEBUG)
_LAST_PRIORITY: Final = 191


def priority_level(head: bytes) -> int:
    """The level of a syslog priority, ``<11>text``; -1 if there is none."""
    found = _PRIORITY.match(head)
    return _SEVERITIES[int(found[1]) & 7] if found is not None and int(found[1]) <= _LAST_PRIORITY else -1


# ---- words of one tool -----------------------------------------------------------------------------------------------------------------------

# What these patterns say of a line must follow from what they match and one byte more: `level_heads` remembers it for all lines that begin so. So
# their repetitions are lazy, and no two of them can begin alike.
_CHROMIUM = rb"\[\d+:\d+:\d{4}/\d{6}\.\d+:"
_REDIS = rb"\d+:[A-Z] \d\d? \w{3} (?:\d{4} )?\d\d:\d\d:\d\d\.\d+ "
_KERNEL = rb"[a-z]{1,9} {0,9}:"
_EVENT = rb"\d{1,2}/\d{1,2}/\d{4} \d"  # what Windows' event viewer exports
_PACKAGE = rb"@?[\w./\-]{1,100}"
_YARN_ERROR = (
    rb"Command failed |Command \"|An unexpected error occurred|Couldn't find |Found incompatible module|Your lockfile |Integrity check failed"
    rb"|Incorrect integrity|No lockfile |Received invalid|Missing list of packages|" + _PACKAGE + rb"@\d[\w.\-]*: "
)
_YARN_WARNING = (
    rb"package(?:-lock)?\.json[ :]|\"[^\"\n]{1,200}\" (?:has|is) |No license field|Lockfile has |Resolution field |Pattern \[\""
    rb"|" + _PACKAGE + rb"(?:@\d[\w.\-]*: | > " + _PACKAGE + rb")"
)
_IN_TOOL: Final = {
    "critical": rb"panic: |--> FOAM FATAL |fatal (?:runtime )?error: |critical libmamba |Critical," + _EVENT + rb"|Fatal Python error: |(?:PHP )?Fatal error: |goroutine \d+ \[|\[signal SIG|=CRASH REPORT="
    rb"|(?:LINK|LIB) : fatal error |nvcc fatal {0,9}: |" + _KERNEL + rb"(?:emerg|alert|crit) {0,9}: |" + _CHROMIUM + rb"FATAL:",
    "error": rb"npm (?:ERR!|error\b)|error +libmamba |error (?:" + _YARN_ERROR + rb")|Error," + _EVENT
    + rb"|(?:docker: )?Error response from daemon: |failed: \[|FAIL$|INTERNALERROR> |Err:\d+ [a-z]+:|rsync error: |Module not found: Error: |\#\#\[error\]|::error(?: [^\n:]{1,200}?)?::|note: run with `RUST_BACKTRACE|make(?:\[\d+\])?: \*\*\* "
    rb"|dpkg(?:-\w+)?: error |CMake Error\b|--- FAIL: |FAIL(?:ED)?[ :\t]|thread '[^'\n]{0,200}' (?:\(\d+\) )?panicked at |(?:PHP )?Parse error: "
    rb"|(?:LINK|LIB) : error |nvcc error {0,9}: |Unhandled [Ee]xception[.: ]|Uncaught [\w.]|Error from server|Error in .{1,200}? ?:"
    rb"|Error in \S{1,200} \(line \d+\)|Segmentation fault\b|Error using \S|> Task :\S{1,200} FAILED\b|log4j:ERROR |SLF4J\(E\): |SLF4J: Failed "
    rb"|==\d+==ERROR: |E {3,7}[A-Za-z+\-?^>]|ERR_[A-Z\d_]+ {2}|Exception in thread \"|Bus error\b|=ERROR REPORT=|=SUPERVISOR REPORT="
    rb"|\xe2\x95\xad\S{0,200} Traceback \(most recent call last\)|" + _KERNEL + rb"err {0,9}: |" + _CHROMIUM + rb"ERROR:",
    "warning": rb"npm (?:WARN|warn)\b|warning +libmamba |warning (?:" + _YARN_WARNING + rb")|Warning," + _EVENT
    + rb"|rsync warning: |\d+[smhd](?:\d+[smh])? {2,}Warning {2,}[A-Z]\w+ {2,}|\#\#\[warning\]|::warning(?: [^\n:]{1,200}?)?::|--> FOAM Warning |CMake (?:Deprecation )?Warning\b"
    rb"|(?:In addition: )?Warning messages?:|Warning in .{1,200}? ?:|LaTeX (?:\w+ )?Warning: |\[DEPRECATION WARNING\]|=WARNING REPORT="
    rb"|(?:LINK|LIB) : warning |nvcc warning {0,9}: |log4j:WARN |SLF4J\(W\): |(?:OpenJDK|Java HotSpot)[^:\n]{1,60} warning: "
    rb"|\(node:\d+\) (?:\[\w+\] )?\w*Warning: |\(Use `node --trace-|==\d+==WARNING: |" + _REDIS + rb"# |" + _KERNEL + rb"warn {0,9}: |"
    + _CHROMIUM + rb"WARNING:",
    "info": rb"npm (?:notice|info|http)\b|info +libmamba |frame= *\d+ fps=|size= *\d+(?:kB|KiB) time=|::notice(?: [^\n:]{1,200}?)?::|=INFO REPORT=|SLF4J\(I\): |" + _REDIS + rb"[*] |" + _CHROMIUM + rb"INFO:"
    rb"|" + _KERNEL + rb"(?:notice|info) {0,9}: |" + MONTH + rb" \d{1,2}, \d{4} \d{1,2}:\d\d:\d\d [AP]M [\w.$]+ \S+$",
    "debug": rb"npm (?:verb|sill|timing)|\#\#\[debug\]|::debug::|SLF4J\([DT]\): |" + _REDIS + rb"[-.] |" + _KERNEL + rb"debug {0,9}: ",
}  # fmt: skip
_SHAPES = lazily(b"|".join(b"(?P<%s>%s)" % (level.encode(), pattern) for level, pattern in _IN_TOOL.items()))
# How all of these begin: with their words, Redis' `12:M`, months.
_SHAPE_FIRST = re.compile(
    rb"p(?=anic: )|f(?=atal [er]|ailed: \[|rame=)|error |warning |info +l|critical l|docker: E|size=|INTERNALE|rsync|Err:|Module n|\d+[smhd]|Critical,|g(?=oroutine )|n(?=pm |vcc |ote: r)|\#\#\[|::[ewnd]|make(?=:|\[)|dpkg|thread '|F(?=atal |AIL)|PHP |Parse "
    rb"|\[(?=signal |DEP|\d+:\d+:\d{4}/)|=(?=[A-Z=])|CM(?=ake )|--[->] |U(?=nhan|ncaug)|E(?=rror[ ,]|xception in|RR_| {3})|Segm|Bus|\xe2\x95\xad"
    rb"|In add|W(?=arning[ ,])|LaT|LI(?=NK|B)|log4j:|SLF4J|OpenJ|Java H|\((?=node:|Use)|> T|\d+:[A-Z] |" + MONTH + rb" \d\d?,|[a-z]{1,9} *:[ewnicad]"
)
# Which of them need more than their first words to show, so that a header may end before that.
_LATE = re.compile(
    rb"<|::|note: |\{[ \t]*\"|[A-Za-z](?![A-Za-z])|\[ |make\[|dpkg|thread '|E(?=rror in)|Warning in|LaT|OpenJ|Java H"
    rb"|\((?=node:|Use |[\w ]{1,60}\) \[\d)|> T|\d+:[A-Z] |" + MONTH + rb" \d\d?,|\xe2\x95\xad"
)


def may_begin_shape(head: bytes) -> bool:
    """Whether a line that begins so may turn out to have a shape of its own, or to be JSON, by what stands behind."""
    return _LATE.match(head) is not None


def shape_end(head: bytes) -> tuple[int, int] | None:
    """The level that a format with a shape of its own gives to a line that begins with `head`, and where that shows; None if none does."""
    found = letter_match(head) if head else None
    if found is not None:
        return _LETTERS[found[found.lastindex or 0]], found.end()
    found = _SHAPES().match(head) if _SHAPE_FIRST.match(head) else None
    return (NAMES[(found.lastgroup or "").encode()], found.end()) if found is not None else None


# ---- shapes that show late ---------------------------------------------------------------------------------------------------------------------

# `/my files/x.py:12: `: a path may have spaces, but it is no prose.
_SOURCE_LINE = rb"(?:[A-Za-z]:(?=\\))?(?:(?![A-Z]?[a-z]+ (?:[a-z]+|\d[\d./]*),? )[^\s:][^:\n]{0,300}:\d+: )"
_FAR = re.compile(rb"Warning: ?|\*\*:|-(?:Message|INFO): |Traceback \(|NCCL |: runtime error: |^test.{1,200} \.\.\. [FE]|: line \d|\[vite\] Internal |::\w+.{0,200} (?:FAILED|ERROR)\b")
_FAR_SHAPES = lazily(
    rb"(?P<error>\S{1,120} ?\*{0,2}-ERROR \*\*:|[\w.]*(?:Error|Exception)\w* {2,}Traceback \(most recent call last\)"
    rb"|\S{1,300}:\d+:\d+: runtime error: |\S{1,80}:\d+:\d+ \[\d+\] NCCL ERROR\b|(?:\d[\d:]{4,8} (?:[AP]M )?)?\[vite\] (?:\(\w+\) )?Internal server error: "
    rb"|[\w./\\@+\-]{1,300}: line \d+, col \d+, Error - "
    rb"|test [\w:./<>\-]{1,200} (?:- [^\n]{1,60} |\([^)\n]{0,60}\) ){0,2}\.\.\. FAILED\s*$|test_\w{1,200} \([\w.]+\)(?: \[[^\n]{0,60})? \.\.\. (?:FAIL|ERROR)\s*$"
    rb"|[\w./\-]{1,200}::[^\s\[]{1,200}(?:\[[^\]\n]{1,200}\])? (?:FAILED|ERROR)(?: +\[ *\d+%\]| *$))"  # pytest
    rb"|(?P<warning>" + _SOURCE_LINE + rb"?(?:[A-Za-z_]\w*\.)*[A-Z]\w*Warning: ?"
    rb"|(?:\([^)\n]{1,80}\): )?\S{1,60}-(?:WARNING|CRITICAL) \*\*:|\S{1,80}:\d+:\d+ \[\d+\] (?:[\w./\-]{1,80}:\d+ )?NCCL WARN\b"
    rb"|[\w./\\@+\-]{1,300}: line \d+, col \d+, Warning - )"
    rb"|(?P<info>(?:\([^)\n]{1,80}\): )?\S{1,60}-(?:Message|INFO)(?: \*\*)?: |\S{1,80}:\d+:\d+ \[\d+\] NCCL INFO\b)"
    rb"|(?P<debug>\S{1,80}:\d+:\d+ \[\d+\] NCCL TRACE\b)"
)  # fmt: skip


def far_level(head: bytes) -> int:
    """The level of a shape that may begin with any text at all; -1 if there is none. It counts where no header gives one."""
    found = _FAR_SHAPES().match(head) if _FAR.search(head) else None
    return NAMES[(found.lastgroup or "").encode()] if found is not None else -1
