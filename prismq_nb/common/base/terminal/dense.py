r"""Lines that are long or full of control characters: the parts of them that are drawn cell by cell.

While a line is read nothing else of Python runs, so its cost is bounded. A line with more than
`MAX_CONTROLS` control characters is drawn in part: what stands before its first move, and its end
with the newest controls. What is left out between them was drawn over in all that is no attack.
The viewer has the same rule (dense-lines.ts; the table of cases is line_cases.json). Standard
library only.
"""

from __future__ import annotations

import re
from collections import deque
from typing import Final, NamedTuple

from prismq_nb.common.base.terminal.long_lines import has_long_line
from prismq_nb.common.base.terminal.sequences import C1, MOVE, SEQUENCE, seven_bit

__all__ = [
    "MAX_CONTROLS", "MAX_SEQUENCES", "WINDOW_CHARS", "Parts", "between", "first_move", "newest_controls",
    "parts_of", "room", "text_of",
]  # fmt: skip

#: Of a longer line, so many characters at its end are drawn, and what stands before its first move.
#: Smaller: what a spinner of hours left of the line is wrong. Larger: an event loop waits longer.
WINDOW_CHARS: Final = 64 << 10
#: So many control characters are followed, the last ones; a run of backspaces is one. Each costs 1
#: to 3 µs with the text behind it. A quarter more are followed before the first move.
MAX_CONTROLS: Final = 700
#: Of a longer line, escape sequences before its last 16 kB are not followed if the text
#: has more: each takes 0.1 µs, in which nothing else runs, and a line may hold half a million.
MAX_SEQUENCES: Final = 16_000
_KEPT_CHARS: Final = WINDOW_CHARS // 4
_PIECE_CHARS: Final = 1 << 10
#: Characters that are drawn where some have two columns (0.1 µs each), or are odd (0.6 µs).
_WIDE_CHARS: Final = 6 << 10
_ODD_CHARS: Final = 2 << 10
#: So many parameters of colours cost as much as a control.
_PARAMETERS: Final = 4

_CONTROLS: Final = re.compile(r"(?<!\x08)\x08|[\x00-\x07\x09-\x1f\x7f-\x9f]")
_BEFORE_C1: Final = b"\xc2"
_CONTINUES, _BEGINS = 0x80, 0xC0  # of UTF-8: bytes inside a character are between
_SUBSTITUTE: Final = "\x1a"
_BYTES_SEQUENCE: Final = re.compile(SEQUENCE.pattern.encode())


class Parts(NamedTuple):
    """Places that divide a line.

    Attributes:
        drawn: before it stands text that is shown as it is, without sequences other than colours.
        first: the first move. The line is drawn from `drawn` to here.
        tail: of what stands between `first` and here, only the colours count.
        rest: the line is drawn from `tail` to here. What stands behind it is shown as it is, too.
    """

    drawn: int
    first: int
    tail: int
    rest: int


