"""What lines at the margin are by their own text, remembered by the shape of their heads: lines of one program differ in numbers and messages.

A head reaches to the first upper-case level word, with digits made equal; whole short lines are remembered too. The level of `recognise` depends on
nothing else in the lines that are remembered; the others (JSON, priorities, shapes that show late) are recognised each time. Apart from
`formats` because that is the definition and this only makes it fast. Imports the standard library only.
"""

from __future__ import annotations

import re
from typing import Final

from prismq_nb.journal.levels.ends import CHECKED, EXACT, FIGURE, LEVEL, NEEDS_TEXT, NEVER, NO_COUNT, head_of
from prismq_nb.journal.levels.formats import recognise
from prismq_nb.journal.levels.headers import HEAD_BYTES, is_count, is_figure
from prismq_nb.journal.levels.shapes import priority_level
from prismq_nb.journal.levels.words import WARNING

__all__ = ["KNOWN_SHAPES", "LOOK", "NEAR", "PLAIN", "SOURCE_WARNING", "Heads", "alike", "begins_literal", "equal_digits"]

PLAIN: Final = -1  # no level, and nothing that begins or continues a block other than a Python traceback
LOOK: Final = -2  # what the line does depends on the open block, or it does more than to begin a record

#: Shapes remembered per stream. Fewer: programs with very many loggers or threads get close looks. More: memory, about 200 bytes each.
KNOWN_SHAPES: Final = 2048
_LINE_BYTES: Final = 80  # longer lines are hardly ever alike but for their numbers

_EQUAL_DIGITS: Final = bytes.maketrans(b"023456789", b"111111111")

#: A warning of Python's `warnings`, below whose message stands a line of code.
SOURCE_WARNING: Final = rb"[^<\s:][^:\n]{0,300}\.py:\d++: (?>(?:[A-Za-z_]\w*+\.)*)[A-Z]\w*Warning: "
_SOURCE_WARNING = re.compile(SOURCE_WARNING)
_OPENING: Final = frozenset(b"[{(")
_GOING_ON: Final = frozenset(b",[{(")
_VALUE: Final = frozenset(b"[{('\"-0123456789")
_ANGLE: Final = 0x3C
_ONE: Final = 0x31
#: How that begins which makes a figure of a word (see `is_figure`), behind the white space behind it, digits made equal. Then `Heads._checked` must
#: look at the line; where the value is true, only if the line also ends with one of `_FIGURE_ENDS`.
_FIGURES: Final = {
    **dict.fromkeys((b"RA", b"CO", b"SU", b"TO", b"ra", b"co", b"su", b"to", b"= ", b"=="), False),
    **{bytes((first, second)): True for first in b" \t1+-" for second in (range(256) if first == _ONE else b" \t1+-")},
}
_FIGURE_ENDS: Final = frozenset(b"1%")
#: Lines of syslog begin so.
_PRIORITIES: Final = {head: level for number in range(1000) if (level := priority_level(head := b"<%d>" % number)) >= 0}
_MANY_BYTES: Final = 4096  # less is not worth `alike`, which takes a tenth of the time that the lines do
# Heads are found by their lengths, and those by how a head begins: one look tells most formats apart, as it covers the time.
NEAR: Final = 5
_FAR: Final = 24
_FARTHER: Final = 32
_HEAD_LIMIT: Final = 120  # longer heads hold what differs from line to line
_PADDING: Final = bytes(_HEAD_LIMIT)
#: Lengths tried for one beginning. More formats that begin alike get close looks.
_LENGTHS: Final = 24
#: Lines that begin alike of which no head could be remembered, until that is no longer tried.
_FAILURES: Final = 4


