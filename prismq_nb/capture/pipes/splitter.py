"""Cut one stream's bytes into whole lines in one reused buffer: the hot loop of capture.

There are a handful of calls per read, none per line. The buffer keeps the unfinished line at its
front; the next read goes behind it; the last newline is found in place. A record is a view of the
buffer, so nothing is copied except the unfinished rest. A line longer than `format.MAX_LINE_BYTES`
is cut there, at a character's boundary. Standard library only.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from prismq_nb.capture.base.terminal import READ_BYTES
from prismq_nb.journal.layout import format as fmt

if TYPE_CHECKING:
    from prismq_nb.capture.pipes.newlines import Count
    from prismq_nb.common.base.encodings import CharacterBoundary

_NARROW_BYTES = 64 * 1024
"""A pipe's default capacity (pipe(7)): one read empties a full one."""
_WIDE_BYTES = 256 * 1024
"""Capacity of a flooded pipe. The module and we wake each other a quarter as often, which gains 15%
of speed; a larger one would leave the processor's cache. Pipes draw on a budget of the user (64 MiB
on Linux), so it is given back after the flood."""
_WIDEN_READS = 64
"""Full reads before a pipe is widened: 4 MiB, or a few ms."""
_TERMINAL_READS = 16
"""Reads of a pseudo-terminal, of 4 kB at most, that count as one: what follows is per chunk."""
_F_SETPIPE_SZ = getattr(fcntl, "F_SETPIPE_SZ", -1)  # Linux only


# Length of a character by its first byte (RFC 3629 section 3)
_LEADS = ((4, 0b1111_0000), (3, 0b1110_0000), (2, 0b1100_0000))
_TOP_TWO_BITS, _CONTINUATION = 0b1100_0000, 0b1000_0000


