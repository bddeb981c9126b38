"""Read what is stored of a run: its launch, its lines and their times, its usage."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from prismq_nb.common.base import state
from prismq_nb.common.base.state import HEARTBEAT
from prismq_nb.engine.files.data_directory import unusable
from prismq_nb.engine.files.run_directory import RunFiles
from prismq_nb.engine.launch.launch_info import launch_info
from prismq_nb.engine.read.runs_search import Logs, RunsSearch
from prismq_nb.engine.read.timeline import TimelineQuery, Timelines, extent
from prismq_nb.engine.read.usage import usage_history
from prismq_nb.engine.store.listing import matching
from prismq_nb.errors import RunNotFound, RunUnreadable
from prismq_nb.journal.layout.format import LOG, STATE, BadIndex
from prismq_nb.journal.reader import JournalReader

if TYPE_CHECKING:
    from pathlib import Path

    from prismq_nb.common.log_models import UsageHistory
    from prismq_nb.common.models import Launch, RunInfo
    from prismq_nb.common.run_query import RunQuery
    from prismq_nb.engine.read.runs_search import HitsQuery
    from prismq_nb.engine.store.run_store import RunStore


class RunLogs:
    """The part of `Engine` that reads and changes nothing. Usable from any thread."""

    def __init__(self, store: RunStore) -> None:
        """Read the runs of `store`."""
        self._store = store
        self._timelines = Timelines()

    def state_fingerprint(self, run_id: str) -> object:
        """Return a value that changes when a run's state is written; None: it has no state.

        Takes one `stat`; `get` costs fifty times as much.
        """
        try:
            stat = os.stat(f"{self._store.runs_dir}/{run_id}/{STATE}")
        except OSError:
            return None
        return stat.st_ino, stat.st_mtime_ns

    def state_without_heartbeat(self, run_id: str) -> dict[str, Any] | None:
        """Return a run's state without its heartbeat; None: there is no such run.

        A supervisor rewrites its state regularly to show that it lives. While this value is the
        same, `get` has nothing new.
        """
        files = self._store.load(run_id)
        if files is None:
            return None
        return {name: value for name, value in files.state().items() if name != HEARTBEAT}

    def command_line(self, run_id: str) -> str:
        """Return what a run runs, as one would type it in a shell; masked.

        Raises:
            RunNotFound: there is no such run.
        """
        return str(self._store.find(run_id).launch.get("command_line", ""))

    def launch_of(self, run_id: str) -> Launch:
        """Return how a run was started.

        Raises:
            RunNotFound: there is no such run.
        """
        return launch_info(self._store.find(run_id))

    @property
    def runs_dir(self) -> Path:
        """The directory of all run directories."""
        return self._store.runs_dir

    def run_dir(self, run_id: str) -> Path:
        """Return the directory of a run, which need not exist."""
        return self._store.runs_dir / run_id

    def reader(self, run_id: str) -> JournalReader:
        """Return a reader of a run's journal; the caller closes it.

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
        """Start a histogram of a run's lines over time. The caller does its steps and closes it.

        Args:
            run_id: the run.
            buckets: maximum number of buckets, 1 or more.
            begin: start in µs since the epoch; default: the run's start.
            end: end in µs since the epoch, exclusive; default: the run's end, or now.

        Raises:
            RunNotFound: there is no such run.
            RunUnreadable: it is damaged, or a newer prismq_nb made it.
        """
        files, reader = self._readable(run_id)
        started, ended = files.started or files.created, files.ended or state.now_us()
        covered = extent(reader, started, ended, begin, end)
        memory = self._timelines.memory(files.path)
        return TimelineQuery(files.path, reader, memory, covered, buckets)

    def search(
        self,
        query: HitsQuery,
        filters: RunQuery,
        lanes: int = 1,
    ) -> RunsSearch:
        """Start a search through the logs of many runs, newest first.

        The caller does its steps and closes it. Runs that are purged meanwhile are passed over. It
        does not count as reading a log: it spares no run from retention.

        Args:
            query: what to find.
            filters: in which runs, as in lists; order, limit and offset do not count.
            lanes: how many threads may work at once.

        Raises:
            InvalidRequest: a value of `filters` is not valid.
            DataDirectoryUnusable: the data directory cannot be read.
        """
        self._store.ready()
        index = self._store.index
        try:
            entries = matching(index, filters)
        except OSError as error:
            raise unusable(self._store.runs_dir.parent, error) from error
        known = {entry.run_id: entry for entry in entries}

        def info(run_id: str) -> RunInfo | None:
            exists = os.path.lexists(self.run_dir(run_id))
            return index.run(known[run_id]) if exists else None

        runs = [(run_id, self._log_bytes(run_id)) for run_id in known]
        return RunsSearch(runs, query, Logs(self._open, info), lanes)

    def usage(self, run_id: str) -> UsageHistory:
        """Return a run's CPU and memory over time.

        Raises:
            RunNotFound: there is no such run.
        """
        return usage_history(self._store.find(run_id))

    def log_path(self, run_id: str) -> Path:
        """Return the path of the log file, which holds the bytes as printed.

        Bytes past `JournalReader.log_bytes` do not belong to the log yet.

        Raises:
            RunNotFound: there is no such run.
            RunUnreadable: it is damaged, or a newer prismq_nb made it.
        """
        files, reader = self._readable(run_id)
        reader.close()
        return files.path / LOG

    def _readable(self, run_id: str) -> tuple[RunFiles, JournalReader]:
        files = self._store.find(run_id)
        reader = _reader(files)
        files.mark_read()
        return files, reader

    def _open(self, run_id: str) -> JournalReader:
        """Return a reader as `reader` does, without caching the run's files and without a mark."""
        path = self.run_dir(run_id)
        files = RunFiles(path)
        if not os.path.lexists(path):
            raise RunNotFound(f"there is no run {run_id!r} any more")
        return _reader(files)

    def _log_bytes(self, run_id: str) -> int:
        try:
            return os.stat(f"{self._store.runs_dir}/{run_id}/{LOG}", follow_symlinks=False).st_size
        except OSError:
            return 0


def _reader(files: RunFiles) -> JournalReader:
    """Return a reader of a run's journal.

    Raises:
        RunUnreadable: it is damaged, or a newer prismq_nb made it.
    """
    if files.newer is not None:
        raise RunUnreadable(f"{files.run_id} cannot be read: {files.newer}")
    reader = JournalReader(files.path, files.launch.get("encoding", "utf-8"))
    try:
        reader.refresh()
    except (BadIndex, OSError) as error:
        reader.close()
        raise RunUnreadable(f"the log of {files.run_id} cannot be read: {error}") from error
    return reader
