"""All feeds of one engine: who watches which run, how long a buffer outlives its last watcher, and how the memory is shared. Knows no HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from prismq_nb.engine.live.buffer import FEED_BYTES
from prismq_nb.engine.live.feed import BUFFER_LINES, Feed
from prismq_nb.engine.live.notify import Notifier
from prismq_nb.engine.live.turns import Turns
from prismq_nb.engine.live.wake import NO_REQUEST

if TYPE_CHECKING:
    from prismq_nb.engine.engine import Engine
    from prismq_nb.engine.live.wake import Wake

ALL_FEEDS_BYTES = 256 << 20
"""Memory of all feeds together; each gets an equal share, `FEED_BYTES` at most."""
LINGER_SECONDS = 60.0
"""How long a feed that nobody watches keeps its buffer: a client that reconnects in a loop to a finished run is answered from it."""
MAX_LINGERING = 64
"""Feeds that nobody watches, at most; each has files open."""


class Feeds:
    """All feeds of one engine, by run.

    Attributes:
        closing: the server stops; subscribers are to leave.
        turns: of the event loop; whoever works for subscribers takes turns by it.
    """

    def __init__(
        self,
        engine: Engine,
        buffer_lines: int = BUFFER_LINES,
        turns: Turns | None = None,
    ) -> None:
        """Opens nothing.

        Args:
            engine: whose runs.
            buffer_lines: newest lines kept decoded per watched run, 1 or more.
            turns: of the event loop; default: its own.
        """
        self.closing = False
        self.turns = turns or Turns()
        self._notifier = Notifier()
        self._engine = engine
        self._buffer_lines = buffer_lines
        self._feeds: dict[str, Feed] = {}
        self._lingering: dict[str, asyncio.TimerHandle] = {}

    def __len__(self) -> int:
        return len(self._feeds)

    @contextmanager
    def watch(self, run_id: str, wake: Wake, details: bool = False) -> Iterator[Feed]:
        """Subscribes to a run for as long as the ``with`` lasts.

        Args:
            run_id: the run.
            wake: rung at every change.
            details: changes of unfinished text, counts and usage count as well.

        Raises:
            RunNotFound: no such run.
        """
        feed = self._feeds.get(run_id)
        if feed is None or feed.error is not None:
            if feed is not None and not feed.watched:
                feed.close()
            feed = self._feeds[run_id] = Feed(
                self._engine,
                run_id,
                self._buffer_lines,
                self._notifier,
                self.turns,
            )
            self._share()
        if timer := self._lingering.pop(run_id, None):
            timer.cancel()
        feed.subscribe(wake, details)
        try:
            yield feed
        finally:
            feed.unsubscribe(wake)
            if not feed.watched:
                self._leave(feed)

    def close(self) -> None:
        """Wakes all subscribers to see that `closing` is set; those feeds that nobody watches are closed."""
        self.closing = True
        for run_id in list(self._lingering):
            self._drop(run_id)
        for feed in self._feeds.values():
            feed.ring()

    def _leave(self, feed: Feed) -> None:
        if self._feeds.get(feed.run_id) is not feed:  # it failed, and a new one took its place
            feed.close()
            return
        loop = asyncio.get_running_loop()
        seconds = 0 if self.closing or feed.error else LINGER_SECONDS
        self._lingering[feed.run_id] = loop.call_later(
            seconds,
            self._drop,
            feed.run_id,
            context=NO_REQUEST,
        )
        while len(self._lingering) > MAX_LINGERING:
            self._drop(next(iter(self._lingering)))

    def _drop(self, run_id: str) -> None:
        if timer := self._lingering.pop(run_id, None):
            timer.cancel()
        self._feeds.pop(run_id).close()
        self._share()

    def _share(self) -> None:
        """Divides the memory of all feeds among those that are open."""
        share = min(FEED_BYTES, ALL_FEEDS_BYTES // max(1, len(self._feeds)))
        for feed in self._feeds.values():
            feed.byte_limit = share
