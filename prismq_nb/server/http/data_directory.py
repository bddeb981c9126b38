"""Open the data directory when the server starts, or later: until then our routes answer 507."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from prismq_nb.errors import PrismqError

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

AGAIN_SECONDS = 1.0
"""Minimum time between two attempts."""


class DataDirectory:
    """Whether the data directory can be used. For one event loop."""

    def __init__(self, open_it: Callable[[], None], executor: Executor) -> None:
        """Call `open_it` in `executor` until it raises no `PrismqError`."""
        self._open = open_it
        self._executor = executor
        self._opened = asyncio.Event()
        self._refused: PrismqError | None = None
        self._again_at = 0.0
        self._turn = asyncio.Lock()

    @property
    def is_open(self) -> bool:
        """Whether it was opened. If it is lost later, the engine's calls raise."""
        return self._opened.is_set()

    async def ready(self) -> None:
        """Open it, unless it is open or an attempt has just failed.

        Raises:
            DataDirectoryUnusable: it cannot be used.
            StorageFull: the disk is full.
        """
        if self._opened.is_set():
            return
        async with self._turn:
            loop = asyncio.get_running_loop()
            if self._opened.is_set():
                return
            if self._refused is not None and loop.time() < self._again_at:
                raise type(self._refused)(str(self._refused))
            try:
                await loop.run_in_executor(self._executor, self._open)
            except PrismqError as error:
                self._refused, self._again_at = error, loop.time() + AGAIN_SECONDS
                raise
            self._opened.set()
