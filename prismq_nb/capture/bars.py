r"""The bars that a program draws and redraws, each on its row, and the one of them that speaks for the run.

Programs draw several bars by moving the cursor: tqdm goes down with ``\n``, draws, and comes back with ``ESC [ A``; rich goes up, clears, and draws
all of its rows again. So rows are followed here as a terminal would, relative to where the stream began, and each row keeps the newest progress that
was drawn on it. The topmost bar that is not full counts: the outer loop of a nested one. Pure; standard library only.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from prismq_nb.capture.progress import Progress


LOOKED_AT: Final = 4096
"""Bytes at the end of a chunk, and of unfinished text, that are looked at: a bar is redrawn often enough, and the cost of a flood stays bounded."""
SCREEN_ROWS: Final = 64
"""No cursor goes further up than this; a bar that far above is left for good."""
FULL: Final = 100.0

_MOVES = re.compile(rb"(\r|\n|\x1b\[\d{0,3}[ABEFK])")
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
        self._row = 0
        self._ups = 0
        self._rows: dict[int, _Bar] = {}

    def stored(self, data: bytes | memoryview, lines: int) -> Progress | None:
        """Takes in the next `lines` whole lines.

        Returns:
            What the bars say now, if one was drawn in the end of `data`; None otherwise.
        """
        text = bytes(data)
        if not self._rows and b"%" not in text[-LOOKED_AT:]:
            self._row += lines
            return None
        self._row += lines - text.count(b"\n")  # an unfinished line counts
        return self._follow(text)

    def pending(self, text: bytes) -> Progress | None:
        """What the bars say with unfinished text behind what was stored. The text is not taken in: it will be stored later."""
        before = self._row, self._ups, self._rows.copy()
        found = self._follow(text)
        self._row, self._ups, self._rows = before
        return found

    def _follow(self, text: bytes) -> Progress | None:
        drawn, start = False, max(0, len(text) - LOOKED_AT)
        if text.find(b"\x1b", 0, start) < 0:
            self._row += text.count(b"\n", 0, start)
        else:  # what is drawn there does not count, where the cursor went does
            for move in _MOVES.finditer(text):
                if move.start() >= start:
                    break
                self._move(move[0])
                start = max(start, move.end())
        for piece in _MOVES.split(text[start:]):
            if piece[:1] in b"\r\n\x1b" and _MOVES.fullmatch(piece):
                self._move(piece)
            elif piece:
                drawn = self._draw(piece) or drawn
        for row in [row for row in self._rows if row < self._row - SCREEN_ROWS]:
            del self._rows[row]
        return self._speaker() if drawn else None

    def _move(self, move: bytes) -> None:
        kind, count = move[-1:], int(move[2:-1] or 1) if len(move) > 1 else 1
        if kind in b"\nBE":
            self._row += count
        elif kind in b"AF":
            self._row -= min(count, SCREEN_ROWS)
            self._ups += 1
        elif kind == b"K":
            self._rows.pop(self._row, None)

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
