"""Split a stream whose encoding does not show where lines end: it is converted as it is read.

Standard library only.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from prismq_nb.capture.pipes.splitter import Splitter
from prismq_nb.common.base.encodings import Recoder

if TYPE_CHECKING:
    from prismq_nb.capture.pipes.newlines import Count

_READ_BYTES: Final = 16 << 10
"""A byte becomes three at most (U+FFFD), and there is room for 64 KiB."""


class RecodingSplitter(Splitter):
    """A `Splitter` for the same text in UTF-8."""

    def __init__(
        self,
        fd: int,
        stream: int,
        count: Count,
        safe_end: Callable[[bytes], int] | None = None,
        *,
        encoding: str,
    ) -> None:
        """Read nothing yet; see `Splitter`. `encoding` is one that `encodings.is_recoded`."""
        super().__init__(fd, stream, count, safe_end)
        self._recoder = Recoder(encoding)

    def _read(self) -> int:
        self.full = False
        while True:
            try:
                data = os.read(self.fd, _READ_BYTES)
            except BlockingIOError:
                return 0
            except OSError:  # EIO: nobody has the far end of a terminal open
                data = b""
            if not data:
                rest = self._put(self._recoder.end())
                self.open = rest > 0  # the next call finds the end again
                return rest
            self.full = len(data) == _READ_BYTES
            if count := self._put(self._recoder.take(data)):
                return count

    def take(self, data: bytes) -> int:
        """See `Splitter.take`."""
        return super().take(self._recoder.take(data))

    def end(self) -> None:
        """See `Splitter.end`."""
        self.held += self._put(self._recoder.end())
