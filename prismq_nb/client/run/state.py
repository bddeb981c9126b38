"""`RunState`: the fields of a run as properties, fetched when they are read.

The actions on a run and its display are in run.py.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from prismq_nb.client.base import end_events
from prismq_nb.client.base.backoff import Backoff
from prismq_nb.client.base.interface import ENDED

if TYPE_CHECKING:
    from typing import Self

    from prismq_nb.client.base.interface import Client
    from prismq_nb.common.models import BackgroundProcess, Origin, RunInfo

COUNT_FIRST_SECONDS, COUNT_MOST_SECONDS, COUNT_SECONDS = 0.01, 0.25, 5.0
"""Delays between polls for complete level counts, and the longest time to poll."""


class RunState:
    """The last known state of a run, and the client that fetches the next one."""

    def __init__(self, client: Client, info: RunInfo) -> None:
        """`client`: fetches the state; `info`: the last known state."""
        self._client = client
        self._info = info
        self._has_waited = False

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if not name.startswith("_")]

    @property
    def info(self) -> RunInfo:
        """All fields of the run as of the last request; makes no request itself."""
        return self._info

    @property
    def record(self) -> RunInfo:
        """Earlier name of `info`."""
        return self._info

    def refresh(self) -> Self:
        """Fetch the current state of the run, and return the run itself.

        Raises:
            RunNotFound: the run was purged.

        Example:
            >>> info = run.refresh().info
            >>> info.lines, info.bytes  # as of one moment
        """
        had_ended = self._info.status in ENDED
        self._info = self._client.get(self.run_id)
        if self._info.status in ENDED and not had_ended:
            end_events.notify(self.run_id)
        return self

    def _current(self) -> RunInfo:
        """Return the state, fetched again unless it is final."""
        if self._info.status not in ENDED or self._info.output_open:
            self.refresh()
        return self._info

    @property
    def run_id(self) -> str:
        """Id of the run, such as ``run_20251031_120000_collect_abc123``; never changes."""
        return self._info.run_id

    @property
    def module_id(self) -> str:
        """Id of the script, module or command that it runs; never changes."""
        return self._info.module_id

    @property
    def module_name(self) -> str:
        """Name of the run; never changes."""
        return self._info.module_name

    @property
    def kind(self) -> str:
        """``launch``: a process of its own; ``cell``: a watched cell. Never changes."""
        return self._info.kind

    @property
    def kernel_id(self) -> str | None:
        """Id in Jupyter of the kernel of a watched cell; None: not a cell, or not known."""
        return self._info.kernel_id

    @property
    def notebook(self) -> str | None:
        """Path in Jupyter of the notebook of a watched cell; None: not a cell, or not known."""
        return self._info.notebook

    @property
    def module_key(self) -> str | None:
        """What it is a run of, such as ``script:/home/ann/train.py``; None: not known.

        Runs with the same key are runs of the same thing.

        Example:
            >>> prismq_nb.runs(module_key=run.module_key, before=run.created_at, limit=1)
        """
        return self._info.module_key

    @property
    def origin(self) -> Origin:
        """What started it: `kind`, `notebook`, `cell_id`, `run_id`; never changes.

        `kind` is ``notebook``, ``terminal``, ``ui``, ``api`` or ``run``; what is not known is None.
        """
        return self._info.origin

    @property
    def parameters(self) -> dict[str, Any]:
        """Parameters that it was launched with; never change."""
        return self._info.parameters

    @property
    def created_at(self) -> str:
        """Time of the launch (ISO 8601, UTC); never changes."""
        return self._info.created_at

    @property
    def status(self) -> str:
        """Status: ``queued``, ``running``, ``completed``, ``failed`` or ``cancelled``."""
        return self._current().status

    @property
    def stopping(self) -> bool:
        """Whether a stop was requested and the run has not ended yet."""
        return self._current().stopping

    @property
    def exit_code(self) -> int | None:
        """Exit code, negative for a signal (-9: SIGKILL); None before the end or if unknown."""
        return self._current().exit_code

    @property
    def error_message(self) -> str | None:
        """Reason of a failure; None if there is none or it is unknown."""
        return self._current().error_message

    @property
    def end_reason(self) -> str | None:
        """Why the run ended, as a code; None before the end.

        ``exit``, ``signal`` (one that prismq_nb did not send), ``stopped``, ``timeout``,
        ``shutdown`` (the system ended its supervisor), ``supervisor_lost``, ``given_up``, or
        ``kernel_lost`` (the kernel of a watched cell died, or was restarted or shut down).
        """
        return self._current().end_reason

    @property
    def started_at(self) -> str | None:
        """Time at which its process started (ISO 8601, UTC); None while it is queued."""
        return self._current().started_at

    @property
    def completed_at(self) -> str | None:
        """Time of the end (ISO 8601, UTC); None before that."""
        return self._current().completed_at

    @property
    def duration_seconds(self) -> float | None:
        """Seconds from the start to the end, or until now; None while it is queued."""
        return self._current().duration_seconds

    @property
    def progress_percent(self) -> float | None:
        """Progress from 0 to 100, read from its progress bar; None without a bar."""
        return self._current().progress_percent

    @property
    def items_processed(self) -> int | None:
        """Number of items done, read from its progress bar; None without a bar."""
        return self._current().items_processed

    @property
    def items_total(self) -> int | None:
        """Total number of items, read from its progress bar; None without a bar."""
        return self._current().items_total

    @property
    def lines(self) -> int:
        """Number of lines in its log."""
        return self._current().lines

    @property
    def bytes(self) -> int:
        """Size of its output in bytes."""
        return self._current().bytes

    @property
    def levels(self) -> dict[str, int | bool]:
        """Number of lines of each level, and ``complete``: whether all lines are counted.

        Counting may lag behind fast output. After the end of the run, this waits up to 5 s until
        all lines are counted.

        Example:
            >>> run.levels
            {'DEBUG': 0, 'INFO': 120, 'WARNING': 3, 'ERROR': 1, 'CRITICAL': 0, 'complete': True}
        """
        before = self._info
        if self._current() is before and not _is_counted(before):
            self.refresh()
        self._wait_for_levels()
        return self._info.levels

    @property
    def records(self) -> dict[str, int | bool]:
        """Number of records of each level, as in `levels`; a traceback is one record."""
        self.levels  # noqa: B018 - fetches, and waits if needed
        return self._info.records

    def _wait_for_levels(self) -> None:
        """Poll, once, until an ended run's lines are counted; a count may be missing for good."""
        polling = Backoff(COUNT_FIRST_SECONDS, COUNT_MOST_SECONDS, give_up=COUNT_SECONDS)
        while self._info.status in ENDED and not self._has_waited and not _is_counted(self._info):
            delay = polling.delay()
            if delay is None:
                self._has_waited = True
                return
            time.sleep(delay)
            self.refresh()

    @property
    def notified(self) -> str | None:
        """Result of the notice of its end: ``sent``, ``failed`` or ``unknown``.

        None: it is not known yet, or nobody is notified. `info.notify_problem` has the reason of a
        failure.
        """
        if self._current().notify and self._info.notified is None:
            self.refresh()  # it comes after the end
        return self._info.notified

    @property
    def terminal(self) -> tuple[int, int] | None:
        """Columns and rows of its terminal; None if it has pipes."""
        return self._current().terminal

    @property
    def takes_input(self) -> bool:
        """Whether its standard input is open, so that it can read what `send` writes."""
        return self._current().takes_input

    @property
    def waiting_for_input(self) -> bool:
        """Whether it is waiting for a line of input; False if that is uncertain."""
        return self._current().waiting_for_input

    @property
    def output_open(self) -> bool:
        """Whether it has ended, but its `background` processes can still print."""
        return self._current().output_open

    @property
    def background(self) -> list[BackgroundProcess]:
        """Processes left behind that hold its output open, each with `pid` and `name`."""
        return self._current().background

    @property
    def encoding(self) -> str:
        """Encoding of its output, by its Python name; never changes."""
        return self._info.encoding

    @property
    def notes(self) -> list[str]:
        """Remarks about the run that are not errors, one sentence each."""
        return self._current().notes

    @property
    def cpu_percent(self) -> float | None:
        """CPU usage of its processes in percent of one core; None if unknown."""
        return self._current().cpu_percent

    @property
    def memory_bytes(self) -> int | None:
        """Resident memory of its processes in bytes; None if unknown."""
        return self._current().memory_bytes

    @property
    def kept(self) -> bool:
        """Whether it is pinned, see `keep`."""
        return self._current().kept

    @property
    def unreachable(self) -> bool:
        """Whether it is on another machine (`host`) that cannot be reached from here."""
        return self._current().unreachable

    @property
    def host(self) -> str | None:
        """Name of the machine on which it was started; never changes."""
        return self._info.host


def _is_counted(info: RunInfo) -> bool:
    return bool(info.levels.get("complete", True))
