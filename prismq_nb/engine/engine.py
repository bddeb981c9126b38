"""All runs of one data directory: launch, list, read, stop.

The server and the local client reach runs only through `Engine`. Calls block for as long as the
disk and a new process take (`launch` 40 to 100 ms, everything else well under one), and may come
from any thread. Knows no HTTP and no event loop.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Unpack

import psutil

from prismq_nb import __version__
from prismq_nb.capture.base import control
from prismq_nb.common.base.descriptors import fill_standard
from prismq_nb.common.base.state import CELL, RUNNING
from prismq_nb.common.models import Attempts, LaunchSpec, RestartRequest, RunInfo, RunPage
from prismq_nb.common.run_query import RunQuery
from prismq_nb.common.system_models import Health, SystemStatistics
from prismq_nb.engine.files.data_directory import refusal, unusable
from prismq_nb.engine.files.error_log import Log
from prismq_nb.engine.files.file_system import is_network
from prismq_nb.engine.launch.launch_record import launch_record
from prismq_nb.engine.launch.launchers import LocalLauncher
from prismq_nb.engine.launch.notify_targets import Targets
from prismq_nb.engine.launch.prepare import prepare
from prismq_nb.engine.launch.restarts import Restarts
from prismq_nb.engine.launch.supervisor_config import supervisor_config
from prismq_nb.engine.run_control import RunControl
from prismq_nb.engine.store.housekeeping import Housekeeper
from prismq_nb.engine.store.index_entry import IndexEntry
from prismq_nb.engine.store.listing import listing
from prismq_nb.engine.store.retention import Limits, Retention
from prismq_nb.engine.store.run_info import run_info
from prismq_nb.engine.store.run_store import RunStore
from prismq_nb.engine.store.statistics import module_keys, statistics
from prismq_nb.engine.store.totals import IndexTotals
from prismq_nb.errors import (
    LaunchFailed,
    StorageFull,
)
from prismq_nb.journal.layout import lock


class Engine(RunControl):
    """The runs of one data directory. Several engines, in several processes, may share it.

    Attributes:
        data_dir: absolute path; mode 0700.
        is_network: it may be on a network file system, where other machines write too.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        default_cwd: Path | None = None,
        limits: Limits | None = None,
        log: Log | None = None,
        targets: Targets | None = None,
        lazy: bool = False,
    ) -> None:
        """Open a data directory, and create it if it is missing.

        Args:
            data_dir: where the runs are.
            default_cwd: working directory of launches that name none; default: that of this
                process.
            limits: what each run may store; default: `Limits()`.
            log: where background threads report errors; default: the logger ``prismq_nb``.
            targets: whom launches may notify; default: the names in ``notify.json``.
            lazy: do not touch the disk; `open` does.

        Raises:
            DataDirectoryUnusable: the directory cannot be created or read.
            StorageFull: the disk is full.
        """
        fill_standard()
        self.data_dir = data_dir if str(data_dir).startswith("~") else data_dir.absolute()
        self._default_cwd = default_cwd or Path.cwd()
        super().__init__(RunStore(self.data_dir, log), targets or Targets())
        self._log = log
        self._launcher = LocalLauncher()
        self._limits = limits or Limits()
        self._restarts = Restarts(self._store.index, self._default_cwd, self._targets)
        self._housekeeper: Housekeeper | None = None
        self._started_s = time.monotonic()
        psutil.cpu_percent()  # the next call measures from here
        self.is_network = False
        if not lazy:
            self.open()

    def open(self) -> None:
        """Create the data directory if it is missing. Raises as the constructor does."""
        self._store.ready()
        self.is_network = is_network(self.data_dir)

    def retain(self, limits: Retention) -> None:
        """Start a thread that purges ended runs over these limits, now and then every minute.

        Only one of the engines that share a directory purges.
        """
        self._housekeeper = Housekeeper(self.data_dir, self._store, limits, self._log)
        self._housekeeper.start()

    def close(self) -> None:
        """Stop the threads. Stops no run."""
        if self._housekeeper is not None:
            self._housekeeper.close()
        self._store.close()

    def launch(self, spec: LaunchSpec, lineage: Mapping[str, Any] | None = None) -> RunInfo:
        """Start a run; its child is running when this returns.

        Args:
            spec: what to run and how.
            lineage: fields of ``launch.json`` that name the run which this is another attempt of.

        Raises:
            InvalidRequest: a value in `spec` cannot be used.
            LaunchFailed: the operating system refused; no run is left behind.
            StorageFull: the disk is full.
            DataDirectoryUnusable: the data directory cannot be used.
        """
        prepared = prepare(spec, self._default_cwd, targets=self._targets)
        masker = prepared.masker
        record = launch_record(spec, prepared, self._targets.sender) | dict(lineage or {})
        files, lock_fd = self._store.create(prepared.slug, record)
        self._targets.remember(files.run_id, prepared.recipients.addresses)
        try:
            self._launcher.start(
                files.path, supervisor_config(spec, prepared, files, self._limits), lock_fd
            )
        except (LaunchFailed, StorageFull) as error:
            self._discard(files)
            raise type(error)(masker.apply_text(str(error))) from None
        except OSError as error:
            self._discard(files)
            raise refusal(self.data_dir, error) from error
        except BaseException:
            self._discard(files)
            raise
        finally:
            os.close(lock_fd)
        self._restarts.remember(files.run_id, spec)
        return run_info(files)

    def restart(self, run_id: str, given: RestartRequest | None = None) -> RunInfo:
        """Launch an ended run again as it was; the new run has its own id.

        Args:
            run_id: the run.
            given: values that are not stored, or that replace those of the launch.

        Raises:
            RunNotFound: there is no such run.
            RunActive: it has not ended.
            RunUnreachable: it was started on another machine and may be running there.
            NotRepeatable: a value is neither stored nor given, what it ran is gone, or it is a
                watched cell.
            InvalidRequest: a value cannot be used.
            LaunchFailed: the operating system refused.
            StorageFull: the disk is full.
            DataDirectoryUnusable: the data directory cannot be used.
        """
        files = self._store.find(run_id)
        spec = self._restarts.spec(files, given or RestartRequest())
        try:
            lineage = self._restarts.lineage(files)
        except OSError as error:
            raise unusable(self.data_dir, error) from error
        return self.launch(spec, lineage)

    def attempts(self, run_id: str) -> Attempts:
        """Return all attempts of a run's launch, and whether it can be restarted.

        Raises:
            RunNotFound: there is no such run.
            DataDirectoryUnusable: the data directory cannot be read.
        """
        files = self._store.find(run_id)
        try:
            return self._restarts.attempts(files)
        except OSError as error:
            raise unusable(self.data_dir, error) from error

    def get(self, run_id: str) -> RunInfo:
        """Return one run.

        Raises:
            RunNotFound: there is no such run.
        """
        return run_info(self._store.find(run_id))

    def wait_for_repair(self, run_id: str) -> None:
        """Wait up to 5 s for a run's repair, if it needs one. On an event loop use `start_repair`.

        After a supervisor was killed, the first question starts the repair and is answered with the
        state before it. To get the state after it, call this first.

        Raises:
            RunNotFound: there is no such run.
        """
        self._store.find(run_id)
        self._store.repairs.wait(run_id)

    def start_repair(self, run_id: str) -> Future[None] | None:
        """Read a run's files, and start its repair if it needs one.

        Returns:
            The repair; None if none is needed.

        Raises:
            RunNotFound: there is no such run.
        """
        self._store.find(run_id)
        return self._store.repairs.pending(run_id)

    def is_known(self, run_id: str) -> bool:
        """Return whether `start_repair` takes only about 50 µs. The first time it reads files."""
        return self._store.is_known(run_id)

    def is_abandoned(self, run_id: str) -> bool:
        """Return whether nobody holds a run's lock, so that `get` starts a repair.

        Costs a tenth of `get`.
        """
        with contextlib.suppress(OSError):
            return lock.is_free(self.run_dir(run_id))
        return True

    def list(self, **query: Unpack[RunQuery]) -> RunPage:
        """Return runs, newest first unless `sort` says otherwise; see `RunQuery`.

        Raises:
            InvalidRequest: a value of the query is not valid.
            DataDirectoryUnusable: the data directory cannot be read.
        """
        self._store.ready()
        try:
            return listing(self._store.index, query)
        except OSError as error:
            raise unusable(self.data_dir, error) from error

    def health(self) -> Health:
        """Say how long this engine has existed, and what it has to do.

        Raises:
            DataDirectoryUnusable: the data directory cannot be read.
        """
        active = len([*self.active()])
        return Health(
            version=__version__,
            uptime_seconds=time.monotonic() - self._started_s,
            active_runs=active,
            total_modules=len(module_keys(self._entries())),
        )

    def statistics(self) -> SystemStatistics:
        """Return numbers of runs, and of the machine.

        Raises:
            DataDirectoryUnusable: the data directory cannot be read.
        """
        entries = self._entries()
        try:
            return statistics(entries, self.data_dir)
        except OSError as error:
            raise unusable(self.data_dir, error) from error

    def totals(self) -> IndexTotals:
        """Return totals over all runs as of the last look at them. Reads nothing, never waits."""
        return self._store.index.totals()

    def _entries(self) -> Collection[IndexEntry]:
        self._store.ready()
        try:
            return self._store.index.entries()
        except OSError as error:
            raise unusable(self.data_dir, error) from error

    def active(self) -> Iterable[RunInfo]:
        """Return runs of this machine that have not ended, or whose output is still open.

        Raises:
            DataDirectoryUnusable: the data directory cannot be read.
        """
        self._store.ready()
        try:
            shown = [self._store.index.run(entry) for entry in self._store.index.active()]
        except OSError as error:
            raise unusable(self.data_dir, error) from error
        return [run for run in shown if run is not None and not run.unreachable]

    def kernels_end(self, kernel_ids: Collection[str], *, restart: bool) -> None:
        """Tell the running cells of some kernels why they are about to end.

        A cell that cannot be told ends without that reason.

        Args:
            kernel_ids: ids of the kernels in Jupyter.
            restart: they will be restarted, not shut down.

        Raises:
            DataDirectoryUnusable: the data directory cannot be read.
        """
        line = control.kernel_line(control.RESTARTED if restart else control.SHUT_DOWN)
        for run in self.active():
            if run.kind == CELL and run.status == RUNNING and run.kernel_id in kernel_ids:
                with contextlib.suppress(control.NobodyListens, control.Full):
                    control.send(self.run_dir(run.run_id), line)

    def follow_list(self, on_change: Callable[[], None]) -> None:
        """Collect changes of the list from now on, for one follower; see `FollowedIndex.follow`.

        Raises:
            DataDirectoryUnusable: the data directory cannot be read.
        """
        self._store.ready()
        try:
            self._store.index.follow(on_change)
        except OSError as error:
            raise unusable(self.data_dir, error) from error

    def unfollow_list(self) -> None:
        """Stop calling `on_change`. What changes is still collected, where it is noticed."""
        self._store.index.unfollow()

    def list_changes(self) -> tuple[set[str], set[str]]:
        """Return the runs that have changed since the last call, and the active ones.

        Raises:
            OSError: the directory of runs cannot be read.
        """
        return self._store.index.touched()

    def shown(self, run_ids: Iterable[str]) -> Sequence[RunInfo | None]:
        """Return what a list shows of some runs now; None: there is no such run."""
        return [self._store.index.shown(run_id) for run_id in run_ids]
