"""HTTP ranges over a file that only grows (RFC 9110, section 14). Pure.

One ``bytes`` range; anything else is answered with the whole file.
"""

from __future__ import annotations

import re

_RANGE = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))")


class Unsatisfiable(Exception):
    """The range begins past the end: 416."""


def parse(header: str | None, size: int) -> tuple[int, int] | None:
    """Parse a ``Range`` header for `size` bytes.

    Returns:
        First byte and the byte after the last; None: the whole. That is the case for no header,
            several ranges, another unit, and invalid headers, which RFC 9110, section 14.2, says to
            ignore.

    Raises:
        Unsatisfiable: no byte of it exists.
    """
    match = _RANGE.fullmatch((header or "").strip())
    if match is None:
        return None
    first, last, suffix = match.groups()
    if suffix is not None:
        if int(suffix) == 0 or size == 0:
            raise Unsatisfiable
        return max(0, size - int(suffix)), size
    start = int(first)
    if last and int(last) < start:
        return None
    if start >= size:
        raise Unsatisfiable
    return start, min(size, int(last) + 1) if last else size
