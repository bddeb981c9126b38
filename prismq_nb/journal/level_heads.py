"""What lines at the margin are by their own text, remembered by the shape of their heads: lines of one program differ in numbers and messages.

A head reaches to the first upper-case level word, with digits made equal; whole short lines are remembered too. The level of `recognise` depends on
nothing else in the lines that are remembered; the others (JSON, priorities, shapes that show late) are recognised each time. Apart from
`level_formats` because that is the definition and this only makes it fast. Imports the standard library only.
"""

from __future__ import annotations

import re
from typing import Final

from prismq_nb.journal.level_formats import recognise
from prismq_nb.journal.level_headers import HEAD_BYTES, header_slot, is_count, is_figure
from prismq_nb.journal.level_json import plain_slot
from prismq_nb.journal.level_pairs import pair_level
from prismq_nb.journal.level_shapes import may_begin_shape, priority_level, shape_end
from prismq_nb.journal.level_words import LOWER, WARNING, lazily

__all__ = ["KNOWN_SHAPES", "LOOK", "NEAR", "PLAIN", "SOURCE_WARNING", "Heads", "begins_literal", "equal_digits"]

PLAIN: Final = -1  # no level, and nothing that begins or continues a block other than a Python traceback
LOOK: Final = -2  # what the line does depends on the open block, or it does more than to begin a record

#: Shapes remembered per stream. Fewer: programs with very many loggers or threads get close looks. More: memory, about 200 bytes each.
KNOWN_SHAPES: Final = 2048
_LINE_BYTES: Final = 80  # longer lines are hardly ever alike but for their numbers

_EQUAL_DIGITS: Final = bytes.maketrans(b"023456789", b"111111111")

# ---- where a head ends -----------------------------------------------------------------------------------------------------------------------

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
    *(re.escape(b"%c" % mark) + rb"[ \t]*(?:[\w.\-]*[:#])?(?:" + LOWER + rb")[ \t]*[\])>|]" for mark in b"[(<|"),
    *(mark + rb"(?:" + _MARKED + rb"):(?=[ \t\n])" for mark in (b": ", b"\n")),
    rb": (?:(?:fatal )?error|warning) [A-Z]{1,5}\d+ ?:(?=[ \t\n])",  # compilers of Microsoft
    rb",(?<=\d,) (?:Info|Error|Warning) {2}",  # Windows
    rb"\t(?:" + LOWER + rb")\t",
    rb"=(?<=[\s]level=)\"?[A-Za-z]+",
    rb"=(?<=[\s]lvl=)\"?[A-Za-z]+",
    rb"\n[DIWEF](?:\d{4}|\d{6}|\d{8}) \d\d:\d\d:\d\d",  # glog
    rb"\n\[[TDIWECFV] +\d[\d:.\-]+[ \]]",  # tornado
    rb"\n[VDIWEFA]/[^\n(:]{1,80}(?:\( *\d+\))?: ",  # logcat
    rb"\n[EWN]: ",  # apt
)  # fmt: skip
_END = lazily(rb"|".join(_ENDS))
#: A warning of Python's `warnings`, below whose message stands a line of code.
SOURCE_WARNING: Final = rb"[^<\s:][^:\n]{0,300}\.py:\d+: (?:[A-Za-z_]\w*\.)*[A-Z]\w*Warning: "
_SOURCE_WARNING = re.compile(SOURCE_WARNING)
# Behind a level's word, what shows that no figure follows: the column behind a padded level.
_NO_FIGURE = re.compile(rb"[ \t]+(?:[|\[({:]|- )")
# A bracket that text touches can be read in two ways, by what follows.
_TOUCHED = re.compile(rb"[\])>}][:,]?[^\s:,\[]")

