r"""The final text of a line that a program redrew.

Most such lines are progress bars, redrawn with ``\r``: only what follows the last one matters, and
is found from the end. The line is drawn cell by cell (`screen`) only where that does not decide
what a terminal shows. Standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from prismq_nb.common.base.terminal.dense import MAX_CONTROLS, MAX_DRAWN_CHARS, divide, first_move
from prismq_nb.common.base.terminal.sequences import (
    ERASE_RIGHT,
    ESCAPES,
    MOVE,
    ROW_MOVE,
    SGR,
    SHOWS_NOTHING,
    without_other,
)
from prismq_nb.common.base.terminal.sgr import apply_sgrs, sgr_change

_MAX_FRAMES_TRIED: Final = 64
"""Frames tried, from the last one back, to find one that begins the line again."""
_MANY_SEQUENCES: Final = 4_000
"""If there are more sequences, only this many characters are searched for colours."""
_HEAD_CHARS: Final = 1_000
"""The first visible character is searched for among this many characters."""

# Where a line may show something other than its characters in order.
_RETURN_OR_MOVE: Final = re.compile(rf"[\r\x08]|{MOVE.pattern}")
# What later frames may depend on: restored colours, links.
_RESTORED: Final = re.compile(r"\x1b(?:[8c]|\[u|\]8;)")
_REPEAT: Final = re.compile(r"\x1b\[[0-9;:]{0,64}+b")
_CONTROL: Final = re.compile(r"[\x00-\x1a\x1c-\x1f\x7f-\x9f]")
# To the first column, and erase all: what Node's tools print instead of ``\r``.
_BEGUN_AGAIN: Final = re.compile(r"\x1b\[(?:[01]?G\x1b\[[02]?K|2K\x1b\[[01]?G)")
# A character that the next one overwrites.
_OVERWRITTEN: Final = re.compile(r"[!-~]\x08(?=[!-~])")


def final_text(
    line: str, max_controls: int = MAX_CONTROLS, max_chars: int = MAX_DRAWN_CHARS
) -> str:
    """Return the text that a redrawn line shows, with colours and links only.

    Args:
        line: without its newline, in 7-bit forms (`sequences.seven_bit`).
        max_controls: maximum number of controls at its end that are followed, see `dense`.
        max_chars: maximum number of characters at its end that are drawn, and an eighth as many
            cells that are filled with blanks.
    """
    line = line.rstrip("\r")
    cut = line.rfind("\r") + 1
    if cut and "\x1b" not in line:
        last = line[cut:]
        if last.isprintable() and last[0] <= "~":  # nearly all of them
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
            found = sgr_change("", pen) + without_other(rest)
            if not has_rows or ESCAPES.sub("", found).strip(" "):
                return found
        elif not has_rows and _REPEAT.search(rest) is None:
            return _draw_cells(rest, pen, max_controls, max_chars)
    return _draw_cells(line, "", max_controls, max_chars)


def move_pattern(text: str) -> re.Pattern[str]:
    """Return a pattern for what makes lines of `text` show other than their characters."""
    return _RETURN_OR_MOVE if "\r" in text or "\x08" in text else MOVE  # many times as fast


def _begins_with_combining(line: str) -> bool:
    if line.isascii():
        return False
    return _is_combining(_CONTROL.sub("", ESCAPES.sub("", line[:_HEAD_CHARS]))[:1])


def _last_beginning(line: str, low: int) -> int:
    """Return where the last frame begins that replaces everything before it.

    0 if that is not sure.
    """
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
    """Iterate over the places where frames may begin, from the last one back."""
    has_first_column = any(line.find(move, low) >= 0 for move in ("\x1b[1G", "\x1b[G", "\x1b[0G"))
    places = [match.end() for match in _BEGUN_AGAIN.finditer(line, low)] if has_first_column else []
    end = len(line)
    for _ in range(_MAX_FRAMES_TRIED):
        end = line.rfind("\r", low, end)
        while places and places[-1] > end:
            yield places.pop()
        if end < 0:
            return
        yield end + 1


def _visible(line: str, start: int, end: int) -> int:
    """Return the first place from `start` on where something is shown or the cursor moves.

    Or `end`.
    """
    at = start
    for _ in range(_MAX_FRAMES_TRIED):
        match = SHOWS_NOTHING.match(line, at, end)
        at = match.end() if match else at
        if at >= end or not _is_combining(line[at]):
            break
        at += 1
    return min(at, end)


def _is_combining(character: str) -> bool:
    if character <= "\u02ff":  # the empty one, too
        return False
    from prismq_nb.common.base.terminal.cells import width  # noqa: PLC0415 - see `_draw_cells`

    return width(character) == 0


def _pen_at(line: str, low: int, end: int, pen: str = "") -> str:
    """Return the colours in force at a place, as far as the line tells behind `low`.

    Args:
        line: all of it.
        low: where the search begins; later if there are many sequences.
        end: the place.
        pen: the colours in force at `low`.
    """
    if line.find("\x1b[", low, end) < 0:
        return pen
    low = max(low, line.rfind("\x1b[0m", low, end), line.rfind("\x1b[m", low, end))
    if line.count("\x1b", low, end) > _MANY_SEQUENCES:
        low = max(low, end - _MANY_SEQUENCES)
    return apply_sgrs(pen, SGR.findall(line, low, end))


def _draw_cells(line: str, pen: str, max_controls: int, max_chars: int) -> str:
    """Draw a line: all of it, or of a long one what precedes its first move, and its end."""
    # The supervisor seldom needs it
    from prismq_nb.common.base.terminal.screen import Screen  # noqa: PLC0415

    if len(line) <= max_chars:
        line = _without_overwritten(line)
    screen = Screen(pen, max_chars // 8)
    drawn, first, tail, rest = divide(line, max_controls, max_chars)
    head = sgr_change("", pen) + without_other(line[:drawn]) if drawn else ""
    before = _pen_at(line, max(0, drawn - max_chars), drawn, pen)
    screen.set_pen(before)
    screen.draw(line[drawn:first])
    screen.set_pen(_pen_at(line, max(first, tail - max_chars), tail, screen.pen))
    screen.draw(_without_overwritten(line[tail:rest]))
    if rest < len(line):
        screen.draw("\x1b[K")
    if not screen.keeps_first_row:
        head = ""
    return head + screen.text(before if head else "") + without_other(line[rest:])


def _without_overwritten(line: str) -> str:
    return _OVERWRITTEN.sub("", line) if "\x08" in line and "\x1b" not in line else line
