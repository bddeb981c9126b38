"""What the handlers work with, created once by the extension.

It travels in the application's settings. Imports neither the extension nor a handler, so that both
may import it.
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
    from prismq_nb.engine.live.run_changes import RunChanges
    from prismq_nb.engine.live.turns import Turns
    from prismq_nb.engine.notices.notices import Notices
    from prismq_nb.server.http.admission import Admission
    from prismq_nb.server.http.connection_monitor import ConnectionMonitor
    from prismq_nb.server.http.data_directory import DataDirectory

SETTING = "prismq_services"
"""Key of `Services` in the settings of tornado's application."""
_CALLS = 8
"""Concurrent calls of the engine; each is a list or a stop of some ms."""
_LAUNCHES = 2
"""Concurrent launches. Of a hundred at once the others wait, so the server stays responsive."""
_SENDS = 4
"""Concurrent inputs to runs; one to a run whose supervisor is stopped takes half a second."""
_COMPUTATIONS = 2
"""Concurrent steps of searches and downloads. More take turns, so that the event loop and the
kernels have a processor too."""
_RUNS_SEARCHES = 8
"""Concurrent searches over all runs; each has up to 8 MiB in memory and six files open. Further
ones wait."""


def _pool(threads: int, name: str) -> Callable[[], ThreadPoolExecutor]:
    return lambda: ThreadPoolExecutor(threads, thread_name_prefix=name)


@dataclass(frozen=True)
class Pools:
    """Threads for what takes longer than an event loop can wait.

    Attributes:
        calls: calls of the engine.
        launches: launches.
        sends: input to runs.
        computations: steps of searches and downloads.
        computing: held during such a step.
        searching: held during a search over all runs.
    """

    calls: ThreadPoolExecutor = field(default_factory=_pool(_CALLS, "prismq"))
    launches: ThreadPoolExecutor = field(default_factory=_pool(_LAUNCHES, "prismq-launch"))
    sends: ThreadPoolExecutor = field(default_factory=_pool(_SENDS, "prismq-send"))
    computations: ThreadPoolExecutor = field(default_factory=_pool(_COMPUTATIONS, "prismq-compute"))
    computing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_COMPUTATIONS))

    searching: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_RUNS_SEARCHES))

    def shutdown(self) -> None:
        """Accept no more work; what has begun goes on."""
        for pool in (self.calls, self.launches, self.sends, self.computations):
            pool.shutdown(wait=False)


@dataclass(frozen=True)
class Services:
    """What requests are answered with.

    Attributes:
        engine: all runs.
        feeds: the live ends of the watched runs.
        changes: what changes in the list of runs.
        notices: sends notices of the ends of runs.
        directory: opens the data directory, if it is not open yet.
        pools: threads.
        turns: turns on the event loop.
        admission: bounds the streams of single runs, and the searches over all runs.
        monitor: keeps open responses alive and checks their peers.
        streams: the open responses.
        secret: returns the connection file's secret; empty before the server has started.
        max_body_bytes: longest body of a request.
        peer_timeout_seconds: silence after which a peer counts as vanished.
        log: the extension's log.
        readers: bounds the files that long reads hold open.
    """

    engine: Engine
    feeds: Feeds
    changes: RunChanges
    notices: Notices
    directory: DataDirectory
    pools: Pools
    turns: Turns
    admission: Admission
    monitor: ConnectionMonitor
    streams: set[Any]
    secret: Callable[[], str]
    max_body_bytes: int
    peer_timeout_seconds: float
    log: Logger
    readers: OpenReaders = field(default_factory=OpenReaders)
