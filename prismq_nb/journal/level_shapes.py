"""Formats that have a shape of their own at the start of a line: one letter, a number, the words of one tool.

Apart from `level_formats`, which reads general headers. Each family of patterns is tried only on lines whose first byte can begin it, or that contain
the text that it cannot do without: most lines need two or three quick tests. Pure functions of one line. Imports the standard library only.
"""

from __future__ import annotations

import re
from typing import Final

from prismq_nb.journal.level_words import CRITICAL, DEBUG, ERROR, INFO, MONTH, NAMES, WARNING

__all__ = ["has_far_shape", "letter_match", "may_begin_shape", "priority_level", "shape_level"]

# ---- one letter ----------------------------------------------------------------------------------------------------------------------------

_LETTERS: Final = {
    b"T": DEBUG, b"V": DEBUG, b"D": DEBUG, b"DB": DEBUG, b"I": INFO, b"II": INFO, b"N": INFO,
    b"W": WARNING, b"WW": WARNING, b"w": WARNING, b"E": ERROR, b"EE": ERROR, b"e": ERROR, b"C": CRITICAL, b"F": CRITICAL, b"A": CRITICAL,
}  # fmt: skip
_LETTER_FIRST = re.compile(
    rb"([DIWEF])(?:\d{4}|\d{8})[ ]\d\d:\d\d:\d\d"  # glog, klog, absl
    rb"|([VDIWEFA])/[^\n(:]{1,80}(?:\([ ]*\d+\))?:[ ]"  # logcat: brief, tag
    rb"|([VDIWEF])[ ]?\([ ]*\d+(?:[:]\s*\w+)?\)[ ]"  # logcat: process, thread; ESP-IDF
    rb"|([EWN]):[ ]"  # apt
    rb"|([ew]):[ ](?:file:|/)"  # kotlinc
    rb"|([DIWEF]),[ ]\[\d"  # Ruby
)
_ANDROID_TIME = rb"(?:\d{4}-)?\d\d-\d\d[ ]\d\d:\d\d:\d\d\.\d+[ ]"
_DIGIT_FIRST = re.compile(
    _ANDROID_TIME + rb"[ ]*(?:(?![A-Z]+[ ])\S+[ ]+)?\d+[ ]+\d+[ ]([VDIWEFA])[ ]"  # logcat: threadtime
    rb"|" + _ANDROID_TIME + rb"([VDIWEFA])/"  # logcat: time
)
_BRACKET_FIRST = re.compile(
    rb"\[[ ]" + _ANDROID_TIME + rb"[ ]*\d+:[ ]*\w+[ ]([VDIWEFA])/"  # logcat: long
    rb"|\[([TDIWECFV])[ ]+\d[\d:.\-]+[ \]]"  # tornado, Jupyter
)
_CLOCK = rb"\[?(?=[^A-SU-Za-z\n]{0,34}\d:\d\d)\d[\d\-/:.,\ TZ+]{5,40}\]?:?"
_LONE = re.compile(rb"[TDIWEFCV][ |/:\]](?<=[ |\[][A-Z].)")  # what the next pattern looks for, without what must stand before it
_CLOCK_FIRST = re.compile(
    _CLOCK + rb"[ ]+(?:\|[ ]*)?([TDIWEFCV])(?:[ ](?=\S)|[ ]?[|/:])"  # TensorFlow, MongoDB before 4.4
    rb"|(?:" + _CLOCK + rb"[ ]+)?\[([DIWE])\][ ]"
)
_X_ORG = re.compile(rb"(?:\[[ ]*\d+\.\d+\][ ])?\((II|WW|EE|DB)\)[ ]")


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

