"""What lines show, as far as their levels go: after the last redraw, without escape sequences, cut where no format looks any more.

Apart from `text`, which is what a reader sees: that decodes, and keeps colours. Pure functions of bytes. Imports the standard library only.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["HEAD_BYTES", "LINE_BYTES", "TAIL_BYTES", "WRAPPER", "shown"]

#: The beginning and the end of a longer line decide its level, joined as if there were nothing
#: between: so a long quoted value stays one value.
#: Smaller: levels behind long messages are missed. Larger: hostile lines cost more.
HEAD_BYTES: Final = 4096
TAIL_BYTES: Final = 1024
LINE_BYTES: Final = HEAD_BYTES + TAIL_BYTES

#: In a line longer than `DENSE_BYTES`, escape sequences are removed before the ESC of this number:
#: each costs as much as 100 bytes of text.
ESCAPES: Final = 256
DENSE_BYTES: Final = 2048

_ESCAPE = re.compile(rb"\x1b(?:\[[0-?]{0,64}+[ -/]{0,8}+[@-~]|\][^\x07\x1b\n]{0,2048}+(?:\x07|\x1b\\)|[0-~]|[ -/]{1,4}+[0-~])")

#: What a tool that runs several programs puts before each line of theirs: Docker Compose, Foreman; torchrun; Open MPI; Ray; kubectl. Without it the
#: line is read as the program printed it, so that blocks stay whole.
WRAPPER: Final = re.compile(
    rb"(?:\d\d:\d\d:\d\d )?[A-Za-z][\w.\-]{1,60}(?:(?<=[\-_.]\d)|(?<=[\-_.]\d\d)|(?<=[\-_.]\d\d\d)) {1,60}\| |\[(?:rank|default|trainer)\d{1,5}\]: ?"
    rb"|\[\d{1,4},\d{1,6}\]<std(?:out|err)>: ?|\((?:[\w.\-:]{1,80} )?pid=\d{1,8}(?:, ip=[\d.]{7,15})?\) |\[pod/[\w.\-/]{1,200}\] "
)


def shown(data: bytes) -> bytes:
    r"""What the lines show, each between two ``\n``.

    Args:
        data: whole lines; the last may lack its ``\n``.
    """
    if len(data) > LINE_BYTES and data.find(b"\n", 0, len(data) - 1) < 0:
        data = _last_drawing(data) + b"\n"
    elif data and not data.endswith(b"\n"):
        data += b"\n"  # or a last line of a lone \r would be none
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
    if b"\r" in data:
        data = _without_redraws(data)
    if _has_long_line(data, LINE_BYTES):
        data = b"\n".join([_cut(line) if len(line) > LINE_BYTES else line for line in data.split(b"\n")])
    if b"\x1b" in data:
        data = _without_escapes(data)
    return b"\n" + data


def _cut(line: bytes) -> bytes:
    return line[:HEAD_BYTES] + line[-TAIL_BYTES:]


def _last_drawing(line: bytes) -> bytes:
    """What counts of one long line, of its last drawing. The supervisor must not copy a line of a MiB several times over."""
    end = len(line) - line.endswith(b"\n")
    while end > 0 and not (tail := line[max(0, end - LINE_BYTES) : end].rstrip(b"\r")):
        end = max(0, end - LINE_BYTES)
    if end > 0:
        end = max(0, end - LINE_BYTES) + len(tail)
    start = line.rfind(b"\r", 0, end) + 1
    if end - start <= LINE_BYTES:
        return line[start:end]
    return line[start : start + HEAD_BYTES] + line[end - TAIL_BYTES : end]


def _without_redraws(data: bytes) -> bytes:
    """Goes from one redrawn line to the next: a few must not cost as much as if all were."""
    pieces: list[bytes] = []
    done, at = 0, data.find(b"\r")
    while at >= 0:
        start = data.rfind(b"\n", done, at) + 1 or done
        stop = data.find(b"\n", at)
        line = data[start : stop if stop >= 0 else len(data)].rstrip(b"\r")
        pieces += (data[done:start], line[line.rfind(b"\r") + 1 :])
        if stop < 0:
            return b"".join(pieces)
        done = stop
        at = data.find(b"\r", stop)
    pieces.append(data[done:])
    return b"".join(pieces)


def _without_escapes(data: bytes) -> bytes:
    if data.count(b"\x1b") <= ESCAPES or not _has_long_line(data, DENSE_BYTES):
        return _ESCAPE.sub(b"", data)
    return b"\n".join([_ESCAPE.sub(b"", line) if len(line) <= DENSE_BYTES else _thinned(line) for line in data.split(b"\n")])


def _thinned(line: bytes) -> bytes:
    parts = line.split(b"\x1b", ESCAPES)
    if len(parts) <= ESCAPES:
        return _ESCAPE.sub(b"", line)
    end = len(line) - len(parts[-1]) - 1
    return _ESCAPE.sub(b"", line[:end]) + line[end:]


def _has_long_line(data: bytes, size: int) -> bool:
    start, end = 0, len(data)
    while end - start > size:
        start = data.rfind(b"\n", start, start + size + 1) + 1  # in leaps: one step for many lines
        if start == 0:
            return True
    return False
