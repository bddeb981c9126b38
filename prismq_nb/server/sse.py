"""Encodes what the streams send, by the WHATWG text on server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).

Pure functions from values to bytes. An event is lines of ``field: value`` and an empty line; a line ends at LF, CR or CRLF, so data with one of them
takes several ``data`` lines. JSON has no raw line ends; U+0085, U+2028 and U+2029 are escaped all the same, because some clients split lines there.
"""

from __future__ import annotations

import re
from typing import Any

from prismq_nb.engine.block import Block, Encoded
from prismq_nb.engine.export import LEVELS, STREAM_NAMES, json_texts, one_line_json, places
from prismq_nb.models import Run

MAX_BATCH_MESSAGE = 16 << 10
"""Characters of a message in a batch; a longer one is cut and its whole length told."""

_LINE_END = re.compile(r"\r\n|\r|\n")


def event(name: str, value: Any, number: int | None = None) -> bytes:
    """One event.

    Args:
        name: its type.
        value: what becomes its JSON data.
        number: its id, which a client sends back as ``Last-Event-ID``; None: the client keeps the one it has.
    """
    head = b"" if number is None else b"id: %d\n" % number
    return b"%bevent: %b\ndata: %b\n\n" % (head, name.encode(), one_line_json(value))


def text_event(name: str, text: str) -> bytes:
    """One event whose data is text as it is."""
    lines = "".join(f"data: {line}\n" for line in _LINE_END.split(text))
    return f"event: {name}\n{lines}\n".encode()


def comment(text: str = "") -> bytes:
    """A line that clients ignore; it keeps the connection alive."""
    return "".join(f": {line}\n" for line in _LINE_END.split(text)).encode() + b"\n"


def retry(milliseconds: int) -> bytes:
    """How long a client waits before it connects again; a field of the event that follows, as some clients take a lone one for an event."""
    return b"retry: %d\n" % milliseconds


def log_events(block: Block) -> Encoded:
    """An event ``log`` per line, its id the line's number."""
    texts = json_texts(block.messages)
    frames: list[bytes] = []
    for start, count, stamp, stream in block.stretches:
        tail = b',"stream":%b}\n\n' % STREAM_NAMES[stream]
        for i, number, head, micro in places(block.first, start, count, stamp):
            frames.append(
                b'id: %d\nevent: log\ndata: {"line":%d,"timestamp":"%b%06dZ","level":%b,"message":%b%b'
                % (number, number, head, micro, LEVELS[block.levels[i]], texts[i], tail)
            )
    return Encoded.of(frames)


def batch_rows(block: Block) -> Encoded:
    """``[line, stamp, level, stream, text],`` per line, for the batches of a page; a cut text is followed by its whole length."""
    long = {i: len(text) for i, text in enumerate(block.messages) if len(text) > MAX_BATCH_MESSAGE}
    texts = json_texts([text[:MAX_BATCH_MESSAGE] for text in block.messages] if long else block.messages)
    frames: list[bytes] = []
    for start, count, stamp, stream in block.stretches:
        name, ahead = STREAM_NAMES[stream], stamp - start
        for i in range(start, start + count):
            size = b",%d" % long[i] if i in long else b""
            frames.append(b"[%d,%d,%b,%b,%b%b]," % (block.first + i, ahead + i, LEVELS[block.levels[i]], name, texts[i], size))
    return Encoded.of(frames)


def status_of(run: Run) -> dict[str, Any]:
    """What an event ``status`` says of a run."""
    return {
        "status": run.status,
        "stopping": run.stopping,
        "exit_code": run.exit_code,
        "error_message": run.error_message,
        "created_at": run.created_at,
        "started_at": run.started_at,
        "completed_at": run.completed_at,
        "duration_seconds": run.duration_seconds,
    }


def progress_of(run: Run) -> dict[str, Any] | None:
    """What an event ``progress`` says of a run; None when it shows none."""
    if run.progress_percent is None and run.items_processed is None:
        return None
    return {"percent": run.progress_percent, "items_processed": run.items_processed, "items_total": run.items_total}
