"""Rows of tables: below a record they are no part of it, though they are indented or drawn.

Pure functions of one line. Imports the standard library only.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["begins_table", "draws_table"]

_CELL = rb"(?:NaN|[-+]?[\d.]+%?|[A-Za-z_%][\w.%\-]*)"
# Indented: the names of columns, as pandas prints them above a frame; rows and rules of psql, SQLite, prettytable, tabulate; boxes.
_TABLE = re.compile(
    _CELL + rb"(?>(?: {2,40}" + _CELL + rb"){1,64})[ \t]*$"
    rb"|[A-Za-z_]\w*(?> \w+)* +(?>(?:\| +\w+(?> \w+)* *){1,64})$"
    rb"|\+?[-=]{3,}+(?>(?:[+| ]+[-=]{2,}+){0,64})\+?[ \t]*$"
    rb"|\|(?=[^|\n]{1,200}\|[^\n]{0,1000}\|[ \t]*$)"
    rb"|\xe2(?:\x94[\x8c-\x8f]|\x95[\x92-\x94])"
)
# At the margin: the upper edge of a box that is no traceback of rich (Julia's `\xe2\x94\x8c Warning: ` is a record), and a rule.
_EDGE = re.compile(rb"\xe2(?:\x94[\x80\x81\x8c-\x8f]|\x95(?:[\x90\x92-\x94]|\xad(?![^\n]{0,200}Traceback )))")
#: `2 | x` is a row, though rustc prints source so: between it and the record stands where that is.
_ROW = re.compile(rb"\d+ *\|")
_LONG: Final = 1024  # bytes; no longer row is looked at


def begins_table(text: bytes) -> bool:
    """Whether an indented line, given without its indentation, begins a table rather than continues the record above."""
    return len(text) <= _LONG and _TABLE.match(text) is not None


def draws_table(text: bytes, *, below_head: bool) -> bool:
    """Whether a line at the margin that a record's text could be drawn with begins a table.

    Args:
        text: the line.
        below_head: it stands right below a record's first line.
    """
    return _EDGE.match(text) is not None or (below_head and _ROW.match(text) is not None)
