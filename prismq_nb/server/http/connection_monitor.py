"""Keep open responses alive by comments, and check their peers.

One timer for all: a timer for each of a thousand silent streams would cost more than everything
else that they do.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from prismq_nb.engine.live.turns import Turns
from prismq_nb.engine.live.wake_event import NO_REQUEST

CHECKED_AT_ONCE = 64
_TICKS = 4
"""Rounds in the time after which something is due; it is done in the last round before that."""


class OpenResponse(Protocol):
    """An open response."""

    def check_peer(self) -> None:
        """Disconnect a peer that is gone, or accepts nothing."""

    def keep_alive(self, silence: float) -> None:
        """Send a comment if nothing was sent for `silence` seconds."""


class ConnectionMonitor:
    """The rounds, which go on while there are open responses."""

    def __init__(
        self,
        streams: set[OpenResponse],
        turns: Turns,
        keep_alive_seconds: float,
        peer_timeout_seconds: float,
    ) -> None:
        """Start nothing.

        Args:
            streams: all open responses; it may change at any time.
            turns: turns on the event loop.
            keep_alive_seconds: maximum silence of a stream.
            peer_timeout_seconds: maximum silence of a peer, which is checked four times in it.
        """
        self._streams = streams
        self._turns = turns
        self._peer_seconds = peer_timeout_seconds / _TICKS
        self._tick_seconds = min(keep_alive_seconds / _TICKS, self._peer_seconds)
        self._silence = keep_alive_seconds - self._tick_seconds
        self._peers_due = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Start the rounds, if there are none."""
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._peers_due = loop.time() + self._peer_seconds
            self._timer = loop.call_later(self._tick_seconds, self._round, context=NO_REQUEST)

    def stop(self) -> None:
        """End the rounds."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _round(self) -> None:
        self._timer = None
        if not self._streams:
            return
        loop = asyncio.get_running_loop()
        if peers := loop.time() >= self._peers_due:
            self._peers_due = loop.time() + self._peer_seconds
        self._timer = loop.call_later(self._tick_seconds, self._round, context=NO_REQUEST)
        self._visit(list(self._streams), peers=peers)

    def _visit(self, streams: list[OpenResponse], *, peers: bool) -> None:
        for stream in streams[:CHECKED_AT_ONCE]:
            if peers:
                stream.check_peer()
            stream.keep_alive(self._silence)
        if rest := streams[CHECKED_AT_ONCE:]:
            self._turns.call(lambda: self._visit(rest, peers=peers))
