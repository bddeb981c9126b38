"""Notification by inotify(7), for `notify.py`; imported on Linux only."""

from __future__ import annotations

import asyncio
import contextlib

from inotify_simple import INotify, flags

from prismq_nb.engine.live.notify import NO_CHANGE, Change, Watch, fire
from prismq_nb.engine.live.wake_event import NO_REQUEST
from prismq_nb.journal.layout import format as fmt

_GONE = flags.DELETE_SELF | flags.MOVE_SELF
_NAMES = flags.MOVED_TO | flags.MOVED_FROM | flags.DELETE | _GONE | flags.ONESHOT
_MASKS = {
    Change.DIRECTORY: flags.MOVED_TO | flags.CLOSE_WRITE | flags.DELETE | _GONE | flags.ONESHOT,
    Change.INDEX: flags.MODIFY
    | flags.CLOSE_WRITE
    | flags.ONESHOT,  # a dead process's files are closed
    Change.WRITER: flags.CLOSE_WRITE | flags.ONESHOT,
    Change.NAMES: _NAMES | flags.CREATE,
    Change.RUNS: _NAMES,
}


class Inotify:
    """All watches of one event loop.

    One inode has one watch descriptor whatever its names are, so several watches may share it.
    """

    def __init__(self) -> None:
        """Open a descriptor.

        Raises:
            OSError: the user has too many.
        """
        self._loop = asyncio.get_running_loop()
        self._inotify = INotify(nonblocking=True)
        self._armed: dict[int, list[tuple[Watch, Change]]] = {}
        NO_REQUEST.copy().run(self._loop.add_reader, self._inotify.fileno(), self._read)

    def arm(self, watch: Watch, what: Change) -> None:
        """See `notify.Backend`."""
        number = self._inotify.add_watch(watch.paths[what], _MASKS[what])
        if number not in watch.armed:
            self._armed.setdefault(number, []).append((watch, what))
            watch.armed[number] = what

    def disarm(self, watch: Watch) -> None:
        """See `notify.Backend`."""
        for number, what in watch.armed.items():
            self._armed[number].remove((watch, what))
            if not self._armed[number]:
                del self._armed[number]
                with contextlib.suppress(OSError):  # it is about to fire
                    self._inotify.rm_watch(number)
        watch.armed.clear()

    def close(self) -> None:
        """See `notify.Backend`."""
        self._loop.remove_reader(self._inotify.fileno())
        self._inotify.close()

    def _read(self) -> None:
        for event in self._inotify.read(0):
            if event.mask & flags.Q_OVERFLOW:
                for number in list(self._armed):
                    self._fire(number, NO_CHANGE)
                return
            # IGNORED follows each event. It only matters if the watch was armed again before the
            # kernel removed it. Other files of the directory are closed after every write, so only
            # the index tells of a dead writer.
            closed = event.mask & flags.CLOSE_WRITE and event.name in ("", fmt.INDEX)
            self._fire(event.wd, Change.WRITER if closed else NO_CHANGE)

    def _fire(self, number: int, more: Change) -> None:
        fire(number, self._armed.pop(number, []), more)
