"""The one interface that both clients have, so that everything above them need not know which one it was given.

Stands apart from http.py and local.py because neither may import the other: a kernel beside a server never loads the engine, and one without never
loads requests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias, TypedDict

import msgspec

from prismq_nb.common.log_models import Gap, LogLine, LogPage, SavedText
from prismq_nb.common.models import Attempts, LaunchSpec, RestartRequest, Run, RunPage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

__all__ = ["ENDED", "Client", "Complete", "InputState", "LogQuery", "StreamEvent"]

ENDED = frozenset({"completed", "failed", "cancelled"})
"""The statuses from which a run does not come back."""


class Complete(msgspec.Struct):
    """The end of a stream: the run has ended and every line of it was sent."""

    status: str
    exit_code: int | None
    total_lines: int


class InputState(msgspec.Struct):
    """Whether the run waits for input from now on, as in `Run`; False until a stream says so."""

    waiting_for_input: bool = False
    hides_input: bool = False


StreamEvent: TypeAlias = LogLine | Gap | InputState | Complete


class LogQuery(TypedDict, total=False):
    """Which lines: the query arguments of ``GET /api/runs/{id}/logs``, under the same names. What is left out does not filter.

    Attributes:
        tail: the newest n, 1 to 10,000.
        since: lines stamped later than this (ISO 8601).
        after: lines with a number above this; -1: from the first.
        before: lines with a number below this.
        limit: the oldest n, 1 to 10,000; not together with `tail`.
        level: exact names, separated by commas.
        q: texts that a line has in it, all of them; `exclude`: texts that it has not.
        regex: these are regular expressions (RE2); `case`: whether case counts (in a text not, unless
            said); `word`: only whole words.
        lines_before, lines_after: so many lines around those that match, too, 0 to 100; not in a
            stream.
    """

    tail: int
    since: str
    after: int
    before: int
    limit: int
    level: str
    q: list[str]
    exclude: list[str]
    regex: bool
    case: bool
    word: bool
    lines_before: int
    lines_after: int


class Client(Protocol):
    """The engine, as seen from a notebook. Blocking; safe to use from several threads.

    Every method may raise `ServerUnreachable`, `NotAllowed` and `DataDirectoryUnusable`, beside what
    it names itself.
    """

    @property
    def env_names(self) -> Sequence[str]:
        """Names in the environment that a run inherits unless they are removed; empty where that is not known."""

    def launch(self, spec: LaunchSpec) -> Run:
        """Start a run; returns when its process exists. InvalidRequest, LaunchFailed, StorageFull."""

    def list(self, *, module_id: str | None = None, status: str | None = None, q: str | None = None, limit: int = 50, offset: int = 0) -> RunPage:
        """Runs, newest first. InvalidRequest."""

    def get(self, run_id: str) -> Run:
        """How a run is doing now. RunNotFound."""

    def stop(self, run_id: str) -> Run:
        """Ask a run to end; again: harder. RunNotFound, RunEnded, RunUnreachable."""

    def give_up(self, run_id: str) -> Run:
        """End a run whose machine is gone, as failed. RunNotFound, RunEnded, RunActive."""

    def restart(self, run_id: str, given: RestartRequest) -> Run:
        """Start a run that has ended again, with what is `given`; the new one.

        RunNotFound, RunActive, NotRepeatable, and what `launch` raises.
        """

    def attempts(self, run_id: str) -> Attempts:
        """All attempts of a run's launch, and what another one needs. RunNotFound."""

    def purge(self, run_id: str) -> None:
        """Delete a run that has ended, with its log. RunNotFound, RunActive."""

    def keep(self, run_id: str, *, keep: bool = True) -> Run:
        """Pin a run, so that retention never purges it, or no longer. RunNotFound, StorageFull."""

    def send(self, run_id: str, text: str, *, eof: bool = False, secret: bool = False) -> bool:
        """Write `text` to the run's stdin, then close it if `eof`; all of it or nothing.

        A `secret` is held until the run's terminal hides what is typed; whether it is.

        RunNotFound, RunEnded, InputFull, InputClosed, BodyTooLarge, InvalidRequest.
        """

    def logs(self, run_id: str, query: LogQuery) -> LogPage:
        """The lines that `query` asks for, oldest first. RunNotFound, InvalidRequest."""

    def saved(self, run_id: str, query: LogQuery) -> SavedText:
        """The run as a saved notebook shows it, with lines that `query` lets through: `level`, `q`, `regex`. RunNotFound, InvalidRequest."""

    def stream(self, run_id: str, query: LogQuery) -> Iterator[StreamEvent]:
        """Lines as they come, each once, and changes of `InputState`, until the run's `Complete`.

        RunNotFound, InvalidRequest.
        """

    def search(self, run_id: str, query: LogQuery) -> Iterator[int]:
        """Numbers of all lines that `query` lets through, while they are found.

        RunNotFound, InvalidRequest.
        """

    def download(
        self,
        run_id: str,
        target: BinaryIO,
        form: str = "text",
        query: LogQuery | None = None,
    ) -> None:
        """Write the log to `target`, or what `query` lets through; not with ``raw``.

        `form` is ``text``, ``raw`` or ``jsonl``. RunNotFound, InvalidRequest.
        """
