"""Encode server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).

Pure functions from values to bytes. An event is lines of ``field: value`` and an empty line. A line
ends at LF, CR or CRLF, and JSON has none of them. U+0085, U+2028 and U+2029 are escaped all the
same, because some clients split lines there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from prismq_nb.common.models import RunInfo
from prismq_nb.engine.read.export import json_texts, one_line_json, thousands
from prismq_nb.engine.read.line_block import LEVEL_NAMES, Encoded, LineBlock
from prismq_nb.journal.layout.format import STREAMS

if TYPE_CHECKING:
    from prismq_nb.engine.live.feed import Feed

MAX_BATCH_MESSAGE = 16 << 10
"""Maximum characters of a message in a batch; a longer one is cut, and its length is given."""

NO_PROGRESS = {"percent": None, "items_processed": None, "items_total": None}
"""The run showed progress before, and shows none any more."""

_LINE_END = re.compile(r"\r\n|\r|\n")


def event(name: str, value: Any, number: int | None = None) -> bytes:
    """Return one event.

    Args:
        name: its type.
        value: its data, as JSON.
        number: its id, which a client sends back as ``Last-Event-ID``; None: the client keeps the
            last one.
    """
    head = b"" if number is None else b"id: %d\n" % number
    return b"%bevent: %b\ndata: %b\n\n" % (head, name.encode(), one_line_json(value))


def change_event(position: str, name: str, body: bytes) -> bytes:
    """Return the event of a change of the list of runs; its id is the position behind it."""
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (position.encode(), name.encode(), body)


def comment(text: str = "") -> bytes:
    """Return lines that clients ignore; they keep the connection alive."""
    return "".join(f": {line}\n" for line in _LINE_END.split(text)).encode() + b"\n"


def retry(milliseconds: int) -> bytes:
    """Return how long a client waits before it reconnects.

    It is a field of the next event, because some clients take a lone one for an event.
    """
    return b"retry: %d\n" % milliseconds


def log_events(block: LineBlock) -> Encoded:
    """Return an event ``log`` per line; its id is the line's number."""
    texts = json_texts(block.text).decode().split("\n")
    heads = [f'Z","level":"{name}","message":"' for name in LEVEL_NAMES]
    frames: list[str] = []
    for part in thousands(block):
        head, line = f"id: {part.number}", f'\nevent: log\ndata: {{"line":{part.number}'
        time = f',"timestamp":"{part.time}'
        tail = f'","stream":"{STREAMS[part.stream]}"{part.marks}}}\n\n'
        frames += [
            f"{head}{number}{line}{number}{time}{micro}{heads[level]}{text}{tail}"
            for number, micro, level, text in zip(
                part.numbers, part.micros, block.levels[part.lines], texts[part.lines], strict=True
            )
        ]
    return Encoded("".join(frames).encode(), len(block), b"\n\n")


def batch_rows(block: LineBlock) -> Encoded:
    """Return ``[line, stamp, level, stream, text],`` per line, for the batches of a page.

    A cut text is followed by its whole length.
    """
    text, cuts = cut_long(block.text)
    texts, sizes = json_texts(text).decode().split("\n"), dict(cuts)
    frames: list[bytes] = []
    for start, count, stamp, stream, _ in block.stretches:
        name, ahead = STREAMS[stream], stamp - start
        for i in range(start, start + count):
            size = f",{sizes[i]}" if i in sizes else ""
            head = f'[{block.first + i},{ahead + i},"{LEVEL_NAMES[block.levels[i]]}","{name}"'
            frames.append(f'{head},"{texts[i]}"{size}],'.encode())
    return Encoded.of(frames)


def cut_long(text: str) -> tuple[str, list[tuple[int, int]]]:
    r"""Return lines of at most `MAX_BATCH_MESSAGE` characters, and place and length of longer ones.

    Args:
        text: lines that each end in ``\n``.
    """
    half = MAX_BATCH_MESSAGE // 2
    if all(text.find("\n", at, at + half) >= 0 for at in range(0, len(text) - half, half)):
        return text, []  # a line that is too long spans one of these halves
    lines = text.split("\n")
    cuts = [(i, len(line)) for i, line in enumerate(lines) if len(line) > MAX_BATCH_MESSAGE]
    return "\n".join([line[:MAX_BATCH_MESSAGE] for line in lines]), cuts


def status_of(feed: Feed) -> dict[str, Any]:
    """Return the data of an event ``status``."""
    run = feed.run
    return {
        "status": run.status,
        "stopping": run.stopping,
        "exit_code": run.exit_code,
        "error_message": run.error_message,
        "end_reason": run.end_reason,
        "error_detail": run.error_detail,
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
        "kind": run.kind,
        "kernel_id": run.kernel_id,
        "notebook": run.notebook,
        "cell_id": run.cell_id,
        "notify": run.notify,
        "notified": run.notified,
        "notify_problem": run.notify_problem,
    }


def progress_of(run: RunInfo) -> dict[str, Any] | None:
    """Return the data of an event ``progress``; None: the run shows none."""
    if run.progress_percent is None and run.items_processed is None:
        return None
    return {
        "percent": run.progress_percent,
        "items_processed": run.items_processed,
        "items_total": run.items_total,
    }
