r"""Prefilter: skip lines that cannot carry a level, at the speed of a search for line ends.

Each pattern describes the beginning of a line, or a whole one, to which no format of the table can
give a level and which begins no block: its words end every header, or it lacks what every level
needs. They are sufficient, not necessary: what they miss gets a close look. A property test holds
them to the close look. How the formats of the table begin is taken from it, so an entry needs
nothing here; but lines of plain words are skipped unless they begin with literal text of an entry.
Imports the standard library only.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from prismq_nb.journal.levels.formats.table import (
    FALLBACKS,
    FIRST,
    INDENTED,
    INDENTED_NOTICES,
    NOTICES,
    RECORDS,
)
from prismq_nb.journal.levels.grammar.format import FormatTable
from prismq_nb.journal.levels.grammar.patterns import alternatives, expanded, literal_prefix
from prismq_nb.journal.levels.grammar.words import LOWER


class Prefilter(NamedTuple):
    r"""The patterns for the lines of one text, each between two ``\\n``.

    Attributes:
        next_look: finds the newline before the next line that needs a close look, while no block is
            open.
        closing: matches at the newline before a line that has no level and ends whatever block is
            open, but a Python traceback.
        next_other: as `next_look`, also over lines that are indented or blank: on stderr they may
            continue the one above them.
        by_beginning: what `closing` matched decides: all lines that begin so are closing.
    """

    next_look: re.Pattern[bytes]
    closing: re.Pattern[bytes]
    next_other: re.Pattern[bytes] | None
    by_beginning: bool


_LITERAL_BYTES: Final = 8
"""Bytes of a format's literal beginning that are compared."""
_BLOCK_WORDS: Final = (
    rb"goroutine|created|exit|thread"
    rb"|Caused|During|Exception|Stack|Suppressed|The above|This warning|Traceback|Wrapped"
    rb"|Apr|Aug|Dec|Feb|Fri|Jan|Jul|Jun|Mar|May|Mon|Nov|Oct|Sat|Sep|Sun|Thu|Tue|Wed"
)
"""First words with which a line of a block may begin, or a time."""


@functools.cache
def _openings(table: FormatTable) -> list[bytes]:
    """How lines of these formats begin: patterns of literal text, where there is some."""
    found: dict[bytes, None] = {}
    for each, whole in table.entries():
        if each.needs or each.ends:
            continue
        for pattern in expanded(whole):
            literal = literal_prefix(pattern)
            if not literal[:1].isalpha() and not literal[1:]:  # one sign says little
                found[rb"(?:" + re.sub(rb"(?<!\\)\$", rb"(?=\n)", pattern) + rb")"] = None
                continue
            is_digit = len(literal) < _LITERAL_BYTES and pattern.startswith(literal + rb"\d")
            found[re.escape(literal[:_LITERAL_BYTES]) + (rb"\d" if is_digit else b"")] = None
    return list(found)


def _by_case(branches: Iterable[bytes]) -> bytes:
    """These alternatives, few of which are compared: capitals, small letters, others apart."""
    of = {kind: [] for kind in ("", "a-z", "A-Z")}  # type: dict[str, list[bytes]]
    for each in branches:
        of["A-Z" if each[:1].isupper() else "a-z" if each[:1].islower() else ""].append(each)
    small, capitals = (b"|".join(of[kind]) for kind in ("a-z", "A-Z"))
    return b"|".join(
        (*of[""], rb"(?=[a-z])(?:" + small + rb")", rb"(?=[A-Z])(?:" + capitals + rb")")
    )


_LIKE_PROSE = re.compile(rb"[A-Za-z](?:[a-z\xc3-\xdf]|\\ )|[a-z]:")
"""What is skipped begins so; and what is not, whatever the table says."""
_LEVEL_WORD = re.compile(rb"(?:" + LOWER + rb")(?![a-z]|\\b)")


