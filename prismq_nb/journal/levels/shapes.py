"""Formats that have a shape of their own at the start of a line: one letter, a number, the words of one tool.

Apart from `formats`, which reads general headers. Each family of patterns is tried only on lines whose first byte can begin it, or that contain
the text that it cannot do without: most lines need two or three quick tests. Pure functions of one line. Imports the standard library only.
"""

from __future__ import annotations

import re
from typing import Final

from prismq_nb.journal.levels.tools import TOOL_FIRST, TOOLS
from prismq_nb.journal.levels.words import CRITICAL, DEBUG, ERROR, INFO, MONTH, NAMES, WARNING, lazily

__all__ = ["far_level", "letter_match", "may_begin_shape", "priority_level", "shape_end"]

# ---- one letter ----------------------------------------------------------------------------------------------------------------------------

_LETTERS: Final = {
    b"T": DEBUG, b"V": DEBUG, b"D": DEBUG, b"DB": DEBUG, b"I": INFO, b"II": INFO, b"N": INFO,
    b"W": WARNING, b"WW": WARNING, b"w": WARNING, b"E": ERROR, b"EE": ERROR, b"e": ERROR, b"C": CRITICAL, b"F": CRITICAL, b"A": CRITICAL,
    b"0": CRITICAL, b"1": CRITICAL, b"2": CRITICAL, b"3": ERROR, b"4": WARNING, b"5": INFO, b"6": INFO, b"7": DEBUG,
}  # fmt: skip
_LETTER_FIRST = re.compile(
    rb"([DIWEFC])(?:\d{4}|\d{6}|\d{8})[ ]\d\d:\d\d:\d\d"  # glog, klog, absl, CockroachDB
    rb"|([DIWEC])[ ](?:\d{4}[-/]\d\d[-/]\d\d[ T])?\d\d:\d\d:\d\d"  # Python's `%(levelname).1s %(asctime)s`
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
    rb"|\d{4}\.\d\d\.\d\d[ ]\d\d:\d\d:\d\d[ ]LOG([0-7])\["  # stunnel
)
_BRACKET_FIRST = re.compile(
    rb"\[[ ]" + _ANDROID_TIME + rb"[ ]*\d+:[ ]*\w+[ ]([VDIWEFA])/"  # logcat: long
    rb"|\[([TDIWECFV])[ ]+\d[\d:.\-]+[ \]]"  # tornado, Jupyter
    rb"|(?:\[rank\d+\]:[ ]?)?\[([DIWEF])(?:\d{3,4}[ ]\d\d:\d\d:|[ ]+[\w./\-]{1,80}\.(?:c|cc|cpp|cu|h|hpp|py|go|rs):\d+\])"  # PyTorch
    rb"|\[\d{4}-\d\d-\d\d[ ]\d\d:\d\d:\d\d[.,]\d+[ ]([DIWEFC])[ ]\d+"  # Ray
    rb"|\[\d\d:\d\d:\d\d(?:\.\d+)?\]\[([VDIWEC])\]\["  # ESPHome
    rb"|\[\d[\d\-/:.T ,+]{6,30}Z?\][ ](?:\[[^\]\n]{1,60}\][ ]){0,2}\[-{0,4}([TDIWECF])-{0,4}\][ ]"  # spdlog, as its manual sets it
    rb"|\[([DWE])::[\w.]+\][ ]|\[NeMo[ ]([DIWEC])[ ]\d{4}-"  # htslib; NeMo
)
_CLOCK = rb"\[?(?=[^A-SU-Za-z\n]{0,34}\d:\d\d)\d[\d\-/:.,\ TZ+]{5,40}\]?:?"
_LONE = re.compile(rb"[TDINWEFCV][ |/:\]](?<=[ |\[:][A-Z].)")  # what the next pattern looks for, without what must stand before it
_CLOCK_FIRST = re.compile(
    _CLOCK + rb"[ ]+(?:\|[ ]*)?(?:([TDIWEFCV])(?:[ ](?=\S)|[ ]?[|/:])|(N)[ ]\|)"  # TensorFlow, MongoDB before 4.4, etcd
    rb"|\[([DIWE])\][ ](?!=)|" + _CLOCK + rb"[ ]+(?:[\w.\-/]{1,60}:?[ ]+)?\[([TVDINWEFC])(?:\][ ]|:onnxruntime:)"
    rb"|" + _CLOCK + rb"[ ][\w.\-]{1,60}(?:\[\d*\])?:[\w.\-]{0,60}:([TDINWEFC]):"  # Poco
)
_ANGLE_FIRST = re.compile(rb"<([DIWEFC])>\d{4}-\d\d-\d\d[ ]")  # Mumble
_X_ORG = re.compile(rb"(?:\[[ ]*\d+\.\d+\][ ])?\((II|WW|EE|DB)\)[ ]|\([\w ]{1,60}\)[ ]\[\d{4}-\d\d-\d\d[ ]\d\d:\d\d:\d\d[.,]\d+[ ]([DIWEFC])[ ]\d+")


def letter_match(head: bytes) -> re.Match[bytes] | None:
    """The format that gives a level by one letter to a line that begins so; its last group is the letter."""
    first = head[:1]
    if first in b"VDIWEFACNew":
        return _LETTER_FIRST.match(head)
    if first in b"0123456789":
        return _DIGIT_FIRST.match(head) or (_CLOCK_FIRST.match(head) if _LONE.search(head) else None)
    if first == b"[":
        return _BRACKET_FIRST.match(head) or (_CLOCK_FIRST.match(head) if _LONE.search(head) else None) or _X_ORG.match(head)
    if first == b"<":
        return _ANGLE_FIRST.match(head)
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

