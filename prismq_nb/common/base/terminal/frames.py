"""The frames that a line was drawn with, and the rows that it moves to. Pure.

A line shows its last frame (`redraw`); earlier ones are shown on request. Standard library only.
"""

from __future__ import annotations

import re
from collections import deque
from typing import Final

from prismq_nb.common.base.terminal.dense import MAX_DRAWN_CHARS, drawable_chars, newest_controls
from prismq_nb.common.base.terminal.long_lines import has_long_line
from prismq_nb.common.base.terminal.screen import Screen
from prismq_nb.common.base.terminal.sequences import ESCAPES, SGR_BEHIND_ESCAPE
from prismq_nb.common.base.terminal.text import decode, is_plain, message

MAX_FRAMES: Final = 500
"""Maximum number of frames of one line, the newest."""
MAX_FRAMES_CHARS: Final = 64 << 10
_MAX_SCANNED_CHARS: Final = 48 << 10
"""Maximum number of characters examined in one call: about 2 ms, in which no other Python runs."""
_LINE_COST: Final = 64  # of each line, in characters
_FEW_CONTROLS: Final = 800  # followed in `drawn_lines`
_CONTROL_COST: Final = 8  # of each of these, in characters
_MAX_FRAMES_BYTES: Final = 4 * MAX_FRAMES_CHARS
_MAX_END_BYTES: Final = 16 << 10
_MAX_PIECES: Final = 1_000
_MAX_CONTROLS: Final = 1_200  # see `dense`
_SCREEN_ROWS: Final = 1_000
_MAX_RENDERED: Final = 64 << 10
"""Characters of frames. Beyond that, only the newest frames are rendered: `_FEW_FRAMES`, or half as
many characters if they are long."""
_FEW_FRAMES: Final = 50

Drawn = tuple[int, ...]
"""The number of earlier frames, the row of a line's text, the row of the cursor at its end, and
the rows that it left empty. Rows are relative to the one in which the line begins (-1: above
it)."""

_ROWS_BELOW: Final = 16
"""Rows below the cursor that ``ESC[J`` is assumed to erase, and rows listed for one line."""
_MAX_EMPTIED: Final = 64
_NAME_LETTERS: Final = 8
"""This many letters tell whether two frames belong to the same progress bar or spinner."""
_NAME_CHARS: Final = 200
_SIGN_CHARS: Final = 2

_DRAWN: Final = re.compile(
    rb"\r(?!\n)|\x08\x08|\x1b\[(?:[01]?G|[012]?[JK]|[0-9;]{0,8}+[ABEFHf])|\x1b[DEM]"
)
_END: Final = r"\r|\x08\x08|\x1b\[(?:[01]?G|2K|[02]?J|[0-9;]{0,8}+[AFHf])"
# A pattern that begins with a literal character is 5 times as fast
_FRAME_ENDS: Final = re.compile(rf"(?:{_END})(?>\x08+|{_END})*")
_ROWS: Final = re.compile(r"\x1b\[([0-9]{0,4})([ABEF])|\x1b([DEM])")
_ERASES: Final = re.compile(
    r"\x1b\[(?:2K|[02]?J)"
    rf"|(?:[\r\x08]|\x1b\[[01]?G)(?>(?:\x1b{SGR_BEHIND_ESCAPE})*)(?:\x1b\[0?K| {{4,}}+)"
)
_BELOW: Final = re.compile(r"\x1b\[0?J")
_WIPED: Final = re.compile(r"\r {4,}+\r+")
_LETTERS: Final = re.compile(r"[^\W\d_]")
_PLACES: Final = re.compile(r"\x1b(?:\[[0-9;]{0,64}+[Hdefu]|[8c])")


def drawn_lines(data: bytes, first: int) -> dict[int, Drawn]:
    """Return how lines were drawn that were redrawn, or that moved the cursor to another row.

    Args:
        data: whole lines.
        first: number of the first.

    Returns:
        By line number; lines that are shown as they are stored are absent.
    """
    if is_plain(data) or not _may_be_drawn(data):
        return {}
    if has_long_line(data, MAX_DRAWN_CHARS, b"\n"):  # a pattern takes 10 ms for a MiB
        data = b"\n".join([_end_of(line) for line in data.split(b"\n")])
    found: dict[int, Drawn] = {}
    number, counted, budget = first, 0, _MAX_SCANNED_CHARS
    move = _DRAWN.search(data)
    while move is not None and budget > 0:
        start = data.rfind(b"\n", counted, move.start()) + 1 or counted
        stop = data.find(b"\n", move.end())
        stop = stop if stop >= 0 else len(data)
        number += data.count(b"\n", counted, start)
        counted = start
        begin = max(start, stop - _MAX_END_BYTES)
        line = decode(data[begin:stop])
        budget -= len(line) + _LINE_COST
        updates = data.count(b"\r", start, begin)
        begin, controls = newest_controls(line, _FEW_CONTROLS, _MAX_END_BYTES)
        budget -= _CONTROL_COST * controls
        updates += len(_FRAME_ENDS.findall(line, 0, begin))
        line = line[begin:]
        updates += _updates(line)
        drawn = (updates, *_rows(line))
        if drawn != (0, 0, 0):
            found[number] = drawn
        move = _DRAWN.search(data, stop)
    return found