def parts_of(line: str, most: int, max_chars: int) -> Parts:
    """Divide a line so that drawing it takes a bounded time.

    Args:
        line: in 7-bit forms (`sequences.seven_bit`).
        most: so many controls are drawn, and a quarter more before the first move.
        max_chars: so many characters are drawn before the last move, and an eighth as many before
            the first one and behind the last one.
    """
    size = len(line)
    most_chars = room(line[-max_chars:], max_chars)
    if size <= most_chars and _newest(line, 0, size, most, most_chars)[0] == 0:
        return Parts(0, size, size, size)
    first, near = first_move(line), max_chars // 8
    last = _last_move(line, first)
    rest, used = _oldest(line, last, most // 2, room(line[last : last + near], near))
    low = max(first, last - max_chars)
    tail, tail_used = _newest(line, first, last, most - used, room(line[low:last], max_chars))
    tail = first_move(line, tail)  # where what was left out ended is not known
    left = max(most // 4, most - used - tail_used)
    drawn, _ = _newest(line, 0, first, left, room(line[max(0, first - near) : first], near))
    return Parts(drawn, first, tail, rest)


def first_move(line: str, start: int = 0) -> int:
    """Where the first move of a line stands, from `start` on; its length if there is none."""
    ends = [at for at in (line.find("\r", start), line.find("\x08", start)) if at >= 0]
    end = min(ends, default=len(line))  # a pattern of all three takes 10 ms for a MiB
    move = MOVE.search(line, start, end)
    return end if move is None else move.start()


def newest_controls(line: str, most: int, max_chars: int) -> tuple[int, int]:
    """The first place from which on a line has so many controls, and characters, at most; and their number."""
    return _newest(line, 0, len(line), most, max_chars)


def between(line: str, at: int) -> int:
    """The first place from `at` on that is not inside a sequence."""
    last = line.rfind("\x1b", 0, at)
    sequence = SEQUENCE.match(line, last) if last >= 0 else None
    return min(len(line), at if sequence is None else max(at, sequence.end()))


def text_of(data: bytes) -> str:
    r"""Some lines as text, invalid bytes as U+FFFD, with 7-bit forms of escape sequences.

    Of a long line with more than `MAX_SEQUENCES` of them, those before its last 16 kB are none any
    more: the ESC itself is taken, and 8-bit forms become SUB.

    Args:
        data: whole lines.
    """
    if len(data) > WINDOW_CHARS and max(counts := _counts(data)) > MAX_SEQUENCES:
        if b"\n" not in data:
            return _text_of(data, *counts)
        if has_long_line(data, WINDOW_CHARS, b"\n"):
            return "\n".join([_text_of(line, *_counts(line)) for line in data.split(b"\n")])
    text = str(data, "utf-8", "replace")
    return seven_bit(text) if _BEFORE_C1 in data else text


def _counts(data: bytes) -> tuple[int, int]:
    """How many ESC there are, and first bytes of what may be an 8-bit form."""
    escapes, c1 = (data.count(sign) if sign in data else 0 for sign in (b"\x1b", _BEFORE_C1))
    return escapes, c1  # a look for what is not there is many times as fast as counting it


def _text_of(line: bytes, escapes: int, c1: int) -> str:
    is_long = len(line) > WINDOW_CHARS
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
    """Without the ESC before the end of a line."""
    cut = len(line) - _KEPT_CHARS
    last = line.rfind(b"\x1b", 0, cut)
    sequence = _BYTES_SEQUENCE.match(line, last) if last >= 0 else None
    cut = cut if sequence is None else max(cut, sequence.end())
    while cut < len(line) and _CONTINUES <= line[cut] < _BEGINS:
        cut += 1
    return line[:cut].translate(None, b"\x1b") + line[cut:]


def room(text: str, max_chars: int) -> int:
    """How many characters of a text are drawn: `max_chars`, or fewer where that is slow."""
    if text.isascii():
        return max_chars
    from prismq_nb.common.base.terminal.cells import is_narrow, is_usual  # noqa: PLC0415 - the supervisor seldom needs it

    if is_narrow(text):
        return max_chars
    return min(max_chars // 4, _WIDE_CHARS if is_usual(text) else _ODD_CHARS)


def _last_move(line: str, first: int) -> int:
    """Where the last move stands; `first` if that is the only one."""
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


def _newest(line: str, low: int, high: int, most: int, max_chars: int) -> tuple[int, int]:
    """Where the last `most` controls before `high` begin, no further than `max_chars`, and their number."""
    used, at, low = 0, high, max(low, high - max_chars)
    while at > low:
        start = max(low, at - _PIECE_CHARS)
        cost = _cost(line, start, at)
        if used + cost > most:
            places = [match.start() for match in _CONTROLS.finditer(line, start, at)]
            return between(line, [*places, at][-1 - min(len(places), most - used)]), most
        used += cost
        at = start
    return (between(line, at) if at else 0), used


def _oldest(line: str, start: int, most: int, max_chars: int) -> tuple[int, int]:
    """Where the first `most` controls from `start` on end, no further than `max_chars`, and their number."""
    used, at, high = 0, start, min(len(line), start + max_chars)
    while at < high:
        end = min(high, at + _PIECE_CHARS)
        cost = _cost(line, at, end)
        if used + cost > most:
            places = [match.start() for match in _CONTROLS.finditer(line, at, end)]
            return between(line, [*places, end][min(len(places), most - used)]), most
        used += cost
        at = end
    return between(line, at), used


def _cost(line: str, start: int, end: int) -> int:
    """Controls in a piece of a line."""
    return len(_CONTROLS.findall(line, start, end)) + line.count(";", start, end) // _PARAMETERS