# Which of the beginnings in `tools` need more than their first words to show, so that a header may end before that.
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
    found = TOOLS().match(head) if TOOL_FIRST.match(head) else None
    return (NAMES[(found.lastgroup or "").encode()], found.end()) if found is not None else None


# ---- shapes that show late ---------------------------------------------------------------------------------------------------------------------

# `/my files/x.py:12: `: a path may have spaces, but it is no prose.
_SOURCE_LINE = rb"(?:[A-Za-z]:(?=\\))?(?:(?![A-Z]?[a-z]+ (?:[a-z]+|\d[\d./]*),? )[^\s:][^:\n]{0,300}+:\d++: )"
_FAR = re.compile(
    rb"Warning: ?|\*\*:|-(?:Message|INFO|DEBUG): |Traceback \(|NCCL |: runtime error: |^test.{1,200} \.\.\. [FE]|(?:^|: )line \d"
    rb"|\[vite\] Internal |: at=e"
    rb"|^\xe2|\] \"[A-Z]| HTTP/\d|:\d+: (?:[CRWEF]\d{4}: |style|perf|port|info)"
    rb"|::\w+.{0,200} (?:FAILED|ERROR)\b"
)
# How access logs begin; they have no level, and Python's servers write them to stderr.
_ACCESS = (
    rb"(?:[\w.:\-]{1,80} \S{1,80} \S{1,80} )?\[\d\d/" + MONTH + rb"/\d{4}[: ]\d\d:\d\d:\d\d[^\]\n]{0,12}\] \"[A-Z]"
    rb"|[\w.:\-]{1,80} \S{1,80} \"?[A-Z]{3,7} \S{1,160} HTTP/\d"
)
# The icons of log-symbols, with which consola, ora, signale and listr begin their lines; `X 3 problems` is eslint's sum.
_BEHIND_ICON = rb"(?:\xef\xb8\x8f)?[ \t]+"
_FAR_SHAPES = lazily(
    rb"(?P<error>\xe2(?:\x9c[\x96-\x98]|\x9d\x8c)" + _BEHIND_ICON + rb"(?=[^\s\d])(?!\w[\w.]*+::\S{1,80} masks )"
    + rb"|\S{1,120} ?\*{0,2}-ERROR \*\*:|(?=[\w.]++ {2,}Traceback \(most recent call last\))[\w.]*(?:Error|Exception)"
    rb"|\S{1,300}:\d+:\d+: runtime error: |\S{1,80}:\d+:\d+ \[\d+\] NCCL ERROR\b"
    rb"|(?:\d[\d:]{4,8} (?:[AP]M )?)?\[vite\] (?:\(\w+\) )?Internal server error: "
    rb"|[\w./\\@+\-]{1,300}: line \d+, col \d+, Error - "
    rb"|line \d+ column \d+ - Error: |[^\s:]{1,300}:\d+:\d+: E\d{4}: |\d[\w:.+\-]{18,40} heroku\[[\w.]+\]: at=error "
    rb"|test [\w:./<>\-]{1,200} (?:- [^\n]{1,60} |\([^)\n]{0,60}\) ){0,2}\.\.\. FAILED\s*$"
    rb"|test_\w{1,200} \([\w.]+\)(?: \[[^\n]{0,60})? \.\.\. (?:FAIL|ERROR)\s*$"
    rb"|[\w./\-]{1,200}::[^\s\[]{1,200}(?:\[[^\]\n]{1,200}\])? (?:FAILED|ERROR)(?: +\[ *\d+%\]| *$))"  # pytest
    rb"|(?P<warning>\xe2\x9a\xa0" + _BEHIND_ICON + rb"|" + _SOURCE_LINE + rb"?(?>(?:[A-Za-z_]\w*+\.)*)[A-Z]\w*Warning: ?"
    rb"|(?:\([^)\n]{1,80}\): )?\S{1,60}-(?:WARNING|CRITICAL) \*\*:|\S{1,80}:\d+:\d+ \[\d+\] (?:[\w./\-]{1,80}:\d+ )?NCCL WARN\b"
    rb"|[\w./\\@+\-]{1,300}: line \d+, col \d+, Warning - |line \d+ column \d+ - Warning: |[^\s:]{1,300}:\d+:\d+: W\d{4}: )"
    rb"|(?P<fatal>[^\s:]{1,300}:\d+:\d+: F\d{4}: )"  # pylint
    rb"|(?P<info>line \d+ column \d+ - (?:Info|Access|Config): |[^\s:]{1,300}:\d+:\d+: (?:[CR]\d{4}|style|performance|portability|information): "
    rb"|\xe2(?:\x9c[\x85\x93\x94]|\x84\xb9|[\xa0-\xa3][\x80-\xbf])" + _BEHIND_ICON + rb"|" + _ACCESS
    + rb"|(?:\([^)\n]{1,80}\): )?\S{1,60}-(?:Message|INFO)(?: \*\*)?: |\S{1,80}:\d+:\d+ \[\d+\] NCCL INFO\b)"
    rb"|(?P<debug>(?:\([^)\n]{1,80}\): )?\S{1,60}-DEBUG: |\S{1,80}:\d+:\d+ \[\d+\] NCCL TRACE\b)"
)  # fmt: skip


def far_level(head: bytes) -> int:
    """The level of a shape that may begin with any text at all; -1 if there is none. It counts where no header gives one."""
    found = _FAR_SHAPES().match(head) if _FAR.search(head) else None
    return NAMES[(found.lastgroup or "").encode()] if found is not None else -1
