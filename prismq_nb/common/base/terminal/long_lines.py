"""Long lines among others, found without a look at each line. Pure; imports the standard library only."""

from __future__ import annotations

from typing import AnyStr

__all__ = ["has_long_line"]


def has_long_line(text: AnyStr, size: int, newline: AnyStr) -> bool:
    r"""Whether a line has more than `size` characters, or bytes; its ``\n`` does not count.

    Args:
        text: whole lines; the last may lack its ``\n``.
        size: in characters or bytes.
        newline: ``\n`` of the same kind as `text`.
    """
    start, end = 0, len(text)
    while end - start > size:
        start = text.rfind(newline, start, start + size + 1) + 1  # in leaps: one step for many lines
        if start == 0:
            return True
    return False
