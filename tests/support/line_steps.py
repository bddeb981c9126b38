"""The steps of processing lines. No other Python code runs during one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from prismq_nb.capture.monitor.progress_bars import ProgressBars
from prismq_nb.common.base.terminal import frames, text
from prismq_nb.engine.read.render_cost import within_budget
from prismq_nb.engine.read.sgr_state import sgr_after
from prismq_nb.journal.layout.span import Span
from prismq_nb.journal.levels.classifier import Classifier

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CHUNK_STEPS", "STEPS", "light_part"]


def progress(line: bytes) -> None:
    """Cost of a stream after it has drawn a progress bar."""
    bars = ProgressBars()
    bars.feed(b" 50%|#####     | 5/10 [00:01<00:01]\n")
    bars.feed(line)


def light_part(data: bytes) -> bytes:
    """Those of some whole lines that are rendered in one step, for blocks and polls."""
    span = Span(0, data.count(b"\n"), 0, 0, 0, data)
    return b"".join(each.data for each in within_budget([span]))


STEPS: Final[dict[str, Callable[[bytes], object]]] = {
    "message": text.message,
    "pending_message": text.pending_message,
    "frames": lambda line: frames.frames(line, ""),
    "drawn_lines": lambda line: frames.drawn_lines(line + b"\n", 0),
    "progress": progress,
    "levels": lambda line: Classifier().classify(line + b"\n", 1),
    "carried": sgr_after,
}

#: Steps on some whole lines.
CHUNK_STEPS: Final[dict[str, Callable[[bytes], object]]] = {
    "light": light_part,
    "messages": text.messages,
    "drawn_lines": lambda data: frames.drawn_lines(data, 0),
}
