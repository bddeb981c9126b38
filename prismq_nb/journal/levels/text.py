"""What lines show, as far as their levels go: without escape sequences, cut where no format looks.

Equal to `text.plain` of `text.message`, as far as the limits below. Bytes, and apart from those, as
nearly all lines need no drawing and no decoding. Pure. Imports the standard library only, what
draws a line only when one needs it.
"""

from __future__ import annotations

import re
from typing import Final

from prismq_nb.common.base.terminal.long_lines import has_long_line
from prismq_nb.common.base.terminal.sequences import (
    MOVE,
    OTHER,
    ROW_MOVE,
    SEQUENCE,
    SGR_BEHIND_ESCAPE,
    STRING,
)

HEAD_BYTES: Final = 4096
"""The beginning and the end of a longer line decide its level, joined as if there were nothing
between: so a long quoted value stays one value. Smaller: levels behind long messages are missed.
Larger: hostile lines cost more."""
TAIL_BYTES: Final = 1024
LINE_BYTES: Final = HEAD_BYTES + TAIL_BYTES

ESCAPES: Final = 256
"""In a line longer than `DENSE_BYTES`, escape sequences are removed before the ESC of this number:
each costs as much as 100 bytes of text."""
DENSE_BYTES: Final = 2048

MAX_MOVES: Final = 64
"""Of a line that is drawn over, so many moves, the last ones, are followed: each costs about 1
µs."""
DRAWN_BYTES: Final = 16 << 10
"""Of a longer drawing, the beginning and the end of half of it each are looked at."""
_MAX_LOOKED_AT: Final = 64
"""Frames that are looked at, from the last one on, for one that replaces all before it."""

_ESCAPE = re.compile(SEQUENCE.pattern.encode())
_SGR = re.compile(rb"\x1b" + SGR_BEHIND_ESCAPE.encode())
_OTHER = re.compile(OTHER.pattern.encode())
_STRINGS = re.compile(rb"\x1b" + STRING.encode())
_EIGHT_BIT = re.compile(rb"\xc2([\x90\x98\x9b-\x9f])")
_SEVEN_BIT = dict(zip(b"\x90\x98\x9b\x9c\x9d\x9e\x9f", b"PX[\\]^_", strict=True))
_PLAIN = re.compile(rb"[ -~][ -~\x80-\xc1\xc3-\xff]*+\Z")
_CONTROL = re.compile(rb"[\x00-\x1a\x1c-\x1f\x7f]|\xc2[\x80-\x9f]")
_BACKSPACES = re.compile(rb"[^\x08]\x08")
_ESCAPE_MOVE = re.compile(MOVE.pattern.encode())
_MOVE = re.compile(rb"[\r\x08]|" + _ESCAPE_MOVE.pattern)
_ROW_MOVE = re.compile(ROW_MOVE.pattern.encode())
# `sequences.SHOWS_NOTHING`, but only what programs print
_SHOWS_NOTHING = (
    rb"(?>(?:[\x00-\x07\x0a-\x0c\x0e-\x1a\x1c-\x1f\x7f]"
    rb"|\x1b(?:\[[0-?]{0,64}+[hlmnqrt]|\][^\x07\x1b\n]*+(?:\x07|\x1b\\)|[ -/]{1,4}+[0-~]|[=>]))*)"
)
_DRAWN_ANEW = re.compile(_SHOWS_NOTHING + rb"(?:[ -~\x80-\xcb\xce-\xff]|\x1b\[[02]?[KJ])")

WRAPPER: Final = re.compile(
    rb"(?:\d\d:\d\d:\d\d )?[A-Za-z][\w.\-]{1,60}(?:(?<=[\-_.]\d)|(?<=[\-_.]\d\d)"
    rb"|(?<=[\-_.]\d\d\d)) {1,60}\| |\[(?:rank|default|trainer)\d{1,5}\]: ?"
    rb"|\[\d{1,4},\d{1,6}\]<std(?:out|err)>: ?"
    rb"|\((?:[\w.\-:]{1,80} )?pid=\d{1,8}(?:, ip=[\d.]{7,15})?\) |\[pod/[\w.\-/]{1,200}\] "
)
"""What a tool that runs several programs puts before each line of theirs: Docker Compose, Foreman;
torchrun; Open MPI; Ray; kubectl. Without it the line is read as the program printed it, so that
blocks stay whole."""


def shown(data: bytes) -> bytes:
    r"""What the lines show, each between two ``\n``.

    Args:
        data: whole lines; the last may lack its ``\n``.
    """
    if len(data) > DRAWN_BYTES and data.find(b"\n", 0, len(data) - 1) < 0:
        data = _drawn(data, 0, len(data) - data.endswith(b"\n")) + b"\n"  # no copies of a MiB
    elif data and not data.endswith(b"\n"):
        data += b"\n"  # or a last line of a lone \r would be none
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
    if b"\xc2" in data and _EIGHT_BIT.search(data):
        data = _EIGHT_BIT.sub(lambda match: b"\x1b%c" % _SEVEN_BIT[match[1][0]], data)
    is_coloured = b"\x1b" in data
    has_other = is_coloured and _OTHER.search(data) is not None
    if b"\r" in data or b"\x08" in data or (has_other and _ESCAPE_MOVE.search(data)):
        data = _drawn_lines(data)
    if has_long_line(data, LINE_BYTES, b"\n"):
        data = b"\n".join(
            [_cut(line) if len(line) > LINE_BYTES else line for line in data.split(b"\n")]
        )
    if is_coloured:
        data = _without_escapes(data) if has_other else _SGR.sub(b"", data)
    return b"\n" + data