_SPACE: Final = 0x20
_BRACE: Final = 0x7B
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
#: The bits of what is remembered that are the level.
_LEVEL: Final = 7
#: What stands behind the head may be what `_FIGURES` tells.
_FIGURE: Final = 8
#: From here on what is remembered needs `Heads._checked`.
_CHECKED: Final = 16
_NEEDS_TEXT: Final = 16  # it counts only with text behind it
_NO_COUNT: Final = 32  # it does not count when a number alone stands behind it
_EXACT: Final = 64  # its digits count
_NEVER: Final = 128  # what stands behind it counts

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
        end, remembered = _head(line, level)
        shape = equal[: end + (3 if line[end : end + 1] == b"/" else 1)]
        if remembered == _NEVER or not NEAR <= len(shape) < _HEAD_LIMIT or not _remember(self.heads, shape, remembered):
            if len(self._failures) >= KNOWN_SHAPES:
                self._failures.clear()
            self._failures[begin] = failures + 1
            return False
        if len(self.heads) == 1:
            self.lengths.clear()
            self.begins.clear()
        if remembered == _EXACT:
            _remember(self._exact, line[: len(shape)], level)
        self.begins[begin[:NEAR]] = None
        begin = equal[: next(reach for reach in (_FARTHER, _FAR, NEAR) if len(shape) >= reach)]
        lengths = self.lengths.get(begin, ())
        if len(shape) not in lengths and len(lengths) < _LENGTHS:
            self.lengths[begin] = (*lengths, len(shape))
        return True

    def records(self, text: bytes, equal: bytes, start: int, levels: bytearray) -> int:
        r"""Goes over the plain records that stand one after the other and whose heads are remembered.

        Args:
            text: whole lines.
            equal: the same with `equal_digits`.
            start: of the first line.
            levels: gets the level of each.

        Returns:
            Where the first other line begins.
        """
        lengths_of, known, figures, find = self.lengths.get, self.heads.get, _FIGURES.get, equal.find
        while True:
            begin = equal[start : start + _FARTHER]
            for length in lengths_of(begin) or lengths_of(begin[:_FAR]) or lengths_of(begin[:NEAR]) or ():
                level = known(equal[start : start + length])
                if level is not None:
                    break
            else:
                level = _PRIORITIES.get(text[start : find(b">", start, start + NEAR) + 1])
                if level is None:
                    return start
                length = 1
            end = start + length - 1
            newline = find(b"\n", end)
            if level >= _FIGURE and (
                level >= _CHECKED
                or ((figure := figures(equal[end + 1 : end + 3])) is not None and (not figure or equal[newline - 1] in _FIGURE_ENDS))
            ):
                level = self._checked(level, text, start, end, newline)
                if level < 0:
                    return start
            levels.append(level & _LEVEL)
            start = newline + 1

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
        if level & _EXACT:
            return self._exact.get(text[start : end + 1], -1)
        refuted = (
            (level & _FIGURE and is_figure(text, end, stop))
            or (level & _NO_COUNT and is_count(text, end, stop))
            or (level & _NEEDS_TEXT and not text[end:stop].strip())
        )
        return -1 if refuted else level & _LEVEL


def begins_literal(line: bytes) -> bool:
    """Whether a line may be the first of several of a dictionary or a list. Right below a record it goes on with it: Scrapy's settings."""
    return line[0] in _OPENING and line[-1] in _GOING_ON and (len(line) == 1 or line[1] in _VALUE)


def _head(line: bytes, level: int) -> tuple[int, int]:
    """Where the head of a line ends that has this level, and what to remember of it."""
    if line[0] == _BRACE and line[1:].lstrip()[:1] in b'"}':
        return _json_head(line, level)
    head = line[:HEAD_BYTES]
    shape = shape_end(head)
    if shape is not None:
        return shape[1], level if shape[0] == level else _NEVER
    text = b"\n" + head + b"\n"
    found = _END().search(text, 0, HEAD_BYTES)
    if found is None:
        return 0, _NEVER
    end = found.end() - 1
    remembered = _level_of_head(head, found.start() - 1, end, level)
    if remembered == level | _FIGURE and (mark := _NO_FIGURE.match(head, end)):
        return mark.end() - 1, level
    return end, remembered


def _json_head(line: bytes, level: int) -> tuple[int, int]:
    """The same of a JSON line."""
    slot = plain_slot(line)
    if slot is None or slot.level != level or line[slot.end : slot.end + 1] not in (b",", b"}"):
        return 0, _NEVER
    return slot.end, _EXACT if slot.number else level


def equal_digits(text: bytes) -> bytes:
    """The same text with all digits made equal, and so much behind it that a slice of a head's length is never cut short."""
    return text.translate(_EQUAL_DIGITS) + _PADDING


def _level_of_head(head: bytes, start: int, end: int, level: int) -> int:
    """What to remember for the head of a line that has this level, when the first end of a head lies between `start` and `end`."""
    if may_begin_shape(head) or _TOUCHED.search(head, 0, end):
        return _NEVER
    slot = header_slot(head)
    if slot is None:
        if _is_pair(head, start) and pair_level(head) == pair_level(head[:end] + b" x") == level:
            return level if pair_level(head[:end]) == level else level | _NEEDS_TEXT  # a pair alone is a setting
        return _NEVER
    if slot.level != level or not start <= slot.start < end:
        return _NEVER
    if not slot.upper and head[end - 1 : end] == b":":
        level |= _NO_COUNT
    if slot.needs_text:
        level |= _NEEDS_TEXT
    return level | _FIGURE if head[end : end + 1] in (b" ", b"\t") and (slot.upper or not slot.marked) else level


def _is_pair(head: bytes, start: int) -> bool:
    """Whether a head ends behind a pair, so that no header can follow: its tokens hold no ``=``, but for brackets."""
    return head[start : start + 1] == b"=" and head[0] not in b"0123456789" and not any(byte in b"[(<{" for byte in head[:start])


_DIGITS_COUNT = re.compile(
    rb"(?i:trace1|debug1|verbose1|1x|1e\+1|log1\[|[fg]1j)"
)  # `DEBUG6` is no level, `e+09` a time, `rip 0x46` a register, `log4j` a name


def _remember(known: dict[bytes, int], shape: bytes, level: int) -> bool:
    if _DIGITS_COUNT.search(shape):
        return False
    if len(known) >= KNOWN_SHAPES:
        known.clear()
    known[shape] = level
    return True
