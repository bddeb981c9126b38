"""Find out whether the other end of a connection is still there, as far as TCP knows.

Differences between platforms are here. TCP itself retransmits for a quarter of an hour.
`TCP_USER_TIMEOUT`, tcp(7), would shorten that, but it also drops a live peer that does not read,
because it ignores the answers to window probes. `TCP_INFO` distinguishes the two.
"""

from __future__ import annotations

import socket
import struct
import sys
from contextlib import suppress
from typing import NamedTuple

_INFO = struct.Struct("=2xBB20xI28xI")
"""Fields of Linux's ``struct tcp_info``: retransmissions and probes without an answer, segments
without an acknowledgement, ms since the last acknowledgement."""
TCP_RTO_MAX_MS = 44
"""From ``linux/tcp.h``, Linux 6.15 and later; Python has no name for it yet."""
_RTO_MAX_SECONDS = (1.0, 120.0)
UNSENT_BYTES = 128 << 10
"""Approximate maximum of unsent data in the kernel; without it, 4 MiB for a client that does not
read."""


class PeerInfo(NamedTuple):
    """What the kernel knows about the other end.

    Attributes:
        retransmits: retransmissions without an answer.
        probes: probes without an answer.
        unacked: segments without an acknowledgement.
        quiet_seconds: seconds since the last acknowledgement.
    """

    retransmits: int
    probes: int
    unacked: int
    quiet_seconds: float

    @property
    def answers(self) -> bool:
        """Whether the peer owes no answer."""
        return not ((self.retransmits and self.unacked) or self.probes)


def prepare(peer: socket.socket, seconds: float) -> None:
    """Let the kernel detect a vanished peer in about `seconds`, and buffer little for a slow one.

    If nothing is under way to the peer, that is the keep-alive. If the peer's window is closed, the
    kernel sends probes, less and less often, in the end every 2 minutes. Linux 6.15 and later can
    send them more often; before, a peer that stopped reading long ago and then vanished is detected
    2 minutes later than others.
    """
    if peer.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", seconds / 2),
        ("TCP_KEEPINTVL", seconds / 4),
        ("TCP_KEEPCNT", 2),
    ):
        if hasattr(socket, name):
            peer.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), max(1, round(value)))
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)
    if sys.platform == "linux":
        least, most = _RTO_MAX_SECONDS
        with suppress(OSError):
            peer.setsockopt(
                socket.IPPROTO_TCP, TCP_RTO_MAX_MS, round(1000 * min(max(seconds / 4, least), most))
            )


def info(peer: socket.socket) -> PeerInfo | None:
    """Return what the kernel knows; None on other platforms, and for other kinds of sockets."""
    if peer.family not in (socket.AF_INET, socket.AF_INET6) or not hasattr(socket, "TCP_INFO"):
        return None
    try:
        retransmits, probes, unacked, quiet = _INFO.unpack(
            peer.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO.size)
        )
    except (OSError, struct.error):
        return None
    return PeerInfo(retransmits, probes, unacked, quiet / 1000)