class Heads:
    """The memory for one stream. Safe to share: what is remembered is a pure function of its key.

    Attributes:
        begins: the first `NEAR` bytes of all heads.
        lengths: the lengths of the heads that begin with so many bytes: `_FARTHER`, or for those that are shorter `_FAR` or `NEAR`.
        heads: the level of each head, up to the byte behind its word; more than a level where `_checked` must look at the line.
        lines: the `kind` of whole lines.
    """

    def __init__(self, special: re.Pattern[bytes], *, stderr: bool) -> None:
        """One that remembers nothing.

        Args:
            special: matches the lines that no level makes a plain record, or that may continue a block.
            stderr: the stream is stderr.
        """
        self._special = special
        self._stderr = stderr
        self.lengths: dict[bytes, tuple[int, ...]] = {}
        self.heads: dict[bytes, int] = {}
        self.begins: dict[bytes, None] = {}
        self._exact: dict[bytes, int] = {}  # heads in whose level the digits count
        self.lines: dict[bytes, int] = {}
        self._failures: dict[bytes, int] = {}

    def kind(self, text: bytes, equal: bytes, start: int, stop: int) -> int:
        r"""The level of a line, when it is a plain record; else `PLAIN` or `LOOK`.

        Args:
            text: holds the line.
            equal: the same with `equal_digits`.
            start: of the line, which begins with no white space.
            stop: the ``\n`` that ends it.
        """
        whole = equal[start : stop + 1] if stop - start <= _LINE_BYTES else b""
        known = self.lines.get(whole)
        if known is not None:
            return known
        line = text[start:stop]
        if line[0] == _ANGLE and (level := priority_level(line[:HEAD_BYTES])) >= 0:
            return level
        level = LOOK if self._special.match(line) or begins_literal(line) else recognise(line, stderr=self._stderr)  # PLAIN is its "none"
        if level == WARNING and (line.rstrip().endswith((b"Warning:", b"Warning message:")) or (b".py:" in line and _SOURCE_WARNING.match(line))):
            return LOOK  # its message may be on the next lines
        if (level < 0 or not self._learn(line, level)) and whole and line[0] not in b"<{\x1e":
            _remember(self.lines, whole, level)
        return level

    def _learn(self, line: bytes, level: int) -> bool:
        """Remembers the head of a line that has this level, if the level would be so whatever stood behind the head; whether it did."""
        equal = equal_digits(line + b"\n")
        begin = equal[:_FAR]
        failures = self._failures.get(begin, 0)
        if failures >= _FAILURES:
            return False
        end, remembered = head_of(line, level)
        shape = equal[: end + (3 if line[end : end + 1] == b"/" else 1)]
        if remembered == NEVER or not NEAR <= len(shape) < _HEAD_LIMIT or not _remember(self.heads, shape, remembered):
            if len(self._failures) >= KNOWN_SHAPES:
                self._failures.clear()
            self._failures[begin] = failures + 1
            return False
        if len(self.heads) == 1:
            self.lengths.clear()
            self.begins.clear()
        if remembered == EXACT:
            _remember(self._exact, line[: len(shape)], level)
        self.begins[begin[:NEAR]] = None
        begin = equal[: next(reach for reach in (_FARTHER, _FAR, NEAR) if len(shape) >= reach)]
        lengths = self.lengths.get(begin, ())
        if len(shape) not in lengths and len(lengths) < _LENGTHS:
            self.lengths[begin] = (*lengths, len(shape))
        return True

    def records(self, text: bytes, equal: bytes, start: int, levels: bytearray, untried: int) -> tuple[int, int]:
        r"""Goes over the plain records that stand one after the other and whose heads are remembered.

        Args:
            text: whole lines.
            equal: the same with `equal_digits`.
            start: of the first line.
            levels: gets the level of each.
            untried: only where no more bytes than these are left, all of them are compared with
                one beginning.

        Returns:
            Where the first other line begins, and `untried` for the next call: half of what was
            compared in vain, so that it is never much in all.
        """
        lengths_of, known, figures, find = self.lengths.get, self.heads.get, _FIGURES.get, equal.find
        tried = False
        while True:
            begin = equal[start : start + _FARTHER]
            for length in lengths_of(begin) or lengths_of(begin[:_FAR]) or lengths_of(begin[:NEAR]) or ():
                level = known(equal[start : start + length])
                if level is not None:
                    break
            else:
                level = _PRIORITIES.get(text[start : find(b">", start, start + NEAR) + 1])
                if level is None:
                    return start, untried
                length = 1
            end = start + length - 1
            newline = find(b"\n", end)
            if level >= FIGURE and (
                level >= CHECKED or ((figure := figures(equal[end + 1 : end + 3])) is not None and (not figure or equal[newline - 1] in _FIGURE_ENDS))
            ):
                checked = self._checked(level, text, start, end, newline)
                if checked < 0:
                    return start, untried
                levels.append(checked)
            else:
                levels.append(level & LEVEL)
            start = newline + 1
            if level < FIGURE and length >= NEAR and not tried and len(text) - start <= untried:
                tried = True
                count = alike(text, equal, start, equal[end - length + 1 : end + 1])
                if count > 0:
                    levels += bytes((level,)) * count
                    return len(text), untried
                if count < 0:
                    untried = (len(text) - start) // 2

    def _checked(self, level: int, text: bytes, start: int, end: int, stop: int) -> int:
        """The level of a line with a remembered head; -1 if it needs a close look.

        Args:
            level: as remembered.
            text: holds the line, from `start` to `stop`.
            start: of the line.
            end: of the head: the byte behind the level's word.
            stop: of the line.
        """
        stop = min(stop, start + HEAD_BYTES)
        if level & EXACT:
            return self._exact.get(text[start : end + 1], -1)
        refuted = (
            (level & FIGURE and is_figure(text, end, stop))
            or (level & NO_COUNT and is_count(text, end, stop))
            or (level & NEEDS_TEXT and not text[end:stop].strip())
        )
        return -1 if refuted else level & LEVEL


