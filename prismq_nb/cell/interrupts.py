"""Interrupts (SIGINT): held back while output is turned, and sent when a person stops a cell."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prismq_nb.cell.watched import WatchedCell


@contextlib.contextmanager
def held_back(notice: Callable[[], None] = lambda: None) -> Iterator[list[Any]]:
    """Deliver an interrupt that comes meanwhile at the end: it must not leave half of a change.

    Other threads get no interrupts, and no handler of theirs can be replaced.

    Args:
        notice: called when one comes.

    Yields:
        What has come; empty it, and nothing is delivered.
    """
    before = signal.getsignal(signal.SIGINT)
    came: list[Any] = []
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield came
        return

    def note(*details: Any) -> None:
        came.append(details)
        notice()

    signal.signal(signal.SIGINT, note)
    try:
        yield came
    finally:
        signal.signal(signal.SIGINT, before)
        if came:
            before(*came[0])


def interrupt(cell: WatchedCell) -> None:
    """Interrupt the code of a cell, and the processes that it started, as Ctrl-C would.

    In another thread than the main one, which no signal interrupts, code ends at its next step, and
    asynchronous code where it waits.
    """
    # A person waits for this anyway, and most kernels never need it
    from prismq_nb.capture.processes.identity import below, send  # noqa: PLC0415
    from prismq_nb.capture.processes.info import TICKS_PER_SECOND  # noqa: PLC0415

    if cell.ident == threading.main_thread().ident:
        signal.pthread_kill(cell.ident, signal.SIGINT)  # ends a system call that waits, too
        cell.wake()
    else:
        if cell.has_thread():
            _raise_in(cell.ident, KeyboardInterrupt)
            if not cell.has_thread():  # any more: it would end the event loop
                _raise_in(cell.ident, None)
        cell.wake(cancel=True)
    # Older children, and all that those start, belong to other cells
    own, group = {os.getpid()}, os.getpgrp()
    for process in below(os.getpid()):  # parents come before their children
        if process.parent in own and process.started >= int(cell.began * TICKS_PER_SECOND):
            own.add(process.pid)
            if process.group == group:
                send(process, signal.SIGINT)


def withdraw(thread: int) -> None:
    """Take an interrupt back that has not reached a thread, which must be the current one."""
    if thread == threading.main_thread().ident:
        os.getppid()  # a signal that was sent arrives with the next system call
    else:
        _raise_in(thread, None)


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    value = None if error is None else ctypes.py_object(error)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), value)