def last_drawing(data: bytes, start: int, end: int) -> int:
    r"""Where the last drawing of a line begins that replaces all before it: behind a ``\r``.

    Args:
        data: what the line is in.
        start: where the line begins; it is the answer where no drawing is sure to be the last.
        end: where it ends.
    """
    at, before = data.rfind(b"\r", start, end), end
    for _ in range(_MAX_LOOKED_AT):
        if at < 0 or _ROW_MOVE.search(data, at, before):
            break
        if _DRAWN_ANEW.match(data, at + 1, end):
            return at + 1
        at, before = data.rfind(b"\r", start, at), at
    return start


def _cut(line: bytes) -> bytes:
    if b"\x1b" in line:
        line = _STRINGS.sub(b"", line)
    return line[:HEAD_BYTES] + line[-TAIL_BYTES:] if len(line) > LINE_BYTES else line


def _drawn(data: bytes, start: int, end: int) -> bytes:
    """What one line shows, drawn where it has to be; of a long one, its beginning and its end."""
    if end - start <= DRAWN_BYTES:
        line = data[start:end].rstrip(b"\r")
        last = line[line.rfind(b"\r") + 1 :]
        if _PLAIN.match(last) and (b"\x1b" not in line or last.strip()):  # nearly all are
            return last
    while end > start and not (tail := data[max(start, end - DRAWN_BYTES) : end].rstrip(b"\r")):
        end = max(start, end - DRAWN_BYTES)
    if end > start:
        end = max(start, end - DRAWN_BYTES) + len(tail)
    begin = last_drawing(data, start, end)
    if begin > start and _is_open(data, max(start, begin - DRAWN_BYTES), begin, end):
        begin = start
    half = DRAWN_BYTES // 2
    line = (
        data[begin:end]
        if end - begin <= 2 * half
        else data[begin : begin + half] + data[end - half : end]
    )
    if begin > start and _CONTROL.search(line):
        line = b"\r" + line
    move = _MOVE.search(line)
    if move is None:
        return line
    # Few lines need it
    from prismq_nb.common.base.terminal.redraw import final_text  # noqa: PLC0415
    from prismq_nb.common.base.terminal.text import decode, plain  # noqa: PLC0415 - as above

    line = _followed(line, move.start())
    return plain(final_text(decode(line), MAX_MOVES, DRAWN_BYTES)).encode()


def _is_open(data: bytes, low: int, at: int, end: int) -> bool:
    """Whether what stands before `at` may be shown: another row, or a string that goes on."""
    if _ROW_MOVE.search(data, low, at):  # where the last row is blank
        return True
    escape = data.rfind(b"\x1b", low, at)
    string = _STRINGS.match(data, escape, end) if escape >= 0 else None
    return string is not None and string.end() > at


def _followed(line: bytes, first: int) -> bytes:
    """A line without what is between its first move and the last `MAX_MOVES`."""
    signs = [sign for sign in (b"\x1b", b"\x08", b"\r") if line.count(sign) > MAX_MOVES]
    if not signs:
        return line
    start = max(len(line.rsplit(sign, MAX_MOVES)[0]) for sign in signs)
    if line[start : start + 1] == b"\x08":  # a few of many: the next ones are whole
        whole = _BACKSPACES.search(line, start)
        start = whole.start() + 1 if whole else start
    return line[:first] + line[max(first, start) :]


def _drawn_lines(data: bytes) -> bytes:
    """Go from one line that was drawn over to the next: a few do not cost as much as many."""
    pieces: list[bytes] = []
    done = 0
    only_returns = b"\x1b" not in data and b"\x08" not in data
    while True:
        if only_returns:
            at = data.find(b"\r", done)
        else:
            move = _MOVE.search(data, done)
            at = move.start() if move else -1
        if at < 0:
            break
        start = data.rfind(b"\n", done, at) + 1 or done
        stop = data.find(b"\n", at)
        stop = stop if stop >= 0 else len(data)
        pieces += (data[done:start], _drawn(data, start, stop))
        done = stop
    pieces.append(data[done:])
    return b"".join(pieces)


def _without_escapes(data: bytes) -> bytes:
    if data.count(b"\x1b") <= ESCAPES or not has_long_line(data, DENSE_BYTES, b"\n"):
        return _stripped(data)
    return b"\n".join(
        [
            _stripped(line) if len(line) <= DENSE_BYTES else _thinned(line)
            for line in data.split(b"\n")
        ]
    )


def _stripped(data: bytes) -> bytes:
    return (_SGR if _OTHER.search(data) is None else _ESCAPE).sub(b"", data)


def _thinned(line: bytes) -> bytes:
    parts = line.split(b"\x1b", ESCAPES)
    if len(parts) <= ESCAPES:
        return _ESCAPE.sub(b"", line)
    end = len(line) - len(parts[-1]) - 1
    return _ESCAPE.sub(b"", line[:end]) + line[end:]
