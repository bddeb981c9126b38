"""Find out where a run's output ends in a stream that goes on.

All runs of a kernel share its terminals, because processes that outlive a cell keep writing there.
What a terminal was given shows at its other end only a moment later (the system moves it in the
background), so a read that finds nothing proves nothing. So the kernel prints a marker that cannot
occur otherwise. Standard library only.
"""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

from prismq_nb.capture.pipes.stream_reader import read_piece

if TYPE_CHECKING:
    from collections.abc import Callable

MARKER_SECONDS = 5.0
"""How long a marker is waited for while nothing arrives: its writer was stopped, for example."""


def new_marker() -> bytes:
    """Return a marker that no program prints: an escape sequence which terminals ignore."""
    return b"\x1b]prismq;" + secrets.token_hex(16).encode() + b"\x07"


class MarkerSearch:
    """Reads streams up to their markers, a piece at a time.

    Attributes:
        deadline_s: when it gives up (monotonic seconds).
        behind: what was read behind the markers, by descriptor.
    """

    def __init__(self, fds: list[int], marker: bytes, take: Callable[[int, bytes], None]) -> None:
        """Read nothing yet.

        Args:
            fds: non-blocking descriptors.
            marker: what ends them.
            take: gets a descriptor and bytes that come before its marker, 8 kB at most.
        """
        self.deadline_s = time.monotonic() + MARKER_SECONDS
        self.behind: dict[int, bytes] = {}
        self._marker = marker
        self._take = take
        self._kept = dict.fromkeys(fds, b"")

    @property
    def fds(self) -> list[int]:
        """Descriptors whose marker was not found yet."""
        return list(self._kept)

    @property
    def is_done(self) -> bool:
        """Whether all markers were found."""
        return not self._kept

    def read(self, fd: int) -> None:
        """Read one of `fds` once."""
        data = read_piece(fd)
        if data is None:
            return
        self.deadline_s = time.monotonic() + MARKER_SECONDS
        text = self._kept[fd] + data
        before, found, rest = text.partition(self._marker)
        if found or not data:
            del self._kept[fd]
            self.behind[fd] = rest
        else:
            before = text[: max(0, len(text) - len(self._marker) + 1)]
            self._kept[fd] = text[len(before) :]
        if before:
            self._take(fd, before)

    def give_up(self) -> None:
        """Take what was kept as the beginning of a marker."""
        kept, self._kept = self._kept, {}
        for fd, text in kept.items():
            if text:
                self._take(fd, text)


class MarkerFilter:
    """Takes a marker out of streams that somebody else reads.

    Attributes:
        missing: descriptors whose marker has not come.
    """

    def __init__(self, fds: list[int], marker: bytes) -> None:
        """Expect the marker once in each stream."""
        self.missing = set(fds)
        self._marker = marker
        self._kept: dict[int, bytes] = {}

    def feed(self, fd: int, data: bytes) -> bytes:
        """Return what was read of a stream without the marker; its beginning is kept back."""
        if fd not in self.missing:
            return data
        text = self._kept.pop(fd, b"") + data
        before, found, rest = text.partition(self._marker)
        if found:
            self.missing.discard(fd)
            return before + rest
        for length in range(min(len(self._marker) - 1, len(text)), 0, -1):
            if text.endswith(self._marker[:length]):
                self._kept[fd] = text[-length:]
                return text[:-length]
        return text

    def rest(self, fd: int) -> bytes:
        """Return what was kept back of a stream: the marker did not come."""
        return self._kept.pop(fd, b"")
