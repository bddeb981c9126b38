"""Control runs: stop, give up, send input, purge and pin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismq_nb.capture.base import control
from prismq_nb.common.base import state
from prismq_nb.engine.health import reachability
from prismq_nb.engine.launch.input import send_input
from prismq_nb.engine.run_notices import RunNotices
from prismq_nb.engine.store.run_info import effective_status, run_info
from prismq_nb.errors import (
    InputClosed,
    InputFull,
    RunActive,
    RunEnded,
    RunUnreadable,
    StorageFull,
)

if TYPE_CHECKING:
    from prismq_nb.common.models import RunInfo


class RunControl(RunNotices):
    """The part of `Engine` that changes runs which exist. Usable from any thread."""

    def stop(self, run_id: str) -> RunInfo:
        """Ask a run to stop; a second call escalates, unless it comes within 1 s of the first.

        A watched cell is interrupted, and never killed.

        If the run has ended but its output is open, stop the processes that hold it. The status and
        the exit code stay as they are.

        Raises:
            RunNotFound: there is no such run.
            RunEnded: it has ended.
            RunUnreachable: it was started on another machine.
            InputFull: its supervisor does not read what it was sent before.
        """
        files = self._store.find(run_id)
        if not files.is_open:
            reachability.check_active(files)
            reachability.check_reachable(files)
        try:
            control.send(files.path, control.stop_line())
        except control.NobodyListens:
            raise reachability.no_listener_error(files) from None
        except control.Full:
            raise InputFull(
                f"{files.run_id} does not read what was sent to it: try again later"
            ) from None
        run = run_info(files)
        # The supervisor writes the same a moment later.
        run.stopping = run.status not in state.ENDED or run.output_open
        return run

    def give_up(self, run_id: str) -> RunInfo:
        """Mark a run as failed whose machine is gone. Signal no process.

        Raises:
            RunNotFound: there is no such run.
            RunEnded: it has ended.
            RunActive: it is known to be running, so it can be stopped.
        """
        files = self._store.find(run_id)
        reachability.give_up(files)
        return run_info(files)

    def send(self, run_id: str, text: str, *, eof: bool = False, secret: bool = False) -> bool:
        """Write to the module's stdin.

        Args:
            run_id: the run.
            text: sent as it is, at most 64 KiB in UTF-8; a line needs its newline.
            eof: close stdin after it.
            secret: hold it until the run's terminal hides what is typed.

        Returns:
            Whether the secret is held, because the program has not asked for it yet.

        Raises:
            RunNotFound: there is no such run.
            RunEnded: it has ended.
            RunUnreachable: it cannot be reached from here.
            InputFull: over 64 KiB would wait unread; nothing was sent.
            InputClosed: the module's stdin is closed, or it is a watched cell.
            BodyTooLarge: the text alone is over 64 KiB.
            InvalidRequest: the text cannot be sent as it is.
            RunUnreadable: its directory is damaged.
        """
        files = self._store.find(run_id)
        reachability.check_active(files)
        reachability.check_reachable(files)
        if files.is_cell:
            raise InputClosed(
                f"{files.run_id} is a watched cell, which reads its input in its notebook: answer "
                "in the field below the cell"
            )
        try:
            return send_input(files.path, text, eof=eof, secret=secret)
        except RunEnded:
            raise reachability.no_listener_error(files) from None

    def purge(self, run_id: str) -> None:
        """Delete an ended run and its journal.

        Raises:
            RunNotFound: there is no such run.
            RunActive: it has not ended, or its output is open.
            RunUnreachable: it was started on another machine and may be running there.
            StorageFull: the file system refuses.
        """
        files = self._store.find(run_id)
        if effective_status(files) not in state.ENDED and not files.scan().linked:
            reachability.check_reachable(files)
            raise RunActive(f"{files.run_id} is {files.status}: stop it before you purge it")
        if files.is_open and not files.scan().linked:
            raise RunActive(
                f"{files.run_id} is {files.status}, but processes that it left behind still hold "
                "its output: stop them (stop the run once more), or wait, before you purge it"
            )
        try:
            self._store.remove(files)
        except OSError as error:
            raise StorageFull(
                f"{files.run_id} cannot be removed: {error.strerror}; check the owner and the"
                f" permissions of {str(self._store.runs_dir)!r}"
            ) from error

    def keep(self, run_id: str, *, keep: bool = True) -> RunInfo:
        """Pin a run, so that retention never purges it, or release it.

        Raises:
            RunNotFound: there is no such run.
            StorageFull: the disk is full, or the run's directory cannot be written.
            RunUnreadable: its directory is a symbolic link, or not a directory.
        """
        files = self._store.find(run_id)
        found = files.scan()
        if found.linked or not found.readable:
            raise RunUnreadable(f"{files.run_id} cannot be pinned: {found.problem}")
        try:
            files.pin(keep)
        except OSError as error:
            raise StorageFull(f"{files.run_id} cannot be pinned: {error}") from error
        self._store.index.changed(run_id)
        return run_info(files)
