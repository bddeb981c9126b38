"""What lines at the margin are by their own text, remembered by the shape of their heads: lines of one program differ in numbers and messages.

A head reaches to the first upper-case level word, with digits made equal; whole short lines are remembered too. The level of `recognise` depends on
nothing else in the lines that are remembered; the others (JSON, priorities, shapes that show late) are recognised each time. Apart from
`level_formats` because that is the definition and this only makes it fast. Imports the standard library only.
"""

from __future__ import annotations

import re
from typing import Final

from prismq_nb.journal.level_formats import HEAD_BYTES, header_slot, is_figure, pair_level, recognise
from prismq_nb.journal.level_shapes import has_far_shape, letter_match, may_begin_shape, shape_level
from prismq_nb.journal.level_words import LOWER

__all__ = ["KNOWN_SHAPES", "LOOK", "PLAIN", "Heads"]

PLAIN: Final = -1  # no level, and nothing that begins or continues a block other than a Python traceback
LOOK: Final = -2  # what the line does depends on the open block, or it does more than to begin a record

#: Shapes remembered per stream. Fewer: programs with very many loggers or threads get close looks. More: memory, about 200 bytes each.
KNOWN_SHAPES: Final = 2048
_LINE_BYTES: Final = 80  # longer lines are hardly ever alike but for their numbers

_EQUAL_DIGITS: Final = bytes.maketrans(b"023456789", b"111111111")

# ---- where a head ends -----------------------------------------------------------------------------------------------------------------------

_AFTER = rb"(?=[ \t:\])>}|!\[{\n])"  # one byte is enough to tell that an upper-case word counts
_MARKED = rb"error|warning|note|fatal|info|warn|debug|fail|crit|dbug|trce|Error|Warning|Info"
_NO_FIGURE = rb"(?![ :]*[-+]?[\d.,]+(?:[eE][-+]?\d+)?[ ]?%?[ \t]*\n)"  # `error: 0.5`
_UPPER_WORDS: Final = {
    b"D": rb"EBUG|BG", b"I": rb"NFO|NF", b"W": rb"ARN(?:ING)?|RN", b"E": rb"RR(?:OR?)?|MERG", b"C": rb"RIT(?:ICAL)?", b"F": rb"ATAL|TL|INE",
    b"S": rb"EVERE|UCCESS", b"T": rb"RACE", b"N": rb"OT(?:IC)?E", b"V": rb"ERBOSE|RB", b"L": rb"OG", b"A": rb"LERT", b"P": rb"ANIC",
}  # fmt: skip
# One pattern for the first end of a head. Each alternative begins with one literal byte that is rare in text: so `re` is quick to find them.
_ENDS: Final = (
    *(first + rb"(?<!\w" + first + rb")(?:" + rest + rb")" + _AFTER for first, rest in _UPPER_WORDS.items()),
    *(rb"%c(?<=[\d:] %c) " % (letter, letter) for letter in b"TDIWEFCVA"),  # TensorFlow, logcat
    *(re.escape(b"%c" % mark) + rb"[ \t]*(?:[\w.\-]*:)?(?:" + LOWER + rb")[ \t]*[\])>|]" + _NO_FIGURE for mark in b"[(<|"),
    *(mark + rb"(?:" + _MARKED + rb"):(?=[ \t\n])" + _NO_FIGURE for mark in (b": ", b"\n")),
    rb"\t(?:" + LOWER + rb")\t",
    rb"=(?<=[\s]level=)\"?[A-Za-z]+",
    rb"=(?<=[\s]lvl=)\"?[A-Za-z]+",
    rb"\n[DIWEF](?:\d{4}|\d{8}) \d\d:\d\d:\d\d",  # glog
    rb"\n\[[TDIWECFV] +\d[\d:.\-]+[ \]]",  # tornado
    rb"\n[VDIWEFA]/[^\n(:]{1,80}(?:\( *\d+\))?: ",  # logcat
    rb"\n[EWN]: ",  # apt
)  # fmt: skip
_END = re.compile(rb"|".join(_ENDS))
# A bracket that text touches can be read in two ways, by what follows: `[2024-01-02][WARN ]`.
_TOUCHED = re.compile(rb"[\])>}][:,]?[^\s:,]")

_SPACE: Final = 0x20
_FIGURE_INITIALS: Final = frozenset(b"RCSTrcst")
# Added to the level of a head that counts only with text behind it.
_NEEDS_TEXT: Final = 8
_NEVER: Final = 16  # what stands behind this head counts