# `/my files/x.py:12: `: a path may have spaces, but it is no prose and no record.
_SOURCE_LINE = rb"(?:(?!\[INFO\]|[A-Z]?[a-z]+ (?:[a-z]+|\d[\d./]*),? )\S[^:\n]{0,300}:\d+: )"
_SHAPES = re.compile(
    rb"(?P<critical>panic: |fatal error: |Fatal Python error: |(?:PHP )?Fatal error: |goroutine \d+ \[|\[signal SIG|=CRASH REPORT=)"
    rb"|(?P<error>npm (?:ERR!|error\b)|make(?:\[\d+\])?: \*\*\* |dpkg(?:-\w+)?: error |CMake Error\b|--- FAIL: |FAIL(?:ED)?[ :\t]"
    rb"|thread '[^'\n]*' (?:\(\d+\) )?panicked at |(?:PHP )?Parse error: "
    rb"|Unhandled [Ee]xception[.: ]|Uncaught [\w.]|Error from server|Error in .{1,200} ?:|Segmentation fault\b"
    rb"|Exception in thread \"|Bus error\b|=ERROR REPORT=|=SUPERVISOR REPORT=|\S{1,120} ?\*{0,2}-ERROR \*\*:"
    rb"|[\w.]*(?:Error|Exception)\w* {2,}Traceback \(most recent call last\)|\xe2\x95\xad\S* Traceback \(most recent call last\))"
    rb"|(?P<warning>npm (?:WARN|warn)\b|CMake (?:Deprecation )?Warning\b|(?:In addition: )?Warning messages?:|Warning in .{1,200} ?:"
    rb"|LaTeX (?:\w+ )?Warning: |\[DEPRECATION WARNING\]|=WARNING REPORT="
    rb"|" + _SOURCE_LINE + rb"?(?:[A-Za-z_]\w*\.)*[A-Z]\w*Warning: "
    rb"|(?:\([^)\n]{1,80}\): )?\S{1,60}-(?:WARNING|CRITICAL) \*\*:|\d+:[A-Z] \d.{10,30} # )"
    rb"|(?P<info>npm (?:notice|info|http)\b|=INFO REPORT=|\d+:[A-Z] \d.{10,30} [*] "
    rb"|" + MONTH + rb" \d{1,2}, \d{4} \d{1,2}:\d\d:\d\d [AP]M [\w.$]+ \S+$"
    rb"|(?:\([^)\n]{1,80}\): )?\S{1,60}-(?:Message|INFO)(?: \*\*)?: )"
    rb"|(?P<debug>npm (?:verb|sill|timing)|\d+:[A-Z] \d.{10,30} [-.] )"
)  # fmt: skip
# How all shapes begin but those of `has_far_shape`: with their words, Redis' `12:M`, months.
_SHAPE_FIRST = re.compile(
    rb"p(?=a)|f(?=a)|g(?=o)|n(?=p)|m(?=a)|d(?=p)|t(?=h)|F(?=a|AIL|eb)|PHP|Parse|\[(?=s|DEP)|=|CM|---|U[n]|E(?=rror |xc)|S(?=eg|ep)|Bus|\xe2\x95\xad"
    rb"|In |W(?=arn)|LaT|\d+:[A-Z]|[JMAOND](?=[a-z])"
)
_NCCL = re.compile(rb"\S+:\d+:\d+ \[\d+\] NCCL (INFO|WARN|TRACE|ERROR)\b")
_KERNEL = re.compile(rb"[a-z]+[ ]*:(emerg|alert|crit|err|warn|notice|info|debug)[ ]*: ")


_MAY_BEGIN = re.compile(rb"[<{]|[A-Za-z](?![A-Za-z])|\[ |" + _SHAPE_FIRST.pattern)


def may_begin_shape(head: bytes) -> bool:
    """Whether a line that begins so may turn out to have a shape of its own, or to be JSON, by what stands behind."""
    return _MAY_BEGIN.match(head) is not None


_FAR = re.compile(rb"Warning: |\*\*:|-(?:Message|INFO): |Traceback \(|NCCL ")


def has_far_shape(text: bytes) -> bool:
    """Whether lines of this text may have a shape that shows only far behind their start, as it begins with any text at all."""
    return _FAR.search(text) is not None


def shape_level(head: bytes) -> int:
    """The level that a format with a shape of its own gives to a line that begins with `head`, without white space before it; -1 if none does."""
    found = letter_match(head) if head else None
    if found is not None:
        return _LETTERS[found[found.lastindex or 0]]
    if _SHAPE_FIRST.match(head) or has_far_shape(head):
        found = _SHAPES.match(head)
        if found is not None:
            return NAMES[(found.lastgroup or "").encode()]
    found = (_NCCL.match(head) if b" NCCL " in head else None) or _KERNEL.match(head)
    return NAMES[found[1].lower()] if found is not None else -1
