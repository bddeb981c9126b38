"""Bounded drawing of lines that are long or full of control characters.

While a line is drawn, no other Python code runs, so its cost is bounded. A line with more than
`MAX_CONTROLS` control characters is drawn in part: what precedes its first move, and its end with
the newest controls. In all but an attack, what is left out between them was overwritten. The viewer
has the same rule (dense-lines.ts; the table of cases is line_cases.json). Standard library only.
"""

from __future__ import annotations

import re
from collections import deque
from typing import Final, NamedTuple

from prismq_nb.common.base.terminal.long_lines import has_long_line
from prismq_nb.common.base.terminal.sequences import C1, MOVE, SEQUENCE, seven_bit

MAX_DRAWN_CHARS: Final = 64 << 10
"""Of a longer line, this many characters at its end are drawn, and what precedes its first move.
Smaller: the result of a spinner that ran for hours is wrong. Larger: an event loop waits longer."""
MAX_CONTROLS: Final = 700
"""This many control characters at the end are followed; a run of backspaces counts as one. Each
costs 1 to 3 µs with the text behind it. A quarter as many are followed before the first move."""
MAX_SEQUENCES: Final = 16_000
"""If a long line has more escape sequences, those before its last 16 kB are not followed: each
takes 0.1 µs, in which no other Python code runs, and a line may have half a million."""
_KEPT_CHARS: Final = MAX_DRAWN_CHARS // 4
_PIECE_CHARS: Final = 1 << 10
_WIDE_CHARS: Final = 6 << 10
"""Characters that are drawn if some have two columns (0.1 µs each), or are unusual (0.6 µs)."""
_ODD_CHARS: Final = 2 << 10
_PARAMETERS: Final = 4
"""This many colour parameters cost as much as one control character."""

_CONTROLS: Final = re.compile(r"(?<!\x08)\x08|[\x00-\x07\x09-\x1f\x7f-\x9f]")
_BEFORE_C1: Final = b"\xc2"
_CONTINUES, _BEGINS = 0x80, 0xC0  # UTF-8 continuation bytes are between (RFC 3629)
_SUBSTITUTE: Final = "\x1a"
_BYTES_SEQUENCE: Final = re.compile(SEQUENCE.pattern.encode())


class LineParts(NamedTuple):
    """Offsets that divide a line.

    Attributes:
        drawn: the text before it is shown unchanged, without sequences other than colours.
        first: the first move. The line is drawn from `drawn` to here.
        tail: of the text between `first` and here, only the colours count.
        rest: the line is drawn from `tail` to here. The text behind it is shown unchanged, too.
    """

    drawn: int
    first: int
    tail: int
    rest: int


