"""How many streams there may be at one time. Beyond that a new one is refused, so that those that are open stay fast."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prismq_nb.errors import TooManyStreams


class Admission:
    """Counts what is open.

    Attributes:
        limit: most at one time; `open`: how many there are.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.open = 0

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """Count one for as long as the ``with`` lasts. Raises `TooManyStreams`."""
        if self.open >= self.limit:
            raise TooManyStreams(
                f"{self.open} streams are open, which is the limit (PrismQApp.max_streams): close one, or try again in"
                f" {TooManyStreams.retry_after:g} s; GET /api/runs/stream shows up to 50 runs in one stream and is never refused"
            )
        self.open += 1
        try:
            yield
        finally:
            self.open -= 1
