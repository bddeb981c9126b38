"""The watched cells of this process: which run its output belongs to.

Cells begin and end one at a time (`locked`); a thread of its own (`service.py`) hears the
supervisor meanwhile. Whatever fails, the output is turned back first, and the cell says why.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

from prismq_nb.capture import run_directory
from prismq_nb.capture.cells.link import encode
from prismq_nb.cell import interrupts
from prismq_nb.cell.announcement import Printed, begin_message, earlier_messages
from prismq_nb.cell.describe import Storage, launch_record, storage
from prismq_nb.cell.request import Request
from prismq_nb.cell.service import Service
from prismq_nb.cell.turned_output import TurnedOutput
from prismq_nb.cell.watched import WatchedCell
from prismq_nb.errors import AlreadyWatched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Session(TurnedOutput):
    """All watched cells of this process. A fork has none.

    Attributes:
        on_unwatched: called when the outermost run has ended, to follow the cell around it again.
    """

    def __init__(self) -> None:
        """Start nothing."""
        super().__init__()
        self._pid = os.getpid()
        self._service = Service(self)
        self.on_unwatched: Callable[[], None] | None = None

    @property
    def current(self) -> WatchedCell | None:
        """The innermost cell that is watched."""
        return self._open[-1] if self._open else None

    def __contains__(self, cell: WatchedCell) -> bool:
        """Whether a cell is being watched."""
        return cell in self._open

    # Begin and end

    def begin(
        self,
        cell: WatchedCell,
        *,
        terminal: bool = True,
        echo: bool = False,
        earlier: Callable[[], Iterable[Printed]] = tuple,
    ) -> None:
        """Watch a cell from here on.

        Args:
            cell: what to watch; one inside another one uses the terminals of that.
            terminal: its output is a terminal.
            echo: its output also goes where it went before.
            earlier: returns what it has printed before. It is called when nobody reads the
                terminals any more: what is printed later must go there.

        Raises:
            AlreadyWatched: another thread is being watched, or its cell may be any moment.
            OSError: the run cannot be created; the output goes where it went.
            run_directory.TooLarge: so does its description.
        """
        with interrupts.held_back(), self._changing:
            self._check_free(cell.thread)
            place, outer = storage(), self.current
            around = None if outer is None else outer.run_id or None
            launch = launch_record(cell.described, cell.mask, around)
            self._service.connected()
            was_turned = self._redirect is not None and self._redirect.is_turned
            self.turn(terminal=terminal, thread=cell.thread)
            try:
                created = run_directory.create(
                    place.runs_dir, launch["module_id"], launch, cell.began_us
                )
                cell.run_id, cell.launch, cell.echoes = created.run_id, created.launch, echo
                try:
                    self._announce(created, cell, place, echo=echo, earlier=earlier)
                except BaseException:
                    shutil.rmtree(created.path, ignore_errors=True)
                    raise
                finally:
                    os.close(created.lock_fd)
            except BaseException:
                if not was_turned:
                    self.turn_back()
                raise

    def _check_free(self, thread: threading.Thread) -> None:
        """Check that a thread may be watched. Raises AlreadyWatched: it may not."""
        cell, redirect = self.current, self._redirect
        if cell is not None and cell.thread is not thread:
            raise AlreadyWatched(
                f"the process is being watched by another thread, as {cell.run_id}; wait until"
                " that has ended"
            )
        if cell is None and redirect is not None and redirect.route.is_foreign(thread):
            raise AlreadyWatched(
                "the output of the process is being followed for a cell of another shell, because"
                " of `%watch on`; wait until that cell has ended, or use `%watch off`"
            )

    def _announce(
        self,
        created: run_directory.CreatedRun,
        cell: WatchedCell,
        place: Storage,
        *,
        echo: bool,
        earlier: Callable[[], Iterable[Printed]],
    ) -> None:
        """Tell the supervisor that a run begins."""
        assert self._redirect is not None
        assert self._streams is not None
        streams, pieces = self._streams, list[dict[str, Any]]()
        descriptors = [created.lock_fd, *streams.ours]
        outer, link = self.current, self._service.connected()
        if outer is not None:
            name = created.launch["module_name"]
            self.print_row(outer, f"[watched as {created.run_id}: {name}]\n")
        self._open.append(cell)
        try:
            if outer is not None and outer.lost is None:
                request = Request(
                    begin_message(created, cell, streams, echo=echo, limits=place.limits), streams
                )
                self._service.begin(request)
                link.send_with(request.message, descriptors)
                self._mark(request)
            else:
                self._service.hand_over(streams)
                pieces = earlier_messages(earlier())
                message = begin_message(
                    created, cell, streams, echo=echo, earlier=len(pieces), limits=place.limits
                )
                link.send_with(message, descriptors)
        except BaseException:
            self._open.remove(cell)
            if outer is None or outer.lost is not None:
                self._service.hand_over(None)
            raise
        self._redirect.route.taker = None
        for piece in pieces:
            link.send(piece)
        if link.unsent:
            self._service.wake()
        if outer is None:
            self._redirect.flush_texts()  # before the viewer is displayed
        cell.is_running = True
        if cell.lost is None and not self._redirect.is_turned:
            # the outer one failed meanwhile
            self.turn(terminal=self._redirect.route.is_terminal, thread=cell.thread)

    def end(self, cell: WatchedCell, outcome: dict[str, Any]) -> None:
        """End the run of a cell, and turn the output back after the outermost. Never raises.

        Args:
            cell: a cell that is watched, or anything else, as in a fork: that is ignored. Those
                inside it, as tasks of asyncio may be, end first.
            outcome: how it ended, as the fields of `capture.outcome.Outcome`.
        """
        if os.getpid() != self._pid:
            return
        waiting: list[Request] = []
        with interrupts.held_back(partial(_hurry, waiting)) as came, self._changing:
            if cell not in self._open or cell.outcome is not None:
                return
            with self._running:
                cell.is_running = False  # from here on no interrupt is sent
            if cell.was_interrupted and cell.ident == threading.get_ident():
                interrupts.withdraw(cell.ident)
            cell.outcome = outcome
            while (innermost := self.current) is not None and innermost.outcome is not None:
                self._end(innermost, waiting)
            if not self._open and self.on_unwatched is not None:
                with contextlib.suppress(OSError):
                    self.on_unwatched()
            if cell.was_interrupted:
                came.clear()  # it came too late, and must not interrupt what follows

    def _end(self, cell: WatchedCell, waiting: list[Request]) -> None:
        """End the innermost cell."""
        outer = self._open[-2] if len(self._open) > 1 else None
        is_last = outer is None or outer.lost is not None
        redirect, link = self._redirect, self._service.link
        if redirect is not None:
            redirect.flush()
        if cell.lost is None and redirect is not None and link is not None:
            after = None if is_last else self._streams
            request = Request({"op": "end", "run_id": cell.run_id, "outcome": cell.outcome}, after)
            self._service.begin(request)
            with contextlib.suppress(OSError):  # the thread sees its end, too
                link.send(request.message)
            if self._mark(request):
                if is_last:
                    self.turn_back()  # nothing that is printed later belongs to the run
                waiting.append(request)
                request.wait()
                waiting.clear()
        self._open.pop()
        if is_last:
            self.turn_back()

    def _mark(self, request: Request) -> bool:
        """Print the marker of a request when the supervisor is ready; return whether it was."""
        if request.wait() != "marking" or self._redirect is None or not self._streams_are_ours():
            return False
        with contextlib.suppress(OSError):
            for stream in (0, 1):
                self._redirect.route.write_to_ends(stream, request.marker)
        return True

    def print_row(self, cell: WatchedCell, text: str | bytes, stream: int = 0) -> None:
        """Add text to the log of a cell that is watched, behind what it has printed. Never raises.

        If its output is echoed, the text is not; what was printed before is in the cell then.

        Args:
            cell: the innermost one; any other is ignored.
            text: whole lines.
            stream: 0 stdout, 1 stderr.
        """
        redirect = self._redirect
        is_watched = cell is self.current and cell.lost is None and self._streams_are_ours()
        if is_watched and redirect is not None:
            data = text.encode("utf-8", "backslashreplace") if isinstance(text, str) else text
            redirect.flush()
            if cell.echoes:
                self._insert_row(cell, data, stream)
                return
            with contextlib.suppress(OSError):
                redirect.route.write_to_ends(stream, data)

    def _insert_row(self, cell: WatchedCell, data: bytes, stream: int) -> None:
        waiting: list[Request] = []
        with interrupts.held_back(partial(_hurry, waiting)), self._changing:
            link, redirect = self._service.link, self._redirect
            if cell is not self.current or link is None or redirect is None:
                return
            row = {"op": "row", "run_id": cell.run_id, "stream": stream, "data": encode(data)}
            request = Request(row, self._streams)
            self._service.begin(request)
            with contextlib.suppress(OSError):  # the thread sees its end, too
                link.send(request.message)
            if link.unsent:
                self._service.wake()
            if self._mark(request):
                waiting.append(request)
                request.wait()
                waiting.clear()
            redirect.flush_texts()

    def forget(self) -> None:
        """Let go of everything in a fork: its output stays turned, but it ends nothing."""
        if self._redirect is not None:
            self._redirect.forget()
        self._service.forget()


def _hurry(waiting: list[Request]) -> None:
    for request in waiting:
        request.answer("")


_session: Session | None = None


def session() -> Session:
    """Return the session of this process."""
    global _session  # noqa: PLW0603 - one per process
    if _session is None:
        _session = Session()
    return _session


def _before_fork() -> None:
    if _session is not None:
        _session.flush_held()


def _after_fork() -> None:
    global _session  # noqa: PLW0603
    if _session is not None:
        _session.forget()
    _session = None


os.register_at_fork(before=_before_fork, after_in_child=_after_fork)
