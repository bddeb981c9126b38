"""What showing stored lines costs, told before they are decoded: so that no step takes long.

Pure; no file, no asyncio.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from prismq_nb.common.base.terminal.sequences import MOVE
from prismq_nb.journal.layout.span import first_lines, newlines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prismq_nb.journal.layout.span import Span

__all__ = ["HEAVY_MOVES", "light", "moves"]

HEAVY_MOVES: Final = 1_500
"""Escape sequences, backspaces, returns and tabs that take about 5 ms where lines are drawn."""
_LIGHT_BYTES: Final = 256 << 10
_COLOURS: Final = 8
"""So many sequences that only set colours cost as much as a move."""
_LINKS: Final = 3
"""The same where there are links among them."""
_BYTES, _ODD_BYTES = 80, 32
"""So many bytes cost as much as a move where they are drawn: ASCII, and other text."""
_LINE: Final = 5
"""What a drawn line costs, in moves."""

_BACKSPACE, _RETURN, _ESCAPE, _TAB, _BEFORE_C1 = 0x08, 0x0D, 0x1B, 0x09, 0xC2
_MOVE: Final = re.compile(MOVE.pattern.encode())
# Some of these leave a thousand blanks, or more.
_FAR_MOVE: Final = re.compile(rb"\[(?:[0-9]{0,9}+;)?([1-9][0-9]{2,3})[0-9]{0,60}+[@-ln-z]")
_FAR: Final = 16


def moves(data: bytes) -> int:
    r"""About how many moves are followed until lines can be shown: 1 to 3 µs each, or less.

    Args:
        data: whole lines; what ``\r\n`` ends costs nothing.
    """
    returns = data.count(b"\r") - data.count(b"\r\n") if _RETURN in data else 0
    backspaces = data.count(b"\x08") if _BACKSPACE in data else 0
    escapes = data.count(b"\x1b") if _ESCAPE in data else 0
    escapes += data.count(b"\xc2") if _BEFORE_C1 in data else 0  # of 8-bit forms, perhaps
    if not (returns or backspaces or _has_move(data, escapes)):
        return escapes // (_LINKS if b"]8;" in data else _COLOURS)
    found = returns + backspaces + escapes
    found += data.count(b"\t") if _TAB in data else 0
    if escapes or backspaces:
        found += _LINE * min(found, newlines(data)) + len(data) // (_BYTES if data.isascii() else _ODD_BYTES)
    return found if found > HEAVY_MOVES or not escapes else found + _blanks(data)


def _has_move(data: bytes, escapes: int) -> bool:
    if not escapes or escapes > _COLOURS * HEAVY_MOVES:
        return escapes > 0  # so many are too many in any case
    return _MOVE.search(data) is not None or b"\xc2\x9b" in data


def _blanks(data: bytes) -> int:
    if b"\xc2\x9b" in data:
        data = data.replace(b"\xc2\x9b", b"[")
    return sum(_FAR << 2 * (len(digits) - 3) for digits in _FAR_MOVE.findall(data))


def light(spans: Sequence[Span]) -> Sequence[Span]:
    """The first of these lines, one at least, with `HEAVY_MOVES` and 256 kB at most."""
    lines, size, room = 0, _LIGHT_BYTES, HEAVY_MOVES
    for span in spans:
        cost = moves(span.data)
        size -= len(span.data)
        room -= cost
        if room < 0 or size < 0:
            room, size = room + cost, size + len(span.data)
            return first_lines(spans, max(1, lines + _fitting(span, room, size)))
        lines += span.line_count
    return spans


def _fitting(span: Span, room: int, size: int) -> int:
    """How many of a span's first lines have so many moves and bytes."""
    start = 0
    for line in range(span.line_count):
        end = span.data.find(b"\n", start) + 1 or len(span.data)
        room -= moves(span.data[start:end])
        size -= end - start
        if room < 0 or size < 0:
            return line
        start = end
    return span.line_count
