"""Whether the other end of a connection is still there, as far as TCP knows. What differs by platform is here.

TCP itself is patient: it sends what was not acknowledged again for a quarter of an hour. `TCP_USER_TIMEOUT` would cut that short, but it takes a peer
that is there and does not read for a dead one as well, because it does not count its answers to window probes; `TCP_INFO` tells the two apart.
"""

from __future__ import annotations

import socket
import struct
from typing import NamedTuple

_INFO = struct.Struct("=2xBB20xI28xI")
"""Of Linux's ``struct tcp_info``: unanswered retransmissions, unanswered probes, segments without an acknowledgement, ms since the last one came."""


class PeerInfo(NamedTuple):
    """What the kernel knows of the other end."""

    retransmits: int
    probes: int
    unacked: int
    quiet_seconds: float

    @property
    def answers(self) -> bool:
        """False while something is asked of the peer that it has not answered."""
        return not ((self.retransmits and self.unacked) or self.probes)


def set_keep_alive(peer: socket.socket, seconds: float) -> None:
    """Lets the kernel find out within about so many seconds that a silent peer is gone, when nothing is under way to it."""
    if peer.family not in (socket.AF_INET, socket.AF_INET6):
        return
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", seconds / 2), ("TCP_KEEPINTVL", seconds / 4), ("TCP_KEEPCNT", 2)):
        if hasattr(socket, name):
            peer.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), max(1, round(value)))


def info(peer: socket.socket) -> PeerInfo | None:
    """What the kernel knows; None where it does not say (another platform, another kind of socket)."""
    if peer.family not in (socket.AF_INET, socket.AF_INET6) or not hasattr(socket, "TCP_INFO"):
        return None
    try:
        retransmits, probes, unacked, quiet = _INFO.unpack(peer.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO.size))
    except (OSError, struct.error):
        return None
    return PeerInfo(retransmits, probes, unacked, quiet / 1000)
