"""A bound on the streams that are open, so that those that are stay fast."""

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
        """Nothing is open yet. `limit`: 1 or more."""
        self.limit = limit
        self.open = 0

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """Count one for as long as the ``with`` lasts. Raises `TooManyStreams`."""
        if self.open >= self.limit:
            raise TooManyStreams(
                f"{self.open:,} streams are open, and no more are allowed (PrismQApp.max_streams):"
                f" close one, or try again in {TooManyStreams.retry_after:g} s"
            )
        self.open += 1
        try:
            yield
        finally:
            self.open -= 1
