r"""What is left of a line that a program drew over, and the frames that it drew before.

Most such lines are bars, redrawn with ``\r``: what follows the last one is all that matters, and
is found from the end. Only where that does not say what a terminal shows, the line is drawn cell
by cell (`screen`). Standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from prismq_nb.common.base.terminal.dense import MAX_CONTROLS, WINDOW_CHARS, first_move, parts_of
from prismq_nb.common.base.terminal.sequences import ERASE_RIGHT, ESCAPES, MOVE, ROW_MOVE, SGR, SHOWS_NOTHING, without_other
from prismq_nb.common.base.terminal.sgr import change, dressed_by

__all__ = ["drawn_over", "moves_in"]

#: Frames that are looked at, from the last one on, for one that begins the line again.
_MAX_LOOKED_AT: Final = 64
#: If there are more, colours are looked for in so many characters.
_MANY_SEQUENCES: Final = 4_000
#: Among so many characters the first one that is shown is looked for.
_HEAD_CHARS: Final = 1_000

# Where a line may be other than its characters one after the other.
_RETURN_OR_MOVE: Final = re.compile(rf"[\r\x08]|{MOVE.pattern}")
# What later frames may depend on: colours that were put back, links.
_RESTORED: Final = re.compile(r"\x1b(?:[8c]|\[u|\]8;)")
_REPEAT: Final = re.compile(r"\x1b\[[0-9;:]{0,64}+b")
_CONTROL: Final = re.compile(r"[\x00-\x1a\x1c-\x1f\x7f-\x9f]")
# The first column, and all erased: what Node's tools do in place of ``\r``.
_BEGUN_AGAIN: Final = re.compile(r"\x1b\[(?:[01]?G\x1b\[[02]?K|2K\x1b\[[01]?G)")
# A character that the next one is written over.
_OVERWRITTEN: Final = re.compile(r"[!-~]\x08(?=[!-~])")


def drawn_over(line: str, max_moves: int = MAX_CONTROLS, max_chars: int = WINDOW_CHARS) -> str:
    r"""The text of a line that was drawn over, with colours and links alone.

    Args:
        line: without its newline, in 7-bit forms (`sequences.seven_bit`).
        max_moves: so many controls at its end are followed, see `dense`.
        max_chars: so many characters at its end are drawn, and an eighth as many cells filled with blanks.
    """
    line = line.rstrip("\r")
    cut = line.rfind("\r") + 1
    if cut and "\x1b" not in line:
        last = line[cut:]
        if last.isprintable() and last[0] <= "~":  # nearly all there are
            return last
    if first_move(line) == len(line):
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


def _begins_with_combining(line: str) -> bool:
    if line.isascii():
        return False
    return _is_combining(_CONTROL.sub("", ESCAPES.sub("", line[:_HEAD_CHARS]))[:1])


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
    has_first_column = any(line.find(move, low) >= 0 for move in ("\x1b[1G", "\x1b[G", "\x1b[0G"))
    places = [match.end() for match in _BEGUN_AGAIN.finditer(line, low)] if has_first_column else []
    end = len(line)
    for _ in range(_MAX_LOOKED_AT):
        end = line.rfind("\r", low, end)
        while places and places[-1] > end:
            yield places.pop()
        if end < 0:
            return
        yield end + 1


def _visible(line: str, start: int, end: int) -> int:
    """The first place from `start` on where something is shown, or the cursor moves; or `end`."""
    at = start
    for _ in range(_MAX_LOOKED_AT):
        match = SHOWS_NOTHING.match(line, at, end)
        at = match.end() if match else at
        if at >= end or not _is_combining(line[at]):
            break
        at += 1
    return min(at, end)


def _is_combining(character: str) -> bool:
    if character <= "\u02ff":  # the empty one, too
        return False
    from prismq_nb.common.base.terminal.cells import width  # noqa: PLC0415 - see `_drawn`

    return width(character) == 0


def _pen_at(line: str, low: int, end: int, pen: str = "") -> str:
    """The colours in force at a place, as far as the line says so after `low`.

    Args:
        line: all of it.
        low: where looking begins; later where there are many sequences.
        end: the place.
        pen: the colours in force at `low`.
    """
    if line.find("\x1b[", low, end) < 0:
        return pen
    low = max(low, line.rfind("\x1b[0m", low, end), line.rfind("\x1b[m", low, end))
    if line.count("\x1b", low, end) > _MANY_SEQUENCES:
        low = max(low, end - _MANY_SEQUENCES)
    return dressed_by(pen, SGR.findall(line, low, end))


def _drawn(line: str, pen: str, max_moves: int, max_chars: int) -> str:
    """A line, drawn: all of it, or of a long one what stands before its first move, and its end."""
    from prismq_nb.common.base.terminal.screen import Screen  # noqa: PLC0415 - the supervisor seldom needs it

    if len(line) <= max_chars:
        line = _without_overwritten(line)
    screen = Screen(pen, max_chars // 8)
    drawn, first, tail, rest = parts_of(line, max_moves, max_chars)
    head = change("", pen) + without_other(line[:drawn]) if drawn else ""
    before = _pen_at(line, max(0, drawn - max_chars), drawn, pen)
    screen.dress(before)
    screen.draw(line[drawn:first])
    screen.dress(_pen_at(line, max(first, tail - max_chars), tail, screen.pen))
    screen.draw(_without_overwritten(line[tail:rest]))
    if rest < len(line):
        screen.draw("\x1b[K")
    if not screen.keeps_first_row:
        head = ""
    return head + screen.text(before if head else "") + without_other(line[rest:])


def _without_overwritten(line: str) -> str:
    return _OVERWRITTEN.sub("", line) if "\x08" in line and "\x1b" not in line else line
