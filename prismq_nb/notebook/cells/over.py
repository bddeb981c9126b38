"""Know when a cell is over without IPython's word: by the event loop that runs cells in a kernel.

A cell without ``await`` keeps the loop waiting, so the loop's next step comes after it. One with
``await`` is a task.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

AGAIN_SECONDS = 0.5
"""Time until the next look at a cell that runs an event loop of its own inside the kernel's."""
_SYNCHRONOUS, _RUNS_CELLS = "_pseudo_sync_runner", "run_cell_async"  # functions of IPython


def when_over(action: Callable[[], None]) -> None:
    """Call `action` in the event loop once the cell is over that is about to run.

    Without a loop, as in a terminal, nothing is called.
    """
    loop = asyncio._get_running_loop()  # noqa: SLF001 - the public one raises
    if loop is None:
        return
    task = None if _is_on_stack(_SYNCHRONOUS) else asyncio.current_task(loop)

    def look() -> None:
        if task is None and _is_on_stack(_RUNS_CELLS):
            loop.call_later(AGAIN_SECONDS, look)
        else:
            action()

    if task is None:
        loop.call_soon(look)
    else:
        task.add_done_callback(lambda _: look())


def _is_on_stack(name: str) -> bool:
    frame: FrameType | None = sys._getframe()  # noqa: SLF001 - documented, if not for all Pythons
    while frame is not None:
        if frame.f_code.co_name == name:
            return True
        frame = frame.f_back
    return False
