"""Notification when a run directory changes, through a descriptor that the event loop waits for.

Linux has inotify (`inotify.py`), macOS kqueue (`kqueue.py`). Elsewhere, and where a limit of the
system is reached (``fs.inotify.max_user_watches``, open files), `Watch.arm` returns False and the
caller polls. A network file system does not tell what another machine wrote; whether news arrive
is for the caller to find out.

A watch fires once and has to be armed again: a module that writes a million times a second costs
one event for each look at it.
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


class What(IntFlag):
    """What has changed.

    Attributes:
        INDEX: the index has grown.
        DIRECTORY: a file was put in place, written or removed; or the directory is gone.
        WRITER: the index was closed by whoever wrote it.
    """

    INDEX = 1
    DIRECTORY = 2
    WRITER = 4


NOTHING_MORE = What(0)


class Watch:
    """One run directory, watched for one subscriber."""

    def __init__(self, notifier: Notifier, run_dir: str, tell: Callable[[What], None]) -> None:
        """Arms nothing yet; see `Notifier.watch`."""
        self.tell = tell
        self.paths = {What.DIRECTORY: run_dir, What.INDEX: os.path.join(run_dir, fmt.INDEX)}
        self.armed: dict[int, What] = {}
        self._notifier = notifier

    def arm(self) -> bool:
        """Tell the next change, once; for what changed before, the caller has to look after this.

        Returns:
            False where notification does not work: the caller has to poll.
        """
        return self._notifier.arm(self)

    def close(self) -> None:
        """Tell no more. It may be armed again."""
        self._notifier.disarm(self)


class Backend(Protocol):
    """The notification of one platform."""

    def arm(self, watch: Watch, what: What) -> None:
        """Watch one path, and go on with what is armed already. Raises OSError."""

    def disarm(self, watch: Watch) -> None:
        """Forget all that is armed of a watch."""

    def close(self) -> None:
        """Close its descriptors."""


class Notifier:
    """All watches of one event loop. Its descriptor is open only while something is watched."""

    def __init__(self) -> None:
        """May be made before there is a loop."""
        self._open = backend_type()
        self._backend: Backend | None = None
        self._watches: set[Watch] = set()

    def watch(self, run_dir: Path, tell: Callable[[What], None]) -> Watch:
        """A watch of a run directory, not armed yet; `tell` is called on the event loop."""
        return Watch(self, os.fspath(run_dir), tell)

    def arm(self, watch: Watch) -> bool:
        """See `Watch.arm`."""
        try:
            if self._open is None:
                return False
            if self._backend is None:
                self._backend = self._open()
            self._watches.add(watch)
            armed = set(watch.armed.values())
            if What.DIRECTORY not in armed:  # another index may stand there now
                armed.clear()
            for what in watch.paths:
                if what not in armed:
                    self._backend.arm(watch, what)
        except FileNotFoundError:  # so young that it has no index yet; or gone, which a look finds
            return What.DIRECTORY in watch.armed.values()
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


def fire(number: int, armed: list[tuple[Watch, What]], more: What) -> None:
    """Tell what was armed by a number that it has changed, `more` of an index only."""
    for watch, _ in armed:
        watch.armed.pop(number, None)
    for watch, what in armed:
        watch.tell(what | (more if what is What.INDEX else NOTHING_MORE))


_BACKENDS = {
    "linux": ("prismq_nb.engine.live.inotify", "Inotify"),
    "darwin": ("prismq_nb.engine.live.kqueue", "Kqueue"),
}
QUIET_SECONDS = 12.0 if sys.platform == "linux" else 0.25
"""Seconds between two looks at a silent run. Linux notifies of every change, of a supervisor's sign
of life each 10 s among them, so that there is none; macOS of most."""


def backend_type() -> type[Backend] | None:
    """Return the platform's notification; None where there is none, or its library is missing."""
    module, name = _BACKENDS.get(sys.platform, ("", ""))
    with contextlib.suppress(ImportError):  # it was installed without its dependencies
        if module:
            found: type[Backend] = getattr(importlib.import_module(module), name)
            return found
    return None
