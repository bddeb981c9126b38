"""What the supervisor is sent when a run begins."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, NamedTuple

from prismq_nb.capture.base import libraries
from prismq_nb.capture.cells.link import DATA_BYTES, encode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prismq_nb.capture.run_directory import CreatedRun
    from prismq_nb.cell.streams import Streams
    from prismq_nb.cell.watched import WatchedCell


class Printed(NamedTuple):
    """Output of a cell that is not watched yet.

    Attributes:
        stream: 0 stdout, 1 stderr.
        time_us: when it was printed (µs since the epoch).
        data: the text.
    """

    stream: int
    time_us: int
    data: bytes


_MOMENT_US = 1000
"""What is printed within a moment gets one time."""


def begin_message(
    created: CreatedRun,
    cell: WatchedCell,
    streams: Streams,
    *,
    echo: bool,
    limits: dict[str, int],
    earlier: int = 0,
) -> dict[str, Any]:
    """Return the message that begins a run.

    Args:
        created: its directory.
        cell: whose output it is.
        streams: what the output goes through.
        echo: the output also goes where it went before.
        earlier: number of messages that follow with what was printed before.
        limits: what it may store.
    """
    config = {
        "run_id": created.run_id,
        "run_dir": created.path,
        "mask": cell.mask,
        "echo": echo,
        "terminal": streams.size,
        "separate": True,
        "folders": libraries.folders(),
        "began": cell.began_us,
        "earlier": earlier,
        **limits,
    }
    return {"op": "begin", "run": config}


def earlier_messages(printed: Iterable[Printed]) -> list[dict[str, Any]]:
    """Return the messages for what was printed before, in order."""
    messages = []
    for (stream, moment), texts in itertools.groupby(printed, key=_stream_and_moment):
        data = b"".join(text.data for text in texts)
        for start in range(0, len(data), DATA_BYTES):
            piece = encode(data[start : start + DATA_BYTES])
            time_us = moment * _MOMENT_US
            messages.append({"op": "earlier", "stream": stream, "time": time_us, "data": piece})
    return messages


def _stream_and_moment(printed: Printed) -> tuple[int, int]:
    return printed.stream, printed.time_us // _MOMENT_US
