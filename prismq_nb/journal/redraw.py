r"""What is left of a line that a program drew over, and the frames that it drew before.

Most such lines are bars, redrawn with ``\r``: what follows the last one is all that matters, and
is found from the end. Only where that does not say what a terminal shows, the line is drawn cell
by cell (`screen`). Standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from prismq_nb.journal.long_lines import has_long_line
from prismq_nb.journal.sequences import (
    ERASE_RIGHT,
    ESCAPES,
    MOVE,
    ROW_MOVE,
    SEQUENCE,
    SGR,
    SHOWS_NOTHING,
    without_other,
)
from prismq_nb.journal.sgr import change, dressed

__all__ = ["MAX_SEQUENCES", "WINDOW_CHARS", "between", "drawn_over", "moves_in", "thinned"]

#: Of a longer line, so many characters at its end are drawn, and what stands before its first move.
#: Smaller: what a spinner of hours left of the line is wrong. Larger: an event loop waits longer.
WINDOW_CHARS: Final = 64 << 10
_DEAR_CHARS: Final = 16 << 10  # the same, where characters are drawn one by one: each costs 0.3 µs
_MAX_TABS: Final = 1_000
#: So many moves, the last ones, are followed: each costs about 1 µs.
MAX_MOVES: Final = 4_000
#: Of a longer line, escape sequences before its last 16 kB are not followed if the text
#: has more: each takes 0.1 µs, in which nothing else runs, and a line may hold half a million.
MAX_SEQUENCES: Final = 16_000
#: Frames that are looked at, from the last one on, for one that begins the line again.
_MAX_LOOKED_AT: Final = 64

# Where a line may be other than its characters one after the other.
_RETURN_OR_MOVE: Final = re.compile(rf"[\r\x08]|{MOVE.pattern}")
_FOLLOWED: Final = re.compile(rf"\r|(?<!\x08)\x08|{MOVE.pattern}")
# What later frames may depend on: colours that were put back, links.
_RESTORED: Final = re.compile(r"\x1b(?:[8c]|\[u|\]8;)")
_REPEAT: Final = re.compile(r"\x1b\[[0-9;:]{0,64}+b")
_CONTROL: Final = re.compile(r"[\x00-\x1a\x1c-\x1f\x7f-\x9f]")
# The first column, and all erased: what Node's tools do in place of ``\r``.
_BEGUN_AGAIN: Final = re.compile(r"\x1b\[(?:[01]?G\x1b\[[02]?K|2K\x1b\[[01]?G)")
# A character that the next one is written over.
_OVERWRITTEN: Final = re.compile(r"[!-~]\x08(?=[!-~])")


def drawn_over(line: str, max_moves: int = MAX_MOVES, max_chars: int = WINDOW_CHARS) -> str:
    r"""The text of a line that was drawn over, with colours and links alone.

    Args:
        line: without its newline, in 7-bit forms (`sequences.seven_bit`).
        max_moves: so many moves at its end are followed.
        max_chars: so many characters at its end are drawn, and an eighth as many cells filled with blanks.
    """
    line = line.rstrip("\r")
    cut = line.rfind("\r") + 1
    if cut and "\x1b" not in line:
        last = line[cut:]
        if last.isprintable() and last[0] <= "~":  # nearly all there are
            return last
    if moves_in(line).search(line) is None:
        return without_other(line)
    low = max(0, len(line) - max_chars)
    start = _last_beginning(line, low)
    if start and _RESTORED.search(line, low, start) is None:
        rest = line[start:]
        pen = _pen_at(line, max(0, start - max_chars), start)
        has_rows = ROW_MOVE.search(line, low, start) is not None
        if not (_CONTROL.search(rest) or MOVE.search(rest) or _begins_with_combining(rest)):
            found = change("", pen) + without_other(rest)
            if not has_rows or ESCAPES.sub("", found).strip(" "):
                return found
        elif not has_rows and _REPEAT.search(rest) is None:
            return _drawn(rest, pen, max_moves, max_chars)
    return _drawn(line, "", max_moves, max_chars)


def moves_in(text: str) -> re.Pattern[str]:
    """A pattern of what makes a line of this text other than its characters one after the other."""
    return _RETURN_OR_MOVE if "\r" in text or "\x08" in text else MOVE  # many times as fast


def thinned(text: str) -> str:
    """Some lines, of which no longer one has many sequences: there, only the ESC itself is taken.

    Args:
        text: whole lines; nothing is done if it has `MAX_SEQUENCES` at most.
    """
    if not has_long_line(text, WINDOW_CHARS, "\n") or text.count("\x1b") <= MAX_SEQUENCES:
        return text
    return "\n".join([_thinned(line) for line in text.split("\n")])


def _thinned(line: str) -> str:
    if len(line) <= WINDOW_CHARS or line.count("\x1b") <= MAX_SEQUENCES:
        return line
    cut = between(line, len(line) - WINDOW_CHARS // 4)
    return line[:cut].replace("\x1b", "") + line[cut:]


def _begins_with_combining(line: str) -> bool:
    if line.isascii():
        return False
    return _is_combining(_CONTROL.sub("", ESCAPES.sub("", line))[:1])


def _last_beginning(line: str, low: int) -> int:
    """Where the last frame begins that replaces all before it; 0 where that is not sure."""
    end = len(line)
    for begin in _beginnings(line, low):
        if ROW_MOVE.search(line, begin, end):
            return 0
        if begin >= 1 and line[begin - 1] != "\r":
            return begin
        at = _visible(line, begin, end)
        if at < end and (line[at] not in "\t\x1b\x08\r" or ERASE_RIGHT.match(line, at)):
            return begin
        end = begin
    return 0


def _beginnings(line: str, low: int) -> Iterator[int]:
    """Where frames may begin, from the last one on."""
    has_first_column = any(move in line for move in ("\x1b[1G", "\x1b[G", "\x1b[0G"))
    places = [match.end() for match in _BEGUN_AGAIN.finditer(line, low)] if has_first_column else []
    end = len(line)
    for _ in range(_MAX_LOOKED_AT):
        end = line.rfind("\r", 0, end)
        while places and places[-1] > end:
            yield places.pop()
        if end < 0:
            return
        yield end + 1


def _visible(line: str, start: int, end: int) -> int:
    """The first place from `start` on where something is shown, or the cursor moves; or `end`."""
    at = start
    while (match := SHOWS_NOTHING.match(line, at, end)) is not None:
        at = match.end()
        if at >= end or not _is_combining(line[at]):
            break
        at += 1
    return min(at, end)


def _is_combining(character: str) -> bool:
    if character <= "\u02ff":  # the empty one, too
        return False
    from prismq_nb.journal.cells import width  # noqa: PLC0415 - see `_drawn`

    return width(character) == 0


def _pen_at(line: str, low: int, end: int) -> str:
    """The colours in force at a place, as far as the line says so after `low`."""
    if line.find("\x1b[", low, end) < 0:
        return ""
    reset = max(line.rfind("\x1b[0m", low, end), line.rfind("\x1b[m", low, end))
    pen = ""
    for match in SGR.finditer(line, max(low, reset), end):
        pen = dressed(pen, match[1])
    return pen


def _drawn(line: str, pen: str, max_moves: int, max_chars: int) -> str:
    """A line, drawn: all of it, or of a long one what stands before its first move, and its end."""
    from prismq_nb.journal.screen import Screen  # noqa: PLC0415 - the supervisor seldom needs it

    if len(line) <= max_chars:
        line = _without_overwritten(line)
    screen = Screen(pen, max_chars // 8)
    if len(line) > _DEAR_CHARS and _is_dear(line[-max_chars:]):
        max_chars = min(max_chars, _DEAR_CHARS)
    if len(line) <= max_chars and _moves_at_most(line) <= max_moves:
        screen.draw(line)
        return screen.text()
    move = moves_in(line).search(line)
    first = len(line) if move is None else move.start()
    kept = between(line, max(0, first - max_chars))
    head = without_other(line[:kept])
    before = _pen_at(line, max(0, kept - max_chars), kept)
    start = max(first, _first_followed(line, max_moves, max_chars))
    screen.dress(before or pen)
    screen.draw(line[kept:first])
    if start > first:
        screen.dress(_pen_at(line, max(first, start - max_chars), start) or screen.pen)
    end = between(line, start + 2 * max_chars)
    if end < len(line) and moves_in(line).search(line, end):
        end = len(line)
    screen.draw(_without_overwritten(line[start:end]))
    text = screen.text(before or pen if head else "") + without_other(line[end:])
    return head + text if head and screen.keeps_first_row else text


def _is_dear(line: str) -> bool:
    """Whether a line has wide characters, or many tabs: each of these is drawn alone."""
    return not line.isascii() or line.count("\t") > _MAX_TABS


def _without_overwritten(line: str) -> str:
    return _OVERWRITTEN.sub("", line) if "\x08" in line and "\x1b" not in line else line


def _moves_at_most(line: str) -> int:
    return line.count("\x1b") + line.count("\x08") + line.count("\r")


def _first_followed(line: str, max_moves: int, max_chars: int) -> int:
    """Where the last moves of a long line begin."""
    low = max(0, len(line) - max_chars)
    places = [match.start() for match in _FOLLOWED.finditer(line, low)]
    if not places:
        return max(line.rfind("\x08", 0, low), line.rfind("\r", 0, low), line.rfind("\x1b", 0, low), 0)
    return places[-max_moves:][0]


def between(line: str, at: int) -> int:
    """The first place from `at` on that is not inside a sequence."""
    last = line.rfind("\x1b", 0, at)
    sequence = SEQUENCE.match(line, last) if last >= 0 else None
    return min(len(line), at if sequence is None else max(at, sequence.end()))