def _reserved(*, stderr: bool) -> bytes:
    """A pattern that matches where a line begins as one of a format, of a block, or a level does.

    Grouped by their first letters, small ones and capitals apart: for a line of prose few of some
    hundred are compared.
    """
    rests: dict[bytes, list[bytes]] = {}
    patterns = [
        *(each + rb"\b" for each in alternatives(LOWER + b"|" + _BLOCK_WORDS)),
        *_openings(FIRST),
        *_openings(RECORDS),
        *_openings(FALLBACKS),
        *(_openings(NOTICES) if stderr else ()),
    ]
    for pattern in dict.fromkeys(patterns):
        if pattern[:1] == b"[":
            letters, rest = pattern[1:3], pattern[4:]
        elif _LIKE_PROSE.match(pattern) and not _LEVEL_WORD.match(pattern):
            letters, rest = pattern[:1], pattern[1:]
        else:
            continue
        for letter in letters:
            rests.setdefault(b"%c" % letter, []).append(rest)
    return _by_case(
        letter + rb"(?:" + rb"|".join(rests[letter]) + rb")" for letter in sorted(rests)
    )


# So short that no number, and no two in a row, can be taken for a time: a lower-case word in a
# column counts behind a time only.
_NUMBER = rb"[-+]?\d{1,7}(?:\.\d{1,7})?(?!\d)"
# longer ones get a close look: here they would be read again for each alternative
_WORD = rb"[a-z]{1,100}+"
# A word with an accent is no token of a header. A colon before a number, or behind one of these,
# may belong to a shape of its own.
_ACCENTED = (
    rb"[A-Z]?"
    + _WORD
    + rb"[\xc3-\xdf][^:\n]*+(?>(?:(?<!-Message)(?<!-INFO)(?<!\*): [\da-z][^:\n]*+)*)\n"
)
_WORDS = (
    rb"[A-Z]?" + _WORD + rb" (?:"
    + _WORD + rb" [A-Za-z0-9]"  # prose: three words, of which no header can hold two
    # line 5; epoch 5 loss=0.1; step 5 took long
    # but not what tidy prints: line 5 column 3 - Warning: x
    rb"|\d{1,7}(?:[./]\d{1,5})?"
    rb"(?:\n|,? (?!column\b)[a-z]++(?:(?>(?:_[a-z]++)*)=| [A-Za-z\d]))"
    rb"|(?:" + _WORD + rb" )?" + _ACCENTED  # eine neue Größe
    + rb"|[A-Za-z]?[a-z_]{1,100}+: ++" + _NUMBER + rb"[A-Za-z%]{0,3}\n"  # Total items: 5
    rb")"
    rb"|[A-Z]?[a-z][a-z_]{1,100}+: ++(?:" + _NUMBER + rb"[A-Za-z%]{0,3}\n"  # key: value
    rb"|(?!can(?:not|')|could not|failed|unable|command|error while)[a-z]++ [a-z]++(?:\n"
    rb"| [A-Za-z\d])|[a-z\d_./\-]++\n)"
    rb"|" + _ACCENTED
)  # fmt: skip
_TOKEN = rb"[a-z\d_][a-z\d_]*+\n"  # one word, or one number
_CELL = rb"(?:" + _NUMBER + rb"%?+|[A-Z]?[a-z]++(?:(?>(?:_[a-z]++)+)|(?>(?: [a-z]++)*)))"
_COLUMNS = (
    rb"\d\d{0,6}+(?>(?: {2,}+(?:"
    + _NUMBER
    + rb"|NaN|[A-Z]?[a-z]++)| [-+]?\d{1,5}(?:\.\d{1,5})?(?!\d)| NaN){1,64}) *+\n"
)
_ROW = (
    rb"\| ++(?!(?=[A-Za-z])(?:"
    + LOWER
    + rb")\b)"
    + _CELL
    + rb" *+\|(?>(?: *+(?>(?:"
    + _CELL
    + rb" *+)?)\|){0,64})\n"
)
_SCRIPT = rb"[\xc3-\xdf\xe3-\xef][^A-Za-z<\n]*+\n"  # text without Latin letters
# What follows may also continue an open block, so it is skipped only while none is.
_NO_LETTERS = rb"[^A-Za-z<\n]*+\n"  # also blank lines
# Of an indented line, only upper-case words and bracketed ones count, frames, and formats.
_FRAMES: Final = (b"at ", rb"\.\.\.", b"File ", b"Caused", b"Suppressed", b"Wrapped")
_NO_FRAME: Final = (*_FRAMES, *_openings(INDENTED))
_INDENTED_WORDS = rb"[^A-Z\[(<|\n]*+(?>(?:[A-Z][^A-Z\[(<|\n]++)*)[A-Z]?+\n"
_INDENTED = rb"[ \t][ \t]*+(?!" + _by_case(_NO_FRAME) + rb")" + _INDENTED_WORDS
_PATH = rb"(?:(?:[.~]{0,2}/|[a-z_][\w\-]{0,100}+/)[a-z\d_.][\w./+@\-]*+\n)"
# On stderr, what a notice may begin with is looked at, and blanks, which take a bar away.
_NO_LETTERS_OR_NOTICE = rb"[^A-Za-z \t\n" + rb">=\-#\[<" + rb"][^A-Za-z<\n]*+\n"
_INDENTED_NO_NOTICE = (
    rb"[ \t][ \t]*+(?:[^A-Za-z<:\n][^A-Za-z<:\n]*+\n"
    rb"|(?!\n|" + _by_case((*_NO_FRAME, *_openings(INDENTED_NOTICES))) + rb")"
    + _INDENTED_WORDS + rb")"
)  # fmt: skip


