"""Watch the cells of an IPython shell that ask for it, or run long under ``%watch on``.

`begin` and `end` are called around each cell, also around one that a magic runs inside another one.
Nothing that fails here may harm a cell, so each error ends in one line of text.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from IPython.core.error import UsageError

from prismq_nb.cell.session import session
from prismq_nb.cell.watched import WatchedCell
from prismq_nb.client.watch import Watch
from prismq_nb.notebook.cells import options
from prismq_nb.notebook.cells.alarm import Alarm
from prismq_nb.notebook.cells.described import describe
from prismq_nb.notebook.cells.displayed import DisplayedRows
from prismq_nb.notebook.cells.over import when_over
from prismq_nb.notebook.cells.results import Results
from prismq_nb.notebook.cells.tracebacks import traceback_in_cell
from prismq_nb.notebook.cells.trial import Trial

if TYPE_CHECKING:
    from prismq_nb.cell.describe import Description

AGAIN_SECONDS = 1.0
"""Time until the next try to watch a cell in which a block is watched by itself."""


LAST_SECONDS = 0.5
"""A cell that has just shown its result or an error is most likely over: only if it runs so much
longer is it watched."""


class _Followed(NamedTuple):
    """A cell that runs: how it is watched, or may be."""

    info: Any
    watch: Watch
    cell: WatchedCell
    trial: Trial | None


class Follower:
    """The watched cells of one shell.

    Attributes:
        displayed: rows for what watched cells display.
        results: the values of their last expressions.
    """

    def __init__(self, shell: Any) -> None:
        """Follow no cell yet."""
        self._shell = shell
        self._followed: list[_Followed] = []
        self._alarm = Alarm()
        self._not_before_s = 0.0
        self.displayed = DisplayedRows(shell, self._await_viewer)
        self.results = Results(shell)

    def prepare(self) -> None:
        """Start the supervisor, so that the first cell does not wait for it."""
        try:
            session().prepare()
        except OSError:
            return  # the first cell that is watched says so

    def describe(self, name: str | None) -> Description:
        """Describe the cell that runs, for `prismq_nb.watch` in it."""
        return describe(self._shell, name)

    def begin(self, info: Any, asked: options.WatchLine | None, after: float | None) -> None:
        """Watch a cell that is about to run, or may.

        Args:
            info: IPython's `ExecutionInfo`.
            asked: the cell says ``%%watch``.
            after: seconds after which it is watched otherwise; None: never.
        """
        try:
            if asked is not None:
                self._begin_asked(info, options.read(asked.options))
            elif after is not None and self._may_try():
                self._begin_trial(info, after)
        except UsageError:
            return  # IPython shows it in place of the cell, see `options.without`
        except Exception as error:  # noqa: BLE001 - see the module
            _say(f"this cell is not watched: {error}")

    def _may_try(self) -> bool:
        """Return whether a cell may be on trial: no other is watched or on trial."""
        return session().is_idle and threading.current_thread() is threading.main_thread()

    def _begin_asked(self, info: Any, given: dict[str, Any]) -> None:
        around = self._newest()
        if around is not None and around.trial is not None:
            around.trial.watch()  # it gets the row that leads here
        watch = Watch(**given)
        cell = WatchedCell(describe(self._shell, given.get("name"), info), watch.mask)
        watch.begin(cell)
        self._follow(_Followed(info, watch, cell, None))

    def _begin_trial(self, info: Any, after: float) -> None:
        watch = Watch()
        cell = WatchedCell(describe(self._shell, None, info))
        trial = Trial(watch, cell)
        trial.begin()
        self._follow(_Followed(info, watch, cell, trial))
        self.displayed.install()
        self._not_before_s = 0.0
        if after > 0:
            self._try_in(after, trial)
        else:
            self._on_alarm(trial)

    def _on_alarm(self, trial: Trial) -> None:
        """Watch a cell that runs long."""
        with session().locked():
            wait_s = self._not_before_s - time.monotonic()
            if wait_s <= 0:
                trial.watch(not_yet=partial(self._try_in, AGAIN_SECONDS, trial))
            elif not trial.is_over:
                self._try_in(wait_s, trial)

    def _try_in(self, seconds: float, trial: Trial) -> None:
        self._alarm.set(seconds, partial(self._on_alarm, trial))

    def _await_viewer(self) -> None:
        """Let what was printed come before the result, or an error; and a viewer, or else later."""
        newest = self._newest()
        if newest is not None and (trial := newest.trial) is not None:
            with session().locked():
                self._not_before_s = time.monotonic() + LAST_SECONDS
            trial.settle()
        elif (cell := session().current) is not None and cell.echoes and not session().is_foreign:
            session().print_row(cell, b"")  # waits for the echo

    def _follow(self, followed: _Followed) -> None:
        self._followed.append(followed)
        when_over(lambda: self._end_unseen(followed))

    def _end_unseen(self, followed: _Followed) -> None:
        """End a cell that is over, but that IPython did not say so of.

        A second interrupt may hit it in the middle of what it does after a cell.
        """
        while followed in self._followed and self._newest() is not None:
            self._end_newest(None)

    def end(self, result: Any) -> None:
        """End the run of a cell that has ended, if it was watched.

        Args:
            result: IPython's `ExecutionResult`; None: asynchronous code was interrupted.
        """
        newest = self._newest()
        if newest is not None and _is_of(newest.info, result):  # `begin` sees no empty cell
            self._end_newest(result)
        # A thread may be watched that goes on, and IPython is about to put back what it has found
        with contextlib.suppress(RuntimeError):  # no loop runs, as in a terminal
            asyncio.get_running_loop().call_soon(session().renew)

    def _newest(self) -> _Followed | None:
        """Return the innermost cell of this thread: each shell of ipykernel 7 has cells."""
        ident = threading.get_ident()
        own = (each for each in reversed(self._followed) if each.cell.ident == ident)
        return next(own, None)

    def _end_newest(self, result: Any) -> None:
        if (followed := self._newest()) is None:
            return
        self._followed.remove(followed)
        try:
            if followed.trial is not None:
                was_watched = followed.trial.end()
                self._alarm.cancel()  # not before: it may be set again until then
                if not was_watched:
                    self.displayed.remove()
                    return
            self._end(followed, result)
        except Exception as error:  # noqa: BLE001 - see the module
            _say(f"the log of this cell may be incomplete: {error}")

    def _end(self, followed: _Followed, result: Any) -> None:
        if result is None:
            followed.watch.end(KeyboardInterrupt(), "")
            return
        error = result.error_before_exec or result.error_in_exec
        self.results.remember(followed.cell.run_id, result)
        in_kernel = getattr(self._shell, "kernel", None) is not None
        # a terminal has printed it already
        text = traceback_in_cell(self._shell, error) if error is not None and in_kernel else ""
        followed.watch.end(error, text)


def _is_of(info: Any, result: Any) -> bool:
    """Return whether a result is of a cell.

    A cell that is interrupted again while IPython shows its traceback has a result with another
    `ExecutionInfo`, but of the same text; asynchronous code has none then.
    """
    return result is None or result.info.raw_cell is info.raw_cell


def _say(text: str) -> None:
    sys.stderr.write(f"prismq_nb: {text}\n")
