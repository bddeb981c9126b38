"""What open answers need now and then: a comment that keeps them alive, a look at their peers.

One timer for all of them: a timer for each of a thousand silent streams would cost more than
everything else that they do.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from prismq_nb.engine.live.turns import Turns
from prismq_nb.engine.live.wake import NO_REQUEST

CHECKED_AT_ONCE = 64
_TICKS = 4
"""Rounds in the time after which something is due; it is done in the last round before that."""


class Kept(Protocol):
    """An open answer."""

    def check_peer(self) -> None:
        """Disconnect a peer that is gone, or takes nothing."""

    def keep_alive(self, silence: float) -> None:
        """Send a comment if nothing was sent for so many seconds."""


class Upkeep:
    """The rounds; they go on while there is somebody to look after."""

    def __init__(
        self,
        streams: set[Kept],
        turns: Turns,
        keep_alive_seconds: float,
        peer_timeout_seconds: float,
    ) -> None:
        """Starts nothing.

        Args:
            streams: all that is open; it may change at any time.
            turns: of the event loop.
            keep_alive_seconds: no stream is silent for longer.
            peer_timeout_seconds: how long a peer may be silent; it is looked at four times in it.
        """
        self._streams = streams
        self._turns = turns
        self._peer_seconds = peer_timeout_seconds / _TICKS
        self._tick_seconds = min(keep_alive_seconds / _TICKS, self._peer_seconds)
        self._silence = keep_alive_seconds - self._tick_seconds
        self._peers_due = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin the rounds, if there are none."""
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

    def _visit(self, streams: list[Kept], *, peers: bool) -> None:
        for stream in streams[:CHECKED_AT_ONCE]:
            if peers:
                stream.check_peer()
            stream.keep_alive(self._silence)
        if rest := streams[CHECKED_AT_ONCE:]:
            self._turns.call(lambda: self._visit(rest, peers=peers))
