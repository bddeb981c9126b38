"""Notification when a run directory changes, through a descriptor that the event loop waits for.

What differs by platform is here: Linux has inotify (inotify(7)), macOS kqueue (kqueue(2)). Elsewhere,
and where a limit of the system is reached (``fs.inotify.max_user_watches``, open files), `Watch.arm`
returns False and the caller polls. A network file system does not tell what another machine wrote;
whether news arrive is for the caller to find out.

A watch fires once and has to be armed again: a module that writes a million times a second costs one
event for each look at it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable
from enum import IntFlag
from pathlib import Path
from typing import Protocol

from prismq_nb.journal import format as fmt


class What(IntFlag):
    """What has changed: the index has grown; a file was put in place in the directory, or the directory is gone; the index has no writer any more."""

    INDEX = 1
    DIRECTORY = 2
    WRITER = 4


_NO_MORE = What(0)


class Watch:
    """One run directory, watched for one subscriber, who is told what has changed."""

    def __init__(self, notifier: Notifier, run_dir: str, tell: Callable[[What], None]) -> None:
        """Arms nothing yet; see `Notifier.watch`."""
        self.tell = tell
        self.paths = {What.DIRECTORY: run_dir, What.INDEX: os.path.join(run_dir, fmt.INDEX)}
        self.armed: dict[What, int] = {}
        self._notifier = notifier

    def arm(self) -> bool:
        """Tell the next change, once; what changed before this is for the caller to look for, after it.

        Returns:
            False where nothing can be told: the caller has to look by itself.
        """
        return self._notifier.arm(self)

    def close(self) -> None:
        """Tell no more. It may be armed again."""
        self._notifier.disarm(self)


class _Backend(Protocol):
    """The notification of one platform."""

    def arm(self, watch: Watch, what: What) -> None:
        """Watch one path. Raises OSError."""

    def disarm(self, watch: Watch) -> None:
        """Forget all that is armed of a watch."""

    def close(self) -> None:
        """Close its descriptors."""


class Notifier:
    """All watches of one event loop. Its descriptor is open only while something is watched."""

    def __init__(self) -> None:
        """May be made before there is a loop."""
        self._backend: _Backend | None = None
        self._watches: set[Watch] = set()

    def watch(self, run_dir: Path, tell: Callable[[What], None]) -> Watch:
        """A watch of a run directory, not armed yet; `tell` is called on the event loop."""
        return Watch(self, os.fspath(run_dir), tell)

    def arm(self, watch: Watch) -> bool:
        """See `Watch.arm`."""
        try:
            if self._backend is None:
                self._backend = open_backend()
            if self._backend is None:
                return False
            self._watches.add(watch)
            if What.DIRECTORY not in watch.armed:  # another index may stand there now
                self._backend.disarm(watch)
            for what in watch.paths:
                if what not in watch.armed:
                    self._backend.arm(watch, what)
        except FileNotFoundError:  # so young that it has no index, whose state will tell; or gone, which a look finds
            return What.DIRECTORY in watch.armed
        except OSError:  # a limit of the system
            self.disarm(watch)
            return False
        return True

    def disarm(self, watch: Watch) -> None:
        """See `Watch.close`."""
        self._watches.discard(watch)
        if self._backend is not None:
            self._backend.disarm(watch)
            if not self._watches:
                self._backend.close()
                self._backend = None


def _fire(armed: list[tuple[Watch, What]], more: What) -> None:
    for watch, what in armed:
        watch.armed.pop(what, None)
    for watch, what in armed:
        watch.tell(what | (more if what is What.INDEX else _NO_MORE))


if sys.platform == "linux":
    from inotify_simple import INotify, flags

    QUIET_SECONDS = 10.0
    """Between two looks at a run that is silent, although it would be told if something happened."""
    _GONE = flags.DELETE_SELF | flags.MOVE_SELF
    _MASKS = {
        What.DIRECTORY: flags.MOVED_TO | flags.CLOSE_WRITE | flags.DELETE | _GONE | flags.ONESHOT,
        What.INDEX: flags.MODIFY | flags.CLOSE_WRITE | flags.ONESHOT,  # a dead process's files close
    }

    class _Inotify:
        """inotify. One inode has one watch descriptor, however many names it has, so several watches may share it."""

        def __init__(self) -> None:
            self._loop = asyncio.get_running_loop()
            self._inotify = INotify(nonblocking=True)
            self._armed: dict[int, list[tuple[Watch, What]]] = {}
            self._loop.add_reader(self._inotify.fileno(), self._read)

        def arm(self, watch: Watch, what: What) -> None:
            number = self._inotify.add_watch(watch.paths[what], _MASKS[what])
            self._armed.setdefault(number, []).append((watch, what))
            watch.armed[what] = number

        def disarm(self, watch: Watch) -> None:
            for what, number in watch.armed.items():
                self._armed[number].remove((watch, what))
                if not self._armed[number]:
                    del self._armed[number]
                    with contextlib.suppress(OSError):  # it is about to tell
                        self._inotify.rm_watch(number)
            watch.armed.clear()

        def close(self) -> None:
            self._loop.remove_reader(self._inotify.fileno())
            self._inotify.close()

        def _read(self) -> None:
            for event in self._inotify.read(0):
                if event.mask & flags.Q_OVERFLOW:
                    for number in list(self._armed):
                        _fire(self._armed.pop(number, []), _NO_MORE)
                    return
                # IGNORED says that a watch is gone. It follows each event, and tells something only where the watch was armed again in between.
                closed = event.mask & flags.CLOSE_WRITE
                _fire(self._armed.pop(event.wd, []), What.WRITER if closed else _NO_MORE)

    def open_backend() -> _Backend | None:
        """The platform's notification. Raises OSError where there are too many already."""
        return _Inotify()

