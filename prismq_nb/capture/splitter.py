"""One stream's bytes, cut into whole lines in one reused buffer. The hot loop of the house: a handful of calls per read, none per line.

The buffer keeps the unfinished line at its front; the next read goes behind it; the last newline is found in place. A record that the journal is
given is a view of the buffer, so nothing is copied but the unfinished rest. A line longer than `format.MAX_LINE_BYTES` is cut there, at a
character's border where the text is UTF-8. Standard library only.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator

from prismq_nb.journal import format as fmt

_NARROW_BYTES = 64 * 1024
"""A pipe's default capacity: one read empties a full one."""
_WIDE_BYTES = 256 * 1024
"""A flooded pipe's capacity: the module and we wake each other a quarter as often, which is worth 15% of speed. More than this leaves the processor's
cache. Pipes draw on a budget of the user's (64 MiB on Linux), so only a flood has it, and for as long as it lasts."""
_WIDEN_READS = 64
"""Full reads before a pipe is widened: 4 MiB, or a few ms."""
_COUNT_BYTES = 16 * 1024
_SHORT_LINE_BYTES, _SMALL_BYTES = 40, 4096
_F_SETPIPE_SZ = getattr(fcntl, "F_SETPIPE_SZ", -1)  # Linux only


_LEADS = ((4, 0b1111_0000), (3, 0b1110_0000), (2, 0b1100_0000))  # bytes of a character by its first byte, RFC 3629 section 3
_TOP_TWO_BITS, _CONTINUATION = 0b1100_0000, 0b1000_0000  # UTF-8, RFC 3629 section 3


class Splitter:
    """Reads one non-blocking descriptor.

    Attributes:
        stream: 0 stdout, 1 stderr.
        held: bytes of the unfinished line, at the front of the buffer.
        open: False from end of file on.
        capacity: bytes that one read takes at most.
        full: the last read found so much that the module may have had to wait for us.
    """

    def __init__(self, fd: int, stream: int, safe_end: Callable[[bytes], int] | None = None) -> None:
        """`safe_end` tells how many of a long line's first bytes may be cut off: a secret must not be cut in two."""
        self.fd = fd
        self._safe_end = safe_end
        self.stream = stream
        self.held = 0
        self.open = True
        self.capacity = _NARROW_BYTES
        self.full = False
        self._full_reads = 0
        self._short_lines = False
        self._buffer = bytearray(2 * _NARROW_BYTES)
        self._view = memoryview(self._buffer)

    def read(self) -> int:
        """Reads once behind what is held.

        Returns:
            Bytes read; 0 at end of file (then `open` is False) or when nothing is there.
        """
        if len(self._buffer) - self.held < self.capacity:
            self._grow()
        self.full = False
        try:
            count = os.readv(self.fd, [self._view[self.held : self.held + self.capacity]])
        except BlockingIOError:
            return 0
        except OSError:  # EIO: the last process closed the pseudo-terminal
            count = 0
        if count == 0:
            self.open = False
        elif count >= self.capacity * 3 // 4:
            self.full = True
            self._full_reads += 1
            if self._full_reads == _WIDEN_READS and self._set_pipe(_WIDE_BYTES):
                self.capacity = _WIDE_BYTES
        return count

    @property
    def wide(self) -> bool:
        """Whether there is something that `relax` would give back: a flood's pipe, or a long line's buffer."""
        return self.capacity > _NARROW_BYTES or len(self._buffer) > 2 * _NARROW_BYTES

    def relax(self) -> None:
        """Gives a wide pipe and a large buffer back when no read has filled the pipe since the last call. To be called every few seconds."""
        quiet, self._full_reads = self._full_reads == 0, 0
        if quiet and self.capacity > _NARROW_BYTES and self.open and self._set_pipe(_NARROW_BYTES):
            self.capacity = _NARROW_BYTES
        if quiet and self.held <= self.capacity < len(self._buffer) // 2:
            self._resize(2 * self.capacity)

    def _set_pipe(self, size: int) -> bool:
        try:
            fcntl.fcntl(self.fd, _F_SETPIPE_SZ, size)
        except OSError:  # a terminal; a budget that is spent; more in it than is to fit
            return False
        return True

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
            yield self._view[start:lines_end], self._count(start, lines_end), self.stream
            start = lines_end
        while end - start >= fmt.MAX_LINE_BYTES:
            cut = self._cut(start)
            yield self._view[start:cut], 1, self.stream | fmt.SPLIT
            start = cut
        if start:
            self._view[: end - start] = self._view[start:end]
        self.held = end - start

    def _count(self, start: int, end: int) -> int:
        """Newlines in a part of the buffer.

        `bytearray.count` looks at each byte (35 µs for 64 KiB of lines of 100 bytes, Python 3.11), `replace` goes from one to the next with the C
        library's `memchr` (11 µs), unless lines are short. Counting is the only work here that looks at every byte.
        """
        if self._short_lines or end - start < _SMALL_BYTES:
            lines = self._buffer.count(b"\n", start, end)
        else:
            lines = 0
            for at in range(start, end, _COUNT_BYTES):  # pieces that stay in the cache
                piece = bytes(self._view[at : min(at + _COUNT_BYTES, end)])
                lines += len(piece) - len(piece.replace(b"\n", b""))
        self._short_lines = lines * _SHORT_LINE_BYTES > end - start
        return lines

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
        """To what the pipe needs, or for a long line at once to the most: memory not yet written to costs nothing, a copy at each step would."""
        self._resize(2 * self.capacity if self.held <= self.capacity else fmt.MAX_LINE_BYTES + 2 * self.capacity)

    def _resize(self, size: int) -> None:
        buffer = bytearray(size)
        buffer[: self.held] = self._view[: self.held]
        self._buffer, self._view = buffer, memoryview(buffer)


def _character_border(buffer: bytearray, start: int, cut: int) -> int:
    """`cut`, or up to three bytes before it where it would stand inside a UTF-8 character. The bytes from `cut` on may not have been read yet."""
    for back in range(1, min(4, cut - start)):
        byte = buffer[cut - back]
        if byte & _TOP_TWO_BITS != _CONTINUATION:
            length = next((bytes_ for bytes_, lead in _LEADS if byte >= lead), 1)
            return cut - back if length > back else cut
    return cut
