"""Find out whether there are long lines, without examining each line. Pure.

Standard library only.
"""

from __future__ import annotations

from typing import AnyStr


def has_long_line(text: AnyStr, size: int, newline: AnyStr) -> bool:
    r"""Whether a line has more than `size` characters or bytes, not counting its ``\n``.

    Args:
        text: whole lines; the last may lack its ``\n``.
        size: in characters or bytes.
        newline: ``\n`` of the same type as `text`.
    """
    start, end = 0, len(text)
    while end - start > size:
        # in leaps: one step for many lines
        start = text.rfind(newline, start, start + size + 1) + 1
        if start == 0:
            return True
    return False
