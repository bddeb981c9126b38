"""What is done with a line, step by step; nothing else of Python runs during any of these."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from prismq_nb.capture.bars import Bars
from prismq_nb.journal import frames, text
from prismq_nb.journal.levels import Classifier

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["STEPS"]


def progress(line: bytes) -> None:
    """What a stream that has drawn a bar costs from then on."""
    bars = Bars()
    bars.take(b" 50%|#####     | 5/10 [00:01<00:01]\n")
    bars.take(line)


STEPS: Final[dict[str, Callable[[bytes], object]]] = {
    "message": text.message,
    "drawing": text.drawing,
    "frames": frames.frames,
    "drawn_lines": lambda line: frames.drawn_lines(line + b"\n", 0),
    "progress": progress,
    "levels": lambda line: Classifier().classify(line + b"\n", 1),
}
