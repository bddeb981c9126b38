r"""Lines that plainly have no level, so that a flood of them is passed over at the speed of a search for line ends.

Each pattern describes the beginning of a line, or a whole one, that no format of `level_formats` can give a level and that begins no block: its words
end every header, or it lacks what every level needs. They are sufficient, not necessary: what they miss gets a close look. A property test holds them
to the close look. Apart from `level_blocks` because it is grammar, not state. Imports the standard library only.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Final, NamedTuple

from prismq_nb.journal.level_notes import FIRST, INDENTED_FIRST, SYMBOLS
from prismq_nb.journal.level_words import LOWER

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
_TOKEN = rb"[a-z\d_]++\n"  # one word, or one number
_CELL = rb"(?:" + _NUMBER + rb"%?+|[A-Z]?[a-z]++(?:(?>(?:_[a-z]++)+)|(?>(?: [a-z]++)*)))"
_COLUMNS = rb"\d{1,7}+(?>(?: {2,}+(?:" + _NUMBER + rb"|NaN|[A-Z]?[a-z]++)| [-+]?\d{1,5}(?:\.\d{1,5})?(?!\d)| NaN){1,64}) *+\n"
_ROW = rb"\| ++(?!(?:" + LOWER + rb")\b)" + _CELL + rb" *+\|(?>(?: *+(?>(?:" + _CELL + rb" *+)?)\|){0,64})\n"
_SCRIPT = rb"[\xc3-\xdf\xe3-\xef][^A-Za-z<\n]*+\n"  # text without Latin letters
# What follows may also continue an open block, so it is dull only while none is.
_NO_LETTERS = rb"[^A-Za-z<\n]*+\n"  # also blank lines
# Of an indented line, only upper-case words and bracketed ones count, and frames.
_LISTED = (
    rb"\d++:\d++ ++[ew\xe2]|error: |Warning  |(?:error|warning) \xe2|/[^\s:]++:\d++: "
    rb"|(?:Compil|Check|Download|Fresh|Document|Add|Fini|Lock|Doc-|Runn|Bloc|Up)"
)
_INDENTED = rb"[ \t]++(?!at |\.\.\.|File |Caused|Suppressed|Wrapped|" + _LISTED + rb")[^A-Z\[(<|\n]*+(?>(?:[A-Z][^A-Z\[(<|\n]++)*)[A-Z]?+\n"
_PATH = rb"(?:(?:[.~]{0,2}/|[a-z_][\w\-]{0,100}+/)[a-z\d_.][\w./+@\-]*+\n)"
# On stderr, what a note may begin with is looked at.
_NO_LETTERS_OR_NOTE = rb"[^A-Za-z\n" + SYMBOLS[1:-1] + rb"][^A-Za-z<\n]*+\n"
_NO_INDENTED_NOTE = rb"(?![ \t]++(?:" + INDENTED_FIRST + rb"))"


def _closing(*, stderr: bool) -> bytes:
    prose = rb"(?=[A-Za-z])(?!" + _begins_with_one(stderr=stderr) + rb")(?:" + _WORDS + rb")"
    return rb"|".join((_TOKEN, prose, _COLUMNS, _ROW, _SCRIPT))


def _all(guard: bytes) -> bytes:
    if not guard:
        return rb"|".join((_NO_LETTERS, _closing(stderr=False), _INDENTED, _PATH))
    dull_there = [_NO_LETTERS_OR_NOTE, _closing(stderr=True), _PATH]
    if not guard.startswith(_AT_MARGIN):
        dull_there += (rb"\n", _NO_INDENTED_NOTE + _INDENTED)
    return rb"|".join(dull_there)


@functools.cache
def _looks(guard: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"\n(?!" + guard + rb"(?:" + _all(guard) + rb"))")


@functools.cache
def _closings(guard: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"\n" + guard + rb"(?:" + _closing(stderr=guard != b"") + rb")")


@functools.cache
def _patterns(guard: bytes) -> Dull:
    others = _looks(_NO_BLANKS + guard[len(_AT_MARGIN) :]) if guard else None
    return Dull(_looks(guard), _closings(guard), others, by_beginning=_NO_BAR not in guard)


_BAR_BYTES: Final = (b"%", b"[", b"\xe2")  # every progress bar has one of them
_NO_BAR = rb"(?=[^\n%\[\xe2]*+\n)"
_NO_BLANKS = rb"(?![ \t]++\n)"  # they take a bar away
_AT_MARGIN = rb"(?![ \t\n])"
_GUARDS: Final = (_AT_MARGIN, _AT_MARGIN + _NO_BAR)
#: Each compiles a pattern: some milliseconds.
STEPS: Final[tuple[Callable[[], object], ...]] = (
    *(functools.partial(step, guard) for guard in (b"", *_GUARDS) for step in (_looks, _closings)),
    *(functools.partial(_patterns, guard) for guard in _GUARDS),
)


def dull(text: bytes, *, stderr: bool) -> Dull:
    """The patterns for this text: on stderr a progress bar may stand behind any words, so lines that might hold one need a close look there."""
    if not stderr:
        return _patterns(b"")
    return _patterns(_GUARDS[any(byte in text for byte in _BAR_BYTES)])
