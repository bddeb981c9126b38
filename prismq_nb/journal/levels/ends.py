"""Where the head of a line ends, and what is true of all lines with this head, whatever stands behind it.

What `heads` remembers. Pure functions of one line. Imports the standard library only.
"""

from __future__ import annotations

import re
from typing import Final

from prismq_nb.journal.levels.headers import HEAD_BYTES, TIME, header_slot
from prismq_nb.journal.levels.json_lines import plain_slot
from prismq_nb.journal.levels.logfmt import pair_level
from prismq_nb.journal.levels.shapes import may_begin_shape, shape_end
from prismq_nb.journal.levels.words import LOWER, lazily

__all__ = ["CHECKED", "EXACT", "FIGURE", "LEVEL", "NEEDS_TEXT", "NEVER", "NO_COUNT", "head_of"]

#: The bits of what is remembered that are the level.
LEVEL: Final = 7
#: It does not count when a figure stands behind it (see `headers.is_figure`).
FIGURE: Final = 8
#: From here on what is remembered needs a look at what stands behind the head.
CHECKED: Final = 16
#: It counts only with text behind it.
NEEDS_TEXT: Final = 16
#: It does not count when a number alone stands behind it.
NO_COUNT: Final = 32
#: Its digits count.
EXACT: Final = 64
#: What stands behind it counts, so it cannot be remembered.
NEVER: Final = 128

_AFTER = rb"(?=[ \t:\])>}|!\[{\n]|/[A-Z][a-z])"  # one byte is enough to tell that an upper-case word counts, but for Celery's slash
_MARKED = rb"error|warning|note|fatal|info|warn|debug|fail|crit|dbug|trce|Error|Warning|Info"
_UPPER_WORDS: Final = {
    b"D": rb"EBUG|BG|EPRECATION",
    b"I": rb"NFO|NF", b"W": rb"ARN(?:ING)?|RN", b"E": rb"RR(?:OR?)?|MERG", b"C": rb"RIT(?:ICAL)?", b"F": rb"ATAL|TL|INE",
    b"S": rb"EVERE|UCCESS", b"T": rb"RACE", b"N": rb"OT(?:IC)?E", b"V": rb"ERBOSE|RB", b"L": rb"OG", b"A": rb"LERT", b"P": rb"ANIC",
}  # fmt: skip
# One pattern for the first end of a head. Each alternative begins with one literal byte that is rare in text: so `re` is quick to find them.
_ENDS: Final = (
    *(first + rb"(?<!\w" + first + rb")(?:" + rest + rb")" + _AFTER for first, rest in _UPPER_WORDS.items()),
    *(rb"%c(?<=[\d:] %c) " % (letter, letter) for letter in b"TDIWEFCVA"),  # TensorFlow, logcat
    *(re.escape(b"%c" % mark) + rb"[ \t]*+(?:[\w.\-]*+[:#])?(?:" + LOWER + rb")[ \t]*+[\])>|]" for mark in b"[(<|"),
    *(mark + rb"(?:" + _MARKED + rb"):(?=[ \t\n])" for mark in (b": ", b"\n")),
    rb": (?:(?:fatal )?error|warning) [A-Z]{1,5}\d+ ?:(?=[ \t\n])",  # compilers of Microsoft
    rb",(?<=\d,) (?:Info|Error|Warning) {2}",  # Windows
    rb"\t(?=[A-Za-z])(?:" + LOWER + rb")\t",
    rb"=(?<=[\s]level=)\"?[A-Za-z]+",
    rb"=(?<=[\s]lvl=)\"?[A-Za-z]+",
    rb"\n[DIWEF](?:\d{4}|\d{6}|\d{8}) \d\d:\d\d:\d\d",  # glog
    rb"\n\[[TDIWECFV] +\d[\d:.\-]+[ \]]",  # tornado
    rb"\n[VDIWEFA]/[^\n(:]{1,80}(?:\( *\d+\))?: ",  # logcat
    rb"\n[EWN]: ",  # apt
)  # fmt: skip
_END = lazily(rb"|".join(_ENDS))
# Behind a level's word, what shows that no figure follows: the column behind a padded level.
_NO_FIGURE = re.compile(rb"[ \t]+(?:[|\[({:]|- )")
# A bracket that text touches can be read in two ways, by what follows.
_TOUCHED = re.compile(rb"[\])>}][:,]?[^\s:,\[]")
_BRACE: Final = 0x7B


def head_of(line: bytes, level: int) -> tuple[int, int]:
    """Where the head of a line ends that has this level, and what to remember of it: the level, with the bits above.

    Args:
        line: without its newline, not empty.
        level: of this line, 0 to 4.
    """
    if line[0] == _BRACE and line[1:].lstrip()[:1] in b'"}':
        return _json_head(line, level)
    head = line[:HEAD_BYTES]
    shape = shape_end(head)
    if shape is not None:
        return shape[1], level if shape[0] == level else NEVER
    text = b"\n" + head + b"\n"
    found = _END().search(text, 0, HEAD_BYTES)
    if found is None:
        return 0, NEVER
    end = found.end() - 1
    remembered = _level_of_head(head, found.start() - 1, end, level)
    if remembered == level | FIGURE and (mark := _NO_FIGURE.match(head, end)):
        return mark.end() - 1, level
    return end, remembered


def _json_head(line: bytes, level: int) -> tuple[int, int]:
    """The same of a JSON line."""
    slot = plain_slot(line)
    if slot is None or slot.level != level or line[slot.end : slot.end + 1] not in (b",", b"}"):
        return 0, NEVER
    return slot.end, EXACT if slot.number else level


def _level_of_head(head: bytes, start: int, end: int, level: int) -> int:
    """What to remember for the head of a line that has this level, when the first end of a head lies between `start` and `end`."""
    if may_begin_shape(head) or _TOUCHED.search(head, 0, end):
        return NEVER
    slot = header_slot(head)
    if slot is None:
        if _is_pair(head, start) and pair_level(head) == pair_level(head[:end] + b" x") == level:
            return level if pair_level(head[:end]) == level else level | NEEDS_TEXT  # a pair alone is a setting
        return NEVER
    if slot.level != level or not start <= slot.start < end:
        return NEVER
    spaced = head[end : end + 1] in (b" ", b"\t")
    if spaced and ((other := header_slot(head[: end + 1] + b"x")) is None or other.level != level):
        return NEVER  # it counts for the second blank: `state : WARNING  x`
    if not slot.upper and head[end - 1 : end] == b":":
        level |= NO_COUNT
    if slot.needs_text:
        level |= NEEDS_TEXT
    figure = TIME.search(head[: slot.start]) is None if slot.upper else not slot.marked
    return level | FIGURE if figure and spaced else level


def _is_pair(head: bytes, start: int) -> bool:
    """Whether a head ends behind a pair, so that no header can follow: its tokens hold no ``=``, but for brackets."""
    return head[start : start + 1] == b"=" and head[0] not in b"0123456789" and not any(byte in b"[(<{" for byte in head[:start])