elif sys.platform == "darwin":
    import select

    QUIET_SECONDS = 1.0  # kqueue does not tell that a supervisor was killed

    class _Kqueue:
        """kqueue, which watches open files: two descriptors for each run that is watched."""

        def __init__(self) -> None:
            self._loop = asyncio.get_running_loop()
            self._kqueue = select.kqueue()
            self._armed: dict[int, tuple[Watch, What]] = {}
            self._loop.add_reader(self._kqueue.fileno(), self._read)

        def arm(self, watch: Watch, what: What) -> None:
            fd = os.open(watch.paths[what], os.O_EVTONLY | os.O_CLOEXEC)
            notes = select.KQ_NOTE_WRITE | select.KQ_NOTE_EXTEND | select.KQ_NOTE_DELETE | select.KQ_NOTE_RENAME
            event = select.kevent(fd, select.KQ_FILTER_VNODE, select.KQ_EV_ADD | select.KQ_EV_ONESHOT, notes)
            try:
                self._kqueue.control([event], 0)
            except OSError:
                os.close(fd)
                raise
            self._armed[fd] = (watch, what)
            watch.armed[what] = fd

        def disarm(self, watch: Watch) -> None:
            for fd in watch.armed.values():
                del self._armed[fd]
                os.close(fd)  # which takes it out of the queue
            watch.armed.clear()

        def close(self) -> None:
            self._loop.remove_reader(self._kqueue.fileno())
            self._kqueue.close()

        def _read(self) -> None:
            for event in self._kqueue.control(None, 256, 0):
                if (armed := self._armed.pop(event.ident, None)) is not None:
                    os.close(event.ident)
                    _fire([armed], _NO_MORE)

    def open_backend() -> _Backend | None:
        """The platform's notification. Raises OSError where there are too many already."""
        return _Kqueue()

else:
    QUIET_SECONDS = 1.0

    def open_backend() -> _Backend | None:
        """None: this platform has none."""
        return None
