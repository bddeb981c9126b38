r"""Track the progress bars that a program draws, and choose the one that stands for the run. Pure.

Programs draw several bars by moving the cursor: tqdm goes down with ``\n``, draws, and returns with
``ESC [ A``; rich goes up, clears, and draws all of its rows again. So rows are followed as in a
terminal, relative to where the stream began, and each row keeps the newest progress that was drawn
on it. `terminal.redraw` says what one drawing shows. The topmost bar that is not full counts: the
outer loop of a nested one; of consecutive lines, the newest. Standard library only.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from prismq_nb.common.base.terminal.sequences import CUT_OFF, ROW_MOVE

if TYPE_CHECKING:
    from prismq_nb.capture.monitor.progress import Epoch, Progress


MAX_SCANNED_BYTES: Final = 4096
"""Bytes examined at the end of a chunk, and of unfinished text. Bars are redrawn often enough, and
the cost of a flood stays bounded."""
MAX_DRAWINGS: Final = 64
"""The newest drawings that are parsed; each takes up to 30 µs."""
LINE_BYTES: Final = 1024
"""Bytes of an unfinished line after its last move that are parsed again."""
SCREEN_ROWS: Final = 64
"""Cursors go no further up than this; a bar that far above is dropped."""
FULL: Final = 100.0
_MANY_MOVES: Final = 16_000
_MAX_FOLLOWED_BYTES: Final = 32 << 10
"""Bytes in which the cursor is followed if a chunk has that many moves. Each costs 0.1 µs, in which
nothing else runs."""

_FIXED: Final = 1 << 40  # rows addressed by number, as by apt and enlighten, are below all others
# Where a drawing ends, the cursor leaves its row, or everything below it is erased.
_ESCAPED = re.compile(rb"\x1b(?:7|\[(?:s|[0-3]?J))|" + ROW_MOVE.pattern.encode())
_MOVES = re.compile(rb"([\r\n]|" + _ESCAPED.pattern + rb")")
_ERASES = re.compile(rb"\x1b\[[0-2]?K")
_COUNTED = re.compile(rb"[\r\n] *\[?[\d,]{1,9} ?/ ?[\d,]{1,9}\]? ")
_SIGNS: Final = (
    b"%",
    b"[",
    b"\xe2\x94\x81",
    b"\xe2\x95",
    b"poch",
    b"Progress ",
    b"Completed ",
    b"packages... (",
    b":--",
    b" 0:",
    b" Test ",
    b"iB/",
)
"""Everything that shows progress has one of these signs. The first table is for unfinished
lines; in whole lines, brackets alone are too common. The heavy lines are rich's, the clocks
curl's."""
_WHOLE_SIGNS: Final = (
    b"%",
    b"[=",
    b"[#",
    b" [0",
    b"[Parallel(n_jobs",
    b"[Stage ",
    b"[+] ",
    b"[INFO] Building ",
    *_SIGNS[2:],
)


def parse(text: str) -> Progress | None:
    """Call `progress.parse`; importing it late saves every launch 2 ms of compiling patterns."""
    from prismq_nb.capture.monitor.progress import parse  # noqa: PLC0415 - 2 ms to compile

    return parse(text)


def epoch(text: str) -> Epoch | None:
    """Call `progress.epoch`, which is imported late as well."""
    from prismq_nb.capture.monitor.progress import epoch  # noqa: PLC0415 - 2 ms to compile

    return epoch(text)


class _Bar(NamedTuple):
    progress: Progress
    upward_moves: int
    """How often the cursor had gone up when it was drawn."""


