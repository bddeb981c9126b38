"""Encodes what the streams send, by the WHATWG text on server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).

Pure functions from values to bytes. An event is lines of ``field: value`` and an empty line; a line ends at LF, CR or CRLF, so data with one of them
takes several ``data`` lines. JSON has no raw line ends; U+0085, U+2028 and U+2029 are escaped all the same, because some clients split lines there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from prismq_nb.common.models import Run
from prismq_nb.engine.read.block import LEVEL_NAMES, Block, Encoded
from prismq_nb.engine.read.export import json_texts, one_line_json, thousands
from prismq_nb.journal.layout.format import STREAMS

if TYPE_CHECKING:
    from prismq_nb.engine.live.feed import Feed

MAX_BATCH_MESSAGE = 16 << 10
"""Characters of a message in a batch; a longer one is cut and its whole length told."""

NO_PROGRESS = {"percent": None, "items_processed": None, "items_total": None}
"""A run showed progress before, and shows none any more."""

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
    texts = json_texts(block.text).decode().split("\n")
    heads = [f'Z","level":"{name}","message":"' for name in LEVEL_NAMES]
    frames: list[str] = []
    for part in thousands(block):
        head, line = f"id: {part.number}", f'\nevent: log\ndata: {{"line":{part.number}'
        time = f',"timestamp":"{part.time}'
        tail = f'","stream":"{STREAMS[part.stream]}"{part.marks}}}\n\n'
        frames += [
            f"{head}{number}{line}{number}{time}{micro}{heads[level]}{text}{tail}"
            for number, micro, level, text in zip(part.numbers, part.micros, block.levels[part.lines], texts[part.lines], strict=True)
        ]
    return Encoded("".join(frames).encode(), len(block), b"\n\n")


def batch_rows(block: Block) -> Encoded:
    """``[line, stamp, level, stream, text],`` per line, for the batches of a page; a cut text is followed by its whole length."""
    text, cuts = cut_long(block.text)
    texts, sizes = json_texts(text).decode().split("\n"), dict(cuts)
    frames: list[bytes] = []
    for start, count, stamp, stream, _ in block.stretches:
        name, ahead = STREAMS[stream], stamp - start
        for i in range(start, start + count):
            size = f",{sizes[i]}" if i in sizes else ""
            frames.append(f'[{block.first + i},{ahead + i},"{LEVEL_NAMES[block.levels[i]]}","{name}","{texts[i]}"{size}],'.encode())
    return Encoded.of(frames)


def cut_long(text: str) -> tuple[str, list[tuple[int, int]]]:
    r"""Some lines, each of `MAX_BATCH_MESSAGE` characters at most, and (place, whole length) of those that had more.

    Args:
        text: lines that each end in ``\n``.
    """
    half = MAX_BATCH_MESSAGE // 2
    if all(text.find("\n", at, at + half) >= 0 for at in range(0, len(text) - half, half)):
        return text, []  # a line that is too long has one of these halves without a newline
    lines = text.split("\n")
    cuts = [(i, len(line)) for i, line in enumerate(lines) if len(line) > MAX_BATCH_MESSAGE]
    return "\n".join([line[:MAX_BATCH_MESSAGE] for line in lines]), cuts


def status_of(feed: Feed) -> dict[str, Any]:
    """What an event ``status`` says of a run as its feed knows it."""
    run = feed.run
    return {
        "status": run.status,
        "stopping": run.stopping,
        "exit_code": run.exit_code,
        "error_message": run.error_message,
        "created_at": run.created_at,
        "started_at": run.started_at,
        "completed_at": run.completed_at,
        "duration_seconds": feed.duration_seconds,
        "unreachable": run.unreachable,
        "host": run.host,
        "terminal": run.terminal,
        "takes_input": run.takes_input,
        "waiting_for_input": run.waiting_for_input,
        "hides_input": run.hides_input,
        "output_open": run.output_open,
        "lines_at_end": run.lines_at_end,
        "background": run.background,
        "encoding": run.encoding,
        "notes": run.notes,
        "restart_of": run.restart_of,
        "attempt": run.attempt,
    }


def progress_of(run: Run) -> dict[str, Any] | None:
    """What an event ``progress`` says of a run; None when it shows none."""
    if run.progress_percent is None and run.items_processed is None:
        return None
    return {"percent": run.progress_percent, "items_processed": run.items_processed, "items_total": run.items_total}
