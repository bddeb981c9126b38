"""All feeds of one engine: who watches which run, and how feeds share memory.

A buffer outlives its last subscriber for a while. Knows no HTTP.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from prismq_nb.engine.live.buffer import FEED_BYTES
from prismq_nb.engine.live.feed import BUFFER_LINES, Feed
from prismq_nb.engine.live.notify import Notifier
from prismq_nb.engine.live.turns import Turns
from prismq_nb.engine.live.wake_event import NO_REQUEST

if TYPE_CHECKING:
    from prismq_nb.engine.engine import Engine
    from prismq_nb.engine.live.wake_event import WakeEvent

ALL_FEEDS_BYTES = 256 << 20
"""Memory of all feeds together. Each gets an equal share, at most `FEED_BYTES`."""
LINGER_SECONDS = 60.0
"""How long a feed without subscribers keeps its buffer, to answer a client that reconnects in a
loop to a finished run."""
MAX_LINGERING = 64
"""Maximum number of feeds without subscribers; each has files open."""


class Feeds:
    """All feeds of one engine, by run.

    Attributes:
        closing: the server is stopping, so subscribers must leave.
        turns: turns of the event loop, for work done for subscribers.
    """

    def __init__(
        self,
        engine: Engine,
        buffer_lines: int = BUFFER_LINES,
        turns: Turns | None = None,
    ) -> None:
        """Open nothing.

        Args:
            engine: the engine of the runs.
            buffer_lines: newest lines kept decoded for each watched run, 1 or more.
            turns: turns of the event loop; default: its own.
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
    def watch(self, run_id: str, wake: WakeEvent, details: bool = False) -> Iterator[Feed]:
        """Subscribe to a run for as long as the ``with`` block lasts.

        Args:
            run_id: the run.
            wake: set at every change.
            details: changes of unfinished text, counts and usage count as well.

        Raises:
            RunNotFound: there is no such run.
            RunUnreadable: its journal is damaged, or a newer prismq_nb made it.
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
        """Set `closing` and wake all subscribers; close the feeds without subscribers."""
        self.closing = True
        for run_id in list(self._lingering):
            self._drop(run_id)
        for feed in self._feeds.values():
            feed.wake_all()

    def _leave(self, feed: Feed) -> None:
        if self._feeds.get(feed.run_id) is not feed:  # it failed, and a new one has replaced it
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
        """Divide the memory among the open feeds."""
        share = min(FEED_BYTES, ALL_FEEDS_BYTES // max(1, len(self._feeds)))
        for feed in self._feeds.values():
            feed.byte_limit = share