class ProgressBars:
    """The progress bars of one stream.

    Attributes:
        seen: there has been a bar; in a flood, bars are only looked for if so.
    """

    def __init__(self) -> None:
        self.seen = False
        self._rest = b""
        self._row = 0
        self._saved_row = 0
        self._upward_moves = 0
        self._at_margin = True  # nothing was drawn since the cursor moved to the start of its row
        self._at_returned = False  # ... by ``\r``
        self._rows: dict[int, _Bar] = {}
        self._epoch: Epoch | None = None  # of which the bars are parts
        self._newest: Progress | None = None  # of those that are complete

    def feed(self, text: bytes, *, unfinished: bool = False) -> Progress | None:
        """Process what the stream printed next: whole lines, or more of an unfinished one.

        Args:
            text: the bytes; each comes once. What a line begins with may have come before.
            unfinished: the text may continue inside a bar, and any sign of a bar is looked for. In
                whole lines, until a bar is known, only signs that are rare elsewhere count.

        Returns:
            What the bars show now, if one was drawn at the end of `text`; None otherwise.
        """
        text = self._rest + text
        self._rest = b""
        if not self._rows and not _may_begin(text[-MAX_SCANNED_BYTES:], unfinished=unfinished):
            if not text.endswith(b"\n"):
                self._rest = text[-LINE_BYTES:]
            return None
        start = self._follow_cursor(text)
        *pieces, last = _MOVES.split(text[start:])
        drawn, unread = False, sum(map(bool, pieces[::2])) - MAX_DRAWINGS
        for i, piece in enumerate(pieces):
            if i % 2:
                self._move(piece)
            elif piece:
                unread -= 1
                drawn = (unread < 0 and self._draw(piece, is_line=pieces[i + 1] == b"\n")) or drawn
                self._at_margin = self._at_returned = False
        self._rest = last[-LINE_BYTES:]
        before = self._rows.copy()  # the last piece comes again, with what follows it
        drawn = (bool(last) and self._draw_unfinished(last)) or drawn
        found = self._overall() if drawn else None
        self._rows = before
        if self._row < _FIXED:
            for row in [
                row for row in self._rows if row < _FIXED and abs(row - self._row) > SCREEN_ROWS
            ]:
                del self._rows[row]
        return found

    def drop_partial(self) -> None:
        """Note that more was printed which is not examined; only if no bar was seen."""
        self._rest = b""

    # The cursor

    def _follow_cursor(self, text: bytes) -> int:
        """Follow the cursor to where examination begins; drawings before that do not count.

        Costs about 0.1 µs per move: a program may print nothing else.
        """
        start = len(text) - MAX_SCANNED_BYTES
        if start <= 0:
            return 0
        escape = text.rfind(b"\x1b", max(0, start - 5), start)
        start = escape if escape >= 0 else start
        if text.find(b"\x1b", 0, start) < 0:
            self._row += text.count(b"\n", 0, start)
        else:
            low = start - _MAX_FOLLOWED_BYTES if text.count(b"\x1b", 0, start) > _MANY_MOVES else 0
            low = max(0, low)
            self._row += text.count(
                b"\n", low, start
            )  # as part of the pattern, a MiB would take 15 ms
            for move, times in Counter(_ESCAPED.findall(text, low, start)).items():
                self._move(move, times)
            if text.find(b"\n", low, start) >= 0 or text.find(b"\r", low, start) >= 0:
                self._at_margin = True
        return start

    def _move(self, move: bytes, times: int = 1) -> None:
        kind, number = move[-1:], move[2:-1].partition(b";")[0]
        count = min(int(number), SCREEN_ROWS) if number.isdigit() else 1
        if kind in b"\nBDEe":
            self._row += count * times
        elif kind in b"AFM":
            self._row -= count * times
            self._upward_moves += times
        elif kind in b"Hfd":
            self._row = _FIXED + count
        elif kind in b"7s":
            self._saved_row = self._row
        elif kind in b"8u":
            self._row = self._saved_row
        elif kind == b"J":
            self._rows = {
                row: bar
                for row, bar in self._rows.items()
                if row < self._row + (not self._at_margin)
            }
        if kind in b"\r\nEF":
            self._at_margin, self._at_returned = True, kind == b"\r"

    # The rows

    def _draw(self, text: bytes, *, is_line: bool) -> bool:
        """Process one drawing; return whether it is a bar.

        Args:
            text: as it was printed.
            is_line: a newline follows.
        """
        found = parse(text.decode("utf-8", "replace")) if _has_sign(text) else None
        if found is not None:
            self._keep(found)
            self._newest = found
            return True
        if (
            is_line
            and b"poch" in text
            and (head := epoch(text.decode("utf-8", "replace"))) is not None
        ):
            return self._begin_epoch(head)
        if self._row in self._rows and self._writes_over(text):
            del self._rows[self._row]
        return False

    def _draw_unfinished(self, text: bytes) -> bool:
        """Process a drawing that may be cut off; return whether it is a bar.

        A new total counts only when it is complete, because ``4/10`` may become ``4/100``.
        """
        found = parse(_complete(text.decode("utf-8", "replace"))) if _has_sign(text) else None
        if found is None and _ERASES.search(text) is not None and self._writes_over(text):
            self._rows.pop(self._row, None)
        newest = self._newest
        if found is None or (
            newest is not None and newest.percent != FULL and newest.total != found.total
        ):
            return False
        self._keep(found)
        return True

    def _keep(self, found: Progress) -> None:
        before = self._rows.get(self._row)
        # redrawn, and the cursor was nowhere else: rows above are not of its group
        if before and before.upward_moves == self._upward_moves:
            self._rows = {row: bar for row, bar in self._rows.items() if row >= self._row}
        else:
            self._rows = {
                row: bar for row, bar in self._rows.items() if not self._takes_place_of(bar, found)
            }
        self._rows[self._row] = _Bar(found, self._upward_moves)
        self.seen = True

    def _takes_place_of(self, bar: _Bar, found: Progress) -> bool:
        """Whether a bar is a later state of one above.

        A newline or other output separates them.
        """
        if found.is_line and bar.progress.is_line:
            return True
        grew = (found.percent or 0.0) > (bar.progress.percent or 0.0)
        return (
            self._upward_moves == 0
            and bar.progress.total == found.total
            and (grew or not self._at_returned)
        )

    def _writes_over(self, text: bytes) -> bool:
        """Whether this text, which is not a bar, overwrites all that its row showed."""
        if _ERASES.search(text) is not None:
            return self._at_margin or b"\x1b[2K" in text
        return not text.isspace() or len(text) > 1  # a single blank may follow a bar

    def _begin_epoch(self, head: Epoch) -> bool:
        """Process a line about an epoch, unless a bar counts the epochs."""
        if any(
            bar.progress.total == head.total and bar.progress.percent != FULL
            for bar in self._rows.values()
        ):
            return False
        self._rows.clear()
        self._newest = None
        self._epoch = head
        self.seen = True
        return True

    def _overall(self) -> Progress | None:
        bars = [bar.progress for _, bar in sorted(self._rows.items())]
        unfinished = [bar for bar in bars if bar.percent != FULL]
        bar = next(iter(unfinished or bars), None)
        if self._epoch is None:
            return bar
        return self._epoch.with_part(bar.percent or 0.0) if bar is not None else self._epoch


def _may_begin(end: bytes, *, unfinished: bool) -> bool:
    return (
        any(sign in end for sign in (_SIGNS if unfinished else _WHOLE_SIGNS))
        or _COUNTED.search(b"\n" + end) is not None
    )


def _complete(text: str) -> str:
    """Return a text without the escape sequence that its end cuts off."""
    last = text.rfind("\x1b")
    if last >= 0 and (cut := CUT_OFF.search(text, max(text.rfind("\x1b", 0, last), 0))):
        return text[: cut.start()]
    return text


def _has_sign(text: bytes) -> bool:
    return any(sign in text for sign in _SIGNS) or _COUNTED.match(b"\n" + text) is not None
