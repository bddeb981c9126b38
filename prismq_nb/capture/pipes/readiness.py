"""Which streams of a run have something to read, in the order in which they got it.

Two pipes, or two terminals, carry no times, but which of them had something first is known: the
list of ready descriptors of Linux's epoll, edge-triggered, is in the order of their events. So a
reader that comes late still has the order as long as no stream got a second line meanwhile.
Elsewhere stdout comes first. Standard library only.
"""

from __future__ import annotations

import contextlib
import select


class Readiness:
    """Tells which of the registered streams can be read."""

    def __init__(self) -> None:
        """Know no stream yet."""
        self._fds: list[int] = []
        self._edges = select.epoll() if hasattr(select, "epoll") else None

    def register(self, fd: int) -> None:
        """Watch a stream; `fd` is below ``FD_SETSIZE``, as it was opened when few others were."""
        self._fds.append(fd)
        if self._edges is not None:
            self._edges.register(fd, select.EPOLLIN | select.EPOLLET)

    def unregister(self, fd: int) -> None:
        """Forget a stream, which may be closed."""
        self._fds.remove(fd)
        if self._edges is not None:
            with contextlib.suppress(OSError):
                self._edges.unregister(fd)

    def wait(self, seconds: float) -> list[int]:
        """Return the streams that can be read, in order; empty after so long without one.

        Not `poll`, which knows whole milliseconds.
        """
        return self.order(select.select(self._fds, (), (), seconds)[0])

    def order(self, ready: list[int]) -> list[int]:
        """Bring streams that can be read into order; what can be read by now is among them.

        Ask soon after each read: what came between two reads of a stream counts as its first.
        """
        if self._edges is None:
            return ready
        first = [fd for fd, _ in self._edges.poll(0) if fd in self._fds]
        return [*first, *(fd for fd in ready if fd not in first)]
