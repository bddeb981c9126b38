"""Notices as the engine sees them: which are due, the claim before one is sent, and its result."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from prismq_nb.common.base import state
from prismq_nb.common.base.plain_text import clean, shorten
from prismq_nb.engine.files import notice_state
from prismq_nb.engine.files.notice_state import Sender
from prismq_nb.engine.read.context import log_query
from prismq_nb.engine.run_logs import RunLogs
from prismq_nb.engine.store.run_info import run_info
from prismq_nb.errors import InvalidRequest, PrismqError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prismq_nb.common.models import RunInfo
    from prismq_nb.engine.files.notice_state import NoticePlan, NoticeState
    from prismq_nb.engine.files.run_directory import RunFiles
    from prismq_nb.engine.launch.notify_targets import Targets
    from prismq_nb.engine.store.index_entry import IndexEntry
    from prismq_nb.engine.store.run_store import RunStore

MAX_AGE_SECONDS = 24 * 3600.0
"""A notice that no server has sent by this time after the run's end is not sent any more."""
AN_ADDRESS = "an address"
"""Stands for an address in messages."""
_LINE_CHARS = 500
"""Longest line of the log in a notice."""


class Recipient(NamedTuple):
    """One who gets a notice; `label` is the name of the target, or `AN_ADDRESS`."""

    label: str
    address: str


class Notice(NamedTuple):
    """A notice that this process has claimed.

    Attributes:
        run: the run, which has ended.
        recipients: who gets it.
        problems: who cannot get it, and why.
        lines: the newest lines of its log, as many as were wanted.
    """

    run: RunInfo
    recipients: Sequence[Recipient]
    problems: Sequence[str]
    lines: Sequence[str]


class DueNotices(NamedTuple):
    """What is to be sent.

    Attributes:
        run_ids: runs that have ended and whose notice this process should send now.
        active: the number of runs that have not ended and want a notice.
    """

    run_ids: Sequence[str]
    active: int


class RunNotices(RunLogs):
    """The part of `Engine` that sends nothing itself. Usable from any thread."""

    def __init__(self, store: RunStore, targets: Targets) -> None:
        """Use the runs of `store`; `targets` are whom launches may notify."""
        super().__init__(store)
        self._targets = targets

    def due_notices(self) -> DueNotices:
        """Return the notices that this process should send; settle those that nobody can.

        The server that launched a run sends its notice; another one does so if that has ended.

        Raises:
            DataDirectoryUnusable: the data directory cannot be used.
            OSError: the directory of runs cannot be read.
        """
        self._store.ready()
        due: list[str] = []
        active = 0
        for entry in self._store.index.entries():
            if not entry.notice_due:
                continue
            if entry.status not in state.ENDED:
                active += 1
                continue
            files = self._store.load(entry.run_id)
            if files is not None and self._is_ours(files, _seconds_since_end(entry)):
                due.append(entry.run_id)
        return DueNotices(due, active)

    def claim_notice(self, run_id: str) -> Notice | None:
        """Claim a notice; None: somebody else has, or the run was purged.

        Raises:
            OSError: the claim cannot be written.
        """
        files, sender = self._store.load(run_id), self._targets.sender
        if files is None or sender is None or (plan := notice_state.plan_of(files)) is None:
            return None
        if not notice_state.claim(files, sender):
            return None
        recipients, problems = self._recipients(run_id, plan)
        lines = self._newest_lines(run_id, plan.lines) if plan.lines and recipients else []
        return Notice(run_info(files), recipients, problems, lines)

    def finish_notice(self, run_id: str, result: str, problem: str | None = None) -> None:
        """Write the result of a notice that was claimed, and forget the addresses of the run.

        Raises:
            OSError: it cannot be written.
        """
        self._targets.forget(run_id)
        if (files := self._store.load(run_id)) is not None:
            notice_state.finish(files, result, problem)
            self._store.index.changed(run_id)

    def _discard(self, files: RunFiles) -> None:
        """Remove a run that could not be started.

        Raises:
            OSError: as `RunStore.remove`.
        """
        self._targets.forget(files.run_id)
        self._store.remove(files)

    def _is_ours(self, files: RunFiles, seconds: float) -> bool:
        """Return whether this process should send a notice; settle it if nobody can.

        Args:
            files: the run, which has ended.
            seconds: since its end.
        """
        plan = None if files.scan().linked else notice_state.plan_of(files)
        if plan is None or (found := notice_state.state_of(files)) is not None:
            if plan is not None and found is not None:
                self._settle(files, found)
            return False
        is_own = plan.sender is not None and plan.sender.id == self._sender_id
        if plan.sender is not None and not is_own and not plan.sender.is_gone(seconds):
            return False
        if seconds > MAX_AGE_SECONDS:
            self._give_up(files)
            return False
        return is_own or all(self._address(name)[0] is not None for name in plan.targets)

    def _settle(self, files: RunFiles, found: NoticeState) -> None:
        """Take note of a notice that another server has sent, or died while it sent it."""
        if found.result is not None:
            self._store.index.changed(files.run_id)
            return
        sender = found.sender or Sender()
        age = (state.now_us() - found.claimed) / state.MICROSECONDS
        if sender.id != self._sender_id and sender.is_gone(age):
            why = "the server ended while it sent the notice"
            self.finish_notice(files.run_id, notice_state.UNKNOWN, why)

    def _give_up(self, files: RunFiles) -> None:
        if self._targets.sender is not None and notice_state.claim(files, self._targets.sender):
            why = "within a day of the run's end, there was no server that could send the notice"
            self.finish_notice(files.run_id, notice_state.FAILED, why)

    @property
    def _sender_id(self) -> str | None:
        return None if self._targets.sender is None else self._targets.sender.id

    def _recipients(self, run_id: str, plan: NoticePlan) -> tuple[list[Recipient], list[str]]:
        """Return who gets a notice, and why others cannot."""
        found: list[Recipient] = []
        problems: list[str] = []
        for name in plan.targets:
            address, problem = self._address(name)
            if address is None:
                problems.append(problem)
            else:
                found.append(Recipient(name, address))
        given = self._targets.given(run_id)
        found += [Recipient(AN_ADDRESS, address) for address in given]
        if len(given) < plan.addresses:
            why = "it was in the memory of a server that has ended"
            problems.append(f"{AN_ADDRESS}: {why}")
        return found, problems

    def _address(self, name: str) -> tuple[str | None, str]:
        """Return the address of a target, or why there is none."""
        try:
            found = self._targets.address(name)
        except InvalidRequest as error:
            return None, f"{name}: {error}"
        return found, "" if found is not None else f"{name}: it is not configured any more"

    def _newest_lines(self, run_id: str, count: int) -> list[str]:
        """Return lines of the log as plain text; none if the log cannot be read."""
        try:
            with self._open(run_id) as reader:
                work = log_query(reader, run_id, tail=count)
                while not work.step():
                    pass
                page = work.page()
        except (PrismqError, OSError):
            return []
        return [shorten(clean(line.message), _LINE_CHARS) for line in page.logs]


def _seconds_since_end(entry: IndexEntry) -> float:
    ended = entry.completed or entry.changed
    return (state.now_us() - ended) / state.MICROSECONDS if ended else 0.0
