"""What lines at the margin are by their own text, remembered by the shape of their heads: lines of one program differ in numbers and messages.

A head reaches to the first upper-case level word, with digits made equal; whole short lines are remembered too. The level of `recognise` depends on
nothing else in the lines that are remembered; the others (JSON, priorities, shapes that show late) are recognised each time. Apart from
`level_formats` because that is the definition and this only makes it fast. Imports the standard library only.
"""

from __future__ import annotations

import re
from typing import Final

from prismq_nb.journal.level_formats import HEAD_BYTES, PAIRS_BYTES, header_slot, is_figure, recognise
from prismq_nb.journal.level_shapes import has_far_shape, letter_match, may_begin_shape, shape_level
from prismq_nb.journal.level_words import LOWER

__all__ = ["LOOK", "PLAIN", "Heads"]

PLAIN: Final = -1  # no level, and nothing that begins or continues a block other than a Python traceback
LOOK: Final = -2  # what the line does depends on the open block, or it does more than to begin a record

#: Shapes remembered per stream. Fewer: programs with very many loggers or threads get close looks. More: memory, about 200 bytes each.
KNOWN_SHAPES: Final = 2048
_LINE_BYTES: Final = 128  # longer lines are hardly ever alike but for their numbers

_EQUAL_DIGITS: Final = bytes.maketrans(b"023456789", b"111111111")
# `DEBUG5` is a level and `DEBUG6` is none; `rip 0x46` is a register.
_DIGIT_COUNTS: Final = (b"trace1", b"debug1", b"verbose1", b"1x")

# Where a head ends: behind the first upper-case word of a level, lower-case word with its marks, letter, or pair. Each alternative begins with a byte
# that is rare in text, which is what `re` is quick to find; one more byte is enough to tell that the word ends.
_NO_FIGURE = rb"(?![ :]*[-+\d.,])"
_END = re.compile(
    rb"(?:"
    rb"D(?<!\wD)(?:EBUG|BG)|I(?<!\wI)(?:NFO|NF)|W(?<!\wW)(?:ARN(?:ING)?|RN)|E(?<!\wE)(?:RR(?:OR?)?|MERG)|C(?<!\wC)RIT(?:ICAL)?|F(?<!\wF)(?:ATAL|TL|INE)"
    rb"|S(?<!\wS)(?:EVERE|UCCESS)|T(?<!\wT)RACE|N(?<!\wN)OT(?:IC)?E|V(?<!\wV)(?:ERBOSE|RB)|L(?<!\wL)OG|A(?<!\wA)LERT|P(?<!\wP)ANIC"
    rb")(?=[ \t:\])>}|!\[{\n])"
    rb"|[\[(<|][ \t]*(?:[\w.\-]*:)?(?:" + LOWER + rb")[ \t]*[\])>|]" + _NO_FIGURE
    + rb"|[:\n][ ]?(?:" + LOWER + rb")[ ]?:(?=[ \t\n])" + _NO_FIGURE
    + rb"|\t(?:" + LOWER + rb")\t|=(?<=[\s]level=)\"?[A-Za-z]+|=(?<=[\s]lvl=)\"?[A-Za-z]+"
    rb"|\n[DIWEF](?:\d{4}|\d{8}) \d\d:\d\d:\d\d|\n\[[TDIWECFV] +\d[\d:.\-]+[ \]]|\n[VDIWEFA]/[^\n(:]{1,80}(?:\( *\d+\))?: |\n[EWN]: "
    rb"|[TDIWEFCVA](?<=[\d:] [A-Z]) "
)  # fmt: skip
_SPACE: Final = 0x20
_FIGURE_INITIALS: Final = frozenset(b"RCSTrcst")
# Added to the level of a head that counts only with text behind it.
_NEEDS_TEXT: Final = 8


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
                if text[end:stop].isspace():
                    break
                level -= _NEEDS_TEXT
            levels.append(level)
            newline = stop
        return newline

    def kind(self, text: bytes, start: int, stop: int) -> int:
        r"""The level of a line, when it is a plain record; else `PLAIN` or `LOOK`.

        Args:
            text: holds the line from `start`, not with white space, up to the ``\n`` at `stop`.
        """
        whole = text[start : stop + 1].translate(_EQUAL_DIGITS) if stop - start <= _LINE_BYTES else b""
        level = self._lines.get(whole)
        if level is not None:
            return level
        line = text[start : min(stop, start + PAIRS_BYTES)]
        level = LOOK if self._special.match(line) else recognise(line, stderr=self._stderr)  # PLAIN is its "none"
        if level < 0 or not self._learn(line, level):
            if whole and level != LOOK and line[0] not in b"<{":
                _remember(self._lines, whole, level)
        return level

    def _learn(self, line: bytes, level: int) -> bool:
        """Remembers the head of a line that has this level, if the level would be so whatever stood behind the head."""
        text = b"\n" + line[:PAIRS_BYTES] + b"\n"
        found = _END.search(text, 0, HEAD_BYTES)
        if found is None or has_far_shape(line):
            return False
        start, end = found.start() - 1, found.end() - 1  # in the line
        needs_text = 0
        letter = letter_match(line[:HEAD_BYTES])
        if letter is not None:
            if letter.end() > end:
                return False
        elif may_begin_shape(line) or shape_level(line[:HEAD_BYTES]) >= 0:
            return False
        else:
            slot = header_slot(line[:HEAD_BYTES])
            if slot is None:
                if not _is_pair(line, start):
                    return False
            elif slot.level != level or not start <= slot.start < end:
                return False
            elif slot.needs_text:
                needs_text = _NEEDS_TEXT
        _remember(self._heads, text[: end + 2].translate(_EQUAL_DIGITS), level + needs_text)
        return True


def _is_pair(line: bytes, equals: int) -> bool:
    """Whether a head that ends behind a pair is one that nothing behind it can change."""
    return line[equals : equals + 1] == b"=" and line[0] not in b"0123456789" and not any(byte in b"[(<{" for byte in line[:equals])


def _remember(known: dict[bytes, int], shape: bytes, level: int) -> None:
    lower = shape.lower()
    if any(mark in lower for mark in _DIGIT_COUNTS):
        return
    if len(known) >= KNOWN_SHAPES:
        known.clear()
    known[shape] = level
