"""What the handlers work with, made once by the extension. It travels in the application's settings.

Imports neither the extension nor a handler, so that both may import it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from prismq_nb.engine.read.readers import OpenReaders

if TYPE_CHECKING:
    from logging import Logger

    from prismq_nb.engine.engine import Engine
    from prismq_nb.engine.live.feeds import Feeds
    from prismq_nb.engine.live.turns import Turns
    from prismq_nb.server.http.admission import Admission
    from prismq_nb.server.http.data_directory import DataDirectory
    from prismq_nb.server.http.upkeep import Upkeep

SETTING = "prismq_services"
"""The key of `Services` in the settings of tornado's application."""
_CALLS = 8
"""Calls of the engine at one time; each is a list or a stop of some ms."""
_LAUNCHES = 2
"""Runs that start at one time; of a hundred launches at once the others wait, so that the server
keeps its share of the processor."""
_SENDS = 4
"""Runs that are sent input at one time; one whose supervisor is stopped takes half a second."""
_COMPUTATIONS = 2
"""Searches and downloads that compute at one time; more take turns, so that the event loop and the
kernels have a processor too."""


def _pool(threads: int, name: str) -> Callable[[], ThreadPoolExecutor]:
    return lambda: ThreadPoolExecutor(threads, thread_name_prefix=name)


@dataclass(frozen=True)
class Pools:
    """Threads for what may take longer than the event loop can wait.

    Attributes:
        calls: calls of the engine.
        launches: launches.
        sends: input that is sent to runs.
        computations: steps of searches and downloads; `computing` is to be held meanwhile.
    """

    calls: ThreadPoolExecutor = field(default_factory=_pool(_CALLS, "prismq"))
    launches: ThreadPoolExecutor = field(default_factory=_pool(_LAUNCHES, "prismq-launch"))
    sends: ThreadPoolExecutor = field(default_factory=_pool(_SENDS, "prismq-send"))
    computations: ThreadPoolExecutor = field(default_factory=_pool(_COMPUTATIONS, "prismq-compute"))
    computing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_COMPUTATIONS))

    def shutdown(self) -> None:
        """Take no more work; what has begun goes on."""
        for pool in (self.calls, self.launches, self.sends, self.computations):
            pool.shutdown(wait=False)


@dataclass(frozen=True)
class Services:
    """What a request is answered with.

    Attributes:
        engine: all runs.
        feeds: the live ends of the runs that are watched.
        directory: opens the data directory, where that is still to be done.
        pools: threads.
        turns: turns on the event loop.
        admission: bounds the streams of single runs.
        upkeep: keeps open answers alive and checks their peers.
        streams: the answers that are open.
        secret: gives the connection file's secret; empty before the server has started.
        max_body_bytes: longest body of a request.
        peer_timeout_seconds: silence after which a peer counts as vanished.
        log: the extension's.
        readers: bounds the files that long reads hold open.
    """

    engine: Engine
    feeds: Feeds
    directory: DataDirectory
    pools: Pools
    turns: Turns
    admission: Admission
    upkeep: Upkeep
    streams: set[Any]
    secret: Callable[[], str]
    max_body_bytes: int
    peer_timeout_seconds: float
    log: Logger
    readers: OpenReaders = field(default_factory=OpenReaders)
