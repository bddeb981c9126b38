"""A terminal of unlimited width: what the control sequences of one line do to its cells.

Rows are kept apart if one line spans several (``ESC [ A``). Runs of characters are drawn at once,
so the cost is that of the sequences. All costs are bounded: see `MAX_BLANKS`. The sequences are
those of ECMA-48 and xterm's ctlseqs. Standard library only; imported when the first such line is
drawn.
"""

from __future__ import annotations

import re
from typing import Final

from prismq_nb.common.base.terminal.cells import Row, is_narrow, width
from prismq_nb.common.base.terminal.sequences import BEHIND_ESCAPE, STRING
from prismq_nb.common.base.terminal.sgr import apply_sgr

MAX_COLUMN: Final = 4096
"""The cursor moves at most this far beyond the number of characters printed."""
MAX_BLANKS: Final = 1 << 13
"""Budget of one line, in cells, for moves over nothing and erasures inside a row. When it is used
up, there are no more of either: a hostile line would cost the square of its length otherwise."""
MAX_ROWS: Final = 256
"""If there are more rows, those printed on longest ago are dropped."""
_TAB: Final = 8
_ABSOLUTE: Final = 1 << 40
"""Added to rows that a program addresses by number: where its screen begins is not known."""

_ALL: Final = 2  # parameter of an erasure
_COLUMNS: Final = {"C": 1, "a": 1, "D": -1, "j": -1}
_ROWS: Final = {"A": -1, "F": -1, "B": 1, "E": 1, "e": 1}

_TOKEN: Final = re.compile(
    r"([^\x00-\x1f\x7f-\x9f]++)|(\x08++)|([\r\t])"
    r"|\x1b(?:\[([0-9;:]{0,64}+)([@-~])|\]8;([^\x07\x1b\n]*+)(?:\x07|\x1b\\)"
    rf"|{STRING}|([78DEMc])|{BEHIND_ESCAPE})"
    r"|[\x00-\x1f\x7f-\x9f]"
)
_TEXT, _BACK, _CONTROL, _PARAMETERS, _FINAL, _LINK, _ESCAPE = range(1, 8)