@functools.cache
def _closing(*, stderr: bool) -> bytes:
    prose = rb"(?=[A-Za-z])(?!" + _reserved(stderr=stderr) + rb")(?:" + _WORDS + rb")"
    return rb"|".join((_TOKEN, prose, _COLUMNS, _ROW, _SCRIPT))


@functools.cache
def _looks(guard: bytes, *, stderr: bool, indented: bool = True) -> re.Pattern[bytes]:
    closing = _closing(stderr=stderr)
    if not stderr:
        skipped = [_NO_LETTERS, closing, _INDENTED, _PATH]
    else:
        skipped = [
            _NO_LETTERS_OR_NOTICE,
            *([rb"\n", _INDENTED_NO_NOTICE] if indented else []),
            closing,
            _PATH,
        ]
    return re.compile(rb"\n(?!" + guard + rb"(?:" + rb"|".join(skipped) + rb"))")


@functools.cache
def _closings(guard: bytes, *, stderr: bool) -> re.Pattern[bytes]:
    return re.compile(rb"\n" + guard + rb"(?:" + _closing(stderr=stderr) + rb")")


@functools.cache
def _patterns(guard: bytes, *, stderr: bool) -> Prefilter:
    others = _looks(guard, stderr=True) if stderr else None
    looks = _looks(guard, stderr=stderr, indented=not stderr)
    return Prefilter(looks, _closings(guard, stderr=stderr), others, by_beginning=not guard)


_BAR_BYTES: Final = (b"%", b"[", b"\xe2")  # every progress bar has one of them
_NO_BAR = rb"(?=[^\n%\[\xe2]*+\n)"
_KINDS: Final = ((b"", False), (b"", True), (_NO_BAR, True))
STEPS: Final[tuple[Callable[[], object], ...]] = (
    *(functools.partial(_closings, guard, stderr=stderr) for guard, stderr in _KINDS),
    *(
        functools.partial(_looks, guard, stderr=stderr, indented=not stderr)
        for guard, stderr in _KINDS
    ),
    *(functools.partial(_patterns, guard, stderr=stderr) for guard, stderr in _KINDS),
)
"""Each compiles a pattern: some milliseconds."""


def prefilter_for(text: bytes, *, stderr: bool) -> Prefilter:
    """The patterns for this text.

    On stderr a progress bar may stand behind any words, so lines that might hold one need a close
    look there.
    """
    if not stderr:
        return _patterns(b"", stderr=False)
    return _patterns(_NO_BAR if any(byte in text for byte in _BAR_BYTES) else b"", stderr=True)
