"""Find out which streams of a run can be read, in the order in which they became readable.

Pipes and terminals carry no times, but Linux's edge-triggered epoll(7) lists ready descriptors in
the order of their events. So a reader that is late still knows the order, as long as no stream got
a second line in the meantime. Elsewhere stdout comes first. Standard library only.
"""

from __future__ import annotations

import contextlib
import select


class Readiness:
    """Reports which of the registered streams can be read."""

    def __init__(self) -> None:
        """Begin without streams."""
        self._fds: list[int] = []
        self._edges = select.epoll() if hasattr(select, "epoll") else None

    def register(self, fd: int) -> None:
        """Watch a stream; `fd` is below ``FD_SETSIZE``, as it was opened when few others were."""
        self._fds.append(fd)
        if self._edges is not None:
            self._edges.register(fd, select.EPOLLIN | select.EPOLLET)

    def unregister(self, fd: int) -> None:
        """Forget a stream, which may be closed already."""
        self._fds.remove(fd)
        if self._edges is not None:
            with contextlib.suppress(OSError):
                self._edges.unregister(fd)

    def close(self) -> None:
        """Close the descriptor that this holds; nothing may follow."""
        if self._edges is not None:
            self._edges.close()

    def wait(self, seconds: float) -> list[int]:
        """Return the streams that can be read, in order; empty after `seconds` without one.

        Not `poll`, which has a resolution of 1 ms.
        """
        return self.order(select.select(self._fds, (), (), seconds)[0])

    def order(self, ready: list[int]) -> list[int]:
        """Sort streams that can be read; streams that became readable by now are included.

        Call it soon after each read: what arrived between two reads of a stream counts as its
        first.
        """
        if self._edges is None:
            return ready
        first = [fd for fd, _ in self._edges.poll(0) if fd in self._fds]
        return [*first, *(fd for fd in ready if fd not in first)]
