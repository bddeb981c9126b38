"""The terminals, or pipes, that the output of watched cells goes through.

A process has one pair of each kind, opened when it is first needed and kept: programs that outlive
a cell hold them. Both ends stay open here, so no writer ever meets a closed one, and what arrives
outside of a run can be read.
"""

from __future__ import annotations

import fcntl
import os
from typing import NamedTuple

from prismq_nb.capture.base.terminal import Terminal
from prismq_nb.cell.owned import Identity, identity

COLUMNS, ROWS = 100, 40
"""Size of the terminals in character cells, as that of launched programs."""
_LOWEST_FD = 10
"""Programs close and replace low descriptors, above all those of the standard streams."""


class Streams(NamedTuple):
    """Stdout and stderr, in this order.

    Attributes:
        ours: the ends that are read, non-blocking.
        ends: the ends that are written.
        size: columns and rows of the terminals; None: they are pipes.
        identities: of all four descriptors.
    """

    ours: tuple[int, int]
    ends: tuple[int, int]
    size: tuple[int, int] | None
    identities: tuple[Identity | None, ...]

    @property
    def can_be_read(self) -> bool:
        """Whether the program has not closed the ends that are read."""
        return tuple(identity(fd) for fd in self.ours) == self.identities[:2]

    @property
    def are_ours(self) -> bool:
        """Whether the program has closed none of them."""
        return tuple(identity(fd) for fd in (*self.ours, *self.ends)) == self.identities


def open_terminals() -> Streams:
    """Open two pseudo-terminals. Raises OSError: there are none."""
    terminal = Terminal(COLUMNS, ROWS, merge=False)
    assert terminal.error is not None
    pairs = ((terminal.main, terminal.ends[0]), (terminal.error, terminal.ends[2]))
    return _streams(pairs, (COLUMNS, ROWS))


def open_pipes() -> Streams:
    """Open two pipes. Raises OSError: no descriptors are free."""
    return _streams((os.pipe(), os.pipe()), None)


def _streams(
    pairs: tuple[tuple[int, int], tuple[int, int]], size: tuple[int, int] | None
) -> Streams:
    (out, out_end), (error, error_end) = ((high(ours), high(end)) for ours, end in pairs)
    for fd in (out, error):
        os.set_blocking(fd, False)
    fds = (out, error, out_end, error_end)
    identities = tuple(identity(fd) for fd in fds)
    return Streams((out, error), (out_end, error_end), size, identities)


def high(fd: int) -> int:
    """Move a descriptor out of the way of the standard streams. Raises OSError; `fd` is closed."""
    try:
        return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _LOWEST_FD)
    finally:
        os.close(fd)