def begins_literal(line: bytes) -> bool:
    """Whether a line may be the first of several of a dictionary or a list. Right below a record it goes on with it: Scrapy's settings."""
    return line[0] in _OPENING and line[-1] in _GOING_ON and (len(line) == 1 or line[1] in _VALUE)


def equal_digits(text: bytes) -> bytes:
    """The same text with all digits made equal, and so much behind it that a slice of a head's length is never cut short."""
    return text.translate(_EQUAL_DIGITS) + _PADDING


_DIGITS_COUNT = re.compile(
    rb"(?i:trace1|debug1|verbose1|1x|1e\+1|log1\[|[fg]1j|FAIL(?:ED)?[ :\t]+\(?1"
    rb"|(?:Killed|Aborted|Abort trap|Segmentation fault|Bus error|Illegal instruction|point exception|/\w{3,10} trap): 1)"
)  # `DEBUG6` is no level, `e+09` a time, `rip 0x46` a register, `log4j` a name


def _remember(known: dict[bytes, int], shape: bytes, level: int) -> bool:
    if _DIGITS_COUNT.search(shape):
        return False
    if len(known) >= KNOWN_SHAPES:
        known.clear()
    known[shape] = level
    return True


def alike(text: bytes, equal: bytes, start: int, beginning: bytes) -> int:
    """How many lines there are from `start` on, if they are many and all begin so; else 0 or -1.

    The next one and the last one tell most others apart; -1: it took a look at all of them.

    Args:
        text: whole lines.
        equal: the same with `equal_digits`.
        start: of a line.
        beginning: with digits made equal.
    """
    size = len(text)
    if size - start < _MANY_BYTES or not equal.startswith(beginning, start):
        return 0
    if not equal.startswith(beginning, equal.rfind(b"\n", start, size - 1) + 1):
        return 0
    lines = equal.count(b"\n", start)
    return lines if equal.count(b"\n" + beginning, start - 1) == lines else -1
