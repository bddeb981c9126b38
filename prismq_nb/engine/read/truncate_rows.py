"""Cut lines so that all of them fit into a number of bytes of a notebook. Pure."""

from __future__ import annotations

import json
from bisect import bisect_right
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_LINE_BYTES = 2 * len('        "\\n",\n') + len('<span style="color: #b58900"></span>')
"""Bytes of a line besides its text: nbformat writes a text as a list of lines."""
_MARK = "…"


def truncate_rows(rows: Sequence[str], most: int) -> list[str]:
    """Return `rows`, the longest of them cut so that all take at most `most` bytes.

    They are measured as the file holds them: as JSON, once plain and once as HTML.
    """
    costs = [_file_bytes(row) for row in rows]
    if sum(costs) <= most:
        return list(rows)
    level = _level(costs, most)
    return [
        row if cost <= level else _cut(row, level) for row, cost in zip(rows, costs, strict=True)
    ]


def _level(costs: Sequence[int], most: int) -> int:
    """Return the largest size of a row with which all rows fit."""
    left = most
    for index, cost in enumerate(ordered := sorted(costs)):
        share = left // (len(ordered) - index)
        if cost > share:
            return share
        left -= cost
    return most


def _cut(row: str, most: int) -> str:
    """Return as much of a row's beginning as takes at most `most` bytes, with a mark."""
    lengths = range(min(len(row), most // 2))  # each character takes two bytes or more
    length = bisect_right(lengths, most, key=lambda kept: _file_bytes(row[:kept] + _MARK)) - 1
    return row[: max(0, length)] + _MARK


def _file_bytes(row: str) -> int:
    return _LINE_BYTES + _json_bytes(row) + _json_bytes(escape(row, quote=False))


def _json_bytes(text: str) -> int:
    return len(json.dumps(text, ensure_ascii=False).encode("utf-8", "replace")) - 2
