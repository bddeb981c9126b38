"""The event ``logs`` of a stream with ``batch=true``: many lines of one run in columns.

Separate from the event per line, because little here is done per line: texts are decoded, escaped
and split as one, levels are letters, and a stamp is given only if it does not follow from the one
before. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from prismq_nb.engine.read.export import json_texts
from prismq_nb.engine.read.line_block import Encoded, LineBlock
from prismq_nb.journal.layout.format import STREAMS
from prismq_nb.journal.levels.classifier import Level
from prismq_nb.server.http.sse import cut_long

LETTERS = "".join(level.name[0] for level in Level)
"""The letter of each level: D, I, W, E, C."""
_TO_LETTERS = bytes.maketrans(bytes(Level), LETTERS.encode())
_encode = msgspec.json.Encoder().encode


def block_columns_event(block: LineBlock) -> Encoded:
    """Return one frame of all lines of a block."""
    return Encoded(columns_event(block, 0, len(block), None))


def columns_event(block: LineBlock, start: int, stop: int, keep: list[int] | None) -> bytes:
    """Return one event of some lines of a block; empty if there are none.

    Its id is the number of its last line, so a client that sends it back resumes after that line.

    Args:
        block: the block.
        start: index of the first line in the block.
        stop: index after the last line.
        keep: indexes of the lines to send; None: all.
    """
    places = None if keep is None else [i for i in keep if start <= i < stop]
    if places:
        start, stop = places[0], places[-1] + 1
    if start >= stop or places == []:
        return b""
    if places is not None and len(places) == stop - start:
        places = None
    text, cuts = cut_long(_text(block, start, stop, places))
    numbers = (
        range(block.first + start, block.first + stop)
        if places is None
        else [block.first + i for i in places]
    )
    fields = b"" if places is None else b'"lines":%b,' % _encode(numbers)
    fields += _prompts(block, numbers)
    levels = block.levels[start:stop] if places is None else bytes(block.levels[i] for i in places)
    return (
        b"id: %d\nevent: logs\ndata:"
        b' {"first":%d,%b"stretches":%b,"levels":"%b","texts":["%b"]%b}\n\n'
        % (
            numbers[-1],
            numbers[0],
            fields,
            _encode(_stretches(block, start, stop, places)),
            levels.translate(_TO_LETTERS),
            json_texts(text).replace(b"\n", b'","'),
            b',"cut":%b' % _encode([(numbers[i], size) for i, size in cuts]) if cuts else b"",
        )
    )


def _prompts(block: LineBlock, numbers: Sequence[int]) -> bytes:
    """Return the field with the answered prompts; empty if there are none."""
    asked = set(block.prompts)
    found = [number for number in numbers if number in asked] if asked else []
    return b'"prompts":%b,' % _encode(found) if found else b""


def _text(block: LineBlock, start: int, stop: int, places: list[int] | None) -> str:
    """Return the text of the wanted lines, each ended by a newline."""
    text = block.text
    if stop - start == len(block) and places is None:
        return text
    lines = text.split("\n")
    return "\n".join([*(lines[start:stop] if places is None else [lines[i] for i in places]), ""])


def _stretches(
    block: LineBlock, start: int, stop: int, places: list[int] | None
) -> list[tuple[int, int, str]]:
    """Return (line, stamp, stream) of the first wanted line of each stretch that has one."""
    found = []
    at = 0
    for stretch in block.stretches:
        first = max(start, stretch.start)
        if places is not None:
            while at < len(places) and places[at] < first:
                at += 1
            first = places[at] if at < len(places) else stop
        if first < min(stop, stretch.start + stretch.size):
            found.append(
                (
                    block.first + first,
                    stretch.stamp + first - stretch.start,
                    STREAMS[stretch.stream],
                )
            )
    return found