class Heads:
    """The memory for one stream. Safe to share: what is remembered is a pure function of its key."""

    def __init__(self, special: re.Pattern[bytes], *, stderr: bool) -> None:
        """One that remembers nothing.

        Args:
            special: matches the lines that no level makes a plain record, or that may continue a block.
            stderr: the stream is stderr.
        """
        self._special = special
        self._stderr = stderr
        self._heads: dict[bytes, int] = {}
        self._lines: dict[bytes, int] = {}

    def records(self, text: bytes, newline: int, levels: bytearray, *, far: bool) -> int:
        r"""Goes over the plain records with remembered heads that come next.

        Args:
            text: lines, each between two ``\n``.
            newline: the ``\n`` before the first of them.
            levels: their levels are appended here.
            far: the text has shapes that show late (`has_far_shape`).

        Returns:
            The ``\n`` before the first line that is not one.
        """
        search, find, known, last = _END.search, text.find, self._heads, len(text) - 1
        while newline < last:
            stop = find(b"\n", newline + 1)
            found = search(text, newline, stop + 1 if stop < newline + HEAD_BYTES else newline + HEAD_BYTES)
            if found is None:
                break
            end = found.end()
            level = known.get(text[newline : end + 1].translate(_EQUAL_DIGITS))
            if level is None or (far and has_far_shape(text[newline:stop])):
                break
            if text[end] == _SPACE and text[end + 1] in _FIGURE_INITIALS and is_figure(text, end, stop):
                break
            if level >= _NEEDS_TEXT:
                if level == _NEVER or text[end:stop].isspace():
                    break
                level -= _NEEDS_TEXT
            levels.append(level)
            newline = stop
        return newline

    def kind(self, text: bytes, start: int, stop: int) -> int:
        r"""The level of a line, when it is a plain record; else `PLAIN` or `LOOK`.

        Args:
            text: holds the line.
            start: of the line, which begins with no white space.
            stop: the ``\n`` that ends it.
        """
        whole = text[start : stop + 1].translate(_EQUAL_DIGITS) if stop - start <= _LINE_BYTES else b""
        level = self._lines.get(whole)
        if level is not None:
            return level
        line = text[start:stop]
        level = LOOK if self._special.match(line) else recognise(line, stderr=self._stderr)  # PLAIN is its "none"
        if (level < 0 or not self._learn(line, level)) and whole and level != LOOK and line[0] not in b"<{":
            _remember(self._lines, whole, level)
        return level

    def _learn(self, line: bytes, level: int) -> bool:
        """Remembers the head of a line that has this level, if the level would be so whatever stood behind the head; whether it did."""
        text = b"\n" + line[:HEAD_BYTES] + b"\n"
        found = _END.search(text, 0, HEAD_BYTES)
        if found is None:
            return False
        shape = text[: found.end() + 1].translate(_EQUAL_DIGITS)
        if shape in self._heads or has_far_shape(line):
            return False
        remembered = _level_of_head(text[1:-1], found.start() - 1, found.end() - 1, level)
        _remember(self._heads, shape, remembered)
        return remembered != _NEVER


def _level_of_head(head: bytes, start: int, end: int, level: int) -> int:
    """What to remember for the head of a line that has this level, when the first end of a head lies between `start` and `end`."""
    letter = letter_match(head)
    if letter is not None:
        return level if letter.end() <= end else _NEVER
    if may_begin_shape(head) or shape_level(head) >= 0 or _TOUCHED.search(head, 0, end):
        return _NEVER
    slot = header_slot(head)
    if slot is None:
        return level if _is_pair(head, start) and pair_level(head[:end]) == level else _NEVER
    if slot.level != level or not start <= slot.start < end:
        return _NEVER
    return level + _NEEDS_TEXT if slot.needs_text else level


def _is_pair(head: bytes, start: int) -> bool:
    """Whether a head ends behind a pair, so that no header can follow: its tokens hold no ``=``, but for brackets."""
    return head[start : start + 1] == b"=" and head[0] not in b"0123456789" and not any(byte in b"[(<{" for byte in head[:start])


def _remember(known: dict[bytes, int], shape: bytes, level: int) -> None:
    lower = shape.lower()
    if b"trace1" in lower or b"debug1" in lower or b"verbose1" in lower or b"1x" in shape:
        return  # `DEBUG5` is a level and `DEBUG6` is none; `rip 0x46` is a register
    if len(known) >= KNOWN_SHAPES:
        known.clear()
    known[shape] = level
