"""The event ``logs`` of a stream with ``batch=true``: many lines of one run in columns.

Apart from the event per line because nothing here is done per line where it need not be: the texts are decoded, escaped and parted as one, the levels
are letters, and a stamp is told only where it does not follow from the one before. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from prismq_nb.engine.read.block import Block, Encoded
from prismq_nb.engine.read.export import json_texts
from prismq_nb.journal.layout.format import STREAMS
from prismq_nb.journal.levels.classifier import Level
from prismq_nb.server.http.sse import cut_long

LETTERS = "".join(level.name[0] for level in Level)
"""A level's letter: D, I, W, E, C."""
_TO_LETTERS = bytes.maketrans(bytes(Level), LETTERS.encode())
_encode = msgspec.json.Encoder().encode


def whole_batch(block: Block) -> Encoded:
    """One frame of all lines of a block."""
    return Encoded(log_batch(block, 0, len(block), None))


def log_batch(block: Block, start: int, stop: int, keep: list[int] | None) -> bytes:
    """One event of lines `start` to `stop` (not included) of a block, counted from its first, of which `keep` are to be kept (None: all).

    Its id is the number of its last line, so whoever comes back with it goes on behind it; b"" if no line is left.
    """
    places = None if keep is None else [i for i in keep if start <= i < stop]
    if places:
        start, stop = places[0], places[-1] + 1
    if start >= stop or places == []:
        return b""
    if places is not None and len(places) == stop - start:
        places = None
    text, cuts = cut_long(_text(block, start, stop, places))
    numbers = range(block.first + start, block.first + stop) if places is None else [block.first + i for i in places]
    fields = b"" if places is None else b'"lines":%b,' % _encode(numbers)
    fields += _prompts(block, numbers)
    levels = block.levels[start:stop] if places is None else bytes(block.levels[i] for i in places)
    return b'id: %d\nevent: logs\ndata: {"first":%d,%b"stretches":%b,"levels":"%b","texts":["%b"]%b}\n\n' % (
        numbers[-1],
        numbers[0],
        fields,
        _encode(_stretches(block, start, stop, places)),
        levels.translate(_TO_LETTERS),
        json_texts(text).replace(b"\n", b'","'),
        b',"cut":%b' % _encode([(numbers[i], size) for i, size in cuts]) if cuts else b"",
    )


def _prompts(block: Block, numbers: Sequence[int]) -> bytes:
    """The field of those lines that were answered where they end; empty where there are none."""
    asked = set(block.prompts)
    found = [number for number in numbers if number in asked] if asked else []
    return b'"prompts":%b,' % _encode(found) if found else b""


def _text(block: Block, start: int, stop: int, places: list[int] | None) -> str:
    """What is shown of the lines that are wanted, each ended by a newline."""
    text = block.text
    if stop - start == len(block) and places is None:
        return text
    lines = text.split("\n")
    return "\n".join([*(lines[start:stop] if places is None else [lines[i] for i in places]), ""])


def _stretches(block: Block, start: int, stop: int, places: list[int] | None) -> list[tuple[int, int, str]]:
    """(line, stamp, stream) of the first wanted line of each stretch that has one."""
    found = []
    at = 0
    for stretch in block.stretches:
        first = max(start, stretch.start)
        if places is not None:
            while at < len(places) and places[at] < first:
                at += 1
            first = places[at] if at < len(places) else stop
        if first < min(stop, stretch.start + stretch.size):
            found.append((block.first + first, stretch.stamp + first - stretch.start, STREAMS[stretch.stream]))
    return found
