"""Estimate the cost of rendering stored lines before they are decoded, to keep steps short.

The unit is one cursor move: 1 to 3 µs. Pure; no file, no asyncio.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from prismq_nb.common.base.terminal.sequences import MOVE
from prismq_nb.journal.layout.span import first_lines, newlines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prismq_nb.journal.layout.span import Span

MAX_RENDER_COST: Final = 1_500
"""Maximum cost of one step, about 5 ms. Escape sequences, backspaces, returns and tabs cost 1."""
_LIGHT_BYTES: Final = 256 << 10
_COLOURS: Final = 8
"""This many sequences that only set colours cost as much as a move."""
_LINKS: Final = 3
"""The same if there are links (OSC 8) among them."""
_BYTES, _ODD_BYTES = 80, 32
"""This many bytes of a drawn line cost as much as a move: ASCII, and other text."""
_LINE: Final = 5
"""Cost of a drawn line."""

_BACKSPACE, _RETURN, _ESCAPE, _TAB, _BEFORE_C1 = 0x08, 0x0D, 0x1B, 0x09, 0xC2
_MOVE: Final = re.compile(MOVE.pattern.encode())
# Each of these may leave a thousand blanks or more.
_FAR_MOVE: Final = re.compile(rb"\[(?:[0-9]{0,9}+;)?([1-9][0-9]{2,3})[0-9]{0,60}+[@-ln-z]")
_FAR: Final = 16


def render_cost(data: bytes) -> int:
    r"""Return the approximate number of moves in lines: 1 to 3 µs each, or less.

    Args:
        data: whole lines; the return of ``\r\n`` costs nothing.
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
        found += _LINE * min(found, newlines(data)) + len(data) // (
            _BYTES if data.isascii() else _ODD_BYTES
        )
    return found if found > MAX_RENDER_COST or not escapes else found + _blanks(data)


def _has_move(data: bytes, escapes: int) -> bool:
    if not escapes or escapes > _COLOURS * MAX_RENDER_COST:
        return escapes > 0  # so many are too many in any case
    return _MOVE.search(data) is not None or b"\xc2\x9b" in data


def _blanks(data: bytes) -> int:
    if b"\xc2\x9b" in data:
        data = data.replace(b"\xc2\x9b", b"[")
    return sum(_FAR << 2 * (len(digits) - 3) for digits in _FAR_MOVE.findall(data))


def within_budget(spans: Sequence[Span]) -> Sequence[Span]:
    """Return the first of some lines, at least one, with at most `MAX_RENDER_COST` and 256 KiB."""
    lines, size, room = 0, _LIGHT_BYTES, MAX_RENDER_COST
    for span in spans:
        cost = render_cost(span.data)
        size -= len(span.data)
        room -= cost
        if room < 0 or size < 0:
            room, size = room + cost, size + len(span.data)
            return first_lines(spans, max(1, lines + _fitting(span, room, size)))
        lines += span.line_count
    return spans


def _fitting(span: Span, room: int, size: int) -> int:
    """Return how many of a span's first lines fit into a cost and a number of bytes."""
    start = 0
    for line in range(span.line_count):
        end = span.data.find(b"\n", start) + 1 or len(span.data)
        room -= render_cost(span.data[start:end])
        size -= end - start
        if room < 0 or size < 0:
            return line
        start = end
    return span.line_count