def _end_of(line: bytes) -> bytes:
    r"""Return the part of a long line that is examined, and as many ``\r`` as precede it."""
    if len(line) <= MAX_DRAWN_CHARS:
        return line
    cut = len(line) - _MAX_END_BYTES
    return b"\r" * line.count(b"\r", 0, cut) + line[cut:]


def _may_be_drawn(data: bytes) -> bool:
    if b"\x08" in data or (b"\x1b" in data and b"\x1b[" in data):
        return True
    return data.count(b"\r") > data.count(b"\r\n")


def frames(raw: bytes, last: str | None = None) -> list[str]:
    """Return what a line showed before each redraw, and in the end.

    Args:
        raw: the line, without its newline.
        last: its `text.message`, if the caller has it: that takes as long as the other frames.

    Returns:
        The newest `MAX_FRAMES`, of the newest `MAX_FRAMES_CHARS` characters, without blank ones and
        repetitions. The last one is its `text.message`.
    """
    line = decode(raw[-_MAX_FRAMES_BYTES:]).rstrip("\r")
    at, _ = newest_controls(
        line, _MAX_CONTROLS, drawable_chars(line[-MAX_FRAMES_CHARS:], MAX_FRAMES_CHARS)
    )
    ends = deque((match.start() for match in _FRAME_ENDS.finditer(line, at)), maxlen=_MAX_PIECES)
    if len(ends) == _MAX_PIECES:
        at = ends[0]
    found: deque[str] = deque(maxlen=MAX_FRAMES)
    screen = Screen()
    rendered, few = 0, _FEW_FRAMES
    for left, end in zip(range(len(ends), 0, -1), ends, strict=True):
        screen.draw(line[at:end])
        at = end
        if rendered > _MAX_RENDERED and left > few:
            found.clear()
            continue
        text = screen.text()
        rendered += len(text) + _LINE_COST
        few = min(_FEW_FRAMES, 1 + _MAX_RENDERED // 2 // (len(text) + _LINE_COST))
        if not (found and found[-1] == text) and _is_worth_keeping(_bare(text)):
            found.append(text)
    last = message(raw) if last is None else last
    if not (found and found[-1] == last):
        found.append(last)
    size = sum(map(len, found))
    while len(found) > 1 and size > max(MAX_FRAMES_CHARS, len(found[-1])):
        size -= len(found.popleft())
    return list(found)


def _updates(line: str) -> int:
    """Return how many frames were drawn before the last one."""
    line = line.rstrip("\r")
    pieces = _FRAME_ENDS.split(line[_visible_frames_start(line) :])
    if len(pieces) > _MAX_PIECES:
        return len(pieces) - 1 - (not pieces[0])
    visible = [text for text in map(_bare, pieces) if text]
    return sum(map(_is_worth_keeping, visible[:-1]))


def _visible_frames_start(line: str) -> int:
    """Return where the frames of what a line shows begin: behind a bar that was erased with blanks.

    tqdm erases its bar before a record is printed; the record's line then contains the bar's
    frames.
    """
    if "\r    " not in line or _ROWS.search(line):
        return 0
    shown = _name(line[line.rfind("\r") + 1 :])
    for wiped in reversed([*_WIPED.finditer(line)][-_MAX_PIECES:]):
        start = line.rfind("\r", 0, wiped.start()) + 1
        before = _name(line[start : min(start + _NAME_CHARS, wiped.start())])
        if before and shown and before != shown:
            return wiped.end()
    return 0


def _name(frame: str) -> str:
    """Return what all frames of one bar or spinner have in common: their first letters."""
    return "".join(_LETTERS.findall(ESCAPES.sub("", frame[:_NAME_CHARS]))[:_NAME_LETTERS])


def _is_visible(text: str) -> bool:
    return bool(_bare(text))


def _bare(text: str) -> str:
    return (ESCAPES.sub("", text) if "\x1b" in text else text).strip()


def _is_worth_keeping(frame: str) -> bool:
    """Whether somebody may want to see a frame again: the sign of a spinner alone says nothing."""
    return len(frame) > _SIGN_CHARS or any(map(str.isalnum, frame))


def _rows(line: str) -> tuple[int, ...]:
    """Return the row that a line shows, that of the cursor at its end, and the rows left empty."""
    if _PLACES.search(line):
        return 0, 0
    row = shown = at = 0
    filled: dict[int, bool] = {}
    for match in _ROWS.finditer(line):
        _draw(filled, row, line[at : match.start()])
        shown = row if filled.get(row) else shown
        count = min(int(match[1] or 1), _SCREEN_ROWS) or 1
        row += -count if (match[2] or match[3]) in "AFM" else count
        at = match.end()
    _draw(filled, row, line[at:])
    shown = row if filled.get(row) else shown
    emptied = [number for number, is_filled in filled.items() if not is_filled]
    return shown, row, *sorted(emptied)[:_MAX_EMPTIED]


def _draw(filled: dict[int, bool], row: int, text: str) -> None:
    """Note whether a row is filled after a text; it may be unchanged."""
    erased, is_below = 0, False
    for erase in _ERASES.finditer(text):
        erased = erase.end()
        is_below = is_below or _BELOW.match(erase[0]) is not None
    if is_below:
        filled.update(dict.fromkeys(range(row + 1, row + 1 + _ROWS_BELOW), False))
    if _is_visible(text[erased:]):
        filled[row] = True
    elif erased:
        filled[row] = False
