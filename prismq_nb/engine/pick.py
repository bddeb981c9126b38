"""Some lines of a log by their numbers: what a list of hits shows, which lie anywhere in it. Pure: no asyncio, no HTTP, only a journal reader."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from prismq_nb.engine.block import LEVEL_NAMES
from prismq_nb.engine.query import MAX_TEXT_BYTES
from prismq_nb.journal.format import STREAMS
from prismq_nb.journal.state import iso
from prismq_nb.journal.text import message
from prismq_nb.models import LogLine

if TYPE_CHECKING:
    from prismq_nb.journal.reader import JournalReader

MAX_PICKED = 1_000
"""Most numbers of one request."""


def picked(reader: JournalReader, numbers: Sequence[int]) -> Iterator[LogLine]:
    """The lines with these numbers, as far as there are such lines and their text has room in one answer; a few µs each.

    Args:
        reader: of the journal, as of its last refresh.
        numbers: ascending.
    """
    room = MAX_TEXT_BYTES
    for number in numbers:
        for span in reader.spans(number, 1):
            text = message(span.data.removesuffix(b"\n"))
            name, stream = LEVEL_NAMES[reader.levels(span)[0]], STREAMS[span.stream]
            yield LogLine(number, iso(span.stamp), name, text, stream, span.is_prompt)
            room -= len(span.data)
        if room < 0:
            return
