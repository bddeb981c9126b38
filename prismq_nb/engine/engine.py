"""All the runs of one data directory: launch, list, read, stop. The one way to them for the server, the local client and the CLI.

Calls block for as long as the disk and a new process take (`launch` 40 to 100 ms, everything else well under one), and may come from any thread.
Knows no HTTP and no event loop.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from prismq_nb.capture.base import control
from prismq_nb.common.base import state
from prismq_nb.common.base.descriptors import fill_standard
from prismq_nb.common.models import Attempts, LaunchSpec, RestartRequest, Run, RunPage
from prismq_nb.engine.files.data_directory import refusal, unusable
from prismq_nb.engine.files.file_system import is_network
from prismq_nb.engine.files.run_directory import RunFiles
from prismq_nb.engine.files.trouble import Log
from prismq_nb.engine.health import reach
from prismq_nb.engine.launch.input import send_input
from prismq_nb.engine.launch.launchers import LocalLauncher
from prismq_nb.engine.launch.orders import launch_record, supervisor_orders
from prismq_nb.engine.launch.prepare import prepare
from prismq_nb.engine.launch.restarts import Restarts
from prismq_nb.engine.run_logs import RunLogs
from prismq_nb.engine.store.housekeeping import Keeper
from prismq_nb.engine.store.listing import listing
from prismq_nb.engine.store.retention import Limits, Retention
from prismq_nb.engine.store.run_info import show, shown_status
from prismq_nb.engine.store.run_store import RunStore
from prismq_nb.errors import InputFull, LaunchFailed, RunActive, RunEnded, RunUnreadable, StorageFull
from prismq_nb.journal.layout import lock


class Engine(RunLogs):
    """The runs of one data directory. Several engines, in several processes, may share it.

    Attributes:
        data_dir: absolute; mode 0700.
        is_network: it may be on a network file system, where other machines write too.
    """

    def __init__(
        self, data_dir: Path, *, default_cwd: Path | None = None, limits: Limits | None = None, log: Log | None = None, lazy: bool = False
    ) -> None:
        """Opens a data directory, and makes it where it is missing.

        Args:
            data_dir: where the runs are.
            default_cwd: working directory of launches that name none; default: the process's own.
            limits: what each run may store; default: `Limits()`.
            log: where background threads say what they meet; default: the logger ``prismq_nb``.
            lazy: touch nothing yet; `open` does.

        Raises:
            DataDirectoryUnusable: the directory cannot be made or read.
            StorageFull: the disk is full.
        """
        fill_standard()
        self.data_dir = data_dir if str(data_dir).startswith("~") else data_dir.absolute()
        self._default_cwd = default_cwd or Path.cwd()
        super().__init__(RunStore(self.data_dir, log))
        self._log = log
        self._launcher = LocalLauncher()
        self._limits = limits or Limits()
        self._restarts = Restarts(self._store.index, self._default_cwd)
        self._keeper: Keeper | None = None
        self.is_network = False
        if not lazy:
            self.open()

    def open(self) -> None:
        """Make the data directory where it is missing. Raises as the constructor."""
        self._store.ready()
        self.is_network = is_network(self.data_dir)

    def retain(self, limits: Retention) -> None:
        """From now on a thread purges ended runs over these limits, at once and every minute; one of the engines that share a directory does it."""
        self._keeper = Keeper(self.data_dir, self._store, limits, self._log)
        self._keeper.start()

    def close(self) -> None:
        """Lets go of the data directory. Stops no run."""
        if self._keeper is not None:
            self._keeper.close()
        self._store.close()

    def launch(self, spec: LaunchSpec, lineage: Mapping[str, Any] | None = None) -> Run:
        """Start a run; when this returns, its child runs.

        Args:
            spec: what to run and how.
            lineage: what is to be known of the run that it is another attempt of.

        Raises:
            InvalidRequest: something in `spec` cannot be used.
            LaunchFailed: the operating system refused; no run is left behind.
            StorageFull: the data directory takes no more.
            DataDirectoryUnusable: it cannot be used.
        """
        prepared = prepare(spec, self._default_cwd)
        masker = prepared.masker
        record = launch_record(spec, prepared) | dict(lineage or {})
        files, lock_fd = self._store.create(prepared.slug, record)
        try:
            self._launcher.start(files.path, supervisor_orders(spec, prepared, files, self._limits), lock_fd)
        except (LaunchFailed, StorageFull) as error:
            self._store.remove(files)
            raise type(error)(masker.apply_text(str(error))) from None
        except OSError as error:
            self._store.remove(files)
            raise refusal(self.data_dir, error) from error
        except BaseException:
            self._store.remove(files)
            raise
        finally:
            os.close(lock_fd)
        self._restarts.remember(files.run_id, spec)
        return show(files)

    def restart(self, run_id: str, given: RestartRequest | None = None) -> Run:
        """Launch an ended run again, as it was; the new run has an id of its own.

        Args:
            run_id: the run.
            given: what is not known of its launch any more, or is to be different.

        Raises:
            RunNotFound: there is no such run.
            RunActive: it has not ended.
            NotRepeatable: something that is not given was not kept, or what it ran is gone.
            InvalidRequest, LaunchFailed, StorageFull, DataDirectoryUnusable: as `launch`.
        """
        files = self._store.find(run_id)
        spec = self._restarts.spec(files, given or RestartRequest())
        try:
            lineage = self._restarts.lineage(files)
        except OSError as error:
            raise unusable(self.data_dir, error) from error
        return self.launch(spec, lineage)

    def attempts(self, run_id: str) -> Attempts:
        """All attempts of a run's launch, and whether it can be started again.

        Raises:
            RunNotFound: there is no such run.
            DataDirectoryUnusable: the data directory cannot be read.
        """
        files = self._store.find(run_id)
        try:
            return self._restarts.attempts(files)
        except OSError as error:
            raise unusable(self.data_dir, error) from error

    def get(self, run_id: str) -> Run:
        """One run. Raises `RunNotFound`."""
        return show(self._store.find(run_id))

    def settle(self, run_id: str) -> None:
        """Wait for a run's repair, where it needs one, for a few seconds; on an event loop: `begin`.

        After a supervisor was killed the first question begins the repair, and is answered with
        what is known before it. Whoever wants what is known after it waits here first.

        Raises:
            RunNotFound: there is no such run.
        """
        self._store.find(run_id)
        self._store.repairs.wait(run_id)

    def begin(self, run_id: str) -> Future[None] | None:
        """Read a run's files, and begin its repair where it needs one. Raises `RunNotFound`.

        Returns:
            The repair; None where none is needed.
        """
        self._store.find(run_id)
        return self._store.repairs.pending(run_id)

    def is_known(self, run_id: str) -> bool:
        """Whether `begin` only looks for changes: some 50 µs. The first time it reads files."""
        return self._store.is_known(run_id)

    def is_abandoned(self, run_id: str) -> bool:
        """Whether nobody holds a run's lock: `get` will have it repaired. Costs a tenth of `get`."""
        with contextlib.suppress(OSError):
            return lock.is_free(self.run_dir(run_id))
        return True

    def list(self, *, module_id: str | None = None, status: str | None = None, q: str | None = None, limit: int = 50, offset: int = 0) -> RunPage:
        """Runs, newest first.

        Args:
            module_id: only those of this module.
            status: only those with this status.
            q: only those whose id, name or arguments contain this text, in any case.
            limit: at most so many, 1 or more.
            offset: leave out so many of the newest.

        Raises:
            InvalidRequest: there is no such status.
            DataDirectoryUnusable: the data directory cannot be read.
        """
        self._store.ready()
        try:
            return listing(self._store.index, module_id=module_id, status=status, q=q, limit=limit, offset=offset)
        except OSError as error:
            raise unusable(self.data_dir, error) from error

    def active(self) -> Iterable[Run]:
        """Runs of this machine that have not ended, or whose background processes can still print.

        Raises:
            DataDirectoryUnusable: the data directory cannot be read.
        """
        self._store.ready()
        try:
            shown = [self._store.index.run(entry) for entry in self._store.index.going()]
        except OSError as error:
            raise unusable(self.data_dir, error) from error
        return [run for run in shown if run is not None and not run.unreachable]

    def stop(self, run_id: str) -> Run:
        """Ask a run to stop; a second call escalates, unless it comes within 1 s of the first.

        Of a run that has ended while its output is open, stop the processes that hold it: its
        status and exit code stay as they are.

        Raises:
            RunNotFound: there is no such run.
            RunEnded: it has ended.
            RunUnreachable: it was started on another machine.
        """
        files = self._store.find(run_id)
        if not files.is_open:
            self._check_active(files)
        try:
            control.send(files.path, control.stop_line())
        except control.NobodyListens:
            raise reach.unheard(files) from None
        except control.Full:
            raise InputFull(f"{files.run_id} does not read what was sent to it: try again later") from None
        run = show(files)
        # The supervisor says so itself a moment later.
        run.stopping = run.status not in state.ENDED or run.output_open
        return run

    def give_up(self, run_id: str) -> Run:
        """End a run on another machine that is gone, as failed. Signals nobody.

        Raises:
            RunNotFound: there is no such run.
            RunEnded: it has ended.
            RunActive: it is known to go on, so it can be stopped.
        """
        files = self._store.find(run_id)
        reach.give_up(files)
        return show(files)

    def send(self, run_id: str, text: str, *, eof: bool = False, secret: bool = False) -> bool:
        """Write to the module's stdin.

        Args:
            run_id: the run.
            text: as it is; a line needs its newline.
            eof: close stdin after it.
            secret: hold it until the run's terminal hides what is typed.

        Returns:
            Whether the secret is held, as the program has not asked for it yet.

        Raises:
            RunNotFound: there is no such run.
            RunEnded: it has ended.
            RunUnreachable: it cannot be asked from here.
            InputFull: over 64 KiB would wait unread; nothing was sent.
            InputClosed: the module's stdin is closed.
            BodyTooLarge: the text alone is over 64 KiB.
            InvalidRequest: the text cannot be sent as it is.
        """
        files = self._active(run_id)
        try:
            return send_input(files.path, text, eof=eof, secret=secret)
        except RunEnded:
            raise reach.unheard(files) from None

    def purge(self, run_id: str) -> None:
        """Deletes an ended run and its journal.

        Raises:
            RunNotFound: there is no such run.
            RunActive: it has not ended.
            StorageFull: the file system refuses.
        """
        files = self._store.find(run_id)
        if shown_status(files) not in state.ENDED and not files.survey().linked:
            reach.check(files)
            raise RunActive(f"{files.run_id} is {files.status}: stop it before it is purged")
        if files.is_open and not files.survey().linked:
            raise RunActive(
                f"{files.run_id} is {files.status}, and processes that it left behind still hold "
                "its output: stop them (stop the run once more), or wait, before it is purged"
            )
        try:
            self._store.remove(files)
        except OSError as error:
            raise StorageFull(
                f"{files.run_id} cannot be removed: {error.strerror}; see who owns {str(self._store.runs_dir)!r} and whether it can be written"
            ) from error

    def keep(self, run_id: str, *, keep: bool = True) -> Run:
        """Pins a run, so that retention never purges it; or no longer.

        Raises:
            RunNotFound: there is no such run.
            StorageFull: the disk takes no mark, or the run's directory cannot be written.
            RunUnreadable: its directory is a link, or is none.
        """
        files = self._store.find(run_id)
        found = files.survey()
        if found.linked or not found.readable:
            raise RunUnreadable(f"{files.run_id} cannot be pinned: {found.problem}")
        try:
            files.pin(keep)
        except OSError as error:
            raise StorageFull(f"{files.run_id} cannot be pinned: {error}") from error
        self._store.index.changed(run_id)
        return show(files)

    def _active(self, run_id: str) -> RunFiles:
        files = self._store.find(run_id)
        self._check_active(files)
        return files

    @staticmethod
    def _check_active(files: RunFiles) -> None:
        if files.status in state.ENDED:
            raise RunEnded(f"{files.run_id} has ended: it is {files.status}")
        reach.check(files)
