"""Bound the number of open streams, so that the open ones stay fast."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prismq_nb.errors import TooManyStreams


class Admission:
    """Counts open streams.

    Attributes:
        limit: maximum number of open streams.
        open: number of open streams.
    """

    def __init__(self, limit: int) -> None:
        """Start with no open stream; `limit` is 1 or more."""
        self.limit = limit
        self.open = 0

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """Count a stream for as long as the ``with`` block lasts.

        Raises:
            TooManyStreams: the limit is reached.
        """
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
