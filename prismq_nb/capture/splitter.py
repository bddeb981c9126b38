"""One stream's bytes, cut into whole lines in one reused buffer. The hot loop of the house: a handful of calls per read, none per line.

The buffer keeps the unfinished line at its front; the next read goes behind it; the last newline is found in place. A record that the journal is
given is a view of the buffer, so nothing is copied but the unfinished rest. A line longer than `format.MAX_LINE_BYTES` is cut there, at a
character's border where the text is UTF-8. Standard library only.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

from prismq_nb.journal import format as fmt

_START_BYTES = 128 * 1024
_READ_BYTES = 64 * 1024
"""A pipe's default capacity: one read empties a full one."""


_TOP_TWO_BITS, _CONTINUATION = 0b1100_0000, 0b1000_0000  # UTF-8, RFC 3629 section 3


class Splitter:
    """Reads one non-blocking descriptor.

    Attributes:
        stream: 0 stdout, 1 stderr.
        held: bytes of the unfinished line, at the front of the buffer.
        open: False from end of file on.
    """

    def __init__(self, fd: int, stream: int, safe_end: Callable[[bytes], int] | None = None) -> None:
        """`safe_end` tells how many of a long line's first bytes may be cut off: a secret must not be cut in two."""
        self.fd = fd
        self._safe_end = safe_end
        self.stream = stream
        self.held = 0
        self.open = True
        self._buffer = bytearray(_START_BYTES)
        self._view = memoryview(self._buffer)

    def read(self) -> int:
        """Reads once behind what is held.

        Returns:
            Bytes read; 0 at end of file (then `open` is False) or when nothing is there.
        """
        if len(self._buffer) - self.held < _READ_BYTES:
            self._grow()
        try:
            count = os.readv(self.fd, [self._view[self.held :]])
        except BlockingIOError:
            return 0
        except OSError:  # EIO: the last process closed the pseudo-terminal
            count = 0
        if count == 0:
            self.open = False
        return count

    def records(self, count: int) -> Iterator[tuple[memoryview, int, int]]:
        """Cuts what `read` has just added.

        Args:
            count: what `read` returned, above 0.

        Yields:
            (bytes, lines, flags) of each record; the bytes are only valid until the next step.
        """
        end = self.held + count
        lines_end = self._buffer.rfind(b"\n", self.held, end) + 1
        start = 0
        if lines_end and end > fmt.MAX_LINE_BYTES and self._buffer.find(b"\n", self.held, end) >= fmt.MAX_LINE_BYTES:
            start = self._cut(0)
            yield self._view[:start], 1, self.stream | fmt.SPLIT
        if lines_end:
            yield self._view[start:lines_end], self._buffer.count(b"\n", start, lines_end), self.stream
            start = lines_end
        while end - start >= fmt.MAX_LINE_BYTES:
            cut = self._cut(start)
            yield self._view[start:cut], 1, self.stream | fmt.SPLIT
            start = cut
        if start:
            self._view[: end - start] = self._view[start:end]
        self.held = end - start

    def pending(self) -> memoryview:
        """The unfinished line, without copying it."""
        return self._view[: self.held]

    def rest(self) -> Iterator[tuple[memoryview, int, int]]:
        """The unfinished line as a last record, at the end of the stream."""
        if self.held:
            yield self._view[: self.held], 1, self.stream
            self.held = 0

    def close(self) -> None:
        """Closes the descriptor; a process that still writes to it gets SIGPIPE."""
        self.open = False
        os.close(self.fd)

    def _cut(self, start: int) -> int:
        """Where a line that begins at `start` and is too long is cut."""
        cut = _character_border(self._buffer, start, start + fmt.MAX_LINE_BYTES)
        if self._safe_end is not None:
            cut = start + (self._safe_end(bytes(self._view[start:cut])) or cut - start)
        return cut

    def _grow(self) -> None:
        size = min(2 * len(self._buffer), fmt.MAX_LINE_BYTES + 2 * _READ_BYTES)
        buffer = bytearray(size)
        buffer[: self.held] = self._view[: self.held]
        self._buffer, self._view = buffer, memoryview(buffer)


def _character_border(buffer: bytearray, start: int, cut: int) -> int:
    """`cut`, or up to three bytes before it where it would stand inside a UTF-8 character."""
    for back in range(4):
        byte = buffer[cut - back] if cut - back < len(buffer) else 0
        if byte & _TOP_TWO_BITS != _CONTINUATION:
            return cut - back if cut - back > start else cut
    return cut
