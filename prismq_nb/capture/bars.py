r"""The bars that a program draws and redraws, each on its row, and the one of them that speaks for the run.

Programs draw several bars by moving the cursor: tqdm goes down with ``\n``, draws, and comes back with ``ESC [ A``; rich goes up, clears, and draws
all of its rows again. So rows are followed here as a terminal would, relative to where the stream began, and each row keeps the newest progress that
was drawn on it. The topmost bar that is not full counts: the outer loop of a nested one. Pure; standard library only.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from prismq_nb.capture.progress import Progress


LOOKED_AT: Final = 4096
"""Bytes at the end of a chunk, and of unfinished text, that are looked at: a bar is redrawn often enough, and the cost of a flood stays bounded."""
MAX_DRAWINGS: Final = 64
"""Of these, so many are read: the newest. Each takes up to 30 µs."""
LINE_BYTES: Final = 1024
"""Of an unfinished line, so many bytes after the last move of the cursor are read again."""
SCREEN_ROWS: Final = 64
"""No cursor goes further up than this; a bar that far above is left for good."""
FULL: Final = 100.0

_MOVES = re.compile(rb"(\r|\n|\x1b\[\d{0,3}[ABEFK])")
_ROW_MOVES = re.compile(rb"\x1b\[\d{0,3}[ABEF]")
_COUNTED = re.compile(rb"(?m)^\[\d{1,7}/\d{1,7}\] |^\[Parallel\(n_jobs|\[Stage \d")
_BAR_SIGNS = (b"%", b"[", b"\xe2\x94\x81", b"\xe2\x95")  # the last two begin rich's heavy lines


def parse(text: str) -> Progress | None:
    """`progress.parse`, imported when it is first needed: its patterns take 2 ms to compile, which no launch should wait for."""
    from prismq_nb.capture.progress import parse  # noqa: PLC0415 - see above

    return parse(text)


class _Bar(NamedTuple):
    progress: Progress
    ups: int
    """How often the cursor had gone up when it was drawn."""


class Bars:
    """The bars of one stream.

    Attributes:
        seen: whether there was ever one; a flood is only looked at when there was.
    """

    def __init__(self) -> None:
        self.seen = False
        self._rest = b""
        self._row = 0
        self._ups = 0
        self._at_margin = True  # nothing was drawn since the cursor came to the start of its row
        self._rows: dict[int, _Bar] = {}

    def take(self, text: bytes, *, unfinished: bool = False) -> Progress | None:
        """Take in what the stream printed next: whole lines, or more of an unfinished one.

        Args:
            text: the bytes; each comes once. What a line begins with may have come before.
            unfinished: the text may go on inside a bar; any sign of a bar is looked for. In whole
                lines, as long as no bar is known, only those that show a percentage count.

        Returns:
            What the bars say now, if one was drawn in the end of `text`; None otherwise.
        """
        text = self._rest + text
        self._rest = b""
        if not self._rows and not self._may_begin(text[-LOOKED_AT:], unfinished=unfinished):
            if not text.endswith(b"\n"):
                self._rest = text[-LINE_BYTES:]
            return None
        start = self._skip(text)
        *pieces, last = _MOVES.split(text[start:])
        drawn, unread = False, sum(map(bool, pieces[::2])) - MAX_DRAWINGS
        for i, piece in enumerate(pieces):
            if i % 2:
                self._move(piece)
            elif piece:
                unread -= 1
                self._at_margin = False
                drawn = (unread < 0 and self._draw(piece)) or drawn
        self._rest = last[-LINE_BYTES:]
        found = self._speaker() if drawn else None
        before = self._rows.copy()  # the last piece comes again, with what follows it
        if last and self._draw(last):
            found = self._speaker()
        self._rows = before
        for row in [row for row in self._rows if abs(row - self._row) > SCREEN_ROWS]:
            del self._rows[row]
        return found

    def leave_out(self) -> None:
        """More was printed, at which nobody looks; only where no bar was seen."""
        self._rest = b""

    @staticmethod
    def _may_begin(end: bytes, *, unfinished: bool) -> bool:
        return any(sign in end for sign in _BAR_SIGNS) if unfinished else b"%" in end or _COUNTED.search(end) is not None

    def _skip(self, text: bytes) -> int:
        """Follow the cursor to where looking begins. What is drawn before that does not count.

        Costs some 0.1 µs for each move: a program may print nothing else.
        """
        start = len(text) - LOOKED_AT
        if start <= 0:
            return 0
        escape = text.rfind(b"\x1b", max(0, start - 5), start)
        start = escape if escape >= 0 else start
        self._row += text.count(b"\n", 0, start)
        if text.find(b"\x1b", 0, start) >= 0:
            for move, times in Counter(_ROW_MOVES.findall(text, 0, start)).items():
                self._move(move, times)
        return start

    def _move(self, move: bytes, times: int = 1) -> None:
        kind, count = move[-1:], int(move[2:-1] or 1) if len(move) > 1 else 1
        if kind in b"\nBE":
            self._row += min(count, SCREEN_ROWS) * times
        elif kind in b"AF":
            self._row -= min(count, SCREEN_ROWS) * times
            self._ups += times
        elif kind == b"K" and (self._at_margin or len(move) > len(b"\x1b[K")):
            self._rows.pop(self._row, None)  # behind a bar it erases what was longer, not the bar
        if kind in b"\r\nEF":
            self._at_margin = True

    def _draw(self, text: bytes) -> bool:
        found = parse(text.decode("utf-8", "replace")) if any(sign in text for sign in _BAR_SIGNS) else None
        before = self._rows.get(self._row)
        if found is None:
            if before and (not text.isspace() or len(text) > 1):  # written over; a single blank may follow a bar
                del self._rows[self._row]
            return False
        if before and before.ups == self._ups:  # redrawn, and the cursor was nowhere else: what stands above is not of its group
            self._rows = {row: bar for row, bar in self._rows.items() if row >= self._row}
        self._rows[self._row] = _Bar(found, self._ups)
        self.seen = True
        return True

    def _speaker(self) -> Progress | None:
        bars = [bar.progress for _, bar in sorted(self._rows.items())]
        unfinished = [bar for bar in bars if bar.percent != FULL]
        return next(iter(unfinished or bars), None)
