"""What is known about a run: its fields as properties that ask when they must.

Apart from run.py because it only looks; what can be done with a run, and how it shows itself, is there.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from prismq_nb.client.base import endings
from prismq_nb.client.base.backoff import Backoff
from prismq_nb.client.base.interface import ENDED

if TYPE_CHECKING:
    from typing import Self

    from prismq_nb.client.base.interface import Client
    from prismq_nb.common.models import BackgroundProcess
    from prismq_nb.common.models import Run as Record

__all__ = ["RunState"]

COUNT_FIRST_SECONDS, COUNT_MOST_SECONDS, COUNT_SECONDS = 0.01, 0.25, 5.0
"""Between two questions whether levels are counted, and for how long they are asked."""


class RunState:
    """The last answer about a run, and where to get the next one."""

    def __init__(self, client: Client, record: Record) -> None:
        """`client`: who is asked about the run; `record`: what it said last."""
        self._client = client
        self._record = record
        self._has_waited = False

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if not name.startswith("_")]

    @property
    def record(self) -> Record:
        """All fields of the run as last known; makes no request."""
        return self._record

    def refresh(self) -> Self:
        """Fetch the current state of the run; returns the run itself."""
        had_ended = self._record.status in ENDED
        self._record = self._client.get(self.run_id)
        if self._record.status in ENDED and not had_ended:
            endings.tell(self.run_id)
        return self

    def _now(self) -> Record:
        if self._record.status not in ENDED or self._record.output_open:
            self.refresh()
        return self._record

    @property
    def run_id(self) -> str:
        """Its id, such as ``run_20251031_120000_collect_abc123``; never changes."""
        return self._record.run_id

    @property
    def module_id(self) -> str:
        """Id of the script, module or command; never changes."""
        return self._record.module_id

    @property
    def module_name(self) -> str:
        """Name of the run; never changes."""
        return self._record.module_name

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters it was started with; never change."""
        return self._record.parameters

    @property
    def created_at(self) -> str:
        """When it was launched (ISO 8601, UTC); never changes."""
        return self._record.created_at

    @property
    def status(self) -> str:
        """``queued``, ``running``, ``completed``, ``failed`` or ``cancelled``."""
        return self._now().status

    @property
    def stopping(self) -> bool:
        """Whether a stop was asked for and the run has not ended yet."""
        return self._now().stopping

    @property
    def exit_code(self) -> int | None:
        """Exit code, negative for a signal (-9: SIGKILL); None before the end, or if unknown."""
        return self._now().exit_code

    @property
    def error_message(self) -> str | None:
        """Why it failed, if that is known."""
        return self._now().error_message

    @property
    def started_at(self) -> str | None:
        """When its process started (ISO 8601, UTC); None while it is queued."""
        return self._now().started_at

    @property
    def completed_at(self) -> str | None:
        """When it ended (ISO 8601, UTC); None before that."""
        return self._now().completed_at

    @property
    def duration_seconds(self) -> float | None:
        """Seconds from the start to the end, or until now; None while it is queued."""
        return self._now().duration_seconds

    @property
    def progress_percent(self) -> float | None:
        """Progress from 0 to 100, read from its progress bar; None without one."""
        return self._now().progress_percent

    @property
    def items_processed(self) -> int | None:
        """Items done, read from its progress bar."""
        return self._now().items_processed

    @property
    def items_total(self) -> int | None:
        """Items in total, read from its progress bar."""
        return self._now().items_total

    @property
    def lines(self) -> int:
        """Lines in its log."""
        return self._now().lines

    @property
    def bytes(self) -> int:
        """Bytes of output in its log."""
        return self._now().bytes

    @property
    def levels(self) -> dict[str, int | bool]:
        """Lines for each level, and ``complete``: whether all lines were looked at.

        Counting lags behind a flood. Of a run that has ended this waits until all are counted, for
        5 s at most.
        """
        before = self._record
        if self._now() is before and not _is_counted(before):
            self.refresh()
        self._wait_for_levels()
        return self._record.levels

    @property
    def records(self) -> dict[str, int | bool]:
        """Records for each level, and ``complete``, as in `levels`: a traceback is one error."""
        self.levels  # noqa: B018 - asks and waits if it must
        return self._record.records

    def _wait_for_levels(self) -> None:
        """Ask until the lines of an ended run are counted; once: a count may be lost for ever."""
        pace = Backoff(COUNT_FIRST_SECONDS, COUNT_MOST_SECONDS, give_up=COUNT_SECONDS)
        while self._record.status in ENDED and not self._has_waited and not _is_counted(self._record):
            delay = pace.delay()
            if delay is None:
                self._has_waited = True
                return
            time.sleep(delay)
            self.refresh()

    @property
    def terminal(self) -> tuple[int, int] | None:
        """Columns and rows of its terminal; None if it has pipes."""
        return self._now().terminal

    @property
    def takes_input(self) -> bool:
        """Whether its standard input is open, so that it can read what `send` gives it."""
        return self._now().takes_input

    @property
    def waiting_for_input(self) -> bool:
        """Whether it is waiting for a line of input; False if that is not certain."""
        return self._now().waiting_for_input

    @property
    def output_open(self) -> bool:
        """Whether it has ended but processes that it left behind (`background`) can still print."""
        return self._now().output_open

    @property
    def background(self) -> list[BackgroundProcess]:
        """Processes that it left behind and that hold its output open, with `pid` and `name`."""
        return self._now().background

    @property
    def encoding(self) -> str:
        """Encoding of its output, as Python names it; never changes."""
        return self._record.encoding

    @property
    def notes(self) -> list[str]:
        """Remarks about the run that are not errors, one sentence each."""
        return self._now().notes

    @property
    def cpu_percent(self) -> float | None:
        """CPU usage of its processes in percent of one core."""
        return self._now().cpu_percent

    @property
    def memory_bytes(self) -> int | None:
        """Resident memory of its processes in bytes."""
        return self._now().memory_bytes

    @property
    def kept(self) -> bool:
        """Whether it is pinned (see `keep`)."""
        return self._now().kept

    @property
    def unreachable(self) -> bool:
        """Whether it is on a machine (`host`) that cannot be asked whether it is still running."""
        return self._now().unreachable

    @property
    def host(self) -> str | None:
        """Name of the machine that it was started on."""
        return self._record.host


def _is_counted(record: Record) -> bool:
    return bool(record.levels.get("complete", True))
