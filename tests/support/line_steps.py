"""What is done with lines, step by step; nothing else of Python runs during any of these."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from prismq_nb.capture.monitor.bars import Bars
from prismq_nb.common.base.terminal import frames, text
from prismq_nb.engine.read.carried import pen_behind
from prismq_nb.engine.read.cost import light
from prismq_nb.journal.layout.span import Span
from prismq_nb.journal.levels.classifier import Classifier

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CHUNK_STEPS", "STEPS", "light_part"]


def progress(line: bytes) -> None:
    """What a stream that has drawn a bar costs from then on."""
    bars = Bars()
    bars.take(b" 50%|#####     | 5/10 [00:01<00:01]\n")
    bars.take(line)


def light_part(data: bytes) -> bytes:
    """Of whole lines, those that are shown in one step: what blocks and polls are made of."""
    span = Span(0, data.count(b"\n"), 0, 0, 0, data)
    return b"".join(each.data for each in light([span]))


STEPS: Final[dict[str, Callable[[bytes], object]]] = {
    "message": text.message,
    "drawing": text.drawing,
    "frames": lambda line: frames.frames(line, ""),
    "drawn_lines": lambda line: frames.drawn_lines(line + b"\n", 0),
    "progress": progress,
    "levels": lambda line: Classifier().classify(line + b"\n", 1),
    "carried": pen_behind,
}

#: Of some whole lines.
CHUNK_STEPS: Final[dict[str, Callable[[bytes], object]]] = {
    "light": light_part,
    "messages": text.messages,
    "drawn_lines": lambda data: frames.drawn_lines(data, 0),
}
