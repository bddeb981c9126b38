"""A row of terminal cells: characters, their widths, colours and links.

Runs of characters are written at once. A row does not limit its size: `screen` does. Standard
library only.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby
from typing import Final

from prismq_nb.common.base.terminal.sgr import sgr_change

_MAX_CELL_CHARS: Final = 32
"""Of a character with combining ones; further ones are left out."""
_WIDE: Final = 2

_GAP: Final = "\x00"
"""A cell in which nothing was drawn. Control characters are never drawn, so it is unambiguous."""
_HALF: Final = ""
"""The right half of a wide character."""

# Most characters take one column. The width of others is looked up one by one.
_NARROW: Final = (
    "\x20-\u02ff\u0370-\u0482\u2010-\u2027\u2030-\u205e"  # Latin, Greek and Cyrillic, dashes
    "\u2190-\u22ff\u2500-\u25fc\u2800-\u28ff"  # arrows, box drawing, blocks
    "\ufffd"  # stands for invalid bytes
)
_PERHAPS_WIDE: Final = re.compile(f"[^{_NARROW}]")

# Certainly two columns: CJK, Hangul, full-width forms, most emoji.
_WIDE_ONES: Final = (
    "\u3041-\u3096\u30a1-\u30fa\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff60"
    "\U0001f300-\U0001f320\U0001f400-\U0001f43e\U0001f600-\U0001f64f"
)
_UNUSUAL: Final = re.compile(f"[^{_NARROW}{_WIDE_ONES}]")
_NOT_WIDE: Final = re.compile(f"[^{_WIDE_ONES}]")

Style = tuple[str, str]
"""The pen (see `sgr`) and the link (parameters and address of an OSC 8 sequence) of a cell."""
_PLAIN: Final[Style] = ("", "")


@lru_cache(maxsize=1024)
def width(character: str) -> int:
    """Return the columns of a character.

    0 for combining ones, 2 for wide ones (UAX #11 W and F).
    """
    if unicodedata.category(character) in ("Mn", "Me", "Cf") and character != "\xad":
        return 0
    return _WIDE if unicodedata.east_asian_width(character) in ("W", "F") else 1


def is_narrow(text: str) -> bool:
    """Whether each character of a text certainly takes one column."""
    return _PERHAPS_WIDE.search(text) is None


def is_usual(text: str) -> bool:
    """Whether the width of a text is cheap to compute: Latin letters and the like, CJK, emoji."""
    return _UNUSUAL.search(text) is None


class Row:
    """The cells of a row and their styles; columns count from 0.

    Attributes:
        cells: the character in each, with its combining ones. Read only: each has a style.
    """

    __slots__ = ("_has_wide", "_styles", "cells")

    def __init__(self) -> None:
        """Begin without cells."""
        self.cells: list[str] = []
        self._styles: list[Style] = []
        self._has_wide = False  # one of the cells had two columns

    def is_blank(self) -> bool:
        """Whether the row shows nothing but blanks."""
        if self.cells and self.cells[0] > " ":  # most rows; the gap and the empty half are less
            return False
        return not "".join(self.cells).replace(_GAP, " ").strip(" ")

    def text(self, before: str, after: str, *, indented: bool) -> str:
        """Return the cells as text, with the SGR and link sequences that give them their styles.

        Args:
            before: the pen in force where the text begins.
            after: the pen to be in force behind it.
            indented: undrawn cells at the beginning are blanks; otherwise they are left out, as
                they always are at the end.
        """
        cells, start, end = self.cells, 0, len(self.cells)
        while end and cells[end - 1] == _GAP:
            end -= 1
        while not indented and start < end and cells[start] == _GAP:
            start += 1
        return _rendered(cells[start:end], self._styles[start:end], before, after)

    # What is written

    def write(self, column: int, cells: Sequence[str], style: Style) -> None:
        """Overwrite the cells from a column on.

        Args:
            column: within the row or at its end.
            cells: a text that `is_narrow`, or what `split` returned.
            style: of all of them.
        """
        size = len(cells)
        if column == len(self.cells):  # most are
            self.cells += cells
            self._styles += [style] * size
            return
        end = column + size
        if self._has_wide:
            self._part(column)
            self._part(end)
        self.cells[column:end] = cells
        self._styles[column:end] = [style] * size

    def split(self, column: int, text: str) -> list[str]:
        """Return the cells of a text that is to be written at a column.

        Combining characters at its beginning are added to the character before that column; if
        there is none, they are left out.
        """
        if _NOT_WIDE.search(text) is None:
            self._has_wide = True
            every = [_HALF] * (_WIDE * len(text))
            every[::_WIDE] = text
            return every
        widths = [*map(width, text)]
        if min(widths) == max(widths) == 1:
            return [*text]
        cells: list[str] = []
        for character, columns in zip(text, widths, strict=True):
            if columns == 0:
                where, at = (cells, len(cells)) if cells else (self.cells, column)
                _combine(character, where, at - 1)
                continue
            cells.append(character)
            if columns == _WIDE:
                cells.append(_HALF)
                self._has_wide = True
        return cells

    # What is erased and moved

    def clear(self) -> None:
        """Erase everything."""
        self.cells.clear()
        self._styles.clear()
        self._has_wide = False

    def cut(self, column: int) -> None:
        """Erase from a column on; the row becomes shorter."""
        self._part(column)
        del self.cells[column:], self._styles[column:]

    def blank(self, start: int, end: int) -> None:
        """Erase cells within the row."""
        self._part(start)
        self._part(end)
        self.cells[start:end] = [_GAP] * (end - start)
        self._styles[start:end] = [_PLAIN] * (end - start)

    def insert(self, column: int, count: int) -> None:
        """Shift the cells from a column on to the right, and insert empty ones."""
        self._part(column)
        self.cells[column:column] = [_GAP] * count
        self._styles[column:column] = [_PLAIN] * count

    def remove(self, column: int, count: int) -> None:
        """Remove cells, and shift those behind them to the left."""
        self._part(column)
        self._part(column + count)
        del self.cells[column : column + count], self._styles[column : column + count]

    def _part(self, column: int) -> None:
        """Replace a wide character that would lose one half with blanks."""
        cells = self.cells
        if self._has_wide and 0 < column < len(cells) and cells[column] == _HALF:
            cells[column - 1] = cells[column] = " "


def _combine(character: str, cells: list[str], at: int) -> None:
    if 1 <= at < len(cells) and cells[at] == _HALF:
        at -= 1
    if 0 <= at < len(cells) and cells[at] != _GAP and len(cells[at]) < _MAX_CELL_CHARS:
        cells[at] += character


def _rendered(cells: list[str], styles: list[Style], before: str, after: str) -> str:
    if styles and styles.count(styles[0]) == len(styles) and not styles[0][1]:  # ten times as fast
        pen = styles[0][0]
        return "".join([sgr_change(before, pen), *cells, sgr_change(pen, after)]).replace(_GAP, " ")
    pieces: list[str] = []
    pen, link, at = before, "", 0
    for (next_pen, next_link), group in groupby(styles):
        end = at + len(list(group))
        if next_link != link:
            link = next_link
            pieces.append(f"\x1b]8;{link or ';'}\x1b\\")
        pieces += (sgr_change(pen, next_pen), "".join(cells[at:end]).replace(_GAP, " "))
        pen, at = next_pen, end
    if link:
        pieces.append("\x1b]8;;\x1b\\")
    pieces.append(sgr_change(pen, after))
    return "".join(pieces)
