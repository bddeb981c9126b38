"""Notification by kqueue(2), for `notify.py`; imported on macOS only.

It does not report that a supervisor was killed, nor that a file of the directory was written in
place, so feeds refresh more often there (`notify.QUIET_SECONDS`).
"""

from __future__ import annotations

import asyncio
import os
import select
import sys

from prismq_nb.engine.live.notify import NO_CHANGE, Change, Watch, fire
from prismq_nb.engine.live.wake_event import NO_REQUEST

if sys.platform == "darwin":
    _ONCE = select.KQ_EV_ADD | select.KQ_EV_ONESHOT
    _GROWN, _GONE = select.KQ_NOTE_WRITE | select.KQ_NOTE_EXTEND, select.KQ_NOTE_DELETE
    _NOTES = _GROWN | _GONE | select.KQ_NOTE_RENAME

    class Kqueue:
        """kqueue, which watches open files: two descriptors for each run that is watched."""

        def __init__(self) -> None:
            """Open a descriptor. Raises OSError where the process has too many."""
            self._loop = asyncio.get_running_loop()
            self._kqueue = select.kqueue()
            self._armed: dict[int, tuple[Watch, Change]] = {}
            NO_REQUEST.copy().run(self._loop.add_reader, self._kqueue.fileno(), self._read)

        def arm(self, watch: Watch, what: Change) -> None:
            """See `notify.Backend`."""
            if what is Change.WRITER:  # it cannot report that a file was closed
                return
            path = watch.paths[what]
            now = os.stat(path)
            same = [fd for fd, armed in watch.armed.items() if armed is what]
            if any(os.path.samestat(os.fstat(fd), now) for fd in same):
                return
            fd = os.open(path, os.O_EVTONLY | os.O_CLOEXEC)
            event = select.kevent(fd, select.KQ_FILTER_VNODE, _ONCE, _NOTES)
            try:
                self._kqueue.control([event], 0)
            except OSError:
                os.close(fd)
                raise
            self._armed[fd] = (watch, what)
            watch.armed[fd] = what

        def disarm(self, watch: Watch) -> None:
            """See `notify.Backend`."""
            for fd in watch.armed:
                del self._armed[fd]
                os.close(fd)  # which takes it out of the queue
            watch.armed.clear()

        def close(self) -> None:
            """See `notify.Backend`."""
            self._loop.remove_reader(self._kqueue.fileno())
            self._kqueue.close()

        def _read(self) -> None:
            for event in self._kqueue.control(None, 256, 0):
                if (armed := self._armed.pop(event.ident, None)) is not None:
                    os.close(event.ident)
                    fire(event.ident, [armed], NO_CHANGE)
