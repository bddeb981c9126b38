"""Notification when a run directory changes, through a descriptor of the event loop.

Linux has inotify (`inotify.py`), macOS kqueue (`kqueue.py`). Elsewhere, and at a limit of the
system (``fs.inotify.max_user_watches``, open files), `Watch.arm` returns False and the caller
polls. A network file system does not report what another machine wrote; the caller must notice
missed changes.

A watch fires once and must be armed again: a module that writes a million times a second costs one
event per refresh.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from collections.abc import Callable
from enum import IntFlag
from pathlib import Path
from typing import Protocol

from prismq_nb.journal.layout import format as fmt


class Change(IntFlag):
    """What has changed.

    Attributes:
        INDEX: the index has grown.
        DIRECTORY: a file was renamed into place, written or removed; or the directory is gone.
        WRITER: the index was closed by its writer.
        NAMES: a name in the directory came, went or was replaced; or the directory is gone.
        RUNS: the same, except for a name that was created in place: runs are renamed into it, and
            a copy that is still being made would look like a run whose supervisor has died.
    """

    INDEX = 1
    DIRECTORY = 2
    WRITER = 4
    NAMES = 8
    RUNS = 16


NO_CHANGE = Change(0)


class Watch:
    """One directory, and perhaps a file in it, watched for one feed.

    Attributes:
        on_change: called when something has changed.
        paths: what is watched; the directory comes first.
        armed: what is armed, by the number that the platform gave it.
    """

    def __init__(
        self, notifier: Notifier, paths: dict[Change, str], on_change: Callable[[Change], None]
    ) -> None:
        """Arm nothing yet; see `Notifier`."""
        self.on_change = on_change
        self.paths = paths
        self.armed: dict[int, Change] = {}
        self._notifier = notifier

    def arm(self) -> bool:
        """Report the next change, once. The caller must check for earlier changes after this.

        Returns:
            False: notification does not work, so the caller must poll.
        """
        return self._notifier.arm(self)

    def close(self) -> None:
        """Report no more. It may be armed again."""
        self._notifier.disarm(self)


class Backend(Protocol):
    """The notification of one platform."""

    def arm(self, watch: Watch, what: Change) -> None:
        """Watch one path; do nothing if it is armed already. Raises OSError."""

    def disarm(self, watch: Watch) -> None:
        """Disarm everything that is armed for a watch."""

    def close(self) -> None:
        """Close the descriptors."""


class Notifier:
    """All watches of one event loop. Its descriptor is open only while something is watched."""

    def __init__(self) -> None:
        """May be created before there is an event loop."""
        self._open = backend_type()
        self._backend: Backend | None = None
        self._watches: set[Watch] = set()

    def watch(self, run_dir: Path, on_change: Callable[[Change], None]) -> Watch:
        """Return an unarmed watch of a run directory; it calls `on_change` on the event loop."""
        index = os.path.join(run_dir, fmt.INDEX)
        paths = {Change.DIRECTORY: os.fspath(run_dir), Change.INDEX: index}
        return Watch(self, paths, on_change)

    def watch_state(self, run_dir: Path, on_change: Callable[[Change], None]) -> Watch:
        """Return the same for the state of a run only: its lines are not reported.

        A directory that is watched in both ways needs two notifiers.
        """
        index = os.path.join(run_dir, fmt.INDEX)
        paths = {Change.NAMES: os.fspath(run_dir), Change.WRITER: index}
        return Watch(self, paths, on_change)

    def watch_runs(self, directory: Path, on_change: Callable[[Change], None]) -> Watch:
        """Return an unarmed watch of a directory of run directories."""
        return Watch(self, {Change.RUNS: os.fspath(directory)}, on_change)

    def arm(self, watch: Watch) -> bool:
        """See `Watch.arm`."""
        directory = next(iter(watch.paths))
        try:
            if self._open is None:
                return False
            if self._backend is None:
                self._backend = self._open()
            self._watches.add(watch)
            armed = set(watch.armed.values())
            if directory not in armed:  # there may be another index now
                armed.clear()
            for what in watch.paths:
                if what not in armed:
                    self._backend.arm(watch, what)
        except FileNotFoundError:  # it has no index yet; or it is gone, which a refresh finds
            return directory in watch.armed.values()
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


def fire(number: int, armed: list[tuple[Watch, Change]], more: Change) -> None:
    """Report changes of what was armed with a number; `more` applies to an index only."""
    for watch, _ in armed:
        watch.armed.pop(number, None)
    for watch, what in armed:
        watch.on_change(what | (more if what is Change.INDEX else NO_CHANGE))


_BACKENDS = {
    "linux": ("prismq_nb.engine.live.inotify", "Inotify"),
    "darwin": ("prismq_nb.engine.live.kqueue", "Kqueue"),
}
QUIET_SECONDS = 12.0 if sys.platform == "linux" else 0.25
"""Time between two refreshes of a silent run. Linux reports every change, including the
heartbeat each 10 s, so there is no such refresh while the supervisor lives; macOS reports most
changes."""


def backend_type() -> type[Backend] | None:
    """Return the platform's notification; None: there is none, or its library is missing."""
    module, name = _BACKENDS.get(sys.platform, ("", ""))
    with contextlib.suppress(ImportError):  # installed without its dependencies
        if module:
            found: type[Backend] = getattr(importlib.import_module(module), name)
            return found
    return None
