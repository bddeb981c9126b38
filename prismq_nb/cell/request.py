"""What the supervisor of watched cells is asked for, and its answers."""

from __future__ import annotations

import queue
from typing import TYPE_CHECKING, Any

from prismq_nb.capture.cells.marker import new_marker

if TYPE_CHECKING:
    from prismq_nb.cell.streams import Streams


class Request:
    """Something that the supervisor is asked for, with a marker that ends a run's output."""

    def __init__(self, message: dict[str, Any], after: Streams | None) -> None:
        """Describe it.

        Args:
            message: what is sent.
            after: what the supervisor reads once it is done.
        """
        self.marker = new_marker()
        self.message = message | {"marker": self.marker.decode()}
        self.after = after
        self._answers: queue.SimpleQueue[str] = queue.SimpleQueue()

    def answer(self, words: str) -> None:
        """Give an answer; empty: there will be none."""
        self._answers.put(words)

    def wait(self) -> str:
        """Return the next answer: ``marking``, ``done``, or nothing if there will be none."""
        return self._answers.get()