def divide(line: str, max_controls: int, max_chars: int) -> LineParts:
    """Divide a line so that drawing it takes bounded time.

    Args:
        line: in 7-bit forms (`sequences.seven_bit`).
        max_controls: this many controls are drawn, and a quarter more before the first move.
        max_chars: this many characters are drawn before the last move, and an eighth as many before
            the first one and behind the last one.
    """
    size = len(line)
    most_chars = drawable_chars(line[-max_chars:], max_chars)
    if size <= most_chars and _newest(line, 0, size, max_controls, most_chars)[0] == 0:
        return LineParts(0, size, size, size)
    first, near = first_move(line), max_chars // 8
    last = _last_move(line, first)
    rest, used = _oldest(
        line, last, max_controls // 2, drawable_chars(line[last : last + near], near)
    )
    low = max(first, last - max_chars)
    tail, tail_used = _newest(
        line, first, last, max_controls - used, drawable_chars(line[low:last], max_chars)
    )
    tail = first_move(line, tail)  # it is not known where the part that was left out ended
    left = max(max_controls // 4, max_controls - used - tail_used)
    drawn, _ = _newest(
        line, 0, first, left, drawable_chars(line[max(0, first - near) : first], near)
    )
    return LineParts(drawn, first, tail, rest)


def first_move(line: str, start: int = 0) -> int:
    """Return where the first move from `start` on is; the line's length if there is none."""
    ends = [at for at in (line.find("\r", start), line.find("\x08", start)) if at >= 0]
    end = min(ends, default=len(line))  # a pattern of all three takes 10 ms for a MiB
    move = MOVE.search(line, start, end)
    return end if move is None else move.start()


def newest_controls(line: str, max_controls: int, max_chars: int) -> tuple[int, int]:
    """Return the offset from which on a line has at most some controls, and how many it has.

    Args:
        line: in 7-bit forms.
        max_controls: maximum number of controls.
        max_chars: maximum number of characters.
    """
    return _newest(line, 0, len(line), max_controls, max_chars)


def after_sequence(line: str, at: int) -> int:
    """Return the first offset from `at` on that is not inside a sequence."""
    last = line.rfind("\x1b", 0, at)
    sequence = SEQUENCE.match(line, last) if last >= 0 else None
    return min(len(line), at if sequence is None else max(at, sequence.end()))


def decode_lines(data: bytes) -> str:
    """Decode lines, invalid bytes as U+FFFD, with 7-bit forms of escape sequences.

    If a long line has more than `MAX_SEQUENCES` of them, those before its last 16 kB are disabled:
    their ESC is removed, and 8-bit forms become SUB.

    Args:
        data: whole lines.
    """
    if len(data) > MAX_DRAWN_CHARS and max(counts := _counts(data)) > MAX_SEQUENCES:
        if b"\n" not in data:
            return _decode_line(data, *counts)
        if has_long_line(data, MAX_DRAWN_CHARS, b"\n"):
            return "\n".join([_decode_line(line, *_counts(line)) for line in data.split(b"\n")])
    text = str(data, "utf-8", "replace")
    return seven_bit(text) if _BEFORE_C1 in data else text


def _counts(data: bytes) -> tuple[int, int]:
    """Count ESC, and first bytes of what may be an 8-bit form."""
    escapes, c1 = (data.count(sign) if sign in data else 0 for sign in (b"\x1b", _BEFORE_C1))
    return escapes, c1  # searching for an absent byte is many times as fast as counting it


def _decode_line(line: bytes, escapes: int, c1: int) -> str:
    is_long = len(line) > MAX_DRAWN_CHARS
    if is_long and escapes > MAX_SEQUENCES:
        line = _thinned(line)
    text = str(line, "utf-8", "replace")
    if not (is_long and c1 > MAX_SEQUENCES):
        return seven_bit(text) if c1 else text
    head = text[:-_KEPT_CHARS]
    for introducer in C1:
        head = head.replace(introducer, _SUBSTITUTE)
    return head + seven_bit(text[-_KEPT_CHARS:])


def _thinned(line: bytes) -> bytes:
    """Return a line without the ESC before its end."""
    cut = len(line) - _KEPT_CHARS
    last = line.rfind(b"\x1b", 0, cut)
    sequence = _BYTES_SEQUENCE.match(line, last) if last >= 0 else None
    cut = cut if sequence is None else max(cut, sequence.end())
    while cut < len(line) and _CONTINUES <= line[cut] < _BEGINS:
        cut += 1
    return line[:cut].translate(None, b"\x1b") + line[cut:]


def drawable_chars(text: str, max_chars: int) -> int:
    """Return how many characters of a text are drawn: `max_chars`, or fewer if that is slow."""
    if text.isascii():
        return max_chars
    # The supervisor seldom needs it
    from prismq_nb.common.base.terminal.cells import is_narrow, is_usual  # noqa: PLC0415

    if is_narrow(text):
        return max_chars
    return min(max_chars // 4, _WIDE_CHARS if is_usual(text) else _ODD_CHARS)


def _last_move(line: str, first: int) -> int:
    """Return where the last move is; `first` if that is the only one."""
    end = len(line)
    at = max(line.rfind("\r", first), line.rfind("\x08", first), first)
    size = _PIECE_CHARS
    while end > at:
        low = max(at, len(line) - size)
        moves = deque(MOVE.finditer(line, low), 1)
        if moves:
            return moves[0].start()
        end, size = low, 4 * size
    return at


def _newest(line: str, low: int, high: int, max_controls: int, max_chars: int) -> tuple[int, int]:
    """Return where the last `max_controls` controls before `high` begin, and their number.

    That is no further than `max_chars` before `high`.
    """
    used, at, low = 0, high, max(low, high - max_chars)
    while at > low:
        start = max(low, at - _PIECE_CHARS)
        cost = _cost(line, start, at)
        if used + cost > max_controls:
            places = [match.start() for match in _CONTROLS.finditer(line, start, at)]
            return after_sequence(
                line, [*places, at][-1 - min(len(places), max_controls - used)]
            ), max_controls
        used += cost
        at = start
    return (after_sequence(line, at) if at else 0), used


def _oldest(line: str, start: int, max_controls: int, max_chars: int) -> tuple[int, int]:
    """Return where the first `max_controls` controls from `start` on end, and their number.

    That is no further than `max_chars` behind `start`.
    """
    used, at, high = 0, start, min(len(line), start + max_chars)
    while at < high:
        end = min(high, at + _PIECE_CHARS)
        cost = _cost(line, at, end)
        if used + cost > max_controls:
            places = [match.start() for match in _CONTROLS.finditer(line, at, end)]
            return after_sequence(
                line, [*places, end][min(len(places), max_controls - used)]
            ), max_controls
        used += cost
        at = end
    return after_sequence(line, at), used


def _cost(line: str, start: int, end: int) -> int:
    """Return the number of controls in a piece of a line, and of what costs as much."""
    return len(_CONTROLS.findall(line, start, end)) + line.count(";", start, end) // _PARAMETERS
