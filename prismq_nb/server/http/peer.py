"""Whether the other end of a connection is still there, as far as TCP knows. What differs by platform is here.

TCP itself is patient: it sends what was not acknowledged again for a quarter of an hour. `TCP_USER_TIMEOUT` would cut that short, but it takes a peer
that is there and does not read for a dead one as well, because it does not count its answers to window probes; `TCP_INFO` tells the two apart.
"""

from __future__ import annotations

import socket
import struct
import sys
from contextlib import suppress
from typing import NamedTuple

_INFO = struct.Struct("=2xBB20xI28xI")
"""Of Linux's ``struct tcp_info``: unanswered retransmissions, unanswered probes, segments without an acknowledgement, ms since the last one came."""
TCP_RTO_MAX_MS = 44
"""Of ``linux/tcp.h``, since Linux 6.15; Python has no name for it yet."""
_RTO_MAX_SECONDS = (1.0, 120.0)
UNSENT_BYTES = 128 << 10
"""The kernel holds no more than about so much that it could not send yet; without a bound it holds 4 MiB for a client that does not read."""


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


def prepare(peer: socket.socket, seconds: float) -> None:
    """Lets the kernel find out within about so many seconds that a silent peer is gone, and keep little for one that does not read.

    Where nothing is under way to the peer, that is the keep-alive. Where the peer's window is closed, the kernel asks whether it has opened, less and
    less often, in the end every 2 minutes; Linux 6.15 and later can be told to ask more often. Before, who stopped reading long ago and then vanished
    is found 2 minutes later than others.
    """
    if peer.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", seconds / 2), ("TCP_KEEPINTVL", seconds / 4), ("TCP_KEEPCNT", 2)):
        if hasattr(socket, name):
            peer.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), max(1, round(value)))
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)
    if sys.platform == "linux":
        least, most = _RTO_MAX_SECONDS
        with suppress(OSError):
            peer.setsockopt(socket.IPPROTO_TCP, TCP_RTO_MAX_MS, round(1000 * min(max(seconds / 4, least), most)))


def info(peer: socket.socket) -> PeerInfo | None:
    """What the kernel knows; None where it does not say (another platform, another kind of socket)."""
    if peer.family not in (socket.AF_INET, socket.AF_INET6) or not hasattr(socket, "TCP_INFO"):
        return None
    try:
        retransmits, probes, unacked, quiet = _INFO.unpack(peer.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO.size))
    except (OSError, struct.error):
        return None
    return PeerInfo(retransmits, probes, unacked, quiet / 1000)
