"""The index, and what has changed in it since its follower last asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismq_nb.engine.store.index import RunIndex

if TYPE_CHECKING:
    from collections.abc import Callable

    from prismq_nb.common.models import RunInfo


class FollowedIndex(RunIndex):
    """An index that one follower may ask for the changes. Thread-safe.

    Active runs change all the time; here they count as changed only if their index entry has.
    """

    _on_change: Callable[[], None] | None = None
    _touched: set[str] | None = None

    def follow(self, on_change: Callable[[], None]) -> None:
        """Call `on_change`, from any thread, when `touched` may return runs.

        From the first call on, the runs that change are collected.

        Raises:
            OSError: the directory of runs cannot be read.
        """
        with self._lock:
            self._on_change = on_change
            if self._touched is None:
                self._refresh()
                self._read_for(float("inf"))
                self._touched = set()

    def unfollow(self) -> None:
        """Stop calling `on_change`. What changes is still collected, where it is noticed."""
        self._on_change = None

    def touched(self) -> tuple[set[str], set[str]]:
        """Return the runs that appeared, changed or vanished since the last call, and active ones.

        Raises:
            OSError: the directory of runs cannot be read.
        """
        with self._lock:
            self._refresh()
            touched, self._touched = self._touched or set(), set()
            return touched, set(self._active)

    def shown(self, run_id: str) -> RunInfo | None:
        """Return what a list shows of a run now, and start its repair if it is dead.

        Returns:
            None: there is no such run.
        """
        with self._lock:
            if run_id in self._unread:
                self._read(run_id)
            entry = self._entries.get(run_id)
        if entry is None:
            return None
        if entry.row is None and (files := self._load(run_id)) is not None:
            self._schedule_repair(files)
        return self.run(entry)

    def changed(self, run_id: str) -> None:
        """Note that this process created, changed or removed a run."""
        super().changed(run_id)
        if (on_change := self._on_change) is not None:
            on_change()

    def _touch(self, run_id: str) -> None:
        if self._touched is not None:
            self._touched.add(run_id)