class Splitter:
    """Reads one non-blocking descriptor.

    Attributes:
        stream: 0 stdout, 1 stderr.
        held: bytes of the unfinished line, at the front of the buffer.
        line_start: bytes of the stream before them: where the unfinished line begins.
        open: False from end of file on.
        terminal: it is a pseudo-terminal.
        capacity: maximum number of bytes that the system buffers for us.
        full: the last read found so much that the module may have had to wait for us.
    """

    def __init__(
        self,
        fd: int,
        stream: int,
        count: Count,
        safe_end: Callable[[bytes], int] | None = None,
        boundary: CharacterBoundary | None = None,
    ) -> None:
        """Read nothing yet.

        Args:
            fd: non-blocking.
            stream: 0 stdout, 1 stderr.
            count: counts newlines.
            safe_end: returns how many of a long line's first bytes may be cut off: a secret must
                not be cut in two.
            boundary: where a long line may be cut so that no character is; None: as UTF-8.
        """
        self.fd = fd
        self._count = count
        self._safe_end = safe_end
        self._boundary = boundary or _utf8_boundary
        self.stream = stream
        self.held = 0
        self.line_start = 0
        self.open = True
        self.terminal = os.isatty(fd)
        self.capacity = READ_BYTES if self.terminal else _NARROW_BYTES
        self.full = False
        self._full_reads = 0
        self._buffer = bytearray(2 * _NARROW_BYTES)
        self._view = memoryview(self._buffer)

    def read(self) -> int:
        """Read once, behind what is held.

        Returns:
            Bytes read; 0 at end of file (then `open` is False) or if nothing is there.
        """
        if self._full_reads == _WIDEN_READS and not self.terminal:
            self._widen()
        self._make_room()
        return self._read()

    def take(self, data: bytes) -> int:
        """Take what was read elsewhere, `_NARROW_BYTES` at most.

        Return the number of bytes added.
        """
        self._make_room()
        self.full = False
        return self._put(data)

    def _put(self, data: bytes) -> int:
        """Write behind what is held; return the number of bytes."""
        self._buffer[self.held : self.held + len(data)] = data
        return len(data)

    def _make_room(self) -> None:
        """Grow the buffer for the longest line; memory not yet written to costs nothing."""
        if len(self._buffer) - self.held < _NARROW_BYTES:
            self._resize(fmt.MAX_LINE_BYTES + 2 * _NARROW_BYTES)

    def _read(self) -> int:
        self.full = False
        if self.terminal:
            return self._read_terminal()
        room = min(self.capacity, len(self._buffer) - self.held)
        try:
            count = os.readv(self.fd, [self._view[self.held : self.held + room]])
        except BlockingIOError:
            return 0
        if count == 0:
            self.open = False
        elif count >= room * 3 // 4:
            self.full = True
            self._full_reads += 1
        return count

    def _read_terminal(self) -> int:
        """Read until nothing is there, at most `_TERMINAL_READS` times."""
        start = end = self.held
        for _ in range(_TERMINAL_READS):
            try:
                count = os.readv(self.fd, [self._view[end : end + READ_BYTES]])
            except BlockingIOError:
                break
            except OSError:  # EIO: nobody has the far end open (macOS returns nothing instead)
                count = 0
            if count == 0:
                self.open = end > start  # what was read comes first; the next call finds this again
                break
            end += count
        self.full = end - start > READ_BYTES
        return end - start

    @property
    def is_enlarged(self) -> bool:
        """Whether `shrink` would release something: a flood's pipe, or a long line's buffer."""
        return self.capacity > _NARROW_BYTES or len(self._buffer) > 2 * _NARROW_BYTES

    def shrink(self) -> None:
        """Release a wide pipe and a large buffer if no read has filled the pipe lately.

        That is since the last call; call it every few seconds.
        """
        quiet, self._full_reads = self._full_reads == 0, 0
        if quiet and self.capacity > _NARROW_BYTES and self.open and self._set_pipe(_NARROW_BYTES):
            self.capacity = _NARROW_BYTES
        if (
            quiet
            and self.held <= _NARROW_BYTES
            and len(self._buffer) > self.capacity + _NARROW_BYTES
        ):
            self._resize(self.capacity + _NARROW_BYTES)

    def _widen(self) -> None:
        """Widen the pipe, once between two calls of `shrink`.

        Not in a long line, which takes memory enough.
        """
        self._full_reads += 1
        if (
            self.capacity < _WIDE_BYTES
            and self.held <= _NARROW_BYTES
            and self._set_pipe(_WIDE_BYTES)
        ):
            self.capacity = _WIDE_BYTES
            self._resize(max(_WIDE_BYTES + _NARROW_BYTES, len(self._buffer)))

    def _set_pipe(self, size: int) -> bool:
        try:
            fcntl.fcntl(self.fd, _F_SETPIPE_SZ, size)
        except OSError:  # a terminal, an exhausted budget, or more in the pipe than would fit
            return False
        return True

    def records(self, count: int) -> Iterator[tuple[memoryview, int, int]]:
        """Cut what `read` has just added.

        Args:
            count: what `read` returned, above 0.

        Yields:
            (bytes, lines, flags) of each record; the bytes are valid until the next step only.
        """
        end = self.held + count
        lines_end = self._buffer.rfind(b"\n", self.held, end) + 1
        start = 0
        if (
            lines_end
            and end > fmt.MAX_LINE_BYTES
            and self._buffer.find(b"\n", self.held, end) >= fmt.MAX_LINE_BYTES
        ):
            start = self._cut(0)
            yield self._view[:start], 1, self.stream | fmt.SPLIT
        if lines_end:
            whole = self._view[start:lines_end]
            yield whole, self._count(whole), self.stream
            start = lines_end
        while end - start >= fmt.MAX_LINE_BYTES:
            cut = self._cut(start)
            yield self._view[start:cut], 1, self.stream | fmt.SPLIT
            start = cut
        if start:
            self._view[: end - start] = self._view[start:end]
        self.line_start += start
        self.held = end - start

    def last_read(self, count: int) -> bytes:
        """Return what `read` has just added: call it before `records`."""
        return bytes(self._view[self.held : self.held + count])

    def pending(self) -> memoryview:
        """Return the unfinished line, without copying it."""
        return self._view[: self.held]

    def end(self) -> None:
        """Note that nothing more will be read: hold what was kept back."""

    def rest(self) -> Iterator[tuple[memoryview, int, int]]:
        """Yield the unfinished line as a last record, at the end of the stream."""
        if self.held:
            yield self._view[: self.held], 1, self.stream
            self.line_start += self.held
            self.held = 0

    def close(self) -> None:
        """Close the descriptor; a process that still writes to it gets SIGPIPE."""
        self.open = False
        os.close(self.fd)

    def _cut(self, start: int) -> int:
        """Return where a line that begins at `start` and is too long is cut."""
        cut = self._boundary(self._buffer, start, start + fmt.MAX_LINE_BYTES)
        if self._safe_end is not None:
            cut = start + (self._safe_end(bytes(self._view[start:cut])) or cut - start)
        return cut

    def _resize(self, size: int) -> None:
        buffer = bytearray(size)
        buffer[: self.held] = self._view[: self.held]
        self._buffer, self._view = buffer, memoryview(buffer)


def _utf8_boundary(buffer: bytearray, start: int, cut: int) -> int:
    """Return `cut`, or up to three bytes less if it is inside a UTF-8 character (RFC 3629).

    The bytes from `cut` on may not have been read yet.
    """
    for back in range(1, min(4, cut - start)):
        byte = buffer[cut - back]
        if byte & _TOP_TWO_BITS != _CONTINUATION:
            length = next((bytes_ for bytes_, lead in _LEADS if byte >= lead), 1)
            return cut - back if length > back else cut
    return cut