class Screen:
    """The rows of one line while it is drawn.

    Attributes:
        row: of the cursor, relative to where the line began.
        pen: the colours in force.
    """

    def __init__(self, pen: str = "", blanks: int = MAX_BLANKS) -> None:
        """Begin with an empty row.

        Args:
            pen: the colours in force, see `sgr`.
            blanks: see `MAX_BLANKS`.
        """
        self.row = 0
        self._column = 0
        self.pen = pen
        self._link = ""
        self._rows: dict[int, Row] = {0: Row()}  # in the order in which they were printed on
        self._last = 0
        self._saved = (0, 0, pen)
        self._is_returned = False
        self._printed = 0
        self._blanks = blanks
        self._character = ""
        self._was_removed = False

    def draw(self, text: str) -> None:
        """Process what a program printed.

        Args:
            text: without a newline, in 7-bit forms (`sequences.seven_bit`).
        """
        for token in _TOKEN.finditer(text):
            kind = token.lastindex
            if kind == _TEXT:
                self._print(token[_TEXT])
            elif kind == _FINAL:
                self._control(token[_PARAMETERS], token[_FINAL])
            elif kind == _BACK:
                self._column = max(0, self._column - len(token[_BACK]))
            elif kind == _CONTROL:
                self._return() if token[_CONTROL] == "\r" else self._tab(1)
            elif kind == _ESCAPE:
                self._escape(token[_ESCAPE])
            elif kind == _LINK:
                self._link = token[_LINK] if token[_LINK].partition(";")[2] else ""

    def set_pen(self, pen: str) -> None:
        """Set the colours in force: a pen, see `sgr`."""
        self.pen = pen

    @property
    def keeps_first_row(self) -> bool:
        """Whether what the line began with is still there and shown."""
        return not self._was_removed and self.shown_row() == 0

    def shown_row(self) -> int:
        """Return the row that the line shows.

        The cursor's, or if that is blank the one printed on last.
        """
        row = self._rows.get(self.row)
        if row is None or row.is_blank():
            for number in reversed(self._rows):
                if not self._rows[number].is_blank():
                    return number
        return self.row

    def text(self, before: str = "") -> str:
        """Return the text that the line shows, with colours and links.

        Args:
            before: the pen at its beginning.
        """
        number = self.shown_row()
        row = self._rows.get(number) or Row()
        return row.text(before, self.pen, indented=number == 0)

    # What is printed

    def _print(self, text: str) -> None:
        column = self._column
        row = self._rows.get(self.row)
        narrow = text.isascii() or is_narrow(text)
        if not narrow and not any(map(width, text)):
            if row is not None:
                row.split(column, text)
            return
        if row is None:
            row = self._new_row()
        if self._is_returned:
            self._is_returned = False
            if column == 0:
                row.clear()
                self._printed = 0
                self._was_removed = True
        if self._last != self.row:
            self._last = self.row
            self._rows[self.row] = self._rows.pop(self.row)
        if column > len(row.cells):
            column = self._fill(row, column)
        cells = text if narrow else row.split(column, text)
        row.write(column, cells, (self.pen, self._link))
        self._column = column + len(cells)
        self._printed += len(cells)
        self._character = (
            text[-1] if narrow else next(each for each in reversed(text) if width(each))
        )

    def _fill(self, row: Row, column: int) -> int:
        """Fill with gaps up to a column while the budget lasts; return the column reached."""
        size = min(column - len(row.cells), self._blanks)
        self._blanks -= size
        row.insert(len(row.cells), size)
        return len(row.cells)

    def _new_row(self) -> Row:
        """Add a row, in place of the oldest one if there are too many."""
        row = self._rows[self.row] = Row()
        self._last = self.row
        if len(self._rows) > MAX_ROWS:
            del self._rows[next(iter(self._rows))]
        return row

    # What moves the cursor

    def _return(self) -> None:
        self._column = 0
        self._is_returned = True

    def _tab(self, count: int) -> None:
        if count > 0:
            self._go((self._column // _TAB + count) * _TAB)
        else:
            self._go((-(-self._column // _TAB) + count) * _TAB)

    def _go(self, column: int) -> None:
        most = max(self._column, MAX_COLUMN + self._printed)
        self._column = max(0, min(column, most))

    def _go_row(self, row: int, column: int | None = None) -> None:
        self.row = row
        self._is_returned = False
        if column is not None:
            self._column = 0
            self._go(column)

    def _escape(self, kind: str) -> None:
        if kind == "7":
            self._save()
        elif kind == "8":
            self._restore()
        elif kind == "M":
            self._go_row(self.row - 1)
        elif kind == "c":
            self._rows = {0: Row()}
            self.pen, self._link, self._was_removed = "0", "", True
            self._last = self._printed = 0
            self._go_row(0, 0)
        else:
            self._go_row(self.row + 1, 0 if kind == "E" else None)

    def _save(self) -> None:
        self._saved = (self.row, self._column, self.pen)

    def _restore(self) -> None:
        row, self._column, self.pen = self._saved
        self._go_row(row)

    def _control(self, parameters: str, final: str) -> None:
        if final == "m":
            self.pen = apply_sgr(self.pen, parameters)
            return
        first, _, rest = parameters.partition(";")
        number = _number(first)
        count = number or 1
        if final in _COLUMNS:
            self._go(self._column + _COLUMNS[final] * count)
        elif final in _ROWS:
            self._go_row(self.row + _ROWS[final] * count, 0 if final in "EF" else None)
        elif final in "G`":
            self._go(count - 1)
        elif final in "Hfd":
            column = None if final == "d" else _number(rest.partition(";")[0]) - 1
            self._go_row(_ABSOLUTE + count, column)
        elif final in "IZ":
            self._tab(count if final == "I" else -count)
        elif final in "su":
            if not parameters:
                self._save() if final == "s" else self._restore()
        else:
            self._change(final, number)

    # What changes the row

    def _change(self, final: str, number: int) -> None:
        # nothing is to be changed where nothing was printed
        row = self._rows.get(self.row) or Row()
        if final in "KJ":
            if final == "J":
                self._erase_rows(number)
            self._erase(row, number)
        elif final in "LM":
            row.clear()
            self._column = 0
        elif final == "X":
            self._blank(row, self._column, self._column + (number or 1))
        elif final in "P@":
            self._shift(row, number or 1, insert=final == "@")
        elif final == "b" and self._character:
            self._repeat(number or 1)
        if not row.cells:
            self._printed = 0

    def _erase(self, row: Row, number: int) -> None:
        if number >= _ALL:
            row.clear()
            self._was_removed = True
        elif number == 1:
            self._blank(row, 0, self._column + 1)
        else:
            row.cut(self._column)

    def _repeat(self, count: int) -> None:
        count = min(count, max(0, MAX_COLUMN + self._printed - self._column), self._blanks)
        self._blanks -= count
        character, printed = self._character, self._printed
        if count:
            self._print(character * count)
        self._character, self._printed = character, printed

    def _erase_rows(self, number: int) -> None:
        if not self._spend(len(self._rows)):
            return
        for other in list(self._rows):
            if other != self.row and (number >= _ALL or (other > self.row) == (number == 0)):
                del self._rows[other]

    def _blank(self, row: Row, start: int, end: int) -> None:
        """Erase cells; at the end of the row, shorten it."""
        if end >= len(row.cells):
            row.cut(start)
        elif self._spend(end - start):
            row.blank(start, end)

    def _shift(self, row: Row, count: int, *, insert: bool) -> None:
        column = self._column
        if column >= len(row.cells) or not self._spend(len(row.cells) - column):
            return
        if insert:
            count = min(count, MAX_COLUMN, self._blanks)
            self._blanks -= count
            row.insert(column, count)
        else:
            row.remove(column, count)

    def _spend(self, cells: int) -> bool:
        self._blanks -= cells
        if self._blanks < 0:
            self._blanks = 0
            return False
        return True


def _number(parameter: str) -> int:
    return int(parameter) if parameter.isdecimal() else 0
