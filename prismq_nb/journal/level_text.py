"""What lines show, as far as their levels go: after the last redraw, without escape sequences, cut where no format looks any more.

Apart from `text`, which is what a reader sees: that decodes, and keeps colours. Pure functions of bytes. Imports the standard library only.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["LINE_BYTES", "WRAPPER", "shown"]

#: As much of a line decides on its level. Less: JSON and logfmt levels behind long messages are missed. More: hostile lines cost more.
LINE_BYTES: Final = 8192

_ESCAPE = re.compile(rb"\x1b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|\][^\x07\x1b\n]{0,2048}(?:\x07|\x1b\\)|[ -/]{0,4}[0-~])")

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
        data = _beginning(data) + b"\n"
    elif data and not data.endswith(b"\n"):
        data += b"\n"  # or a last line of a lone \r would be none
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
    if b"\r" in data:
        data = _without_redraws(data)
    if _has_long_line(data):
        data = b"\n".join([line[:LINE_BYTES] for line in data.split(b"\n")])
    if b"\x1b" in data:
        data = _ESCAPE.sub(b"", data)
    return b"\n" + data


def _beginning(line: bytes) -> bytes:
    """What counts of one long line: the beginning of its last drawing. The supervisor must not copy a line of a MiB several times over."""
    end = len(line) - line.endswith(b"\n")
    while end > 0 and not (tail := line[max(0, end - LINE_BYTES) : end].rstrip(b"\r")):
        end = max(0, end - LINE_BYTES)
    if end > 0:
        end = max(0, end - LINE_BYTES) + len(tail)
    start = line.rfind(b"\r", 0, end) + 1
    return line[start : min(end, start + LINE_BYTES)]


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


def _has_long_line(data: bytes) -> bool:
    start, end = 0, len(data)
    while end - start > LINE_BYTES:
        start = data.rfind(b"\n", start, start + LINE_BYTES + 1) + 1  # in leaps: one step for many lines
        if start == 0:
            return True
    return False
