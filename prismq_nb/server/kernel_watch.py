"""Tell watched cells why their kernel ends, before the server restarts it or shuts it down.

Jupyter has no hook before either: its event `kernel_actions` comes when the kernel is gone. So the
two methods of this server's kernel manager are wrapped through which every restart and shutdown
goes, whoever requests it: REST, the end of a session, culling. Only the restart after a kernel's
own death goes another way, and needs no reason. The server's end is left to `tell_all`.

Nothing here may fail or hold up a restart: an error is logged, and a slow disk is not waited for.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Callable, Collection
from concurrent.futures import Executor
from logging import Logger
from typing import Any, Protocol

TELL_SECONDS = 0.5
"""Longest time that a restart or a shutdown waits until the cells know of it."""


class Tell(Protocol):
    """Tells the running cells of some kernels what will happen to these; may block and fail."""

    def __call__(self, kernel_ids: Collection[str], *, restart: bool) -> None:
        """Tell them. `restart`: the kernels will be restarted, not shut down."""


class KernelWatch:
    """Wraps the kernel manager of one server, from `start` to `close`."""

    def __init__(self, manager: Any, tell: Tell, executor: Executor, log: Logger) -> None:
        """Wrap nothing yet.

        Args:
            manager: the server's kernel manager, of any class.
            tell: see `Tell`.
            executor: runs it.
            log: gets the errors.
        """
        self._manager = manager
        self._tell_cells = tell
        self._executor = executor
        self._log = log
        self._wrapped: dict[str, tuple[Any, Any]] = {}

    def start(self) -> None:
        """Wrap the methods; those that the manager lacks are left out."""
        for name, restart in (("restart_kernel", True), ("shutdown_kernel", False)):
            method = getattr(self._manager, name, None)
            if callable(method):
                wrapper = self._wrapper(method, restart=restart)
                self._wrapped[name] = method, wrapper
                setattr(self._manager, name, wrapper)

    def close(self) -> None:
        """Put the methods back, unless somebody else has wrapped them since."""
        for name, (method, wrapper) in self._wrapped.items():
            if getattr(self._manager, name, None) is not wrapper:
                continue
            delattr(self._manager, name)
            if getattr(self._manager, name, None) != method:
                setattr(self._manager, name, method)
        self._wrapped.clear()

    async def tell_all(self) -> list[str]:
        """Tell the cells of all kernels that these will be shut down; return the kernels' ids."""
        try:
            kernels = list(self._manager.list_kernel_ids())
        except Exception as error:  # noqa: BLE001 - the server must end whatever happens
            self._log.warning("prismq_nb: the kernels cannot be listed: %s", error)
            return []
        await self._tell(kernels, restart=False)
        return kernels

    def _wrapper(self, method: Callable[..., Any], *, restart: bool) -> Callable[..., Any]:
        if inspect.iscoroutinefunction(method):

            @functools.wraps(method)
            async def told_first(kernel_id: str, *args: Any, **options: Any) -> Any:
                await self._tell([kernel_id], restart=restart)
                return await method(kernel_id, *args, **options)

            return told_first

        # a manager whose methods block does so for as long as the kernel takes to end
        @functools.wraps(method)
        def told_first_blocking(kernel_id: str, *args: Any, **options: Any) -> Any:
            self._tell_now([kernel_id], restart=restart)
            return method(kernel_id, *args, **options)

        return told_first_blocking

    async def _tell(self, kernels: Collection[str], *, restart: bool) -> None:
        try:
            loop = asyncio.get_running_loop()
            tell = functools.partial(self._tell_now, kernels, restart=restart)
            told = loop.run_in_executor(self._executor, tell)
            await asyncio.wait([told], timeout=TELL_SECONDS)
        except RuntimeError:
            return  # the server is ending, and `tell_all` was called

    def _tell_now(self, kernels: Collection[str], *, restart: bool) -> None:
        try:
            self._tell_cells(kernels, restart=restart)
        except Exception as error:  # noqa: BLE001 - the kernel must be restarted whatever happens
            self._log.warning("prismq_nb: cells cannot be told that their kernel ends: %s", error)
