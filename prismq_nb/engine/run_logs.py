"""What was stored of each run of a data directory, to be read: command, lines, their times, usage."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from prismq_nb.common.base import state
from prismq_nb.common.base.state import HEARTBEAT
from prismq_nb.engine.launch.started_as import started_as
from prismq_nb.engine.read.timeline import TimelineQuery, Timelines, extent
from prismq_nb.engine.read.usage import usage_history
from prismq_nb.errors import RunUnreadable
from prismq_nb.journal.layout.format import LOG, STATE, BadIndex
from prismq_nb.journal.reader import JournalReader

if TYPE_CHECKING:
    from pathlib import Path

    from prismq_nb.common.log_models import UsageHistory
    from prismq_nb.common.models import Launch
    from prismq_nb.engine.files.run_directory import RunFiles
    from prismq_nb.engine.store.run_store import RunStore

__all__ = ["RunLogs"]


class RunLogs:
    """The part of `Engine` that reads and changes nothing. Usable from any thread."""

    def __init__(self, store: RunStore) -> None:
        """`store`: of the runs."""
        self._store = store
        self._timelines = Timelines()

    def state_mark(self, run_id: str) -> object:
        """What differs after a run's state was written anew: one `stat`, where `get` costs fifty times that. None while there is no state."""
        try:
            stat = os.stat(f"{self._store.runs_dir}/{run_id}/{STATE}")
        except OSError:
            return None
        return stat.st_ino, stat.st_mtime_ns

    def said(self, run_id: str) -> dict[str, Any] | None:
        """Return a run's state without its heartbeat; None where there is no such run.

        A supervisor writes its state again and again to show that it lives: where this is the same,
        `get` tells nothing new.
        """
        files = self._store.load(run_id)
        if files is None:
            return None
        return {name: value for name, value in files.state().items() if name != HEARTBEAT}

    def command_line(self, run_id: str) -> str:
        """What a run runs, as a shell would take it; masked. Raises `RunNotFound`."""
        return str(self._store.find(run_id).launch.get("command_line", ""))

    def launch_of(self, run_id: str) -> Launch:
        """Return how a run was started. Raises `RunNotFound`."""
        return started_as(self._store.find(run_id))

    def run_dir(self, run_id: str) -> Path:
        """Where a run's files are, if there is such a run."""
        return self._store.runs_dir / run_id

    def reader(self, run_id: str) -> JournalReader:
        """A reader of a run's journal, which the caller closes.

        Raises:
            RunNotFound: there is no such run.
            RunUnreadable: it is damaged, or a newer prismq_nb made it.
        """
        return self._readable(run_id)[1]

    def timeline(
        self,
        run_id: str,
        buckets: int,
        begin: int | None = None,
        end: int | None = None,
    ) -> TimelineQuery:
        """A histogram of a run's lines over time, worked out in steps by the caller, who closes it.

        Args:
            run_id: the run.
            buckets: at most so many, 1 or more.
            begin: from when on, µs since the epoch; default: from the run's start.
            end: until when; default: to the run's end, or to now.

        Raises:
            RunNotFound: there is no such run.
            RunUnreadable: it is damaged, or a newer prismq_nb made it.
        """
        files, reader = self._readable(run_id)
        started, ended = files.started or files.created, files.ended or state.now()
        covered = extent(reader, started, ended, begin, end)
        memory = self._timelines.memory(files.path)
        return TimelineQuery(files.path, reader, memory, covered, buckets)

    def usage(self, run_id: str) -> UsageHistory:
        """What a run took of processor and memory over time. Raises `RunNotFound`."""
        return usage_history(self._store.find(run_id))

    def log_path(self, run_id: str) -> Path:
        """The file with the bytes as they were printed.

        What lies behind `JournalReader.log_bytes` does not exist yet. Raises as `reader`.
        """
        files, reader = self._readable(run_id)
        reader.close()
        return files.path / LOG

    def _readable(self, run_id: str) -> tuple[RunFiles, JournalReader]:
        files = self._store.find(run_id)
        if files.newer is not None:
            raise RunUnreadable(f"{files.run_id} cannot be read: {files.newer}")
        reader = JournalReader(files.path, files.launch.get("encoding", "utf-8"))
        try:
            reader.refresh()
        except (BadIndex, OSError) as error:
            reader.close()
            raise RunUnreadable(f"the log of {files.run_id} cannot be read: {error}") from error
        files.mark_read()
        return files, reader
