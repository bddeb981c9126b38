r"""Lines that plainly have no level, so that a flood of them is passed over at the speed of a search for line ends.

Each pattern describes the beginning of a line, or a whole one, that no format of `formats` can give a level and that begins no block: its words
end every header, or it lacks what every level needs. They are sufficient, not necessary: what they miss gets a close look. A property test holds them
to the close look. Apart from `blocks` because it is grammar, not state. Imports the standard library only.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Final, NamedTuple

from prismq_nb.journal.levels.note_tables import INDENTED_FIRST
from prismq_nb.journal.levels.notes import FIRST, SYMBOLS
from prismq_nb.journal.levels.words import LOWER

__all__ = ["STEPS", "Dull", "dull"]


class Dull(NamedTuple):
    r"""The patterns for the lines of one chunk, whose every line must begin behind a ``\\n`` and end before one."""

    next_look: re.Pattern[bytes]  # finds the newline before the next line that needs a close look, while no block is open
    closing: re.Pattern[bytes]  # matches at the newline before a line that has no level and ends whatever block is open, but a Python traceback
    next_other: re.Pattern[bytes] | None  # the same, also over lines that are indented or blank: on stderr they may continue the one above them
    by_beginning: bool  # what `closing` matched decides: all lines that begin so are closing


# First words with which a format or a block may begin.
_SPOKEN_FOR: Final = (
    LOWER,
    (
        rb"verb|sill|http|npm|line \d{1,7} column|goroutine|created|exit|thread|make|dpkg"
        rb"|zsh|fish|terminate|double free|corrupted"
        rb"|A(?:pr|ug|bort(?:ed)?|t line)|Bus|C(?:aused|lass)|D(?:ec|eprecated|uring)|Exception"
        rb"|F(?:eb|ri|loating|ortran)|J(?:an|u[ln])|M(?:a[ry]|on|odule)|Nov|Oct|Package"
        rb"|Illegal|Killed|Out of memory|Program received"
        rb"|S(?:at|ep|un|trict|egmentation|tack|uppressed)|T(?:hu|ue|he above|his warning|raceback)"
        rb"|Un(?:caught|handled)|W(?:ed|rapped)"
    ),
)


def _alternatives(pattern: bytes) -> list[bytes]:
    """What stands between the ``|`` of a pattern that are in no group."""
    found, depth = [b""], 0
    for part in re.findall(rb"\\.|[^\\]", pattern):
        depth += (part == b"(") - (part == b")")
        if part == b"|" and depth == 0:
            found.append(b"")
        else:
            found[-1] += part
    return found


def _by_case(pattern: bytes) -> bytes:
    """The same pattern, in which few of the alternatives are compared: capitals, small letters and others stand apart."""
    branches = sorted(_alternatives(pattern), key=lambda each: (each[:1].isupper(), each[:1].islower()))
    capitals, small = (sum(map(of_case, (each[:1] for each in branches))) for of_case in (bytes.isupper, bytes.islower))
    others = len(branches) - capitals - small
    groups = branches[:others], branches[others : others + small], branches[others + small :]
    return rb"|".join((*groups[0], rb"(?=[a-z])(?:" + rb"|".join(groups[1]) + rb")", rb"(?=[A-Z])(?:" + rb"|".join(groups[2]) + rb")"))


def _begins_with_one(*, stderr: bool) -> bytes:
    """A pattern that matches where a line begins with a word that is spoken for, or with a note.

    Grouped by their first letters, small ones and capitals apart: for a line of prose few of some
    hundred are compared.
    """
    rests: dict[bytes, list[bytes]] = {}
    patterns = [each + rb"\b" for words in _SPOKEN_FOR for each in _alternatives(words)]
    if stderr:
        patterns += _alternatives(FIRST.removeprefix(b"(?:").removesuffix(b")"))
    for pattern in patterns:
        letters, rest = (pattern[1:3], pattern[4:]) if pattern[:1] == b"[" else (pattern[:1], pattern[1:])
        for letter in letters:
            rests.setdefault(b"%c" % letter, []).append(rest)
    branches = [letter + rb"(?:" + rb"|".join(rests[letter]) + rb")" for letter in sorted(rests)]
    capitals = sum(branch[:1].isupper() for branch in branches)
    return rb"(?=[A-Z])(?:" + rb"|".join(branches[:capitals]) + rb")|(?=[a-z])(?:" + rb"|".join(branches[capitals:]) + rb")"


# So short that no number, and no two in a row, can be taken for a time: a lower-case word in a column counts behind a time only.
_NUMBER = rb"[-+]?\d{1,7}(?:\.\d{1,7})?(?!\d)"
_WORD = rb"[a-z]{1,100}+"  # longer ones get a close look: here they would be read again for each alternative
# A word with an accent is no token of a header. A colon before a number, or behind one of these, may belong to a shape of its own.
_ACCENTED = rb"[A-Z]?" + _WORD + rb"[\xc3-\xdf][^:\n]*+(?>(?:(?<!-Message)(?<!-INFO)(?<!\*): [\da-z][^:\n]*+)*)\n"
_WORDS = (
    rb"[A-Z]?" + _WORD + rb" (?:"
    + _WORD + rb" [A-Za-z0-9]"  # prose: three words, of which no header can hold two
    rb"|\d{1,7}(?:[./]\d{1,5})?(?:\n|,? [a-z]++(?>(?:_[a-z]++)*)=|,? [a-z]++ [A-Za-z\d])"  # line 5; epoch 5 loss=0.1; step 5 took long
    rb"|(?:" + _WORD + rb" )?" + _ACCENTED  # eine neue Größe
    + rb"|[A-Za-z]?[a-z_]{1,100}+: ++" + _NUMBER + rb"[A-Za-z%]{0,3}\n"  # Total items: 5
    rb")"
    rb"|[A-Z]?[a-z][a-z_]{1,100}+: ++(?:" + _NUMBER + rb"[A-Za-z%]{0,3}\n"  # key: value
    rb"|(?!can(?:not|')|could not|failed|unable|command|error while)[a-z]++ [a-z]++(?:\n| [A-Za-z\d])|[a-z\d_./\-]++\n)"
    rb"|" + _ACCENTED
)  # fmt: skip
_TOKEN = rb"[a-z\d_][a-z\d_]*+\n"  # one word, or one number
_CELL = rb"(?:" + _NUMBER + rb"%?+|[A-Z]?[a-z]++(?:(?>(?:_[a-z]++)+)|(?>(?: [a-z]++)*)))"
_COLUMNS = rb"\d\d{0,6}+(?>(?: {2,}+(?:" + _NUMBER + rb"|NaN|[A-Z]?[a-z]++)| [-+]?\d{1,5}(?:\.\d{1,5})?(?!\d)| NaN){1,64}) *+\n"
_ROW = rb"\| ++(?!(?=[A-Za-z])(?:" + LOWER + rb")\b)" + _CELL + rb" *+\|(?>(?: *+(?>(?:" + _CELL + rb" *+)?)\|){0,64})\n"
_SCRIPT = rb"[\xc3-\xdf\xe3-\xef][^A-Za-z<\n]*+\n"  # text without Latin letters
# What follows may also continue an open block, so it is dull only while none is.
_NO_LETTERS = rb"[^A-Za-z<\n]*+\n"  # also blank lines
# Of an indented line, only upper-case words and bracketed ones count, and frames.
_LISTED = (
    rb"\d\d*+:\d++ ++[ew\xe2]|error: |Warning  |error \xe2|warning \xe2|/[^\s:]++:\d++: "
    rb"|Compil|Check|Download|Fresh|Document|Add|Fini|Lock|Doc-|Runn|Bloc|Up"
)
_NO_FRAME = rb"at |\.\.\.|File |Caused|Suppressed|Wrapped|" + _LISTED
_INDENTED_WORDS = rb"[^A-Z\[(<|\n]*+(?>(?:[A-Z][^A-Z\[(<|\n]++)*)[A-Z]?+\n"
_INDENTED = rb"[ \t][ \t]*+(?!" + _by_case(_NO_FRAME) + rb")" + _INDENTED_WORDS
_PATH = rb"(?:(?:[.~]{0,2}/|[a-z_][\w\-]{0,100}+/)[a-z\d_.][\w./+@\-]*+\n)"
# On stderr, what a note may begin with is looked at, and blanks, which take a bar away.
_NO_LETTERS_OR_NOTE = rb"[^A-Za-z \t\n" + SYMBOLS[1:-1] + rb"][^A-Za-z<\n]*+\n"
_INDENTED_NO_NOTE = (
    rb"[ \t][ \t]*+(?:[^A-Za-z<:\n][^A-Za-z<:\n]*+\n"
    rb"|(?!\n|" + _by_case(_NO_FRAME + rb"|" + INDENTED_FIRST) + rb")" + _INDENTED_WORDS + rb")"
)  # fmt: skip


def _closing(*, stderr: bool) -> bytes:
    prose = rb"(?=[A-Za-z])(?!" + _begins_with_one(stderr=stderr) + rb")(?:" + _WORDS + rb")"
    return rb"|".join((_TOKEN, prose, _COLUMNS, _ROW, _SCRIPT))


@functools.cache
def _looks(guard: bytes, *, stderr: bool, indented: bool = True) -> re.Pattern[bytes]:
    closing = _closing(stderr=stderr)
    if not stderr:
        dull_there = [_NO_LETTERS, closing, _INDENTED, _PATH]
    else:
        dull_there = [_NO_LETTERS_OR_NOTE, *([rb"\n", _INDENTED_NO_NOTE] if indented else []), closing, _PATH]
    return re.compile(rb"\n(?!" + guard + rb"(?:" + rb"|".join(dull_there) + rb"))")


@functools.cache
def _closings(guard: bytes, *, stderr: bool) -> re.Pattern[bytes]:
    return re.compile(rb"\n" + guard + rb"(?:" + _closing(stderr=stderr) + rb")")


@functools.cache
def _patterns(guard: bytes, *, stderr: bool) -> Dull:
    others = _looks(guard, stderr=True) if stderr else None
    looks = _looks(guard, stderr=stderr, indented=not stderr)
    return Dull(looks, _closings(guard, stderr=stderr), others, by_beginning=not guard)


_BAR_BYTES: Final = (b"%", b"[", b"\xe2")  # every progress bar has one of them
_NO_BAR = rb"(?=[^\n%\[\xe2]*+\n)"
_KINDS: Final = ((b"", False), (b"", True), (_NO_BAR, True))
#: Each compiles a pattern: some milliseconds.
STEPS: Final[tuple[Callable[[], object], ...]] = (
    *(functools.partial(_closings, guard, stderr=stderr) for guard, stderr in _KINDS),
    *(functools.partial(_looks, guard, stderr=stderr, indented=not stderr) for guard, stderr in _KINDS),
    *(functools.partial(_patterns, guard, stderr=stderr) for guard, stderr in _KINDS),
)


def dull(text: bytes, *, stderr: bool) -> Dull:
    """The patterns for this text: on stderr a progress bar may stand behind any words, so lines that might hold one need a close look there."""
    if not stderr:
        return _patterns(b"", stderr=False)
    return _patterns(_NO_BAR if any(byte in text for byte in _BAR_BYTES) else b"", stderr=True)
